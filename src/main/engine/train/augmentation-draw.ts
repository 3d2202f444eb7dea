/**
 * Draws the augmentation of a batch. View k of a picture depends on seed, picture and k alone. The parts come one after the other
 * as in torchvision's scripts: random resized crop (where the pictures are read), flips, one affine map with the rotation,
 * RandAugment, colours, random erasing. Each of them draws from numbers of its own.
 */
import { KeyedRandom } from '../../../shared/domain/random'
import type { Augmentation } from '../../../shared/domain/run-config'
import { type BatchAugmentation, type Jitter, JITTERS } from '../compile/augmentation'
import { changePixels, drawPixelChanges } from './rand-augment'
import { drawErasing } from './random-rectangles'

/** What is done to one picture. */
export interface ViewAmounts {
  readonly isMirrored: boolean
  readonly isUpsideDown: boolean
  /** Degrees counter-clockwise, as torchvision counts. */
  readonly angle: number
  /** Shift to the right and down, as a share of the side. */
  readonly shift: readonly [number, number]
  readonly scale: number
  /** Slant along x, in degrees. */
  readonly shear: number
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
  const affine = new KeyedRandom(seed, 'affine', pictureKey, view)
  const translate = () => affine.between(-augmentation.translate, augmentation.translate)
  const shift = [translate(), translate()] as const
  const scale = affine.between(augmentation.scale[0], augmentation.scale[1])
  const shear = affine.between(-augmentation.shear, augmentation.shear)
  return { isMirrored, isUpsideDown, angle, shift, scale, shear, jitter: { brightness, contrast, saturation, hue } }
}

/**
 * The map from output to input pixels of mirror, then flip, then torchvision's affine (`_get_inverse_affine_matrix`: slant, size,
 * rotation about the centre, shift by whole pixels), as TensorFlow's ImageProjectiveTransform takes it. The centre is
 * ((side − 1)/2, (side − 1)/2). torchvision's affine turns clockwise, its rotation and `angle` the other way.
 */
export function transformOf(amounts: Omit<ViewAmounts, 'jitter'>, side: number): number[] {
  const rotation = (-amounts.angle * Math.PI) / 180
  const slant = Math.tan((amounts.shear * Math.PI) / 180)
  const [cos, sin] = [Math.cos(rotation), Math.sin(rotation)]
  const centre = (side - 1) / 2
  const [fromX, fromY] = [Math.round(amounts.shift[0] * side) + centre, Math.round(amounts.shift[1] * side) + centre]
  // Without slant, size and shift this is the rotation's matrix to the bit.
  const linear = [cos - slant * sin, sin + slant * cos, -sin, cos].map((value) => value / amounts.scale)
  const [xx = 0, xy = 0, yx = 0, yy = 0] = linear
  const x = [xx, xy, centre - xx * fromX - xy * fromY]
  const y = [yx, yy, centre - yx * fromX - yy * fromY]
  const mirrored = (row: number[]) => [-(row[0] ?? 0), -(row[1] ?? 0), side - 1 - (row[2] ?? 0)]
  return [...(amounts.isMirrored ? mirrored(x) : x), ...(amounts.isUpsideDown ? mirrored(y) : y), 0, 0]
}

/** Whether any view is moved at all. */
function movesPictures({ horizontal_flip, vertical_flip, rotation, translate, scale, shear }: Augmentation): boolean {
  return [horizontal_flip, vertical_flip, rotation, translate, shear].some((amount) => amount > 0) || scale[0] !== 1 || scale[1] !== 1
}

/** The amounts of a whole batch. The order of the colour jitters is drawn once a batch (torchvision draws it for each picture). */
export function drawBatch(
  augmentation: Augmentation,
  options: { seed: number; pictureKeys: readonly number[]; view: number; side: number },
): BatchAugmentation {
  const { seed, pictureKeys, view, side } = options
  const views = pictureKeys.map((key) => drawView(augmentation, seed, key, view))
  const order = new KeyedRandom(seed, 'jitterOrder', pictureKeys[0] ?? 0, view).shuffled(JITTERS)
  return {
    transforms: movesPictures(augmentation) ? Float32Array.from(views.flatMap((amounts) => transformOf(amounts, side))) : null,
    ...(augmentation.rand_augment > 0 && { changePixels: (pixels: Uint8Array) => { changeBatch(pixels, augmentation, options) } }),
    jitters: order
      .filter((jitter) => augmentation[jitter] > 0)
      .map((jitter) => ({ jitter, amounts: Float32Array.from(views, (amounts) => amounts.jitter[jitter]) })),
    ...(augmentation.random_erasing > 0 && {
      erased: Float32Array.from(pictureKeys.flatMap((key) => {
        const { top, left, height, width } = drawErasing(augmentation, seed, key, view, side) ?? { top: 0, left: 0, height: 0, width: 0 }
        return [top, left, top + height, left + width]
      })),
    }),
  }
}

/** RandAugment on pictures [N, side, side, 3], in place. */
function changeBatch(pixels: Uint8Array, augmentation: Augmentation, { seed, pictureKeys, view, side }: Parameters<typeof drawBatch>[1]): void {
  const size = side * side * 3
  pictureKeys.forEach((key, row) => {
    changePixels(pixels.subarray(row * size, (row + 1) * size), side, drawPixelChanges(augmentation, seed, key, view, side))
  })
}
