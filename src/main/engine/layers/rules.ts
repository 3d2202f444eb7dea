/** The table of layer kinds. A new kind is a file and a row. */
import { activation } from './activation'
import { add } from './add'
import { batchNorm } from './batch-norm'
import { conv } from './conv'
import { dropout } from './dropout'
import { globalAveragePool } from './global-average-pool'
import type { Layer, LayerKind, LayerRule } from './layer'
import { linear } from './linear'
import { maxPool } from './max-pool'
import { scale } from './scale'
import { stochasticDepth } from './stochastic-depth'

export const LAYER_RULES: { readonly [K in LayerKind]: LayerRule<Extract<Layer, { kind: K }>> } = {
  conv,
  batch_norm: batchNorm,
  activation,
  max_pool: maxPool,
  add,
  scale,
  global_average_pool: globalAveragePool,
  linear,
  dropout,
  stochastic_depth: stochasticDepth,
}

/** The rule of a layer, typed for callers that hold any kind. */
export function ruleOf(layer: Layer): LayerRule<Layer> {
  const rules: { readonly [K in LayerKind]: unknown } = LAYER_RULES
  return rules[layer.kind] as LayerRule<Layer>
}
