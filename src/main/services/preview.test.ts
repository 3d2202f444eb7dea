import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PREVIEW_VIEWS } from '../../shared/domain/preview'
import { decodePicture } from '../dataset/decode'
import { resizeBilinearAntialiased } from '../dataset/resize'
import { jpeg } from '../dataset/test-pictures'
import { placesFrom } from './places'
import { createStudio } from './studio'

const base = await mkdtemp(join(tmpdir(), 'graft-preview-'))
process.env['GRAFT_PICTURE_CACHE_DIR'] = join(base, 'pictures-cache')
const studio = createStudio({ door: 'served', roots: [base], version: '0.0.0', places: placesFrom(join(base, 'data'), join(base, 'cache')), trainerPath: join(base, 'none.js'), installation: base })
let datasetId = ''
let path = ''

beforeAll(async () => {
  for (const name of ['ripe', 'green']) {
    await mkdir(join(base, 'pictures', name), { recursive: true })
    for (let number = 0; number < 8; number++) await writeFile(join(base, 'pictures', name, `${number}.jpg`), await jpeg(number + (name === 'ripe' ? 20 : 0), 320 + 10 * number, 240))
  }
  for await (const item of studio.datasets.open({ path: join(base, 'pictures') })) if (item.kind === 'done') datasetId = item.result.datasetId
  path = (await studio.datasets.pictures({ datasetId, split: 'train' })).pictures[3]?.path ?? ''
})
afterAll(async () => {
  await studio.close()
  await rm(base, { recursive: true, force: true })
})

const views = (config: object = {}, signal?: AbortSignal) => studio.previews.views({ datasetId, path, preset: 'balanced', config: { weights: 'none', ...config } }, signal)
const pixels = async (image: string) => sharp(Buffer.from(image, 'base64')).raw().toBuffer({ resolveWithObject: true })

test('nine views, the plain picture as evaluation has it, and the ways to a square', async () => {
  const preview = await views()
  expect(preview.tiles.map(({ view, epoch }) => [view, epoch])).toEqual(Array.from({ length: PREVIEW_VIEWS }, (_, index) => [index + 1, index + 1]))
  expect(new Set(preview.tiles.map(({ image }) => image)).size).toBe(PREVIEW_VIEWS)
  const original = await decodePicture(join(base, 'pictures', path))
  expect([preview.width, preview.height, preview.side]).toEqual([original.width, original.height, 224])
  const { data, info } = await pixels(preview.squash)
  expect([info.width, info.height, info.channels]).toEqual([224, 224, 3])
  expect(Buffer.compare(data, resizeBilinearAntialiased(original.pixels, original.width, original.height, 224, 224))).toBe(0)
  // Bars above and below, none beside.
  const bars = (await pixels(preview.letterbox)).data
  expect([...bars.subarray(0, 3)]).toEqual([114, 114, 114])
  expect(preview.crop).not.toBe(preview.squash)
})

test('a run without augmentation has none; one of three views says which are its own', async () => {
  expect((await views({ augment: false })).tiles).toEqual([])
  const few = await views({ views: 3 })
  expect(few.runViews).toBe(3)
  expect(few.tiles.map(({ epoch }) => epoch)).toEqual([1, 2, 3, null, null, null, null, null, null])
})

test('blending and cropping are told of each view', async () => {
  const { tiles } = await views({ augmentation: { mixup: 0.4, random_resized_crop: true, crop_scale: [0.3, 0.5] } })
  for (const { mix, box } of tiles) {
    expect(mix).toMatchObject({ kind: 'mixup' })
    expect(mix?.path).toMatch(/^(ripe|green)\//)
    expect((box?.width ?? 0) * (box?.height ?? 0)).toBeGreaterThan(0.25)
    expect((box?.width ?? 1) * (box?.height ?? 1)).toBeLessThan(0.55)
  }
})

test('who leaves is answered no more; a picture that there is not is refused', async () => {
  const left = new AbortController()
  const asked = views({ augmentation: { rotation: 33 } }, left.signal)
  left.abort()
  await expect(asked).rejects.toMatchObject({ name: 'Cancelled' })
  await expect(studio.previews.views({ datasetId, path: '../secret.jpg', preset: null, config: {} })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await views()).tiles).toHaveLength(PREVIEW_VIEWS)
})
