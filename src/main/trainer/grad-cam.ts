/**
 * Grad-CAM (Selvaraju et al., ICCV 2017) without a gradient of the backbone: its map is the last before the global pooling, so that the gradient by the
 * map is the head's by the map's means, the same at every place. The head is small: its gradient is taken by differences.
 */
import type { Heatmap } from '../../shared/domain/explanation'
import type { FeatureRows } from '../engine/train/nearness'

/** Of one picture or several: [count, channels, height, width]. */
export interface FeatureMap {
  readonly channels: number
  readonly height: number
  readonly width: number
  readonly values: Float32Array
}

/** Rows that the head is asked about at once. */
const ROWS = 256
/** Of the features' root mean square: small beside them, large beside the rounding of float32. */
const STEP = 0.05
/** As the values of explanations are told. */
const DIGITS = 1e4

/** Row by row [count, channels]. */
export function meansOf({ channels, height, width, values }: FeatureMap, count: number): Float32Array {
  const places = height * width
  const means = new Float32Array(count * channels)
  for (let i = 0; i < means.length; i++) {
    let sum = 0
    for (let place = i * places; place < (i + 1) * places; place++) sum += values[place] as number
    means[i] = sum / places
  }
  return means
}

/** @param map of one picture @param logits of rows of means, row by row [rows][classes] */
export async function gradCam(map: FeatureMap, classIndex: number, logits: (rows: FeatureRows) => Promise<readonly Float32Array[]>): Promise<Heatmap> {
  const { channels, height, width, values } = map
  const means = meansOf(map, 1)
  const slopes = await slopesOf(means, classIndex, logits)
  const places = height * width
  const sums = new Float64Array(places)
  for (let channel = 0; channel < channels; channel++) {
    const slope = slopes[channel] ?? 0
    for (let place = 0; place < places; place++) sums[place] = (sums[place] as number) + slope * (values[channel * places + place] as number)
  }
  const largest = Math.max(0, ...sums)
  const shares = Array.from(sums, (value) => (largest === 0 ? 0 : Math.round((Math.max(0, value) / largest) * DIGITS) / DIGITS))
  return { classIndex, height, width, values: shares, isSpokenFor: largest > 0 }
}

async function slopesOf(means: Float32Array, classIndex: number, logits: (rows: FeatureRows) => Promise<readonly Float32Array[]>): Promise<Float64Array> {
  const width = means.length
  const step = STEP * Math.sqrt(means.reduce((sum, value) => sum + value * value, 0) / width) || STEP
  const [base] = await logits({ count: 1, width, values: means })
  const slopes = new Float64Array(width)
  for (let first = 0; first < width; first += ROWS) {
    const count = Math.min(ROWS, width - first)
    const rows = new Float32Array(count * width)
    for (let row = 0; row < count; row++) {
      rows.set(means, row * width)
      rows[row * width + first + row] = (means[first + row] as number) + step
    }
    const moved = await logits({ count, width, values: rows })
    moved.forEach((values, row) => {
      slopes[first + row] = ((values[classIndex] ?? 0) - (base?.[classIndex] ?? 0)) / step
    })
  }
  return slopes
}
