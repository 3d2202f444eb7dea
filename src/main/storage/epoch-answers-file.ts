/**
 * `epoch_answers.bin`: what the model answered to every validation picture after each epoch. A row of fixed length an epoch, so that any is read without the
 * others and a run that was cut writes the same bytes again: 4 bytes a picture and 8 more, whatever the number of classes. 100 epochs of 20,000
 * pictures are 8 MB. All numbers are little-endian.
 *
 *   head, 32 bytes   "GRAFTEA1", uint32 pictures, uint32 zero, 16 bytes of the SHA-256 of the pictures' paths, each ended by a newline
 *   row              uint32 epoch, uint32 CRC-32 of what follows, uint16 class of each picture, uint16 its probability in parts of 65,535
 */
import { hash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { EpochAnswers } from '../../shared/domain/epoch-answers'
import { writeFully } from './atomic-write'
import { systemCode, toReadError, toStorageError } from './storage-error'

export const EPOCH_ANSWERS = 'epoch_answers.bin'

const MAGIC = 'GRAFTEA1'
const HEAD_BYTES = 32
const ROW_HEAD_BYTES = 8

const rowBytes = (pictures: number): number => ROW_HEAD_BYTES + 4 * pictures
const rowStart = (epoch: number, pictures: number): number => HEAD_BYTES + (epoch - 1) * rowBytes(pictures)

function headOf(paths: readonly string[]): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.write(MAGIC, 'latin1')
  head.writeUInt32LE(paths.length, 8)
  hash('sha256', paths.map((path) => `${path}\n`).join(''), 'buffer').copy(head, 16, 0, 16)
  return head
}

function rowOf(epoch: number, { predictions, confidences }: EpochAnswers): Buffer {
  const row = Buffer.alloc(rowBytes(predictions.length))
  predictions.forEach((prediction, index) => row.writeUInt16LE(prediction, ROW_HEAD_BYTES + 2 * index))
  confidences.forEach((confidence, index) => row.writeUInt16LE(confidence, ROW_HEAD_BYTES + 2 * (predictions.length + index)))
  row.writeUInt32LE(epoch, 0)
  row.writeUInt32LE(crc32(row.subarray(ROW_HEAD_BYTES)), 4)
  return row
}

/**
 * Writes an epoch's row in its place and flushes it; what lay behind it is of epochs that are done again, and goes. A file of other pictures begins anew.
 * @param paths of the pictures, in the order of the answers @throws GraftError STORAGE
 */
export async function writeEpochAnswers(path: string, paths: readonly string[], epoch: number, answers: EpochAnswers): Promise<void> {
  const head = headOf(paths)
  const row = rowOf(epoch, answers)
  const start = rowStart(epoch, paths.length)
  try {
    const file = await open(path, constants.O_RDWR | constants.O_CREAT)
    try {
      if (!(await begins(file, head))) {
        await file.truncate(0)
        await writeFully(file, head, 0)
      }
      await writeFully(file, row, start)
      await file.truncate(start + row.length)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    throw toStorageError(error, path, row.length)
  }
}

/** An epoch's answers; null where they are not there, damaged, or of other pictures. @throws GraftError where the file cannot be read */
export async function readEpochAnswers(path: string, paths: readonly string[], epoch: number): Promise<EpochAnswers | null> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw toReadError(error, path)
  }
  try {
    if (!(await begins(file, headOf(paths)))) return null
    const row = Buffer.alloc(rowBytes(paths.length))
    const { bytesRead } = await file.read(row, 0, row.length, rowStart(epoch, paths.length))
    const body = row.subarray(ROW_HEAD_BYTES)
    if (bytesRead < row.length || row.readUInt32LE(0) !== epoch || row.readUInt32LE(4) !== crc32(body)) return null
    const numbers = Uint16Array.from({ length: 2 * paths.length }, (_, index) => body.readUInt16LE(2 * index))
    return { predictions: numbers.subarray(0, paths.length), confidences: numbers.subarray(paths.length) }
  } catch (error) {
    throw toReadError(error, path)
  } finally {
    await file.close()
  }
}

/** For resume: what was answered after `epoch` did not happen. @throws GraftError STORAGE */
export async function cutEpochAnswers(path: string, epoch: number): Promise<void> {
  try {
    const file = await open(path, 'r')
    let end: number
    try {
      const head = Buffer.alloc(HEAD_BYTES)
      const { bytesRead } = await file.read(head, 0, HEAD_BYTES, 0)
      const { size } = await file.stat()
      const whole = bytesRead === HEAD_BYTES ? rowStart(epoch + 1, head.readUInt32LE(8)) : 0
      if (size <= whole) return
      end = whole
    } finally {
      await file.close()
    }
    await truncate(path, end)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw toStorageError(error, path, 0)
  }
}

async function begins(file: FileHandle, head: Buffer): Promise<boolean> {
  const found = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await file.read(found, 0, HEAD_BYTES, 0)
  return bytesRead === HEAD_BYTES && found.equals(head)
}
