import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { describe, expect, test } from 'vitest'
import { Cancelled } from '../../shared/domain/error'
import { decodePicture } from './decode'
import { PictureRefused, toSetAside } from './picture-refused'
import { pattern, patternPixels, pngThatClaims, STUBS, temporaryFolder } from './test-pictures'

const WIDTH = 7
const HEIGHT = 5
const rgb = patternPixels(WIDTH, HEIGHT, 3)

async function reasonOf(input: Buffer | string): Promise<string> {
  const error: unknown = await decodePicture(input).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return error instanceof PictureRefused ? `${error.code} ${error.reason}` : String(error)
}

describe('pixels', () => {
  test('every lossless format gives back what went in', async () => {
    const source = (): Sharp => pattern(WIDTH, HEIGHT)
    for (const bytes of [
      await source().png().toBuffer(),
      await source().tiff({ compression: 'lzw' }).toBuffer(),
      await source().webp({ lossless: true, exact: true }).toBuffer(),
    ]) {
      const decoded = await decodePicture(bytes)
      expect([decoded.width, decoded.height]).toEqual([WIDTH, HEIGHT])
      expect(decoded.pixels).toEqual(rgb)
    }
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i is applied', async (orientation) => {
    const bytes = await pattern(WIDTH, HEIGHT).withMetadata({ orientation }).png().toBuffer()
    const { pixels, width, height } = await decodePicture(bytes)
    expect([width, height]).toEqual(orientation < 5 ? [WIDTH, HEIGHT] : [HEIGHT, WIDTH])
    // Where the stored pixel for the shown (x, y) lies, from the EXIF specification's table of row 0 and column 0.
    const stored: Readonly<Record<number, (x: number, y: number) => [number, number]>> = {
      1: (x, y) => [x, y],
      2: (x, y) => [WIDTH - 1 - x, y],
      3: (x, y) => [WIDTH - 1 - x, HEIGHT - 1 - y],
      4: (x, y) => [x, HEIGHT - 1 - y],
      5: (x, y) => [y, x],
      6: (x, y) => [y, HEIGHT - 1 - x],
      7: (x, y) => [WIDTH - 1 - y, HEIGHT - 1 - x],
      8: (x, y) => [WIDTH - 1 - y, x],
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [fromX, fromY] = stored[orientation]?.(x, y) ?? [-1, -1]
        const at = (fromY * WIDTH + fromX) * 3
        expect(pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)).toEqual(rgb.subarray(at, at + 3))
      }
    }
  })

  test('grey becomes three equal channels', async () => {
    const grey = patternPixels(WIDTH, HEIGHT, 1)
    const { pixels } = await decodePicture(await pattern(WIDTH, HEIGHT, 1).toColourspace('b-w').png().toBuffer())
    expect(pixels).toEqual(new Uint8Array([...grey].flatMap((value) => [value, value, value])))
  })

  test('alpha is dropped, not blended', async () => {
    const rgba = patternPixels(WIDTH, HEIGHT, 4)
    const { pixels } = await decodePicture(await pattern(WIDTH, HEIGHT, 4).png().toBuffer())
    expect(pixels).toEqual(new Uint8Array([...rgba].filter((_, index) => index % 4 !== 3)))
    const invisible = await sharp({ create: { width: 2, height: 2, channels: 4, background: { r: 200, g: 30, b: 90, alpha: 0 } } })
      .png()
      .toBuffer()
    expect([...(await decodePicture(invisible)).pixels.subarray(0, 3)]).toEqual([200, 30, 90])
  })

  test('16 bits are scaled to 8', async () => {
    const values = new Uint16Array([0, 256, 257, 65535, 32768, 32896, 1000, 511, 512])
    const sixteen = await sharp(values, { raw: { width: 3, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer()
    expect((await sharp(sixteen).metadata()).depth).toBe('ushort')
    expect([...(await decodePicture(sixteen)).pixels]).toEqual([...values].map((value) => value >> 8))
  })

  test('CMYK by the formula white less black less ink', async () => {
    const cmyk = await pattern(16, 16).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer()
    const inks = await sharp(cmyk, { ignoreIcc: true }).pipelineColourspace('cmyk').toColourspace('cmyk').raw().toBuffer()
    const { pixels } = await decodePicture(cmyk)
    expect(pixels.length).toBe(16 * 16 * 3)
    for (let i = 0; i < 256; i++) {
      for (let ink = 0; ink < 3; ink++) {
        const expected = (255 - (inks[i * 4 + 3] ?? 0)) * (1 - (inks[i * 4 + ink] ?? 0) / 255)
        expect(Math.abs((pixels[i * 3 + ink] ?? NaN) - expected)).toBeLessThan(1)
      }
    }
    expect((await decodePicture(await pattern(16, 16).toColourspace('cmyk').jpeg().toBuffer())).pixels.length).toBe(16 * 16 * 3)
  })

  test('an embedded profile is not applied', async () => {
    const source = (): Sharp => sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 255, g: 100, b: 20 } } })
    const profiled = await source().withIccProfile('p3').png().toBuffer()
    expect((await sharp(profiled).metadata()).hasProfile).toBe(true)
    const applied = await sharp(profiled).raw().toBuffer()
    const ignored = (await decodePicture(profiled)).pixels
    expect(Buffer.compare(applied, ignored)).not.toBe(0)
    expect([...ignored.subarray(0, 3)]).toEqual([...(await sharp(profiled, { ignoreIcc: true }).raw().toBuffer()).subarray(0, 3)])
  })

  test('the first frame of an animation', async () => {
    const frame = (r: number): Promise<Buffer> =>
      sharp({ create: { width: 6, height: 4, channels: 3, background: { r, g: 0, b: 0 } } })
        .png()
        .toBuffer()
    const animation = sharp([await frame(255), await frame(0)], { join: { animated: true } })
    for (const bytes of [await animation.clone().gif().toBuffer(), await animation.clone().webp({ lossless: true }).toBuffer()]) {
      const { pixels, width, height } = await decodePicture(bytes)
      expect([width, height, ...pixels.subarray(0, 3)]).toEqual([6, 4, 255, 0, 0])
    }
  })
})

describe('refusals', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('a cut %s', async (format) => {
    const bytes = await pattern(64, 48)[format]().toBuffer()
    for (const length of [30, bytes.length >> 1, bytes.length - 12])
      expect(await reasonOf(bytes.subarray(0, length))).toBe('UNREADABLE truncated')
  })

  test('damage that the container does not show', async () => {
    const png = await pattern(64, 48).png().toBuffer()
    png.fill(0x5a, png.length >> 1, (png.length >> 1) + 40)
    expect(await reasonOf(png)).toBe('UNREADABLE corrupt')
  })

  test('limits, kinds that are not allowed, nothing at all', async () => {
    expect(await reasonOf(await pngThatClaims(15_000, 15_000))).toBe('UNREADABLE too-large')
    expect(await reasonOf(await pngThatClaims(30_000, 10))).toBe('UNREADABLE too-large')
    expect(await reasonOf(STUBS.svg)).toBe('UNREADABLE unsupported-format')
    expect(await reasonOf(STUBS.html)).toBe('UNREADABLE not-a-picture')
    expect(await reasonOf(Buffer.alloc(0))).toBe('UNREADABLE empty-file')
  })

  test('a path: read, missing, cancelled', async () => {
    const path = join(await temporaryFolder(), 'x.png')
    await writeFile(path, await pattern(WIDTH, HEIGHT).png().toBuffer())
    expect((await decodePicture(path)).pixels).toEqual(rgb)
    await expect(decodePicture(path, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Cancelled)
    const missing: unknown = await decodePicture(`${path}.gone`).catch((error: unknown) => error)
    expect(toSetAside('x', missing)).toMatchObject({ reason: 'unreadable', message: 'The file has vanished.' })
    expect(() => toSetAside('x', new TypeError('a defect'))).toThrow('a defect')
  })
})
