// Reads the members of a zip file (a Python wheel is one) without unpacking the rest of it.
// Layout from PKWARE's APPNOTE: the end record, the central directory, then a local header before each member's data.
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, resolve, sep } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'

const endSignature = 0x06054b50
const centralSignature = 0x02014b50
const localSignature = 0x04034b50
const endSizeBytes = 22
const longestCommentBytes = 0xffff

async function readAt(file, offset, sizeBytes) {
  const buffer = Buffer.alloc(sizeBytes)
  let filled = 0
  while (filled < sizeBytes) {
    const { bytesRead } = await file.read(buffer, filled, sizeBytes - filled, offset + filled)
    if (bytesRead === 0) throw new Error(`The zip file ends at byte ${offset + filled}; ${sizeBytes - filled} more were expected.`)
    filled += bytesRead
  }
  return buffer
}

/**
 * Opens a zip file and lists its members.
 * @param {string} path
 * @returns {Promise<{ entries: Array<{ name: string, method: number, crc: number, packedBytes: number, sizeBytes: number, offset: number }>,
 *   extract: (entry: object, destination: string, onBytes?: (bytes: number) => void) => Promise<{ sizeBytes: number, sha256: string }>,
 *   close: () => Promise<void> }>}
 */
export async function openZip(path) {
  const file = await open(path, 'r')
  try {
    const entries = await listEntries(file)
    return {
      entries,
      extract: (entry, destination, onBytes) => extractEntry(file, entry, destination, onBytes),
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function listEntries(file) {
  const { size } = await file.stat()
  const tailBytes = Math.min(size, endSizeBytes + longestCommentBytes)
  const tail = await readAt(file, size - tailBytes, tailBytes)
  let end = tail.length - endSizeBytes
  while (end >= 0 && tail.readUInt32LE(end) !== endSignature) end -= 1
  if (end < 0) throw new Error('Not a zip file, or one that was cut off: its end record is missing.')
  const count = tail.readUInt16LE(end + 10)
  const directoryBytes = tail.readUInt32LE(end + 12)
  const directoryOffset = tail.readUInt32LE(end + 16)
  if (count === 0xffff || directoryOffset === 0xffffffff) throw new Error('The zip file uses the zip64 format, which is not read here.')
  const directory = await readAt(file, directoryOffset, directoryBytes)
  const entries = []
  let at = 0
  for (let index = 0; index < count; index += 1) {
    if (directory.readUInt32LE(at) !== centralSignature) throw new Error(`The zip file's directory is damaged at entry ${index}.`)
    const nameBytes = directory.readUInt16LE(at + 28)
    const extraBytes = directory.readUInt16LE(at + 30)
    const commentBytes = directory.readUInt16LE(at + 32)
    entries.push({
      name: directory.toString('utf8', at + 46, at + 46 + nameBytes),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
      offset: directory.readUInt32LE(at + 42),
    })
    at += 46 + nameBytes + extraBytes + commentBytes
  }
  return entries
}

async function extractEntry(file, entry, destination, onBytes = () => {}) {
  const header = await readAt(file, entry.offset, 30)
  if (header.readUInt32LE(0) !== localSignature) throw new Error(`The zip file is damaged before ${entry.name}.`)
  if (entry.method !== 0 && entry.method !== 8) throw new Error(`${entry.name} is packed by method ${entry.method}; 0 and 8 are read here.`)
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  await mkdir(dirname(destination), { recursive: true })
  const hash = createHash('sha256')
  let crc = 0
  let sizeBytes = 0
  const check = new Transform({
    transform(chunk, _encoding, next) {
      hash.update(chunk)
      crc = crc32(chunk, crc)
      sizeBytes += chunk.length
      onBytes(chunk.length)
      next(null, chunk)
    },
  })
  const stages = [packedChunks(file, start, entry.packedBytes)]
  if (entry.method === 8) stages.push(createInflateRaw({ chunkSize: 1 << 18 }))
  await pipeline(...stages, check, createWriteStream(destination))
  if (crc !== entry.crc || sizeBytes !== entry.sizeBytes) {
    throw new Error(`${entry.name} came out of the zip file damaged: expected ${entry.sizeBytes} bytes, came ${sizeBytes}, or their checksum differs.`)
  }
  return { sizeBytes, sha256: hash.digest('hex') }
}

async function* packedChunks(file, start, packedBytes) {
  const chunkBytes = 1 << 20
  for (let done = 0; done < packedBytes; done += chunkBytes) {
    yield await readAt(file, start + done, Math.min(chunkBytes, packedBytes - done))
  }
}

/** Where a member goes below a folder; refuses names that would leave it. */
export function destinationBelow(folder, name) {
  const target = resolve(folder, name)
  if (target !== resolve(folder) && !target.startsWith(resolve(folder) + sep)) {
    throw new Error(`The zip file holds the name ${JSON.stringify(name)}, which points outside the folder it is unpacked to.`)
  }
  return target
}
