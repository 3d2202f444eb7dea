import { mkdir, readdir, readFile, rmdir, utimes, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { DatasetSummary } from '../../shared/domain/dataset'
import type { ImportReport, ImportRequest } from '../../shared/domain/import'
import { writePytorch } from '../engine/formats/pytorch-writer'
import { readSafetensors, writeSafetensors } from '../engine/formats/safetensors'
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
  const before = await readdir(studio.places.runs)
  const input = { ...request, path: await fileOf('left.pth', tensorsOf('linear', summary?.classes.length)), datasetId: summary?.datasetId ?? '' }
  let wasSeen = false
  for await (const item of studio.imports.start(input)) {
    wasSeen ||= item.kind === 'progress' && (await readdir(studio.places.runs)).some((name) => !name.startsWith('.') && !before.includes(name))
    if (item.kind === 'progress' && item.message.includes('Evaluating')) break
  }
  expect(wasSeen).toBe(false)
  expect(await readdir(studio.places.runs)).toEqual(before)
})

/** A safetensors file, whose header says what scripts say beside their weights. */
async function saidFile(name: string, header: Record<string, string>, tensors = tensorsOf('linear')): Promise<string> {
  const path = join(folder, name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, writeSafetensors(tensors, header))
  return path
}

async function openPictures(): Promise<string> {
  for await (const item of studio.datasets.open({ path: pictures })) if (item.kind === 'done') return item.result.datasetId
  throw new Error('The pictures could not be opened')
}

test('a normalisation of no use is refused and leaves nothing, one for bytes is divided', async () => {
  const before = await readdir(studio.places.runs)
  for (const std of ['[0,1,1]', '[-1,1,1]']) {
    await expect(imported({ ...request, path: await saidFile('bad.safetensors', { mean: '[0.5,0.5,0.5]', std }) })).rejects.toThrow(/BAD_INPUT: Expected of bad\.safetensors a mean/)
  }
  expect(await readdir(studio.places.runs)).toEqual(before)
  const report = await imported({ ...request, path: await saidFile('bytes.safetensors', { mean: '[127.5,127.5,127.5]', std: '[51,51,51]' }) })
  expect(report.notes.join(' ')).toContain('divided by 255')
  const { checkpoints } = await studio.runs.get({ runId: report.runId })
  expect(checkpoints.best?.preprocessing).toMatchObject({ mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] })
})

test('class names: of several lists the fitting one; where none fits, both counts', async () => {
  const fitting = await saidFile('two-lists.safetensors', { classes: '["a","b","c"]', label_map: '{"ant":0,"bee":1}' })
  expect((await imported({ ...request, path: fitting })).classes).toEqual(['ant', 'bee'])
  const none = await saidFile('three.safetensors', { classes: '["a","b","c"]' })
  await expect(imported({ ...request, path: none })).rejects.toThrow(/MISMATCH: three\.safetensors has 2 outputs.*the file has 3 \(a, b, c\) names/)
  const report = await imported({ ...request, path: none, datasetId: await openPictures() })
  expect(report.classes).toEqual(['blue', 'red'])
  expect(report.notes.join(' ')).toContain('has 3 (a, b, c) names, so it was not used')
})

test.each([['\u001b[2J', 'has control characters'], [' ', 'is empty']])('a class named %j is refused with its index', async (name, why) => {
  const path = await saidFile('names.safetensors', { classes: JSON.stringify(['ant', name]) })
  await expect(imported({ ...request, path })).rejects.toThrow(new RegExp(`BAD_INPUT: The name of class 1 .*${why}`))
})

test('labels.txt and model_info.json beside the file name its classes', async () => {
  const path = await saidFile('beside/model.safetensors', {})
  await writeFile(join(folder, 'beside', 'labels.txt'), 'bee\nant\n')
  const report = await imported({ ...request, path })
  expect(report.classes).toEqual(['bee', 'ant'])
  expect(report.notes.join(' ')).toContain('labels.txt')
  const info = { backbone: 'mobilenet_v3_small', num_classes: 2, image_size: 96, best_val_acc: 0.9, best_epoch: 1, labels: ['wasp', 'ant'] }
  const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], interpolation: 'bilinear' }
  await writeFile(join(folder, 'beside', 'model_info.json'), JSON.stringify({ ...info, preprocessing }))
  const told = await imported({ ...request, imageSize: null, path })
  expect(told).toMatchObject({ classes: ['wasp', 'ant'], imageSize: 96 })
  expect((await studio.runs.get({ runId: told.runId })).checkpoints.best?.preprocessing.mean).toEqual([0.5, 0.5, 0.5])
})

test('an accuracy that the file states and the pictures contradict is a warning', async () => {
  const head = new Map([...tensorsOf('linear')].map(([name, tensor]) => [name, name === 'classifier.3.bias' ? { ...tensor, data: Float32Array.of(1e4, -1e4) } : tensor]))
  const path = await saidFile('boasting.safetensors', { val_accuracy: '99.5' }, head)
  const report = await imported({ ...request, path, datasetId: await openPictures() })
  expect(report.notes.at(-1)).toMatch(/The file says val_accuracy 99\.5 %; on the test pictures it is [\d.]+ %\. They are more than 5 points apart/)
})

test('what killed imports left is swept by the next one; what others are at work on stays', async () => {
  const left = join(studio.places.runs, '.import-4194305-0a1b2c3d')
  const atWork = join(studio.places.runs, `.import-${process.ppid}-0a1b2c3d`)
  const old = join(studio.places.runs, '.import-0a1b2c3d.safetensors')
  await mkdir(left)
  await mkdir(atWork)
  await writeFile(old, 'x')
  await utimes(old, 1, 1)
  await imported({ ...request, path: await fileOf('sweeping.pth', tensorsOf('linear')) })
  expect((await readdir(studio.places.runs)).filter((name) => name.startsWith('.'))).toEqual([basename(atWork)])
  await rmdir(atWork)
})

test('a folder, a missing file and one that may not be read are told apart', async () => {
  await expect(imported({ ...request, path: folder })).rejects.toThrow(/BAD_INPUT: .*is a folder/)
  await expect(imported({ ...request, path: join(folder, 'linear.pth', 'x') })).rejects.toThrow(/NOT_FOUND/)
})
