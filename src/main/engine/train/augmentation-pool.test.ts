import { expect, test } from 'vitest'
import { augmentationSchema } from '../../../shared/domain/run-config'
import { formulaPixels } from '../golden/formula'
import { AugmentationPool } from './augmentation-pool'

const SIDE = 24
const COUNT = 17
const augmentation = augmentationSchema.parse({ rotation: 20, hue: 0.1, rand_augment: 2, random_erasing: 0.5 })
const draw = { augmentation, seed: 3, pictureKeys: Array.from({ length: COUNT }, (_, i) => 31 * i), view: 2, side: SIDE }
const colour = [0.4, 0.5, 0.6]

async function augment(pool: AugmentationPool, count = COUNT): Promise<Float32Array> {
  const room = pool.takeRoom(count, SIDE)
  room.pixels.set(formulaPixels(5, count * SIDE * SIDE * 3))
  await pool.augment(room, { ...draw, pictureKeys: draw.pictureKeys.slice(0, count) }, colour)
  const pictures = new Float32Array(room.pictures)
  pool.giveBack(room)
  return pictures
}

test('pictures are the same to the bit in place and on one, two or three threads, in memory that was used before too', async () => {
  const inPlace = await augment(new AugmentationPool(0))
  expect(new Set(inPlace).size).toBeGreaterThan(1000)
  for (const threads of [1, 2, 3]) {
    const pool = new AugmentationPool(threads)
    expect(await augment(pool)).toEqual(inPlace)
    // A smaller batch, then several at once in the same rooms and new ones.
    expect(await augment(pool, 5)).toEqual(inPlace.subarray(0, 5 * SIDE * SIDE * 3))
    expect(await augment(pool, 2)).toEqual(inPlace.subarray(0, 2 * SIDE * SIDE * 3))
    for (const pictures of await Promise.all([augment(pool), augment(pool), augment(pool)])) expect(pictures).toEqual(inPlace)
    await pool.close()
  }
})

test('what a thread throws is the error of the batch, and the next batch is done', async () => {
  const pool = new AugmentationPool(2)
  const expected = await augment(pool)
  const room = pool.takeRoom(COUNT, SIDE)
  // @ts-expect-error a colour that is none
  await expect(pool.augment(room, draw, null)).rejects.toThrow('of null')
  expect(await augment(pool)).toEqual(expected)
  await pool.close()
})

test('a closed pool rejects what is under way', async () => {
  const pool = new AugmentationPool(1)
  const pictures = augment(pool)
  await Promise.all([expect(pictures).rejects.toThrow('ended'), pool.close()])
})
