/** How far a measured share may be from that of all pictures of the kind. */

export interface Interval {
  readonly low: number
  readonly high: number
}

/** 97.5th percentile of the standard normal. */
const Z = 1.959963984540054

/** Wilson's score interval (Wilson 1927) for a share; the whole range where nothing was counted. */
export function wilsonInterval(hits: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const share = hits / count
  const centre = share + (Z * Z) / (2 * count)
  const spread = Z * Math.sqrt((share * (1 - share)) / count + (Z * Z) / (4 * count * count))
  const scale = 1 + (Z * Z) / count
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) }
}

/** Linear between the two nearest, as numpy.percentile has it. */
export function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  return below + ((sorted[Math.ceil(place)] ?? below) - below) * (place - Math.floor(place))
}
