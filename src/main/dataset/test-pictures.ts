/** Pictures and folders that the tests of this folder make for themselves. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { onTestFinished } from 'vitest'

/** Real photographs, 200 of each of two classes, where this checkout has them beside it. */
export const PHOTOGRAPHS = resolve(import.meta.dirname, '../../../../shared/data/dandelion-grass')
export const havePhotographs = existsSync(PHOTOGRAPHS)
if (!havePhotographs) console.warn(`SKIPPED: tests on real photographs, because there is no folder ${PHOTOGRAPHS}`)

/** A folder that is deleted after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-dataset-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Whether this process can take another user's place, as root can on Linux. */
export const canBeNobody = process.platform === 'linux' && process.geteuid?.() === 0
if (!canBeNobody) console.warn('SKIPPED: a picture cache that belongs to somebody else (needs root on Linux)')

/** With the rights of a user who owns nothing. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  process.seteuid?.(65534)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

/** Writes a tree of files; the keys are paths with forward slashes. */
export async function writeTree(root: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
}

/**
 * Pixels that any language can make again: gradients with some noise, byte (x, y, channel) =
 * (3x + 2y + 50c + noise) mod 256 where noise is the top 6 bits of the state of a linear congruential generator
 * (state = state * 1664525 + 1013904223 mod 2^32, one step a byte, starting at `seed`).
 */
export function patternPixels(width: number, height: number, channels: number, seed = 1): Uint8Array {
  const pixels = new Uint8Array(width * height * channels)
  let state = seed >>> 0
  let offset = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        pixels[offset++] = 3 * x + 2 * y + 50 * channel + (state >>> 26)
      }
    }
  }
  return pixels
}

/** A sharp pipeline over `patternPixels`. */
export function pattern(width: number, height: number, channels: 1 | 2 | 3 | 4 = 3, seed = 1): Sharp {
  return sharp(patternPixels(width, height, channels, seed), { raw: { width, height, channels } })
}

/** A small JPEG whose bytes depend on the seed. */
export function jpeg(seed = 1, width = 24, height = 16): Promise<Buffer> {
  return pattern(width, height, 3, seed).jpeg({ quality: 90 }).toBuffer()
}

/** The same pixels as `pattern` in a Windows bitmap of 24 bits. */
export function bmp(width: number, height: number, seed = 1): Buffer {
  const rowBytes = Math.ceil((width * 3) / 4) * 4
  const bytes = Buffer.alloc(54 + rowBytes * height)
  bytes.write('BM', 'latin1')
  bytes.writeUInt32LE(bytes.length, 2)
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(24, 28)
  const pixels = patternPixels(width, height, 3, seed)
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < width * 3; i++) bytes[54 + (height - 1 - y) * rowBytes + i - (i % 3) + 2 - (i % 3)] = pixels[y * width * 3 + i] ?? 0
  }
  return bytes
}

/** A PNG whose header claims another size than its pixels have. */
export async function pngThatClaims(width: number, height: number): Promise<Buffer> {
  const bytes = await pattern(8, 8, 1).png().toBuffer()
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29)
  return bytes
}

/** The first bytes of files that are recognised and refused. */
export const STUBS = {
  heic: Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\x00\x00\x00\x00mif1heic', 'latin1'), Buffer.alloc(200)]),
  bmp: Buffer.concat([Buffer.from('BM', 'latin1'), Buffer.from([0x46, 0, 0, 0, 0, 0, 0, 0, 0x36, 0, 0, 0, 40, 0, 0, 0]), Buffer.alloc(60)]),
  svg: Buffer.from('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>\n'),
  html: Buffer.from('<!DOCTYPE html><html><body>404</body></html>'),
  pdf: Buffer.from('%PDF-1.7\n%\u00e2\u00e3'),
  ico: Buffer.concat([Buffer.from([0, 0, 1, 0, 1, 0]), Buffer.alloc(40)]),
  text: Buffer.from('notes about the pictures\nsecond line \u00e9\n'),
  mp4: Buffer.concat([Buffer.from([0, 0, 0, 20]), Buffer.from('ftypisom\x00\x00\x02\x00isom', 'latin1'), Buffer.alloc(64)]),
  webm: Buffer.concat([Buffer.from([0x1a, 0x45, 0xdf, 0xa3]), Buffer.alloc(64)]),
  psd: Buffer.from('8BPS\x00\x01', 'latin1'),
  zip: Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), Buffer.alloc(30)]),
  noise: Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 89 + 7) & 255)),
} as const
