/** The one in-memory form of a file of weights: named float32 arrays on the host, in the order of the file. */
import { GraftError } from '../../../shared/domain/error'

export interface HostTensor {
  /** Sizes from the outermost dimension in; empty for a scalar. */
  readonly shape: readonly number[]
  /** Row-major (C order) values; as many as the product of `shape`. */
  readonly data: Float32Array
}

/** Names to tensors; iteration goes in the order of the file. */
export type TensorMap = ReadonlyMap<string, HostTensor>

/** More tensors than any image classifier has; a file that claims more is not one. */
export const MAX_TENSORS = 10_000
/** PyTorch's own limit on the number of dimensions. */
export const MAX_RANK = 64

/** A zero-filled array, with the allocator's bare RangeError made into an error that says what to do. */
export function allocateFloats(count: number, name: string): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(count)
  } catch (cause) {
    throw new GraftError('OUT_OF_MEMORY', `There is not enough memory for the tensor "${name}" of ${count} values.`, {
      action: 'Close other programs or use a smaller model.',
      cause,
    })
  }
}
