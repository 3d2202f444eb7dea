/** Files of weights of any supported format, told apart by their content: the name can say anything. */
import { shown, unreadable } from './format-errors'
import { readPytorch } from './pytorch'
import { readSafetensors, safetensorsHeaderBytes } from './safetensors'
import type { TensorMap } from './tensor-map'

const CONVERT = 'Choose a PyTorch file (torch.save(model.state_dict(), "weights.pth")) or a safetensors file.'

/** First bytes of what people choose by mistake, so that the message can say what it is. */
const OTHER_FORMATS: readonly (readonly [string, readonly number[]])[] = [
  ['an HDF5 file (Keras)', [0x89, 0x48, 0x44, 0x46]],
  ['a 7z archive', [0x37, 0x7a, 0xbc, 0xaf]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a NumPy file', [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
  ['a JPEG picture', [0xff, 0xd8, 0xff]],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47]],
  ['a web page, probably an error page of the download', [0x3c]],
  ['a Git LFS pointer instead of the file itself', [...new TextEncoder().encode('version https://git-lfs')]],
]

function looksLikeSafetensors(bytes: Uint8Array): boolean {
  const headerBytes = safetensorsHeaderBytes(bytes)
  // Leading white space is legal JSON, and the reference reader takes it.
  return headerBytes !== null && headerBytes > 0 && [0x7b, 0x20, 0x09, 0x0a, 0x0d].includes(bytes[8] ?? 0)
}

/**
 * Reads a file of weights.
 * @param fileName for messages only
 * @throws GraftError UNREADABLE, REFUSED or UNSUPPORTED, saying what was expected and what came.
 */
export function readWeights(bytes: Uint8Array, fileName: string): TensorMap {
  const file = `"${shown(fileName)}"`
  if (bytes.length === 0) throw unreadable(`Expected weights in ${file}, but the file is empty.`)
  if (looksLikeSafetensors(bytes)) return readSafetensors(bytes).tensors
  const other = OTHER_FORMATS.find(([, start]) => start.every((byte, index) => bytes[index] === byte))
  if (other !== undefined) throw unreadable(`Expected weights in ${file}, but it is ${other[0]}.`, CONVERT)
  return readPytorch(bytes).tensors
}
