/** The one in-memory form of a file of weights: named float32 arrays on the host, in the order of the file. */
import { GraftError } from '../../../shared/domain/error'
import { shown, unreadable } from './format-errors'

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

/** float16 doubles as float32; more than that is left to small tensors of small types and to tensors that share a storage. */
const MAX_GROWTH = 2
const GROWTH_ALLOWANCE_BYTES = 16 * 2 ** 20
const MAX_TOTAL_BYTES = 16 * 2 ** 30

/** Keeps what is made of a file in proportion to it, whatever the file claims. */
export class FloatBudget {
  private remainingBytes: number

  constructor(fileBytes: number) {
    this.remainingBytes = Math.min(MAX_TOTAL_BYTES, fileBytes * MAX_GROWTH + GROWTH_ALLOWANCE_BYTES)
  }

  /** Takes room for `count` float32 values. Throws UNREADABLE naming the tensor when there is not enough. */
  spend(name: string, shape: readonly (number | bigint)[], count: bigint): void {
    if (count * 4n > BigInt(this.remainingBytes)) {
      throw unreadable(
        `Expected tensors in proportion to the file, but the tensor "${shown(name)}" of shape [${shape.join(', ')}] would go beyond that.`,
      )
    }
    this.remainingBytes -= Number(count) * 4
  }
}

/** A zero-filled array, with the allocator's bare RangeError made into an error that says what to do. */
export function allocateFloats(count: number, name: string): Float32Array<ArrayBuffer> {
  try {
    return new Float32Array(count)
  } catch (cause) {
    throw new GraftError('OUT_OF_MEMORY', `There is not enough memory for the tensor "${shown(name)}" of ${count} values.`, {
      action: 'Close other programs or use a smaller model.',
      cause,
    })
  }
}
