/** Where pretrained weights are published, and how the pictures were prepared for the accuracy stated with them. */

export interface WeightsRow {
  /** What a configuration calls it: torchvision's names in lower case. */
  readonly name: string
  readonly fileName: string
  /** The whole sha256, or its first eight digits where the publisher gives no more. */
  readonly sha256Prefix: string
  /** Null where the weights come with the set-up. */
  readonly url: string | null
  /** As published; a download says its own. */
  readonly sizeBytes: number
  readonly licence: string
  /** Share of ImageNet-1K's validation pictures named right at the first guess; null where the publisher does not say. */
  readonly top1: number | null
  /** The published evaluation: shorter side resized, then a square cut from the middle. */
  readonly evaluation: { readonly resize: number; readonly crop: number; readonly interpolation: 'bilinear' | 'bicubic' }
}

const PUBLISHER = 'https://download.pytorch.org/models'
const MEBIBYTE = 1024 * 1024

/**
 * A row of torchvision's registry. `stem` is the file's name without .pth: it ends with the first digits of its sha256.
 * Figures as torchvision 0.29 states them: MiB, top-1 per cent, [resize, crop].
 */
export function torchvisionWeights(
  generation: 1 | 2,
  stem: string,
  sizeMiB: number,
  top1Percent: number,
  [resize, crop]: readonly [number, number],
  interpolation: 'bilinear' | 'bicubic' = 'bilinear',
): WeightsRow {
  return {
    name: `imagenet1k_v${generation}`,
    fileName: `${stem}.pth`,
    sha256Prefix: stem.slice(stem.lastIndexOf('-') + 1),
    url: `${PUBLISHER}/${stem}.pth`,
    sizeBytes: Math.round(sizeMiB * MEBIBYTE),
    licence: 'BSD-3-Clause (torchvision)',
    top1: top1Percent / 100,
    evaluation: { resize, crop, interpolation },
  }
}
