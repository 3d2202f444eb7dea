import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FULL_CONFIDENCE } from '../../shared/domain/epoch-answers'
import { runConfigSchema } from '../../shared/domain/run-config'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord } from '../storage/run-folder.examples'
import { EpochAnswersService } from './epoch-answers'

const entry = (path: string, classIndex: number, split: 'train' | 'val') => ({ path, classIndex, split, sizeBytes: 1, sha256: path })

async function running() {
  const base = await mkdtemp(join(tmpdir(), 'graft-epoch-answers-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const manifest = { ...exampleManifest(), pictures: [entry('t.png', 0, 'train'), entry('v1.png', 0, 'val'), entry('v2.png', 1, 'val'), entry('v3.png', 1, 'val')] }
  const folder = await RunFolder.create(join(base, 'run'), { record: exampleRecord(), config: runConfigSchema.parse({}), manifest })
  const keep = (paths: string[], epoch: number, predictions: number[]) =>
    folder.writeEpochAnswers(paths, epoch, { predictions: Uint16Array.from(predictions), confidences: Uint16Array.from(predictions, (_, index) => FULL_CONFIDENCE - index) })
  return { folder, manifest, keep, service: new EpochAnswersService({ folder: async () => folder }) }
}

test('what is asked for while the run goes on is of its validation pictures, page by page', async () => {
  const { keep, service } = await running()
  const paths = ['v1.png', 'v2.png', 'v3.png']
  expect(await service.pictures({ runId: 'r', epoch: 1 })).toEqual({ is_known: false, changes: null, total: 0, pictures: [] })
  await keep(paths, 1, [1, 0, 1])
  await keep(paths, 2, [0, 1, 0])
  const second = await service.pictures({ runId: 'r', epoch: 2, limit: 2 })
  expect(second).toMatchObject({ is_known: true, changes: { right_to_wrong: 1, wrong_to_right: 2, wrong_otherwise: 0 }, total: 3 })
  expect(second.pictures.map(({ path }) => path)).toEqual(['v1.png', 'v2.png'])
  expect((await service.pictures({ runId: 'r', epoch: 2, offset: 2, limit: 2 })).pictures.map(({ path }) => path)).toEqual(['v3.png'])
  expect((await service.pictures({ runId: 'r', epoch: 1, cell: { truth: 1, prediction: 0 } })).pictures).toMatchObject([{ path: 'v2.png', before: null }])
})

test('a picture that is set aside before training is not in the answers, and none is taken for another', async () => {
  const { folder, manifest, keep, service } = await running()
  await service.pictures({ runId: 'r', epoch: 1 })
  await folder.writeManifest({ ...manifest, pictures: manifest.pictures.filter(({ path }) => path !== 'v2.png') })
  await keep(['v1.png', 'v3.png'], 1, [0, 0])
  expect((await service.pictures({ runId: 'r', epoch: 1, cell: { truth: 1, prediction: 0 } })).pictures.map(({ path }) => path)).toEqual(['v3.png'])
})
