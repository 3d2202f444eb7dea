/** What a family's file says of each of its backbones. */
import type { NetworkBuilder } from './network'
import type { WeightsRow } from './weights-rows'

export interface Preprocessing {
  /** Per channel, of pixel values in [0, 1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

export const IMAGENET_PREPROCESSING: Preprocessing = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }

/** The value of the global pooling and how many channels it has. */
export interface Pooled {
  readonly value: string
  readonly channels: number
}

export interface Backbone {
  readonly name: string
  readonly title: string
  readonly paper: string
  readonly description: string
  readonly preprocessing: Preprocessing
  /** Generations of published weights, oldest first; the last is what `imagenet` means. */
  readonly weights: readonly [WeightsRow, ...WeightsRow[]]
  /** Dropout before the last layer, as published; null where there is none. */
  readonly dropout: number | null
  /** Share of residual branches left out at the last block in training; it grows from 0 at the first. 0 where there is none. */
  readonly stochasticDepth: number
  /** PyTorch's name of the module after the pooling: what the heads `mlp` and `deep` take the place of. */
  readonly headModule: string
  /** Names of the published head's last linear layer's parameters start with this; a file's own are left out when classes differ. */
  readonly classifier: string
  /** Children of the network that stay frozen when freezing by stage, by the name of the first that trains; null: the first seven tenths. */
  readonly firstTrainedStage: string | null
  /** Everything up to and with the global pooling. `stochasticDepth` 0 leaves it out. */
  writeFeatures(net: NetworkBuilder, options: { stochasticDepth: number }): Pooled
  /** The published head from the pooling to the logits. `dropout` 0 leaves the dropout out. */
  writeLinearHead(net: NetworkBuilder, pooled: Pooled, options: { classes: number; dropout: number }): string
}

/** What `weights: imagenet` means: the newest generation. */
export function defaultWeights(backbone: Backbone): WeightsRow {
  return backbone.weights.at(-1) ?? backbone.weights[0]
}
