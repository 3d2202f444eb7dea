/** What two pictures look like in few numbers: a hash of the coarse structure and a small grey grid. */

const SIDE = 32
const BLOCK = 8

/** cos(π (2x + 1) u / 2N): the type-II discrete cosine transform, without its constant factors, which change no comparison. */
const COSINES = Array.from({ length: BLOCK }, (_, u) => Float64Array.from({ length: SIDE }, (_, x) => Math.cos((Math.PI * (2 * x + 1) * u) / (2 * SIDE))))

/**
 * Mean grey levels of a picture in `side` x `side` cells. A cell's pixels on its edges count by the share that lies in it.
 *
 * @param grey (height, width) uint8
 * @returns (side, side)
 */
export function greyGrid(grey: Uint8Array, width: number, height: number, side: number): Float64Array {
  const rows = new Float64Array(side * height)
  for (let cell = 0; cell < side; cell++) {
    const from = (cell * width) / side
    const to = ((cell + 1) * width) / side
    for (let y = 0; y < height; y++) {
      let sum = 0
      for (let x = Math.floor(from); x < to; x++) sum += (grey[y * width + x] ?? 0) * (Math.min(to, x + 1) - Math.max(from, x))
      rows[y * side + cell] = sum / (to - from)
    }
  }
  const grid = new Float64Array(side * side)
  for (let cell = 0; cell < side; cell++) {
    const from = (cell * height) / side
    const to = ((cell + 1) * height) / side
    for (let x = 0; x < side; x++) {
      let sum = 0
      for (let y = Math.floor(from); y < to; y++) sum += (rows[y * side + x] ?? 0) * (Math.min(to, y + 1) - Math.max(from, y))
      grid[cell * side + x] = sum / (to - from)
    }
  }
  return grid
}

/**
 * The 64 lowest frequencies of a 32 x 32 grey version, each above or below their median (Zauner, "Implementation and Benchmarking of
 * Perceptual Image Hash Functions", 2010). The mean level is left out of the median, so that brightness moves few bits.
 *
 * @returns 16 hexadecimal digits
 */
export function perceptualHash(grey: Uint8Array, width: number, height: number): string {
  const grid = greyGrid(grey, width, height, SIDE)
  const across = new Float64Array(BLOCK * SIDE)
  for (let u = 0; u < BLOCK; u++) {
    const cosines = COSINES[u] as Float64Array
    for (let y = 0; y < SIDE; y++) {
      let sum = 0
      for (let x = 0; x < SIDE; x++) sum += (grid[y * SIDE + x] as number) * (cosines[x] as number)
      across[u * SIDE + y] = sum
    }
  }
  const frequencies: number[] = []
  for (let v = 0; v < BLOCK; v++) {
    const cosines = COSINES[v] as Float64Array
    for (let u = 0; u < BLOCK; u++) {
      let sum = 0
      for (let y = 0; y < SIDE; y++) sum += (across[u * SIDE + y] as number) * (cosines[y] as number)
      frequencies.push(sum)
    }
  }
  const median = frequencies.slice(1).sort((a, b) => a - b)[31] as number
  let digits = ''
  for (let i = 0; i < 64; i += 4) {
    let digit = 0
    for (let bit = 0; bit < 4; bit++) digit = digit * 2 + ((frequencies[i + bit] as number) > median ? 1 : 0)
    digits += digit.toString(16)
  }
  return digits
}

/** Pearson's correlation of two grids of equal size: 1 for the same structure whatever its brightness and contrast, 0 where either is one level. */
export function gridCorrelation(a: Uint8Array, b: Uint8Array): number {
  let meanA = 0
  let meanB = 0
  for (let i = 0; i < a.length; i++) {
    meanA += a[i] as number
    meanB += b[i] as number
  }
  meanA /= a.length
  meanB /= a.length
  let both = 0
  let ofA = 0
  let ofB = 0
  for (let i = 0; i < a.length; i++) {
    const differenceA = (a[i] as number) - meanA
    const differenceB = (b[i] as number) - meanB
    both += differenceA * differenceB
    ofA += differenceA * differenceA
    ofB += differenceB * differenceB
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB)
}
