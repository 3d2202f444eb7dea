/**
 * Which layers compute in bfloat16 under mixed precision. Weights, running statistics, the optimizer's state, everything that is
 * one number a channel or a class, and the loss stay float32 (Micikevicius et al. 2018; bfloat16 needs no loss scaling).
 */
import type { ComputePrecision } from '../../../shared/domain/run-config'
import type { Layer, Value } from '../layers/layer'
import type { FloatType } from './graph-builder'

/** oneDNN's vectorised batch norm takes channels by sixteens; for others its bfloat16 one is several times slower than float32. */
const CHANNEL_BLOCK = 16

/** The type that `layer` computes in where it reads `input`. */
export function computeType(layer: Layer, input: Pick<Value, 'shape' | 'type'>, precision: ComputePrecision): FloatType {
  if (precision === 'float32' || input.shape.length === 1) return 'float32'
  switch (layer.kind) {
    case 'conv':
      return 'bfloat16'
    case 'batch_norm':
      return layer.channels % CHANNEL_BLOCK === 0 ? input.type : 'float32'
    case 'activation':
    case 'add':
    case 'max_pool':
    case 'scale':
    case 'stochastic_depth':
      return input.type
    case 'dropout':
    case 'global_average_pool':
    case 'linear':
      return 'float32'
  }
}
