import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
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
