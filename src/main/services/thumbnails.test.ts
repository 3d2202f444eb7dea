import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { decodePicture } from '../dataset/decode'
import { bmp } from '../dataset/test-pictures'
import { Thumbnails } from './thumbnails'

test('a picture that was replaced shows its new thumbnail, one that is gone shows none', async () => {
  const root = await mkdtemp(join(tmpdir(), 'graft-thumbnails-'))
  const thumbnails = new Thumbnails()
  const draw = async (red: number): Promise<void> =>
    writeFile(join(root, 'a.png'), await sharp({ create: { width: 8, height: 8 + red, channels: 3, background: { r: red, g: 0, b: 0 } } }).png().toBuffer())
  const height = async (): Promise<number> => (await sharp((await thumbnails.make(root, 'a.png', 96)).bytes).metadata()).height
  await draw(1)
  const { bytes } = await thumbnails.make(root, 'a.png', 96)
  expect((await thumbnails.make(root, 'a.png', 96)).bytes).toBe(bytes)
  await draw(20)
  expect(await height()).toBe(28)
  await rm(root, { recursive: true })
  await expect(height()).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('kinds that sharp does not read have thumbnails too, and what is damaged has none', async () => {
  const root = await mkdtemp(join(tmpdir(), 'graft-thumbnails-'))
  const thumbnails = new Thumbnails()
  const golden = JSON.parse(await readFile(new URL('../dataset/golden/heic.json', import.meta.url), 'utf8'))
  const files = { 'a.bmp': bmp(40, 30), 'a.heic': Buffer.from(golden.cases[0].file, 'base64') }
  for (const [name, bytes] of Object.entries(files)) {
    await writeFile(join(root, name), bytes)
    const { pixels, width, height } = await decodePicture(bytes)
    const { bytes: shown } = await thumbnails.make(root, name, 96)
    expect(shown.equals(await sharp(pixels, { raw: { width, height, channels: 3 } }).webp({ quality: 80 }).toBuffer())).toBe(true)
    await writeFile(join(root, `cut-${name}`), bytes.subarray(0, bytes.length - 100))
    await expect(thumbnails.make(root, `cut-${name}`, 96)).rejects.toMatchObject({ code: 'UNREADABLE' })
  }
  await rm(root, { recursive: true })
})
