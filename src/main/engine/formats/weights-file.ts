/** Files of weights of any supported format, told apart by their content: the name can say anything. */
import { GraftError } from '../../../shared/domain/error'
import { refused, shown, unreadable } from './format-errors'
import type { PlainValue } from './plain-values'
import { emptyRecord } from './plain-values'
import type { PytorchFile } from './pytorch'
import { readPytorch } from './pytorch'
import { looksLikeSafetensors, readSafetensors } from './safetensors'
import { unwrapNames } from './state-dict-names'
import type { TensorMap } from './tensor-map'

export interface CheckpointFile {
  readonly format: 'safetensors' | 'zip' | 'legacy'
  readonly tensors: TensorMap
  /** The plain values that stand beside the weights; for safetensors the texts of its header. It has no prototype. */
  readonly metadata: Readonly<Record<string, PlainValue>>
  /** Sentences for the user: where the weights were found, and what was left out. */
  readonly notes: readonly string[]
}

const CONVERT = 'Choose a PyTorch file (torch.save(model.state_dict(), "weights.pth")) or a safetensors file.'

/** First bytes of what people choose by mistake, so that the message can say what it is. */
const OTHER_FORMATS: readonly (readonly [string, readonly number[]])[] = [
  ['an HDF5 file (Keras)', [0x89, 0x48, 0x44, 0x46]],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a bzip2 archive', [0x42, 0x5a, 0x68]],
  ['an xz archive', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['a Zstandard archive', [0x28, 0xb5, 0x2f, 0xfd]],
  ['a RAR archive', [0x52, 0x61, 0x72, 0x21, 0x1a]],
  ['a GGUF file', [0x47, 0x47, 0x55, 0x46]],
  ['a NumPy file', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a web page, probably an error page of the download', [0x3c]],
  ['a Git LFS pointer instead of the file itself', [...new TextEncoder().encode('version https://git-lfs')]],
]
const NUMPY_HEADER_BYTES = 200
const NUMPY_OBJECTS = /'descr':\s*'\|?O/

function refuseOtherFormats(bytes: Uint8Array, file: string): void {
  const other = OTHER_FORMATS.find(([, start]) => start.every((byte, index) => bytes[index] === byte))
  if (other === undefined) return
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, NUMPY_HEADER_BYTES))
  if (start.startsWith('\x93NUMPY') && NUMPY_OBJECTS.test(start)) {
    throw refused(`Expected weights in ${file}, but it is a NumPy file of Python objects, which loading would run as a pickle.`)
  }
  throw unreadable(`Expected weights in ${file}, but it is ${other[0]}.`, CONVERT)
}

const TEXT_BYTES = 4096
const SHOWN_BYTES = 16
const STOP = '.'.charCodeAt(0)

/** True for bytes that a text editor shows as they are and that do not end as every pickle does. */
function looksLikeText(bytes: Uint8Array): boolean {
  const isShown = (byte: number): boolean => byte >= 0x20 ? byte !== 0x7f : byte === 0x09 || byte === 0x0a || byte === 0x0d
  return bytes.at(-1) !== STOP && bytes.subarray(0, TEXT_BYTES).every(isShown)
}

/** Most letters are pickle opcodes, so that a text may seem to ask for something that is refused. */
function readPytorchOrSayText(bytes: Uint8Array, file: string): PytorchFile {
  try {
    return readPytorch(bytes)
  } catch (error) {
    if (!(error instanceof GraftError) || !looksLikeText(bytes)) throw error
    const first = shown(new TextDecoder().decode(bytes.subarray(0, SHOWN_BYTES)).trimEnd())
    throw unreadable(`Expected weights in ${file}, but it is a text file: "${first}" came.`, CONVERT)
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${shown(name)}"`).join(', ')
}

function notesOf({ path, prefix, otherWeights, beside }: Pick<PytorchFile, 'path' | 'prefix' | 'otherWeights' | 'beside'>): string[] {
  const notes: string[] = []
  if (path.length > 0) notes.push(`The weights were taken from "${path.join('.')}" in the file.`)
  if (otherWeights.length > 0) notes.push(`The file holds other weights under ${quoted(otherWeights)}, which were passed over.`)
  if (prefix !== '') notes.push(`"${prefix}" was taken off the front of every name; training wrappers put it there.`)
  if (beside.passedOver.length > 0) notes.push(`Passed over beside the weights: ${quoted(beside.passedOver)}.`)
  return notes
}

/**
 * Reads a file of weights with what a training script put beside them.
 * @param fileName for messages only
 * @throws GraftError UNREADABLE, REFUSED or UNSUPPORTED, saying what was expected and what came.
 */
export function readCheckpointFile(bytes: Uint8Array, fileName: string): CheckpointFile {
  const file = `"${shown(fileName)}"`
  if (bytes.length === 0) throw unreadable(`Expected weights in ${file}, but the file is empty.`)
  if (looksLikeSafetensors(bytes)) {
    const { tensors: wrapped, metadata } = readSafetensors(bytes)
    const { tensors, prefix } = unwrapNames(wrapped)
    const notes = notesOf({ path: [], prefix, otherWeights: [], beside: { values: emptyRecord(), passedOver: [] } })
    return { format: 'safetensors', tensors, metadata, notes }
  }
  refuseOtherFormats(bytes, file)
  const read = readPytorchOrSayText(bytes, file)
  return { format: read.format, tensors: read.tensors, metadata: read.beside.values, notes: notesOf(read) }
}

/** The weights alone; otherwise as `readCheckpointFile`. */
export function readWeights(bytes: Uint8Array, fileName: string): TensorMap {
  return readCheckpointFile(bytes, fileName).tensors
}
