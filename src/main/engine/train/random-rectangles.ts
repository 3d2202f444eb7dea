/**
 * The rectangles of random resized crop and of random erasing (Zhong et al., "Random Erasing Data Augmentation", AAAI 2020), drawn
 * as torchvision's `get_params` do: an area, the logarithm of a ratio, and ten tries.
 */
import { KeyedRandom } from '../../../shared/domain/random'
import type { Augmentation } from '../../../shared/domain/run-config'

const TRIES = 10

export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

export interface PictureSize {
  readonly width: number
  readonly height: number
}

export type Draws = Pick<KeyedRandom, 'between' | 'below'>
type Range = readonly [number, number]

/** Width and height of this share of the area, of a ratio that is as likely to be doubled as halved. `ratio` is width by height. */
function drawSize(draws: Draws, area: number, scale: Range, ratio: Range): PictureSize {
  const target = area * draws.between(scale[0], scale[1])
  const drawn = Math.exp(draws.between(Math.log(ratio[0]), Math.log(ratio[1])))
  return { width: Math.round(Math.sqrt(target * drawn)), height: Math.round(Math.sqrt(target / drawn)) }
}

/** torchvision.transforms.RandomResizedCrop.get_params: where nothing fits, the largest part in the middle whose ratio (width by height) is allowed. */
export function cropWithin({ width, height }: PictureSize, scale: Range, ratio: Range, draws: Draws): Rectangle {
  for (let tried = 0; tried < TRIES; tried++) {
    const size = drawSize(draws, width * height, scale, ratio)
    if (size.width < 1 || size.width > width || size.height < 1 || size.height > height) continue
    const top = draws.below(height - size.height + 1)
    return { left: draws.below(width - size.width + 1), top, ...size }
  }
  const size = { width, height }
  if (width / height < ratio[0]) size.height = Math.max(1, Math.round(width / ratio[0]))
  else if (width / height > ratio[1]) size.width = Math.max(1, Math.round(height * ratio[1]))
  return { left: Math.floor((width - size.width) / 2), top: Math.floor((height - size.height) / 2), ...size }
}

/** torchvision.transforms.RandomErasing.get_params, whose ratio is height by width; null where nothing fits. */
export function erasedWithin({ width, height }: PictureSize, scale: Range, ratio: Range, draws: Draws): Rectangle | null {
  for (let tried = 0; tried < TRIES; tried++) {
    const lying = drawSize(draws, width * height, scale, ratio)
    const size = { width: lying.height, height: lying.width }
    if (size.width >= width || size.height >= height) continue
    const top = draws.below(height - size.height + 1)
    return { left: draws.below(width - size.width + 1), top, ...size }
  }
  return null
}

/** The part of a picture of this size that a view shows. */
export function drawCrop(augmentation: Augmentation, seed: number, pictureKey: number, view: number, size: PictureSize): Rectangle {
  return cropWithin(size, augmentation.crop_scale, augmentation.crop_ratio, new KeyedRandom(seed, 'crop', pictureKey, view))
}

/** The part of a view, [side, side], that is covered; null: none of it. */
export function drawErasing(augmentation: Augmentation, seed: number, pictureKey: number, view: number, side: number): Rectangle | null {
  const random = new KeyedRandom(seed, 'erasing', pictureKey, view)
  if (random.uniform() >= augmentation.random_erasing) return null
  return erasedWithin({ width: side, height: side }, augmentation.erasing_scale, augmentation.erasing_ratio, random)
}
