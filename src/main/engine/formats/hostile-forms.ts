/** For the tests of hostile files: how a reading fails, and every form in which a pickle can come. */
import { GraftError } from '../../../shared/domain/error'
import type { Part } from './opcode-assembly'
import { bytesOf, legacyFile, pickle, stateDict, storage, tensor, torchZip, unicode, zipFile } from './opcode-assembly'
import { readWeights } from './weights-file'

/** Our own error for `bytes`; any other error, and none, fail the test. */
export function failureOf(bytes: Uint8Array, fileName = 'weights.pth'): GraftError {
  try {
    readWeights(bytes, fileName)
  } catch (error) {
    if (error instanceof GraftError) return error
    throw error
  }
  throw new Error('The file was accepted')
}

/** The weights of the good files, and the text that a payload would run. */
export const VALUES = { 0: [1, 2, 3, 4] }
export const GOOD_TENSOR = tensor(storage('0', 4), 'K\0', [2, 2], [2, 1])
export const GOOD = stateDict(['w', GOOD_TENSOR])
export const COMMAND = unicode('touch /tmp/canary')

export const zipOf = (root: Uint8Array): Uint8Array => zipFile(torchZip(root, VALUES))

/** The pickle of `parts` on its own, in a zip file, in a legacy file, and behind good weights in both of these. */
export function formsOf(...parts: readonly Part[]): readonly (readonly [string, Uint8Array])[] {
  const alone = pickle(parts)
  const beside = bytesOf(stateDict(['w', GOOD_TENSOR]).subarray(0, -1), unicode('extra'), parts, 's.')
  return [
    ['raw', alone],
    ['zip', zipOf(alone)],
    ['legacy', legacyFile(alone, VALUES)],
    ['beside weights in a zip', zipOf(beside)],
    ['beside weights in a legacy file', legacyFile(beside, VALUES)],
  ]
}
