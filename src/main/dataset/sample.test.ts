import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { findFindings } from './health'
import { makeSampleDataset } from './sample'
import { scanDataset } from './scan'
import { splitDataset } from './split'
import { temporaryFolder } from './test-pictures'

async function hashes(root: string): Promise<string[]> {
  const scan = await scanDataset(root)
  return scan.pictures.map((picture) => `${picture.path} ${picture.sha256}`)
}

test('a healthy dataset, the same for the same seed, drawn once', async () => {
  const parent = await temporaryFolder()
  const root = join(parent, 'leaves')
  const reports: [number, number][] = []
  expect(await makeSampleDataset(root, { perClass: 4, onProgress: (done, total) => reports.push([done, total]) })).toBe(root)
  expect(reports.at(-1)).toEqual([12, 12])
  const scan = await scanDataset(root)
  expect(scan.classes).toEqual(['healthy', 'spotted', 'wilted'])
  expect(scan.pictures.map(({ classIndex }) => classIndex)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
  for (const picture of scan.pictures) expect(picture).toMatchObject({ format: 'jpeg', width: 320, height: 240 })
  expect(findFindings(scan, splitDataset(scan, { train: 0.5, val: 0.25, test: 0.25 }, 1)).map((finding) => finding.kind)).toEqual([
    'few-pictures',
  ])
  expect(new Set(scan.pictures.map((picture) => picture.sha256)).size).toBe(12)

  const again = await makeSampleDataset(join(parent, 'again'), { perClass: 4 })
  expect(await hashes(again)).toEqual(await hashes(root))
  const fewer = await makeSampleDataset(join(parent, 'fewer'), { perClass: 2 })
  expect((await hashes(root)).filter((line) => /-00[12]\./.test(line))).toEqual(await hashes(fewer))
  const other = await makeSampleDataset(join(parent, 'other'), { perClass: 1, seed: 2 })
  expect(
    createHash('sha256')
      .update(await readFile(join(other, 'healthy/healthy-001.jpg')))
      .digest('hex'),
  ).not.toBe(scan.pictures[0]?.sha256)

  const before = (await stat(join(root, 'healthy/healthy-001.jpg'))).mtimeMs
  await makeSampleDataset(root, { perClass: 9 })
  expect((await stat(join(root, 'healthy/healthy-001.jpg'))).mtimeMs).toBe(before)
  expect((await readdir(parent)).sort()).toEqual(['again', 'fewer', 'leaves', 'other'])
})

test('cancelling or a wrong number leaves nothing behind', async () => {
  const parent = await temporaryFolder()
  const controller = new AbortController()
  const drawing = makeSampleDataset(join(parent, 'x'), { perClass: 10, signal: controller.signal, onProgress: () => controller.abort() })
  await expect(drawing).rejects.toBeInstanceOf(Cancelled)
  await expect(makeSampleDataset(join(parent, 'x'), { perClass: 0 })).rejects.toBeInstanceOf(GraftError)
  expect(await readdir(parent)).toEqual([])
})
