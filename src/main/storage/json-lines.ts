/** Files of one JSON object a line, appended to while a run goes on. A kill may cut off the last line; readers drop it. */
import { open, readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { atomicWrite, writeFully } from './atomic-write'
import { parseJson } from './json-file'
import { systemCode, toStorageError } from './storage-error'

const NEWLINE = 0x0a

/** Appends one object and flushes it. A cut-off line that a kill left is removed first. Returns the file's size afterwards. */
export async function appendJsonLine(path: string, value: unknown): Promise<number> {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`, 'utf8')
  const file = await open(path, 'a+')
  try {
    const { size } = await file.stat()
    const start = await endOfLastLine(file, size)
    if (start < size) await file.truncate(start)
    try {
      await writeFully(file, bytes)
      await file.sync()
    } catch (error) {
      // What got out of a line that did not fit would glue itself to the next one.
      await file.truncate(start)
      throw error
    }
    return start + bytes.length
  } catch (error) {
    throw toStorageError(error, path, bytes.length)
  } finally {
    await file.close()
  }
}

/** Where the last whole line ends. Looks back from the end in blocks. */
async function endOfLastLine(file: Awaited<ReturnType<typeof open>>, size: number): Promise<number> {
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

/** All whole lines, checked; an empty list where there is no file. */
export async function readJsonLines<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>[]> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
  const lines = text.split('\n')
  lines.pop() // Empty after the last newline, or cut off.
  return lines.filter((line) => line !== '').map((line, index) => parseJson(line, schema, `${path}, line ${index + 1},`))
}

/** Replaces the whole file. */
export async function rewriteJsonLines(path: string, values: readonly unknown[]): Promise<void> {
  await atomicWrite(path, values.map((value) => `${JSON.stringify(value)}\n`).join(''))
}
