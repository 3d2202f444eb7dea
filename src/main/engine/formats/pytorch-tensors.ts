/** From a read pickle to tensors: finds the state dict, checks every window on a storage and copies it out as float32. */
import { convertElements, elementBytes, gatherElements } from './element-types'
import { SAVE_STATE_DICT, shown, unreadable } from './format-errors'
import type { PickleDict, PickleStorage, PickleTensor, PickleValue } from './pickle'
import type { PlainValues } from './plain-values'
import { copyPlainValues } from './plain-values'
import { findStateDict, unwrapNames } from './state-dict-names'
import type { HostTensor, TensorMap } from './tensor-map'
import { FloatBudget } from './tensor-map'

/** Gives the bytes of a storage, at least as many as its elements need. */
export type StorageBytes = (storage: PickleStorage) => Uint8Array

export interface StateDict {
  readonly tensors: TensorMap
  /** Keys from the outermost dict to the weights. */
  readonly path: readonly string[]
  /** What was taken off every name. */
  readonly prefix: string
  /** Keys under which the file holds other weights. */
  readonly otherWeights: readonly string[]
  /** What stands beside the weights. */
  readonly beside: PlainValues
}

function isTensor(value: PickleValue): value is PickleTensor {
  return typeof value === 'object' && value !== null && value.kind === 'tensor'
}

function listKeys(dict: PickleDict): string {
  const keys = [...dict.entries.keys()].filter((key) => typeof key === 'string')
  return keys.length === 0 ? 'no names' : keys.slice(0, 8).map((key) => `"${shown(key)}"`).join(', ')
}

class TensorCopier {
  private readonly budget: FloatBudget

  constructor(
    private readonly storageBytes: StorageBytes,
    fileBytes: number,
  ) {
    this.budget = new FloatBudget(fileBytes)
  }

  copy(name: string, tensor: PickleTensor): HostTensor {
    const { storage } = tensor
    const quoted = `the tensor "${shown(name)}"`
    const count = tensor.shape.reduce((product, size) => product * size, 1n)
    const view = storage.view ?? { offset: 0n, elements: storage.elements }
    if (view.offset + view.elements > storage.elements) {
      throw unreadable(
        `Expected the view behind ${quoted} inside its ${storage.elements} values, but it covers ${view.offset} to ${view.offset + view.elements}.`,
      )
    }
    const last = tensor.shape.reduce((sum, size, axis) => sum + (size - 1n) * (tensor.stride[axis] ?? 0n), tensor.offset)
    if (count > 0n && last >= view.elements) {
      throw unreadable(`Expected ${quoted} inside the ${view.elements} values of its storage, but it reaches to value ${last}.`)
    }
    this.budget.spend(name, tensor.shape, count)
    const shape = tensor.shape.map(Number)
    if (count === 0n) return { shape, data: new Float32Array(0) }
    return { shape, data: this.values(name, tensor, Number(view.offset + tensor.offset), Number(count)) }
  }

  private values(name: string, tensor: PickleTensor, offset: number, count: number): Float32Array {
    const { type } = tensor.storage
    const bytes = this.storageBytes(tensor.storage)
    const shape = tensor.shape.map(Number)
    // The stride of a dimension of size 1 is never used and may be any number.
    const stride = tensor.stride.map((step, axis) => (shape[axis] === 1 ? 0 : Number(step)))
    let dense = 1
    let contiguous = true
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (shape[axis] !== 1 && stride[axis] !== dense) contiguous = false
      dense *= shape[axis] ?? 1
    }
    if (contiguous) return convertElements(bytes.subarray(offset * elementBytes(type)), type, count, name)
    return gatherElements(bytes, type, { offset, shape, stride }, count, name)
  }
}

/**
 * The weights in `root`, a state dict or a checkpoint around one, and what stands beside them. Shared and strided storages
 * become separate dense arrays.
 * @param fileBytes size of the whole file, which bounds what may be made of it
 * @throws GraftError UNREADABLE naming the tensor, what was expected and what came.
 */
export function readStateDict(root: PickleValue, storageBytes: StorageBytes, fileBytes: number): StateDict {
  if (typeof root !== 'object' || root === null || root.kind !== 'dict') {
    const came = typeof root === 'object' && root !== null ? `a ${root.kind}` : 'a single value'
    throw unreadable(`Expected a state dict, names with tensors, in the PyTorch file, but ${came} came.`, SAVE_STATE_DICT)
  }
  const found = findStateDict(root)
  if (found === null) {
    throw unreadable(
      `Expected a state dict, names with tensors, in the PyTorch file, but found ${listKeys(root)} without tensors.`,
      SAVE_STATE_DICT,
    )
  }
  const copier = new TensorCopier(storageBytes, fileBytes)
  const wrapped = new Map<string, HostTensor>()
  const remainder = new Map<PickleValue, PickleValue>()
  for (const [key, value] of found.dict.entries) {
    if (typeof key === 'string' && isTensor(value)) wrapped.set(key, copier.copy(key, value))
    else remainder.set(key, value)
  }
  const besideDicts = [...found.around, { ...found.dict, entries: remainder }]
  const weightKeys = new Set([...found.path, ...found.otherWeights])
  const beside = copyPlainValues(besideDicts, weightKeys, (tensor) => [...copier.copy('beside the weights', tensor).data])
  return { ...unwrapNames(wrapped), path: found.path, otherWeights: found.otherWeights, beside }
}
