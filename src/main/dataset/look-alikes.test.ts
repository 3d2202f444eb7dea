import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { findLookAlikes } from './look-alikes'
import { measureDataset } from './measure-dataset'
import { scanDataset } from './scan'
import { havePhotographs, jpeg, PHOTOGRAPHS, temporaryFolder } from './test-pictures'

async function groupsIn(root: string) {
  const scan = await scanDataset(root)
  const alikes = await findLookAlikes(scan.pictures, await measureDataset(scan, { cacheFile: null }))
  const paths = (groups: readonly (readonly number[])[]) => groups.map((group) => group.map((index) => scan.pictures[index]?.path ?? ''))
  return { near: paths(alikes.near), bursts: paths(alikes.bursts), together: paths(alikes.together) }
}

test.skipIf(!havePhotographs)('of real photographs none is like another', async () => {
  expect(await groupsIn(PHOTOGRAPHS)).toEqual({ near: [], bursts: [], together: [] })
})

test.skipIf(!havePhotographs)('changed copies of a photograph are found: resized, recompressed, cropped by 3 %, brighter, darker, grey, blurred', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'a'))
  await mkdir(join(root, 'b'))
  let number = 0
  for (const name of ['dandelion/00000003.jpg', 'grass/00000007.jpg', 'dandelion/00000150.jpg']) {
    const source = join(PHOTOGRAPHS, name)
    const { width, height } = await sharp(source).metadata()
    const inset = { left: Math.round(width * 0.015), top: Math.round(height * 0.015), width: Math.round(width * 0.97), height: Math.round(height * 0.97) }
    const variants = {
      half: sharp(source).resize(Math.round(width / 2)),
      quarter: sharp(source).resize(Math.round(width / 4)).png(),
      rough: sharp(source).jpeg({ quality: 20 }),
      cropped: sharp(source).extract(inset),
      brighter: sharp(source).modulate({ brightness: 1.2 }),
      darker: sharp(source).modulate({ brightness: 0.6 }),
      grey: sharp(source).greyscale(),
      blurred: sharp(source).blur(2),
    }
    const stem = `p${++number}`
    await copyFile(source, join(root, 'a', `${stem}-original.jpg`))
    for (const [variant, image] of Object.entries(variants)) await writeFile(join(root, variant === 'half' ? 'b' : 'a', `${stem}-${variant}`), await image.toBuffer())
  }
  const { near } = await groupsIn(root)
  expect(near.map((group) => group.length)).toEqual([9, 9, 9])
  for (const group of near) expect(new Set(group.map((path) => /p\d/.exec(path)?.[0])).size).toBe(1)
})

test('shots of one camera within two seconds are a burst, and pictures without structure are like nothing', async () => {
  const root = await temporaryFolder()
  await mkdir(join(root, 'a'))
  await mkdir(join(root, 'b'))
  const shot = (colour: number, camera: string, time: string) =>
    sharp({ create: { width: 64, height: 48, channels: 3, background: { r: colour, g: colour, b: colour } } })
      .withExif({ IFD0: { Make: 'Maker', Model: camera }, IFD2: { DateTimeOriginal: time } })
      .jpeg()
      .toBuffer()
  await writeFile(join(root, 'a', 'one.jpg'), await shot(10, 'X1', '2024:05:01 12:30:00'))
  await writeFile(join(root, 'a', 'two.jpg'), await shot(80, 'X1', '2024:05:01 12:30:02'))
  await writeFile(join(root, 'a', 'later.jpg'), await shot(120, 'X1', '2024:05:01 12:30:09'))
  await writeFile(join(root, 'b', 'other.jpg'), await shot(200, 'X2', '2024:05:01 12:30:01'))
  await writeFile(join(root, 'b', 'pattern.jpg'), await jpeg(3, 64, 64))
  expect(await groupsIn(root)).toEqual({ near: [], bursts: [['a/one.jpg', 'a/two.jpg']], together: [['a/one.jpg', 'a/two.jpg']] })
})
