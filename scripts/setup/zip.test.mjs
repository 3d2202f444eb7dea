import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { destinationBelow, openZip } from './zip.mjs'

let folder
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-zip-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A zip file as other programs write it: stored or deflated members, extra fields, a comment at the end. */
function makeZip(members) {
  const parts = []
  const directory = []
  let offset = 0
  for (const { name, data, packed = true, extraBytes = 0 } of members) {
    const body = packed ? deflateRawSync(data) : data
    const local = Buffer.alloc(30)
    local.writeUInt32LE(0x04034b50, 0)
    local.writeUInt16LE(packed ? 8 : 0, 8)
    local.writeUInt16LE(Buffer.byteLength(name), 26)
    local.writeUInt16LE(extraBytes, 28)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(packed ? 8 : 0, 10)
    central.writeUInt32LE(crc32(data), 16)
    central.writeUInt32LE(body.length, 20)
    central.writeUInt32LE(data.length, 24)
    central.writeUInt16LE(Buffer.byteLength(name), 28)
    central.writeUInt32LE(offset, 42)
    directory.push(central, Buffer.from(name))
    const record = Buffer.concat([local, Buffer.from(name), Buffer.alloc(extraBytes), body])
    parts.push(record)
    offset += record.length
  }
  const central = Buffer.concat(directory)
  const comment = Buffer.from('a comment')
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(members.length, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(offset, 16)
  end.writeUInt16LE(comment.length, 20)
  return Buffer.concat([...parts, central, end, comment])
}

const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7919) & 0xff))

test('members come out whole, packed and stored, with their sha256', async () => {
  const path = join(folder, 'a.zip')
  writeFileSync(path, makeZip([{ name: 'one/large.bin', data: large, extraBytes: 13 }, { name: 'two.txt', data: Buffer.from('plain'), packed: false }]))
  const zip = await openZip(path)
  expect(zip.entries.map(({ name }) => name)).toEqual(['one/large.bin', 'two.txt'])
  const first = await zip.extract(zip.entries[0], join(folder, 'out', 'large.bin'))
  expect(first).toEqual({ sizeBytes: large.length, sha256: createHash('sha256').update(large).digest('hex') })
  expect(readFileSync(join(folder, 'out', 'large.bin')).equals(large)).toBe(true)
  await zip.extract(zip.entries[1], join(folder, 'two.txt'))
  expect(readFileSync(join(folder, 'two.txt'), 'utf8')).toBe('plain')
  await zip.close()
})

test('a cut-off file, a changed byte and a file that is no zip are refused', async () => {
  const path = join(folder, 'a.zip')
  const whole = makeZip([{ name: 'two.txt', data: Buffer.from('plain text'), packed: false }])
  writeFileSync(path, whole.subarray(0, 40))
  await expect(openZip(path)).rejects.toThrow('cut off')
  const changed = Buffer.from(whole)
  changed[38] ^= 1
  writeFileSync(path, changed)
  const zip = await openZip(path)
  await expect(zip.extract(zip.entries[0], join(folder, 'two.txt'))).rejects.toThrow('damaged')
  await zip.close()
})

test('names that leave the folder are refused', () => {
  expect(destinationBelow(folder, 'a/b.h')).toBe(join(folder, 'a', 'b.h'))
  for (const name of ['../x', 'a/../../x', '/etc/passwd']) expect(() => destinationBelow(folder, name)).toThrow('outside')
})
