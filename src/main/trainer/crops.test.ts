import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import type { Manifest } from '../../shared/domain/dataset'
import { augmentationSchema, DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { PictureCache } from '../dataset/picture-cache'
import { type CropBox, writeCrop } from '../dataset/picture-store'
import { scanDataset } from '../dataset/scan'
import { splitDataset } from '../dataset/split'
import { jpeg, pattern, temporaryFolder, writeTree } from '../dataset/test-pictures'
import { compileProgram } from '../engine/compile/program'
import { readGolden } from '../engine/golden/compare'
import { formulaPixels } from '../engine/golden/formula'
import { NetworkSession } from '../engine/runtime/network-session'
import { liveTensorCount } from '../engine/runtime/session'
import { Heads } from '../engine/train/heads'
import { drawCrop } from '../engine/train/random-rectangles'
import { NetworkBuilder } from '../engine/zoo/network'
import { type FiledPictures, pictureSource } from './pictures'

/** torchvision's resized_crop of Pillow pictures; made by scripts/golden/make-augmentation.py. */
const golden = readGolden<{ crops: { pixels: number; width: number; height: number; box: CropBox; side: number; checksum: number }[] }>('augmentation-crops.json')

const SIDE = 32

/** Pictures smaller and larger than what the cache keeps, in their own shapes. */
async function source(): Promise<FiledPictures> {
  const root = await temporaryFolder()
  for (let i = 0; i < 6; i++) {
    await writeTree(root, { [`a/${i}.jpg`]: await jpeg(i, 40 + i * 30, 190 - i * 23), [`b/${i}.png`]: await pattern(33 + i, 70, 3, i).png().toBuffer() })
  }
  const split = splitDataset(await scanDataset(root), { train: 0.8, val: 0.2, test: 0 }, 1)
  const manifest: Manifest = { ...split, pictures: split.pictures.map((entry) => ({ ...entry, split: 'train' })) }
  const store = await new PictureCache({ directory: await temporaryFolder() }).load(manifest.pictures, SIDE, { root })
  return pictureSource(manifest, store, 'train')
}

async function withHeads<T>(pictures: FiledPictures, parts: Parameters<typeof augmentationSchema.parse>[0], work: (heads: Heads, session: NetworkSession) => Promise<T>): Promise<T> {
  const net = new NetworkBuilder()
  const pooled = net.globalAveragePool(net.conv('conv', 'input', { in: 3, out: 2, kernel: 1 }))
  const network = net.build(pooled, net.linear('fc', pooled, 2, 2))
  const rest = { trained: null, optimizer: 'sgd', optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false } } as const
  const session = new NetworkSession(compileProgram({ network, imageSize: SIDE, preprocessing: { mean: [0.5, 0.5, 0.5], std: [1, 1, 1] }, cut: 'input', ...rest }))
  const config = { ...DEFAULT_RUN_CONFIG, image_size: SIDE, augmentation: augmentationSchema.parse(parts) }
  const heads = new Heads(pictures, { session, network, cut: 'input', config, featureBudgetBytes: 0, featureDirectory: '' })
  try {
    return await work(heads, session)
  } finally {
    heads.close()
    session.close()
    expect(liveTensorCount()).toBe(0)
  }
}

/** What the network is shown of these pictures. */
async function shown(heads: Heads, session: NetworkSession, indices: readonly number[], view: number): Promise<Float32Array[]> {
  const { feed } = await heads.batch(indices, view)
  const values = 'id' in feed ? session.read(feed) : feed.data
  if (!(values instanceof Float32Array)) throw new Error('expected pictures in 0…1')
  const size = SIDE * SIDE * 3
  return indices.map((_, row) => values.slice(row * size, (row + 1) * size))
}

test.each(golden.crops)('a part of $width × $height, resized to $side, is Pillow’s to the bit', ({ pixels, width, height, box, side, checksum }) => {
  const out = new Uint8Array(side * side * 3)
  writeCrop({ pixels: formulaPixels(pixels, width * height * 3), width, height }, box, side, out)
  expect(crc32(out)).toBe(checksum)
})

test('a crop of everything of a picture that is kept as it is, is the plain picture', async () => {
  const pictures = await source()
  const [plain, whole] = [new Uint8Array(SIDE * SIDE * 3), new Uint8Array(SIDE * SIDE * 3)]
  let same = 0
  for (let index = 0; index < pictures.count; index++) {
    let isKept = false
    await pictures.read(index, plain, 0)
    await pictures.readCrop(index, (size) => {
      isKept = Math.min(size.width, size.height) < 2 * SIDE
      expect(Math.min(size.width, size.height)).toBeLessThanOrEqual(2 * SIDE)
      return { left: 0, top: 0, ...size }
    }, whole, 0)
    if (isKept) same++
    // Where the picture is kept smaller, it has been resized twice.
    const furthest = Math.max(...plain.map((value, i) => Math.abs(value - (whole[i] ?? NaN))))
    expect(furthest, pictures.paths[index]).toBeLessThanOrEqual(isKept ? 0 : 24)
  }
  expect(same).toBeGreaterThan(5)
  expect(same).toBeLessThan(pictures.count)
})

const EVERYTHING = { random_resized_crop: true, rotation: 20, translate: 0.1, scale: [0.8, 1.2], shear: 5, rand_augment: 2, random_erasing: 0.5, hue: 0 }

test('a view of a picture is the same in whatever batch it comes, with every part on', async () => {
  // The order of the colours is drawn for a batch.
  const parts = { ...EVERYTHING, contrast: 0, saturation: 0 }
  await withHeads(await source(), parts, async (heads, session) => {
    const [first, second, third] = await shown(heads, session, [3, 7, 5], 2)
    const again = await shown(heads, session, [5, 1, 3, 9, 7], 2)
    expect([again[2], again[4], again[0]]).toEqual([first, second, third])
    const [other] = await shown(heads, session, [3], 1)
    expect(other).not.toEqual(first)
  })
})

test('with random resized crop alone a view is the part that was drawn for it', async () => {
  const parts = { horizontal_flip: 0, rotation: 0, brightness: 0, contrast: 0, saturation: 0, random_resized_crop: true }
  const pictures = await source()
  await withHeads(pictures, parts, async (heads, session) => {
    const views = await shown(heads, session, [0, 5, 9], 3)
    for (const [row, index] of [0, 5, 9].entries()) {
      const part = new Uint8Array(SIDE * SIDE * 3)
      const key = pictures.keys[index] ?? NaN
      await pictures.readCrop(index, (size) => drawCrop(augmentationSchema.parse(parts), DEFAULT_RUN_CONFIG.seed, key, 3, size), part, 0)
      expect(views[row]?.map((value) => Math.round(value * 255))).toEqual(Float32Array.from(part))
    }
  })
})

test('the plain view knows nothing of any of it', async () => {
  const pictures = await source()
  const plain = await withHeads(pictures, { horizontal_flip: 0, rotation: 0 }, (heads, session) => shown(heads, session, [0, 1, 2, 3], 0))
  expect(await withHeads(pictures, EVERYTHING, (heads, session) => shown(heads, session, [0, 1, 2, 3], 0))).toEqual(plain)
})

test('with every amount at 0 a view is the plain picture', async () => {
  const off = { horizontal_flip: 0, rotation: 0, brightness: 0, contrast: 0, saturation: 0 }
  const still = { ...off, rand_augment: 3, rand_augment_magnitude: 0, random_erasing: 0, scale: [1, 1] }
  const pictures = await source()
  await withHeads(pictures, off, async (heads, session) => {
    expect(await shown(heads, session, [0, 1, 2], 4)).toEqual(await shown(heads, session, [0, 1, 2], 0))
  })
  // What RandAugment does at a strength of 0 is all it does: it spreads levels, if that is drawn.
  await withHeads(pictures, still, async (heads, session) => {
    const indices = Array.from({ length: pictures.count }, (_, i) => i)
    const [views, plain] = [await shown(heads, session, indices, 1), await shown(heads, session, indices, 0)]
    expect(views.filter((view, i) => plain[i] && view.every((value, at) => value === plain[i]?.[at])).length).toBeGreaterThan(pictures.count / 3)
  })
})
