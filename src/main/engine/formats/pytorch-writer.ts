/**
 * Writes a state dict as torch.save does (the zip format of torch >= 1.6, torch/serialization.py): `data.pkl` names the tensors,
 * each with a storage of its own, a member at a multiple of 64 bytes. `torch.load(weights_only=True)` takes it.
 */
import { PickleWriter } from './pickle-writer'
import type { TensorMap } from './tensor-map'
import { type StoredMember, writeStoredZip } from './zip-writer'

/** PyTorch's own alignment of storages. */
const ALIGNMENT_BYTES = 64
const RUNNING_VARIANCE = '.running_var'

/** Of a tensor in the file: its storage's class in torch, and the little-endian bytes. */
interface Stored {
  readonly name: string
  readonly shape: readonly number[]
  readonly storageClass: 'FloatStorage' | 'LongStorage'
  readonly elements: number
  readonly bytes: Uint8Array
}

/**
 * Batch norm modules also count the batches they have seen, behind their running variance. The count serves modules without
 * momentum alone and is not kept here; 0 is what a new module has.
 */
function storedTensors(tensors: TensorMap): Stored[] {
  return [...tensors].flatMap(([name, { shape, data }]) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    const tensor: Stored = { name, shape, storageClass: 'FloatStorage', elements: data.length, bytes }
    if (!name.endsWith(RUNNING_VARIANCE)) return [tensor]
    const counter = `${name.slice(0, -RUNNING_VARIANCE.length)}.num_batches_tracked`
    return [tensor, { name: counter, shape: [], storageClass: 'LongStorage', elements: 1, bytes: new Uint8Array(8) }]
  })
}

/** Row-major strides, in elements. */
function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1)
  return strides
}

function pickleOf(tensors: readonly Stored[]): Uint8Array {
  const pickle = new PickleWriter()
  const emptyOrderedDict = (): void => {
    pickle.global('collections', 'OrderedDict')
    pickle.emptyTuple()
    pickle.reduce()
  }
  emptyOrderedDict()
  pickle.mark()
  tensors.forEach(({ name, shape, storageClass, elements }, index) => {
    pickle.text(name)
    pickle.global('torch._utils', '_rebuild_tensor_v2')
    pickle.mark()
    pickle.mark()
    pickle.text('storage')
    pickle.global('torch', storageClass)
    pickle.text(String(index))
    pickle.text('cpu')
    pickle.integer(elements)
    pickle.tuple()
    pickle.persistentId()
    pickle.integer(0)
    pickle.integers(shape)
    pickle.integers(stridesOf(shape))
    pickle.false()
    emptyOrderedDict()
    pickle.tuple()
    pickle.reduce()
  })
  pickle.setItems()
  return pickle.finish()
}

/** The bytes of a `.pth` file: an OrderedDict in the order of the map. The same tensors give the same bytes. */
export function writePytorch(tensors: TensorMap): Uint8Array {
  const stored = storedTensors(tensors)
  const text = (value: string) => new TextEncoder().encode(value)
  const members: StoredMember[] = [
    { name: 'model/data.pkl', content: pickleOf(stored) },
    { name: 'model/byteorder', content: text('little') },
    ...stored.map(({ bytes }, index) => ({ name: `model/data/${index}`, content: bytes })),
    { name: 'model/version', content: text('3\n') },
  ]
  return writeStoredZip(members, ALIGNMENT_BYTES)
}
