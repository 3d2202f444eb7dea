/** Where a model looked, as the trainer tells it, and how it is drawn: the same in the window and in the files of the command line. */
import { t } from '@lingui/core/macro'

/** Values 0…1, row by row from the top left of the picture; the map covers the whole of it. */
export interface HeatmapGrid {
  readonly height: number
  readonly width: number
  readonly values: ArrayLike<number>
}

/** Inferno (Smith and van der Walt 2015), from dark to bright in even steps of what the eye sees, told apart by the colour-blind too. */
const SCALE =
  '000004 040312 0b0724 150b37 210c4a 2f0a5b 3d0965 4a0c6b 57106e 64156e 71196e 7d1e6d 8a226a 972766 a32c61 b0315b bc3754 c63d4d d04545 da4e3c e35933 eb6429 f1711f f67e14 f98c0a fb9b06 fcaa0f fbba1f f9c932 f5d949 f2e865 f3f586 fcffa4'
    .split(' ')
    .map((hex) => Number.parseInt(hex, 16))

/** Red, green and blue, 0…255, of a value 0…1. */
export function heatColor(value: number): [number, number, number] {
  const place = Math.min(1, Math.max(0, value)) * (SCALE.length - 1)
  const index = Math.min(SCALE.length - 2, Math.floor(place))
  const [from, to, share] = [SCALE[index] ?? 0, SCALE[index + 1] ?? 0, place - index]
  const channel = (shift: number): number => {
    const start = (from >> shift) & 255
    return Math.round(start + (((to >> shift) & 255) - start) * share)
  }
  return [channel(16), channel(8), channel(0)]
}

/** The grid at another size, bilinear between the middles of its cells: torch.nn.functional.interpolate with align_corners=False. [height × width] */
export function enlargeHeatmap(grid: HeatmapGrid, width: number, height: number): Float32Array {
  const columns = neighbours(grid.width, width)
  const rows = neighbours(grid.height, height)
  const result = new Float32Array(width * height)
  let at = 0
  for (const row of rows)
    for (const column of columns) {
      const value = (y: number, x: number): number => grid.values[y * grid.width + x] ?? 0
      const upper = value(row.first, column.first) * (1 - column.share) + value(row.first, column.second) * column.share
      const lower = value(row.second, column.first) * (1 - column.share) + value(row.second, column.second) * column.share
      result[at++] = upper * (1 - row.share) + lower * row.share
    }
  return result
}

/** For each place of the larger side the two cells that it lies between, and how much of the second it takes. */
function neighbours(from: number, to: number): { first: number; second: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const place = Math.max(0, ((i + 0.5) * from) / to - 0.5)
    const first = Math.min(from - 1, Math.floor(place))
    return { first, second: Math.min(from - 1, first + 1), share: place - first }
  })
}

/** The grid in colours at a size, as RGBA bytes without transparency. */
export function paintHeatmap(grid: HeatmapGrid, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const values = enlargeHeatmap(grid, width, height)
  const pixels = new Uint8ClampedArray(width * height * 4)
  values.forEach((value, i) => {
    pixels.set(heatColor(value), i * 4)
    pixels[i * 4 + 3] = 255
  })
  return pixels
}

const PLACES = [
  [t`upper left`, t`upper middle`, t`upper right`],
  [t`middle left`, t`middle`, t`middle right`],
  [t`lower left`, t`lower middle`, t`lower right`],
]

/** In which ninth of the picture most of it lies, for those who cannot see it: `upper right`, `middle`. Null for a map of zeros. */
export function heatmapPlace(grid: HeatmapGrid): string | null {
  let [mass, across, down] = [0, 0, 0]
  for (let row = 0; row < grid.height; row++)
    for (let column = 0; column < grid.width; column++) {
      const value = grid.values[row * grid.width + column] ?? 0
      mass += value
      across += (value * (column + 0.5)) / grid.width
      down += (value * (row + 0.5)) / grid.height
    }
  if (mass === 0) return null
  const third = (share: number): number => Math.min(2, Math.floor(share * 3))
  return PLACES[third(down / mass)]?.[third(across / mass)] ?? null
}
