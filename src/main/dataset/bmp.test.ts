import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { bmpReachesItsEnd, decodeBmp, looksLikeBmp, readBmpHeader } from './bmp'
import { decodePicture } from './decode'
import { PictureRefused } from './picture-refused'

const base64 = z.string().transform((text) => Buffer.from(text, 'base64'))
const goldenSchema = z.object({
  madeWith: z.string(),
  cases: z.array(z.object({ name: z.string(), file: base64, width: z.int(), height: z.int(), pixels: base64 })),
})
// Made by scripts/golden/make-bmp.py.
const { cases } = goldenSchema.parse(JSON.parse(readFileSync(new URL('golden/bmp.json', import.meta.url), 'utf8')))
const caseNamed = (name: string) => Buffer.from(cases.find((one) => one.name === name)!.file)

test.each(cases)('as Pillow: $name', async ({ file, width, height, pixels }) => {
  expect(looksLikeBmp(file)).toBe(true)
  expect(bmpReachesItsEnd(file)).toBe(true)
  const decoded = await decodePicture(file)
  expect([decoded.width, decoded.height]).toEqual([width, height])
  expect(Buffer.from(decoded.pixels).equals(pixels)).toBe(true)
})

test.each(cases)('every cut of: $name', ({ name, file, pixels }) => {
  for (let length = 18; length < file.length; length++) {
    const bytes = file.subarray(0, length)
    let decoded: Uint8Array | null = null
    try {
      decoded = decodeBmp(bytes).pixels
    } catch (error) {
      expect(error, name).toBeInstanceOf(PictureRefused)
      expect(error).toMatchObject({ reason: 'truncated' })
    }
    expect(bmpReachesItsEnd(bytes)).toBe(decoded !== null)
    // What is left out at the end is the last row's filling or the mark of the end, and nothing of the picture.
    if (decoded !== null) expect(Buffer.from(decoded).equals(pixels), `${name} cut at ${length}`).toBe(true)
  }
})

describe('what Pillow does not read, or reads wrongly', () => {
  test('rows that end with the bitmap keep the first colour', () => {
    const bytes = caseNamed('8 bits, run lengths')
    const { pixelOffset, paletteOffset } = readBmpHeader(bytes)
    const early = Buffer.concat([bytes.subarray(0, pixelOffset), Buffer.from([2, 5, 0, 1])])
    const { pixels } = decodeBmp(early)
    const colour = (index: number): number[] => [2, 1, 0].map((channel) => bytes[paletteOffset + index * 4 + channel]!)
    expect([...pixels.subarray(4 * 7 * 3, 4 * 7 * 3 + 9)]).toEqual([...colour(5), ...colour(5), ...colour(0)])
    expect([...pixels.subarray(0, 3)]).toEqual(colour(0))
  })

  test('2 bits, and masks of other widths', () => {
    const two = caseNamed('4 bits')
    two.writeUInt16LE(2, 28)
    const { palette, indices } = { palette: readBmpHeader(two).paletteOffset, indices: two[two.readUInt32LE(10)]! }
    const first = [2, 1, 0].map((channel) => two[palette + (indices >> 6) * 4 + channel])
    expect([...decodeBmp(two).pixels.subarray(4 * 7 * 3, 4 * 7 * 3 + 3)]).toEqual(first)

    const ten = caseNamed('32 bits, masks ff 00ff00 ff0000 ff000000'.replace('00ff00', 'ff00'))
    ;[0x3ff00000, 0xffc00, 0x3ff].forEach((mask, index) => ten.writeUInt32LE(mask, 54 + index * 4))
    const offset = ten.readUInt32LE(10)
    ten.writeUInt32LE((1023 << 20) | (512 << 10) | 3, offset)
    expect([...decodeBmp(ten).pixels.subarray(4 * 7 * 3, 4 * 7 * 3 + 3)]).toEqual([255, 127, 0])
  })
})

describe('headers that lie', () => {
  const change = (name: string, edit: (bytes: Buffer) => void): unknown => {
    const bytes = caseNamed(name)
    edit(bytes)
    try {
      decodeBmp(bytes)
    } catch (error) {
      return error
    }
    return null
  }
  test.each<[string, string, (bytes: Buffer) => void, string]>([
    ['nothing wide', '24 bits, header of 40', (bytes) => bytes.writeInt32LE(0, 18), 'corrupt'],
    ['a width below nothing', '24 bits, header of 40', (bytes) => bytes.writeInt32LE(-7, 18), 'corrupt'],
    ['a width of gigabytes', '24 bits, header of 40', (bytes) => bytes.writeInt32LE(0x7fffffff, 18), 'too-large'],
    ['the lowest height', '24 bits, header of 40', (bytes) => bytes.writeInt32LE(-0x80000000, 22), 'too-large'],
    ['more pixels than the limit', '8 bits, run lengths', (bytes) => (bytes.writeInt32LE(11_000, 18), bytes.writeInt32LE(10_000, 22)), 'too-large'],
    ['more rows than there are', '24 bits, header of 40', (bytes) => bytes.writeInt32LE(6, 22), 'truncated'],
    ['more rows than run lengths', '8 bits, run lengths', (bytes) => (bytes.writeInt32LE(9000, 22), bytes.fill(0, bytes.length - 1)), 'truncated'],
    ['pixels within the header', '24 bits, header of 40', (bytes) => bytes.writeUInt32LE(20, 10), 'corrupt'],
    ['pixels behind the file', '24 bits, header of 40', (bytes) => bytes.writeUInt32LE(0xfffffff0, 10), 'truncated'],
    ['a colour that the palette lacks', '8 bits, from the top', (bytes) => bytes.writeUInt32LE(3, 46), 'corrupt'],
    ['run lengths from the top', '8 bits, run lengths', (bytes) => bytes.writeInt32LE(-5, 22), 'corrupt'],
    ['a JPEG within', '24 bits, header of 40', (bytes) => bytes.writeUInt32LE(4, 30), 'unsupported-format'],
    ['12 bits a pixel', '24 bits, header of 40', (bytes) => bytes.writeUInt16LE(12, 28), 'unsupported-format'],
    ['a mask with a hole', '16 bits, masks 565, Windows 4', (bytes) => bytes.writeUInt32LE(0xa800, 54), 'unsupported-format'],
    ['a header of another size', '24 bits, header of 40', (bytes) => bytes.writeUInt32LE(41, 14), 'unsupported-format'],
  ])('%s', (_, name, edit, reason) => {
    const error = change(name, edit)
    expect(error).toBeInstanceOf(PictureRefused)
    expect(error).toMatchObject({ reason })
  })

  test('any byte of a header changed gives a picture or a refusal, quickly', () => {
    const seen = new Set<string>()
    for (const { file } of cases) {
      for (let at = 10; at < 70; at++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const bytes = Buffer.from(file)
          if (at >= bytes.length) continue
          bytes[at] = value
          try {
            const { pixels, width, height } = decodeBmp(bytes)
            expect(pixels.length).toBe(width * height * 3)
            seen.add('read')
          } catch (error) {
            if (!(error instanceof PictureRefused)) throw error
            seen.add(error.reason)
          }
        }
      }
    }
    expect([...seen].sort()).toEqual(['corrupt', 'read', 'too-large', 'truncated', 'unsupported-format'])
  })
})
