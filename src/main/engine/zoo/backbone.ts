/** What a family's file says of each of its backbones. */
import type { Network } from './network'

export interface WeightsRow {
  readonly fileName: string
  /** The whole sha256, or its first eight digits where the publisher gives no more. */
  readonly sha256Prefix: string
  /** Null where the weights come with the set-up. */
  readonly url: string | null
  readonly licence: string
}

export interface Preprocessing {
  /** Per channel, of pixel values in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

export const IMAGENET_PREPROCESSING: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

export interface Backbone {
  readonly name: string
  readonly title: string
  readonly paper: string
  readonly description: string
  readonly preprocessing: Preprocessing
  readonly weights: WeightsRow
  /** Dropout before the last layer, as published; null where there is none. */
  readonly dropout: number | null
  /** Names of the last linear layer's parameters start with this; a file's own are left out when classes differ. */
  readonly classifier: string
  /** The network with a linear head. `dropout` 0 leaves the dropout out. */
  build(options: { classes: number; dropout: number }): Network
}
