/** From a read pickle to tensors: finds the state dict, checks every window on a storage and copies it out as float32. */
import { convertElements, elementBytes, gatherElements } from './element-types'
import { SAVE_STATE_DICT, shown, unreadable } from './format-errors'
import type { PickleDict, PickleStorage, PickleTensor, PickleValue } from './pickle'
import type { HostTensor, TensorMap } from './tensor-map'

/** Where training scripts put the weights inside a checkpoint, most usual first. */
const NESTING_KEYS = ['state_dict', 'model_state_dict', 'model'] as const
const MAX_NESTING = 4
/** Put in front of every name by DataParallel and by torch.compile. */
const WRAPPER_PREFIXES = ['module.', '_orig_mod.'] as const

/** Gives the bytes of a storage, at least as many as its elements need. */
export type StorageBytes = (storage: PickleStorage) => Uint8Array

export interface StateDict {
  readonly tensors: TensorMap
  /** What was unwrapped or passed over: `nesting`, `prefix`, `ignored`. */
  readonly metadata: Record<string, string>
}

const MAX_TOTAL_BYTES = 16 * 2 ** 30
/** int8 grows fourfold as float32; the rest is for tensors that share a storage. */
const MAX_GROWTH = 8
const GROWTH_ALLOWANCE_BYTES = 16 * 2 ** 20

function isKind<K extends string>(value: PickleValue | undefined, kind: K): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind
}

function holdsTensor(dict: PickleDict): boolean {
  for (const [key, value] of dict.entries) if (typeof key === 'string' && isKind(value, 'tensor')) return true
  return false
}

/** Goes down through checkpoints to the dict of weights; `path` collects the keys on the way. */
function unwrap(dict: PickleDict, path: string[]): PickleDict {
  if (path.length >= MAX_NESTING) return dict
  for (const key of NESTING_KEYS) {
    const inner = dict.entries.get(key)
    if (!isKind(inner, 'dict')) continue
    const found = unwrap(inner, [...path, key])
    if (holdsTensor(found)) {
      path.push(key)
      return unwrap(inner, path)
    }
  }
  return dict
}

function listKeys(dict: PickleDict): string {
  const keys = [...dict.entries.keys()].filter((key) => typeof key === 'string')
  return keys.length === 0 ? 'no names' : keys.slice(0, 8).map((key) => `"${shown(key)}"`).join(', ')
}

/** The wrapper prefixes that all names share, in any order and number; `names` is not empty. */
function commonPrefix(names: readonly string[]): string {
  let prefix = ''
  for (;;) {
    const wrapper = WRAPPER_PREFIXES.find((each) => names.every((name) => name.startsWith(prefix + each)))
    if (wrapper === undefined) return prefix
    prefix += wrapper
  }
}

class TensorCopier {
  private remainingBytes: number

  constructor(
    private readonly storageBytes: StorageBytes,
    fileBytes: number,
  ) {
    this.remainingBytes = Math.min(MAX_TOTAL_BYTES, fileBytes * MAX_GROWTH + GROWTH_ALLOWANCE_BYTES)
  }

  copy(name: string, tensor: PickleTensor): HostTensor {
    const { storage } = tensor
    const quoted = `the tensor "${shown(name)}"`
    const count = tensor.shape.reduce((product, size) => product * size, 1n)
    if (count * 4n > BigInt(this.remainingBytes)) {
      throw unreadable(
        `Expected tensors in proportion to the file, but ${quoted} of shape [${tensor.shape.join(', ')}] would go beyond that.`,
      )
    }
    this.remainingBytes -= Number(count) * 4
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
 * The weights in `root`, a state dict or a checkpoint around one. Shared and strided storages become separate dense arrays.
 * @param fileBytes size of the whole file, which bounds what may be made of it
 * @throws GraftError UNREADABLE naming the tensor, what was expected and what came.
 */
export function readStateDict(root: PickleValue, storageBytes: StorageBytes, fileBytes: number): StateDict {
  if (!isKind(root, 'dict')) {
    const came = typeof root === 'object' && root !== null ? `a ${root.kind}` : 'a single value'
    throw unreadable(`Expected a state dict, names with tensors, in the PyTorch file, but ${came} came.`, SAVE_STATE_DICT)
  }
  const path: string[] = []
  const dict = unwrap(root, path)
  if (!holdsTensor(dict)) {
    throw unreadable(
      `Expected a state dict, names with tensors, in the PyTorch file, but found ${listKeys(dict)} without tensors.`,
      SAVE_STATE_DICT,
    )
  }
  const metadata: Record<string, string> = {}
  if (path.length > 0) metadata['nesting'] = path.join('.')

  const found: [string, PickleTensor][] = []
  const ignored: string[] = []
  for (const [key, value] of dict.entries) {
    if (typeof key === 'string' && isKind(value, 'tensor')) found.push([key, value])
    else ignored.push(typeof key === 'string' ? shown(key) : typeof key)
  }
  if (ignored.length > 0) metadata['ignored'] = ignored.slice(0, 20).join(', ')

  const prefix = commonPrefix(found.map(([name]) => name))
  if (prefix !== '') metadata['prefix'] = prefix

  const copier = new TensorCopier(storageBytes, fileBytes)
  const tensors = new Map<string, HostTensor>()
  for (const [name, tensor] of found) tensors.set(name.slice(prefix.length), copier.copy(name, tensor))
  return { tensors, metadata }
}
