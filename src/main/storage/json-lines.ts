/** Files of one JSON object a line, appended to while a run goes on. A kill may cut off the last line; readers drop it. */
import { open, readFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { z } from 'zod'
import { GraftError } from '../../shared/domain/error'
import { atomicWrite, writeFully } from './atomic-write'
import { systemCode, toReadError, toStorageError } from './storage-error'

const NEWLINE = 0x0a

/** Appends one object and flushes it. A cut-off line that a kill left is removed first. Returns the file's size afterwards. */
export async function appendJsonLine(path: string, value: unknown): Promise<number> {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`, 'utf8')
  try {
    const file = await open(path, 'a+')
    try {
      return await appendTo(file, path, bytes)
    } finally {
      await file.close()
    }
  } catch (error) {
    throw toStorageError(error, path, bytes.length)
  }
}

async function appendTo(file: FileHandle, path: string, bytes: Buffer): Promise<number> {
  const { size } = await file.stat()
  const start = await endOfLastLine(file, size)
  if (start < size) await file.truncate(start)
  try {
    // The position counts for nothing in a file that is opened for appending.
    await writeFully(file, bytes, start)
    await file.sync()
    const { size: writtenBytes } = await file.stat()
    if (writtenBytes !== start + bytes.length) throw new GraftError('STORAGE', `${path} was written, but of a line of ${bytes.length} bytes ${writtenBytes - start} are there.`, { action: 'Check the disk, then try again.' })
  } catch (error) {
    // What got out of a line that did not fit would glue itself to the next one. Where it cannot be removed now, the next append does.
    await file.truncate(start).catch(() => undefined)
    throw error
  }
  return start + bytes.length
}

/** Where the last whole line ends. Looks back from the end in blocks. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  const block = Buffer.alloc(64 * 1024)
  let end = size
  while (end > 0) {
    const start = Math.max(0, end - block.length)
    const { bytesRead } = await file.read(block, 0, end - start, start)
    const at = block.subarray(0, bytesRead).lastIndexOf(NEWLINE)
    if (at !== -1) return start + at + 1
    end = start
  }
  return 0
}

export interface JsonLines<T> {
  /** In the file's order, each with the number of its line, from 1. */
  readonly values: { readonly line: number; readonly value: T }[]
  /** Lines that are not what they should be. */
  readonly damaged: number[]
}

/** All whole lines, checked one by one; none where there is no file. @throws GraftError STORAGE where it cannot be read */
export async function readJsonLines<T extends z.ZodType>(path: string, schema: T): Promise<JsonLines<z.infer<T>>> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { values: [], damaged: [] }
    throw toReadError(error, path)
  }
  const lines = text.split('\n')
  lines.pop() // Empty after the last newline, or cut off.
  const values: { line: number; value: z.infer<T> }[] = []
  const damaged: number[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const parsed = schema.safeParse(jsonOrUndefined(line))
    if (parsed.success) values.push({ line: index + 1, value: parsed.data })
    else damaged.push(index + 1)
  }
  return { values, damaged }
}

function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Replaces the whole file. */
export async function rewriteJsonLines(path: string, values: readonly unknown[]): Promise<void> {
  await atomicWrite(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''))
}
