/** Fewer points, same shape. */

export interface Point {
  x: number
  y: number
}

/**
 * Largest-Triangle-Three-Buckets (Steinarsson, "Downsampling Time Series for Visual Representation", 2013): keeps the first and
 * last point and, of each bucket between, the one that spans the largest triangle with the point kept before it and the mean of
 * the bucket after it. Returns the input when it is small enough.
 */
export function reducePoints<T extends Point>(points: readonly T[], most: number): readonly T[] {
  const first = points[0]
  const last = points.at(-1)
  if (points.length <= most || most < 3 || first === undefined || last === undefined) return points
  const kept: T[] = [first]
  const bucketSize = (points.length - 2) / (most - 2)
  let previous = first
  for (let bucket = 0; bucket < most - 2; bucket++) {
    const start = Math.floor(bucket * bucketSize) + 1
    const end = Math.floor((bucket + 1) * bucketSize) + 1
    const after = points.slice(end, Math.min(Math.floor((bucket + 2) * bucketSize) + 1, points.length))
    const meanX = after.reduce((sum, point) => sum + point.x, 0) / after.length
    const meanY = after.reduce((sum, point) => sum + point.y, 0) / after.length
    let best = previous
    let bestArea = -1
    for (const point of points.slice(start, end)) {
      const area = Math.abs((previous.x - meanX) * (point.y - previous.y) - (previous.x - point.x) * (meanY - previous.y))
      if (area > bestArea) {
        bestArea = area
        best = point
      }
    }
    kept.push(best)
    previous = best
  }
  kept.push(last)
  return kept
}
