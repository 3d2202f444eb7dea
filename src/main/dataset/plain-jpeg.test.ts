import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { JpegOptions } from 'sharp'
import { describe, expect, test } from 'vitest'
import { decodePicture } from './decode'
import { decodePlainJpeg, MAXIMUM_PLAIN_PIXELS, MAXIMUM_PROGRESSIVE_PIXELS } from './plain-jpeg'
import { coefficientJpeg, damagedJpeg, numbersFrom, segment } from './test-jpegs'
import { havePhotographs, pattern, PHOTOGRAPHS } from './test-pictures'

/** 'same' as sharp decodes it; 'left' to sharp. */
async function outcome(bytes: Buffer): Promise<'same' | 'left' | 'other'> {
  const expected = await decodePicture(bytes).catch(() => null)
  const picture = decodePlainJpeg(bytes)
  if (picture === null) return 'left'
  if (expected === null || expected.width !== picture.width || expected.height !== picture.height) return 'other'
  return Buffer.compare(expected.pixels, picture.pixels) === 0 ? 'same' : 'other'
}

const one = [1, 1] as const
const SAMPLINGS = {
  grey: [one],
  'grey with factors': [[2, 2]],
  '4:4:4': [one, one, one],
  '4:2:2': [[2, 1], one, one],
  '4:2:0': [[2, 2], one, one],
  '4:4:0': [[1, 2], one, one],
  '4:1:1': [[4, 1], one, one],
  '4:1:0': [[4, 2], one, one],
  'more colour than light': [one, [2, 2], one],
  'each its own': [
    [2, 2],
    [2, 1],
    [1, 2],
  ],
} as const

describe('the bytes of sharp', () => {
  test.each(Object.entries(SAMPLINGS))('%s, of any size, with restart markers, with sums that overflow', async (_, sampling) => {
    const below = numbersFrom(7)
    for (let round = 0; round < 48; round++) {
      const size = { width: 1 + below(round % 2 === 0 ? 33 : 150), height: 1 + below(round % 2 === 0 ? 33 : 90) }
      const kinds = [{}, { restartInterval: 1 + below(7) }, { largestStep: 255, largestSize: 10 }]
      expect(await outcome(coefficientJpeg({ ...size, sampling, seed: round, ...kinds[round % 3] }))).toBe('same')
    }
  })

  test.each<[string, JpegOptions]>([
    ['baseline', {}],
    ['full chroma', { chromaSubsampling: '4:4:4', quality: 97 }],
    ['coarse', { quality: 3 }],
    ['progressive', { progressive: true }],
    ['progressive, full chroma', { progressive: true, chromaSubsampling: '4:4:4', quality: 95 }],
    ['as mozjpeg writes it', { mozjpeg: true }],
    ['tables of its own', { optimiseCoding: true, quality: 60 }],
  ])('written by an encoder: %s', async (_, options) => {
    for (const [width, height] of [
      [1, 1],
      [2, 3],
      [5, 16],
      [17, 8],
      [64, 64],
      [133, 77],
      [900, 700],
    ] as const) {
      expect(await outcome(await pattern(width, height).jpeg(options).toBuffer())).toBe('same')
      expect(await outcome(await pattern(width, height, 1).toColourspace('b-w').jpeg(options).toBuffer())).toBe('same')
    }
  })

  test('a profile, a comment, what follows the end', async () => {
    expect(await outcome(await pattern(40, 30).withIccProfile('p3').jpeg().toBuffer())).toBe('same')
    const plain = { width: 40, height: 30, sampling: SAMPLINGS['4:2:0'], seed: 1 }
    expect(await outcome(coefficientJpeg({ ...plain, segments: [segment(0xfe, Buffer.from('a comment'))] }))).toBe('same')
    expect(await outcome(Buffer.concat([coefficientJpeg(plain), Buffer.from('a film, say'), coefficientJpeg({ ...plain, seed: 2 })]))).toBe('same')
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i', async (orientation) => {
    expect(await outcome(await pattern(24, 16).withMetadata({ orientation }).jpeg().toBuffer())).toBe(orientation === 1 ? 'same' : 'left')
  })

  test.skipIf(!havePhotographs)('real photographs, nearly all of them', async () => {
    const names = readdirSync(PHOTOGRAPHS, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.jpg'))
    const outcomes = await Promise.all(names.map((name) => outcome(readFileSync(join(PHOTOGRAPHS, name)))))
    expect(outcomes).not.toContain('other')
    expect(outcomes.filter((each) => each === 'same').length).toBeGreaterThan(names.length * 0.95)
  })
})

describe('left to sharp', () => {
  const plain = { width: 40, height: 30, sampling: SAMPLINGS['4:2:0'], seed: 3 }

  test('other colours, other formats, large ones', async () => {
    const adobe = (transform: number) => segment(0xee, [...Buffer.from('Adobe', 'latin1'), 0, 100, 0, 0, 0, 0, transform])
    for (const bytes of [
      await pattern(20, 20).toColourspace('cmyk').jpeg().toBuffer(),
      coefficientJpeg({ ...plain, segments: [adobe(0)] }),
      coefficientJpeg({ ...plain, identifiers: [...'RGB'].map((letter) => letter.charCodeAt(0)) }),
      await pattern(20, 20).png().toBuffer(),
      await pattern(MAXIMUM_PROGRESSIVE_PIXELS / 500 + 1, 500, 1).jpeg({ progressive: true }).toBuffer(),
      await sharp({ create: { width: MAXIMUM_PLAIN_PIXELS / 4000 + 1, height: 4000, channels: 3, background: 'red' } }).jpeg().toBuffer(),
      Buffer.alloc(0),
    ])
      expect(await outcome(bytes)).toBe('left')
    expect(await outcome(coefficientJpeg({ ...plain, segments: [adobe(1)] }))).toBe('same')
  })

  test('a progressive file without its last details, which versions smooth each in their way', async () => {
    const whole = await pattern(64, 48).jpeg({ progressive: true }).toBuffer()
    const lastScan = whole.lastIndexOf(Buffer.from([0xff, 0xc4]))
    expect(lastScan).toBeGreaterThan(0)
    expect(await outcome(Buffer.concat([whole.subarray(0, lastScan), Buffer.from([0xff, 0xd9])]))).toBe('left')
  })

  test('damaged ones; whatever is decoded is as sharp decodes it, and so is the next whole one', async () => {
    const wholes = [
      coefficientJpeg(plain),
      coefficientJpeg({ ...plain, restartInterval: 2 }),
      await pattern(60, 50).withMetadata({ orientation: 1 }).jpeg().toBuffer(),
      await pattern(60, 50).jpeg({ progressive: true }).toBuffer(),
    ]
    const counts = { same: 0, left: 0, other: 0 }
    for (let seed = 0; seed < 1200; seed++) {
      const whole = wholes[seed % wholes.length] ?? Buffer.alloc(0)
      counts[await outcome(damagedJpeg(whole, seed))]++
      if (seed % 40 === 0) expect(await outcome(whole)).toBe('same')
    }
    expect(counts.other).toBe(0)
    expect(counts.left).toBeGreaterThan(600)
    expect(counts.same).toBeGreaterThan(20)
  })
})

test('nothing of a picture stays for the next: a file without tables is not decoded by those of the one before', () => {
  const whole = coefficientJpeg({ width: 16, height: 16, sampling: SAMPLINGS['4:4:4'], seed: 5 })
  expect(decodePlainJpeg(whole)).not.toBeNull()
  const tablesEnd = whole.indexOf(Buffer.from([0xff, 0xc0]))
  expect(decodePlainJpeg(Buffer.concat([whole.subarray(0, 2), whole.subarray(tablesEnd)]))).toBeNull()
})
