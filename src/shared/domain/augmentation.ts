/** How training pictures are changed, with torchvision's names and amounts. 0 or false switches a part off. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'

const fraction = z.number().min(0).max(1)
const range = (low: number, high: number) => z.tuple([z.number().min(low).max(high), z.number().min(low).max(high)]).refine(([a, b]) => a <= b, t`expected the smaller number first`)

export const augmentationSchema = z.strictObject({
  horizontal_flip: fraction.default(0.5).describe(t`Probability of mirroring left and right`),
  vertical_flip: fraction.default(0).describe(t`Probability of mirroring top and bottom`),
  rotation: z.number().min(0).max(180).default(10).describe(t`Rotation drawn from minus to plus this many degrees`),
  translate: fraction.default(0).describe(t`Shift drawn from minus to plus this share of the side, across and down`),
  scale: range(0.1, 10).default([1, 1]).describe(t`Size drawn from this range of factors; [1, 1] leaves it`),
  shear: z.number().min(0).max(60).default(0).describe(t`Slant along the picture’s width drawn from minus to plus this many degrees`),
  random_resized_crop: z.boolean().default(false).describe(t`Show a part of the picture, enlarged to the whole`),
  crop_scale: range(0.01, 1).default([0.08, 1]).describe(t`Random resized crop: share of the area that is kept, drawn from this range`),
  crop_ratio: range(0.1, 10).default([3 / 4, 4 / 3]).describe(t`Random resized crop: width by height, drawn from this range`),
  brightness: z.number().min(0).max(1).default(0.2).describe(t`Brightness factor drawn from 1 minus to 1 plus this`),
  contrast: z.number().min(0).max(1).default(0.2).describe(t`Contrast factor drawn from 1 minus to 1 plus this`),
  saturation: z.number().min(0).max(1).default(0.2).describe(t`Saturation factor drawn from 1 minus to 1 plus this`),
  hue: z.number().min(0).max(0.5).default(0).describe(t`Hue shift drawn from minus to plus this share of the colour circle`),
  rand_augment: z.int().min(0).max(10).default(0).describe(t`RandAugment: how many of its 14 changes each picture gets; 0: none`),
  rand_augment_magnitude: z.int().min(0).max(30).default(9).describe(t`RandAugment: how strong its changes are, of 30`),
  random_erasing: fraction.default(0).describe(t`Probability of covering a rectangle with the mean colour`),
  erasing_scale: range(0.001, 1).default([0.02, 0.33]).describe(t`Random erasing: share of the area that is covered, drawn from this range`),
  erasing_ratio: range(0.1, 10).default([0.3, 3.3]).describe(t`Random erasing: height by width, drawn from this range`),
  mixup: z.number().min(0).max(10).default(0).describe(t`MixUp: alpha of the Beta distribution that two pictures and their labels are blended by; 0: off`),
  cutmix: z.number().min(0).max(10).default(0).describe(t`CutMix: alpha of the Beta distribution for the rectangle that comes from another picture; 0: off`),
})
export type Augmentation = z.infer<typeof augmentationSchema>

export const AUGMENTATION_POLICIES = ['light', 'medium', 'strong'] as const
export type AugmentationPolicy = (typeof AUGMENTATION_POLICIES)[number]

/** What each named policy sets; the rest of a policy is off. */
export const POLICY_AUGMENTATIONS: Readonly<Record<AugmentationPolicy, Augmentation>> = {
  light: policy({ horizontal_flip: 0.5, rotation: 10, brightness: 0.1, contrast: 0.1 }),
  medium: policy({ horizontal_flip: 0.5, rotation: 15, translate: 0.05, scale: [0.9, 1.1], brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.02, random_erasing: 0.1 }),
  strong: policy({ horizontal_flip: 0.5, rotation: 30, random_resized_crop: true, crop_scale: [0.35, 1], brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.05, rand_augment: 2, random_erasing: 0.25 }),
}

/** An augmentation of which only the parts named are on. */
export function policy(parts: Partial<Augmentation>): Augmentation {
  const off = { horizontal_flip: 0, rotation: 0, brightness: 0, contrast: 0, saturation: 0 }
  return augmentationSchema.parse({ ...off, ...parts })
}

/** True where two pictures of a batch are blended, so that no frozen part can run ahead of it. */
export function mixesPictures({ mixup, cutmix }: Pick<Augmentation, 'mixup' | 'cutmix'>): boolean {
  return mixup > 0 || cutmix > 0
}

/** What of an augmentation its time depends on: which parts are on, and how many changes RandAugment makes. Amounts cost the same however large. */
export function augmentationWork({ scale, rand_augment, random_resized_crop, ...amounts }: Augmentation): string {
  const { horizontal_flip, vertical_flip, rotation, translate, shear } = amounts
  const isMoved = [horizontal_flip, vertical_flip, rotation, translate, shear].some((amount) => amount > 0) || scale.some((factor) => factor !== 1)
  const { brightness, contrast, saturation, hue, random_erasing, mixup, cutmix } = amounts
  const isOn = [brightness, contrast, saturation, hue, random_erasing, mixup, cutmix].map((amount) => amount > 0)
  return JSON.stringify([isMoved, random_resized_crop, rand_augment, ...isOn])
}
