import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSafetensors } from '../../engine/formats/safetensors'
import { runJob } from '../host'
import { drawPictures, makeRun, trainRun, workplace } from '../trained-runs.examples'

test('an export answers as the run does, holds its weights, and is not written over anything', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const run = await makeRun(folder, 'run', root, { epochs: 2, freeze_ratio: 1, learning_rate: 0.01 })
  await trainRun(run, false).result

  const directory = join(folder, 'exported')
  const job = { kind: 'export', runDirectory: run.directory, checkpoint: 'best', directory } as const
  const report = await runJob<'export'>(job).result
  expect(report.parity).toMatchObject({ split: 'test', pictures: 4, agreement: 1 })
  expect(report.parity.largestDifference).toBeLessThanOrEqual(1e-6)
  expect((await readdir(directory)).sort()).toEqual(['example.py', 'labels.txt', 'model_info.json', 'preprocessing.json', 'saved_model', 'weights.safetensors'])
  expect(await readFile(join(directory, 'labels.txt'), 'utf8')).toBe('blue\nred\n')
  expect(JSON.parse(await readFile(join(directory, 'model_info.json'), 'utf8'))).toMatchObject({ backbone: 'mobilenet_v3_small', num_classes: 2, image_size: 64, labels: ['blue', 'red'] })
  const best = await run.readCheckpoint('best')
  const exported = readSafetensors(await readFile(join(directory, 'weights.safetensors'))).tensors
  expect([...exported.keys()]).toEqual([...readSafetensors(best?.weights ?? new Uint8Array()).tensors.keys()])

  const paths = [join(root, 'blue', '0.png'), join(root, 'red', '3.png')]
  const ask = (source: Parameters<typeof runJob<'predict'>>[0]['source']) => runJob<'predict'>({ kind: 'predict', source, paths, topK: 2 }).result
  const fromRun = await ask({ kind: 'run', directory: run.directory, checkpoint: 'best' })
  const fromExport = await ask({ kind: 'export', directory })
  fromExport.pictures.forEach((picture, i) => {
    picture.top.forEach(({ label, probability }, rank) => {
      expect(label).toBe(fromRun.pictures[i]?.top[rank]?.label)
      expect(Math.abs(probability - (fromRun.pictures[i]?.top[rank]?.probability ?? NaN))).toBeLessThanOrEqual(1e-6)
    })
  })

  await expect(runJob<'export'>(job).result).rejects.toThrow(/not empty/)
}, 120_000)

test('an export without its pictures is refused, and a picture that cannot be read is told', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const run = await makeRun(folder, 'run', root, { epochs: 1, freeze_ratio: 1 })
  await trainRun(run, false).result
  await writeFile(join(root, 'broken.jpg'), 'no picture')
  const source = { kind: 'run', directory: run.directory, checkpoint: 'latest' } as const
  const { pictures } = await runJob<'predict'>({ kind: 'predict', source, paths: [join(root, 'broken.jpg'), join(root, 'red', '1.png')], topK: 1 }).result
  expect(pictures[0]).toMatchObject({ top: [], failure: { code: expect.any(String) } })
  expect(pictures[1]?.top).toHaveLength(1)

  await rm(root, { recursive: true })
  await rm(join(folder, 'pictures'), { recursive: true })
  const job = { kind: 'export', runDirectory: run.directory, checkpoint: 'best', directory: join(folder, 'exported') } as const
  await expect(runJob<'export'>(job).result).rejects.toThrow(/cannot be checked/)
  expect(await readdir(folder)).not.toContain('exported')
}, 120_000)
