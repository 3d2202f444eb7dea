import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { ImportReport, ImportRequest } from '../../shared/domain/import'
import { writePytorch } from '../engine/formats/pytorch-writer'
import { readSafetensors } from '../engine/formats/safetensors'
import type { TensorMap } from '../engine/formats/tensor-map'
import { formulaWeights } from '../engine/golden/formula'
import { buildNetwork, findBackbone } from '../engine/zoo/registry'
import { drawPictures, lastingWorkplace } from '../trainer/trained-runs.examples'
import { placesFrom } from './places'
import { createStudio } from './studio'

const { folder, leave } = await lastingWorkplace()
const pictures = await drawPictures(folder)
const studio = createStudio({ door: 'served', roots: null, version: '0.0.0', places: placesFrom(join(folder, 'data'), join(folder, 'cache')), installation: folder })

afterAll(async () => {
  await studio.close()
  await leave()
})

/** A model as a script saves it: torchvision's names, a head of its own for two classes. */
function tensorsOf(head: 'linear' | 'mlp' | 'deep', classes = 2): TensorMap {
  return formulaWeights(buildNetwork(findBackbone('mobilenet_v3_small'), { classes, head, dropout: null }), 1.4)
}

async function fileOf(name: string, tensors: TensorMap): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, writePytorch(tensors))
  return path
}

const request = { datasetId: null, name: null, backbone: null, labels: null, imageSize: 64 }

async function imported(input: ImportRequest): Promise<ImportReport> {
  for await (const item of studio.imports.start(input)) {
    if (item.kind === 'done') return item.result
    if (item.kind === 'failed') throw new Error(`${item.failure.code}: ${item.failure.message}`)
  }
  throw new Error('The stream ended without a result')
}

test.each(['linear', 'mlp', 'deep'] as const)('a state dict with a %s head becomes a run with the same numbers', async (head) => {
  const tensors = tensorsOf(head)
  const report = await imported({ ...request, path: await fileOf(`${head}.pth`, tensors) })
  expect(report).toMatchObject({ backbone: 'mobilenet_v3_small', head, classes: ['class 0', 'class 1'], imageSize: 64 })
  const { run, config, checkpoints } = await studio.runs.get({ runId: report.runId })
  expect(run).toMatchObject({ origin: 'imported', status: 'completed', name: head, counts: { train: 0, val: 0, test: 0 } })
  expect(config).toMatchObject({ backbone: 'mobilenet_v3_small', head, image_size: 64 })
  expect(checkpoints.best?.classes).toEqual(['class 0', 'class 1'])
  const written = readSafetensors(await readFile(join(report.directory, 'checkpoints', 'best', 'weights.safetensors'))).tensors
  expect(written.size).toBe(tensors.size)
  for (const [name, { data }] of tensors) expect(written.get(name)?.data, name).toEqual(data)
})

test('with pictures, their folders name the classes and it is evaluated on them', async () => {
  const stream = studio.datasets.open({ path: pictures })
  let datasetId = ''
  for await (const item of stream) if (item.kind === 'done') datasetId = item.result.datasetId
  const { manifest } = studio.datasets.find(datasetId)
  const report = await imported({ ...request, path: await fileOf('named.pth', tensorsOf('linear', manifest.classes.length)), datasetId, name: 'from the lab' })
  expect(report.classes).toEqual(manifest.classes)
  expect(report.notes.join(' ')).toContain('ImageFolder')
  const { run } = await studio.runs.get({ runId: report.runId })
  expect(run.name).toBe('from the lab')
  expect(run.test_accuracy).not.toBeNull()
})

test('as many names as classes are asked for', async () => {
  const path = await fileOf('three.pth', tensorsOf('linear', 3))
  await expect(imported({ ...request, path, labels: ['ant', 'bee'] })).rejects.toThrow(/tells 3 classes apart, but 2 names/)
  expect((await imported({ ...request, path, labels: ['ant', 'bee', 'wasp'] })).classes).toEqual(['ant', 'bee', 'wasp'])
})

test('a file that is no model leaves nothing behind', async () => {
  const runsBefore = await readdir(studio.places.runs)
  const path = join(folder, 'notes.pth')
  await writeFile(path, 'not weights at all')
  await expect(imported({ ...request, path })).rejects.toThrow()
  await expect(imported({ ...request, path: join(folder, 'missing.pth') })).rejects.toThrow()
  expect(await readdir(studio.places.runs)).toEqual(runsBefore)
})

test('a run’s own weights come in again with pictures, through a confined door too; nothing else there does', async () => {
  const confined = createStudio({ door: 'served', roots: [pictures], version: '0.0.0', places: studio.places, installation: folder })
  const bare = await imported({ ...request, path: await fileOf('bare.pth', tensorsOf('linear')) })
  let summary: DatasetSummary | null = null
  for await (const item of confined.datasets.open({ path: pictures })) if (item.kind === 'done') summary = item.result
  const weights = join(bare.directory, 'checkpoints', 'best', 'weights.safetensors')
  const again = { ...request, path: weights, datasetId: summary?.datasetId ?? '', labels: summary?.classes.map(({ name }) => name) ?? null }
  const items = []
  for await (const item of confined.imports.start(again)) items.push(item)
  const end = items.at(-1)
  if (end?.kind !== 'done') throw new Error(JSON.stringify(end))
  expect((await confined.runs.get({ runId: end.result.runId })).run.test_accuracy).not.toBeNull()
  const outside = []
  for await (const item of confined.imports.start({ ...request, path: join(folder, 'bare.pth') })) outside.push(item)
  expect(outside.at(-1)).toMatchObject({ kind: 'failed', failure: { code: 'REFUSED' } })
  await confined.close()
})

test('an import that is cancelled while it is evaluated leaves no run', async () => {
  let summary: DatasetSummary | null = null
  for await (const item of studio.datasets.open({ path: pictures })) if (item.kind === 'done') summary = item.result
  const runsNow = async (): Promise<string[]> => (await readdir(studio.places.runs).catch(() => [])).filter((name) => !name.startsWith('.'))
  const before = await runsNow()
  const input = { ...request, path: await fileOf('left.pth', tensorsOf('linear', summary?.classes.length)), datasetId: summary?.datasetId ?? '' }
  for await (const item of studio.imports.start(input)) if (item.kind === 'progress' && (await runsNow()).length > before.length) break
  expect(await runsNow()).toEqual(before)
})
