/** Draws the augmentation of a batch. View k of a picture depends on seed, picture and k alone. */
import { KeyedRandom } from '../../../shared/domain/random'
import type { Augmentation } from '../../../shared/domain/run-config'
import { type Jitter, JITTERS } from '../compile/augmentation'
import type { BatchAugmentation } from '../runtime/network-session'

/** What is done to one picture. */
export interface ViewAmounts {
  readonly isMirrored: boolean
  readonly isUpsideDown: boolean
  /** Degrees counter-clockwise, as torchvision counts. */
  readonly angle: number
  /** Factors around 1, and for hue a shift around 0. */
  readonly jitter: Readonly<Record<Jitter, number>>
}

/** Always draws every amount, so that switching one part off leaves the others as they were. */
export function drawView(augmentation: Augmentation, seed: number, pictureKey: number, view: number): ViewAmounts {
  const random = new KeyedRandom(seed, 'augment', pictureKey, view)
  const isMirrored = random.uniform() < augmentation.horizontal_flip
  const isUpsideDown = random.uniform() < augmentation.vertical_flip
  const angle = random.between(-augmentation.rotation, augmentation.rotation)
  const factor = (amount: number) => random.between(Math.max(0, 1 - amount), 1 + amount)
  const brightness = factor(augmentation.brightness)
  const contrast = factor(augmentation.contrast)
  const saturation = factor(augmentation.saturation)
  const hue = random.between(-augmentation.hue, augmentation.hue)
  return { isMirrored, isUpsideDown, angle, jitter: { brightness, contrast, saturation, hue } }
}

/**
 * The map from output to input pixels of mirror, then flip, then rotation about the centre, as TensorFlow's
 * ImageProjectiveTransform takes it. The rotation's matrix is torchvision's inverse one, about ((side − 1)/2, (side − 1)/2).
 */
export function transformOf(amounts: ViewAmounts, side: number): number[] {
  const radians = (-amounts.angle * Math.PI) / 180
  const cos = Math.cos(radians)
  const sin = Math.sin(radians)
  const centre = (side - 1) / 2
  const x = [cos, sin, centre - cos * centre - sin * centre]
  const y = [-sin, cos, centre + sin * centre - cos * centre]
  const mirrored = (row: number[]) => [-(row[0] ?? 0), -(row[1] ?? 0), side - 1 - (row[2] ?? 0)]
  return [...(amounts.isMirrored ? mirrored(x) : x), ...(amounts.isUpsideDown ? mirrored(y) : y), 0, 0]
}

/** The amounts of a whole batch. The order of the colour jitters is drawn once a batch (torchvision draws it for each picture). */
export function drawBatch(
  augmentation: Augmentation,
  options: { seed: number; pictureKeys: readonly number[]; view: number; side: number },
): BatchAugmentation {
  const { seed, pictureKeys, view, side } = options
  const views = pictureKeys.map((key) => drawView(augmentation, seed, key, view))
  const moves = augmentation.horizontal_flip > 0 || augmentation.vertical_flip > 0 || augmentation.rotation > 0
  const order = new KeyedRandom(seed, 'jitterOrder', pictureKeys[0] ?? 0, view).shuffled(JITTERS)
  return {
    transforms: moves ? Float32Array.from(views.flatMap((amounts) => transformOf(amounts, side))) : null,
    jitters: order
      .filter((jitter) => augmentation[jitter] > 0)
      .map((jitter) => ({ jitter, amounts: Float32Array.from(views, (amounts) => amounts.jitter[jitter]) })),
  }
}
