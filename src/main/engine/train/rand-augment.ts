/** Draws RandAugment's changes, as torchvision.transforms.RandAugment does: each of so many is any of the 14, all of one strength. */
import { KeyedRandom } from '../../../shared/domain/random'
import type { Augmentation } from '../../../shared/domain/run-config'
import { PIXEL_OPERATIONS, type PixelOperationName } from './pixel-operations'

export interface PixelChange {
  readonly operation: PixelOperationName
  readonly amount: number
}

const NAMES = Object.keys(PIXEL_OPERATIONS) as PixelOperationName[]

/** The changes of one picture, in their order. */
export function drawPixelChanges(augmentation: Augmentation, seed: number, pictureKey: number, view: number, side: number): PixelChange[] {
  const random = new KeyedRandom(seed, 'randAugment', pictureKey, view)
  return Array.from({ length: augmentation.rand_augment }, () => {
    const operation = NAMES[random.below(NAMES.length)] ?? 'Identity'
    const isNegative = random.uniform() < 0.5
    const rule = PIXEL_OPERATIONS[operation]
    const amount = rule.amount(augmentation.rand_augment_magnitude, side)
    return { operation, amount: rule.isSigned && isNegative ? -amount : amount }
  })
}

/** Changes one picture [side, side, 3] in place. */
export function changePixels(pixels: Uint8Array, side: number, changes: readonly PixelChange[]): void {
  for (const { operation, amount } of changes) PIXEL_OPERATIONS[operation].apply(pixels, side, amount)
}
