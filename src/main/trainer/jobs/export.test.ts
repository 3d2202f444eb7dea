import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Cancelled } from '../../../shared/domain/error'
import { type ExportOptions, type ExportReport, exportOptionsSchema } from '../../../shared/domain/export'
import type { CheckpointState } from '../../../shared/domain/run'
import { stageSchema } from '../../../shared/domain/stages'
import { readSafetensors } from '../../engine/formats/safetensors'
import type { TensorMap } from '../../engine/formats/tensor-map'
import { readWeights } from '../../engine/formats/weights-file'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { RunFolder } from '../../storage/run-folder'
import { loadExport } from '../checkpoint-model'
import type { Exporter, ExportedModel, PictureBatch } from '../exporters/exporter'
import { pytorchExporter } from '../exporters/pytorch'
import { safetensorsExporter } from '../exporters/safetensors'
import { runJob } from '../host'
import { drawPictures, lastingWorkplace, makeRun, trainRun, workplace } from '../trained-runs.examples'
import type { ModelSource } from '../messages'
import { runEvaluateJob } from './evaluate'
import { runExportJob } from './export'
import { runPredictJob } from './predict'

/** One run for all tests: MobileNetV3-Small with the head `deep`, on 28 drawn pictures. */
let folder = ''
let root = ''
let run: RunFolder
let leave: () => Promise<void> = () => Promise.resolve()

beforeAll(async () => {
  ;({ folder, leave } = await lastingWorkplace())
  root = await drawPictures(folder)
  run = await makeRun(folder, 'run', root, { epochs: 2, head: 'deep', freeze_ratio: 1, learning_rate: 0.01 })
  await trainRun(run, false).result
}, 120_000)
afterAll(() => leave())

const COMMON = ['MODEL_CARD.md', 'WEIGHTS_LICENCE.txt', 'example.py', 'labels.txt', 'metrics.json', 'model_info.json', 'parity.json', 'preprocessing.json']
const OWN = { saved_model: ['saved_model', 'weights.safetensors'], pytorch: ['model.pth'], safetensors: ['model.safetensors'] }

function jobFor(name: string, options: Partial<ExportOptions> = {}) {
  return { kind: 'export', runDirectory: run.directory, checkpoint: 'best', directory: join(folder, name), options: exportOptionsSchema.parse(options) } as const
}

function contextWith(signal = new AbortController().signal) {
  return { sendEvent: () => undefined, note: () => undefined, progress: () => undefined, control: { isPaused: false, stopRequested: false, signal } }
}

/** The run again under another name, with something else in its best checkpoint. */
async function copyOf(name: string, change: Partial<CheckpointState>): Promise<RunFolder> {
  await cp(run.directory, join(folder, name), { recursive: true })
  const copy = await RunFolder.open(join(folder, name))
  const best = await copy.readCheckpoint('best')
  if (best === null) throw new Error('The run has no checkpoint')
  await copy.writeCheckpoint('best', { weights: best.weights, optimizer: null, state: { ...best.state, ...change } })
  return copy
}

const text = (name: string, file: string) => readFile(join(folder, name, file), 'utf8')

test.each([
  { format: 'saved_model', precision: 'float32' },
  { format: 'pytorch', precision: 'float32' },
  { format: 'safetensors', precision: 'float32' },
  { format: 'safetensors', precision: 'float16' },
] as const)('$format in $precision answers as the run does and says what it is', async ({ format, precision }) => {
  const name = `${format}-${precision}`
  const report = await runExportJob(jobFor(name, { format, precision }), contextWith())
  expect((await readdir(join(folder, name))).sort()).toEqual([...COMMON, ...OWN[format]].sort())
  for (const file of report.files) expect((await stat(join(folder, name, file.name))).size).toBe(file.sizeBytes)

  const { parity } = report
  // Four pictures each of test and val: all there are.
  expect(parity).toMatchObject({ splits: ['test', 'val'], pictures: 8, agreement: 1, bound: precision === 'float32' ? 1e-4 : 1e-2 })
  expect(parity.largestDifference).toBeLessThanOrEqual(precision === 'float32' ? 1e-6 : 1e-2)
  if (precision === 'float16') expect(parity.largestDifference).toBeGreaterThan(0)
  expect(parity.classes.map(({ label, pictures }) => [label, pictures])).toEqual([['blue', 4], ['red', 4]]) // prettier-ignore
  const sizes = report.files.filter((file) => file.name.startsWith('model.') || file.name.endsWith('.pb')).map((file) => file.sizeBytes)
  expect(parity.sizeBytes).toEqual({ original: (await stat(join(run.checkpointDirectory('best'), 'weights.safetensors'))).size, exported: sizes[0] })
  expect(parity.sizeBytes.exported / parity.sizeBytes.original).toBeCloseTo(precision === 'float32' ? 1 : 0.5, 1)
  expect(parity.millisecondsPerPicture.original).toBeGreaterThan(0)
  expect(JSON.parse(await text(name, 'parity.json'))).toEqual({ format, precision, preprocessing_inside: false, ...parity })

  expect(await text(name, 'labels.txt')).toBe('blue\nred\n')
  expect(JSON.parse(await text(name, 'model_info.json'))).toMatchObject({ backbone: 'mobilenet_v3_small', head: 'deep', dropout: 0.5, num_classes: 2, image_size: 64, export: { format, precision } })
  expect(await text(name, 'example.py')).toBe(report.example.text)
  expect(report.card).toEqual({ file: 'MODEL_CARD.md', text: await text(name, 'MODEL_CARD.md') })

  const paths = [join(root, 'blue', '0.png'), join(root, 'red', '3.png')]
  const ask = (source: ModelSource) => runPredictJob({ kind: 'predict', source, paths, topK: 2 }, contextWith())
  const fromRun = await ask({ kind: 'run', directory: run.directory, checkpoint: 'best' })
  const fromExport = await ask({ kind: 'export', directory: join(folder, name) })
  fromExport.pictures.forEach((picture, i) => {
    picture.top.forEach(({ label, probability }, rank) => {
      expect(label).toBe(fromRun.pictures[i]?.top[rank]?.label)
      expect(Math.abs(probability - (fromRun.pictures[i]?.top[rank]?.probability ?? NaN))).toBeLessThanOrEqual(precision === 'float32' ? 1e-6 : 1e-2)
    })
  })
  const source = { kind: 'export', directory: join(folder, name) } as const
  const evaluated = await runEvaluateJob({ kind: 'evaluate', source, split: 'test', datasetRoot: root }, contextWith())
  expect(evaluated.report.accuracy).toBe((await run.readEvaluation('test', 'best'))?.report.accuracy)

  const weightsFile = { saved_model: 'weights.safetensors', safetensors: 'model.safetensors', pytorch: null }[format]
  if (weightsFile !== null) {
    const { metadata } = readSafetensors(await readFile(join(folder, name, weightsFile)))
    expect(metadata).toEqual({ format: 'pt', backbone: 'mobilenet_v3_small', head: 'deep', image_size: '64', classes: '["blue","red"]' })
  }
}, 120_000)

test('the trainer child does it too, and never over anything', async () => {
  const report = await runJob<'export'>(jobFor('child')).result
  expect(report).toMatchObject({ checkpoint: 'best', options: { format: 'saved_model' }, parity: { agreement: 1 }, example: { file: 'example.py', language: 'python' } })
  await expect(runJob<'export'>(jobFor('child')).result).rejects.toThrow(/not empty/)
}, 120_000)

test('metrics and model card tell the run’s own figures', async () => {
  await runExportJob(jobFor('card', { format: 'safetensors' }), contextWith())
  const evaluation = await run.readEvaluation('test', 'best')
  const metrics = JSON.parse(await text('card', 'metrics.json')) as Record<string, unknown>
  expect(metrics).toMatchObject({ ...evaluation?.report, split: 'test', checkpoint: 'best', epoch: evaluation?.checkpoint_epoch })
  const card = await text('card', 'MODEL_CARD.md')
  const report = evaluation?.report
  expect(card).toContain(`| accuracy | ${report?.accuracy.toFixed(4)} |`)
  expect(card).toContain(`| macro F1 | ${report?.macro.f1.toFixed(4)} |`)
  for (const row of report?.classes ?? []) expect(card).toMatch(new RegExp(`\\| ${row.name} \\| ${row.precision.toFixed(4)} \\| ${row.recall.toFixed(4)} \\| .* \\| ${row.f1.toFixed(4)} \\| ${row.support} \\|`))
  expect(card).toContain('| all | 20 | 4 | 4 | 28 |')
  expect(card).toContain('Every picture could be read.')
  expect(card).toContain('The figures rest on 4 pictures, which is few')
  expect(card).toContain('The weights started from random numbers')
  expect(card).not.toMatch(/undefined|NaN|null/)
}, 120_000)

test('the card of a run with stages tells each of them, and the batch that auto became', async () => {
  const best = await run.readCheckpoint('best')
  if (best === null) throw new Error('The run has no checkpoint')
  const stages = [stageSchema.parse({ name: 'Head', epochs: 2, freeze: 'all', learning_rate: 1e-3 }), stageSchema.parse({ name: 'All layers', epochs: 3, freeze: 'none', learning_rate: 5e-5, backbone_learning_rate: 1e-5 })]
  const copy = await makeRun(folder, 'staged', root, { stages, epochs: 5, batch_size: 'auto' })
  await copy.writeCheckpoint('best', best)
  await copy.updateRecord({ resolved: { batch_size: 8, step_size: 8 } })
  const { card } = await runExportJob({ ...jobFor('staged-card', { format: 'safetensors' }), runDirectory: copy.directory }, contextWith())
  expect(card.text).toContain('| stage 1, Head | 2 epochs planned; frozen: the whole backbone; learning rate 0.001; schedule plateau |')
  expect(card.text).toContain('| stage 2, All layers | 3 epochs planned; frozen: nothing; learning rate 0.00005, of the backbone 0.00001; schedule plateau |')
  expect(card.text).toContain('| batch size | 8 |')
  expect(card.text).not.toMatch(/of the backbone: |learning rate 0\.0005[,|]|auto/)
}, 120_000)

test('the card of a model that another program trained claims what its file says and what was measured, and nothing of a training here', async () => {
  const best = await run.readCheckpoint('best')
  if (best === null) throw new Error('The run has no checkpoint')
  const copy = await makeRun(folder, 'from-elsewhere', root, { weights: '/models/leaves.pth' })
  await copy.writeCheckpoint('best', { weights: best.weights, optimizer: null, state: { ...best.state, epoch: 0, step: 0, history: [], best_epoch: null, best_metric: null } })
  await copy.updateRecord({ origin: 'imported', best_epoch: null, best_metric: null })
  await copy.appendEvent({ event: 'log', level: 'info', message: 'The file says val_acc 0.91; it was not measured here.' })
  const { card } = await runExportJob({ ...jobFor('imported', { format: 'pytorch' }), runDirectory: copy.directory }, contextWith())
  expect(card.text).toContain('trained by another program')
  expect(card.text).toContain('The file says val\\_acc 0.91; it was not measured here.')
  expect(card.text).toContain('they may be ones that it learned from')
  expect(card.text).toContain('came from the file leaves.pth, which another program wrote; their licence is not known here')
  expect(card.text).not.toMatch(/adam|learning rate|weight decay|schedule|augmentation|views? of each|label smoothing|batch size|seed|frozen|dropout|training pictures|validation|test picture|trained further|random numbers|best epoch/i)
  expect(card.text).not.toMatch(/undefined|NaN|null/)
  expect(JSON.parse(await text('imported', 'model_info.json'))).toMatchObject({ best_val_acc: null, best_epoch: null, labels: ['blue', 'red'] })
  expect(JSON.parse(await text('imported', 'metrics.json'))).toMatchObject({ epoch: null })
  const loaded = await loadExport(join(folder, 'imported'))
  await loaded.close()
}, 120_000)

test('the latest checkpoint is measured where the run has not measured it', async () => {
  expect(await run.readEvaluation('test', 'latest')).toBeNull()
  await runExportJob({ ...jobFor('latest', { format: 'pytorch' }), checkpoint: 'latest' }, contextWith())
  expect(JSON.parse(await text('latest', 'metrics.json'))).toMatchObject((await run.readEvaluation('test', 'latest'))?.report ?? { missing: true })
}, 120_000)

/** The weights with one number of the last layer moved. */
function disturbed(model: ExportedModel, by: number): ExportedModel {
  const weights: TensorMap = new Map(
    [...model.weights].map(([name, tensor]) => [name, name === 'classifier.9.bias' ? { ...tensor, data: tensor.data.map((value, i) => (i === 0 ? value + by : value)) } : tensor]),
  )
  return { ...model, weights }
}

const disturbing = (exporter: Exporter, by: number): Exporter => ({ ...exporter, write: (directory, model, options) => exporter.write(directory, disturbed(model, by), options) })

test('an export that disagrees is refused, and nothing of it is left', async () => {
  const before = (await readdir(folder)).sort()
  const export16 = runExportJob(jobFor('broken', { format: 'pytorch' }), contextWith(), { pytorch: disturbing(pytorchExporter, 0.01) })
  await expect(export16).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/a probability differs by .*expected at most 0.0001. Nothing was exported/) })
  const lost: Exporter = { ...pytorchExporter, write: async (directory) => (await writeFile(join(directory, 'model.pth'), 'not one'), [{ name: 'model.pth', what: '' }]) }
  await expect(runExportJob(jobFor('broken', { format: 'pytorch' }), contextWith(), { pytorch: lost })).rejects.toMatchObject({ code: 'UNREADABLE' })
  const tooLarge: Exporter = { ...safetensorsExporter, write: (directory, model, options) => safetensorsExporter.write(directory, { ...model, weights: new Map([...model.weights, ['big', { shape: [1, 1], data: Float32Array.of(1e6) }]]) }, options) }
  await expect(runExportJob(jobFor('broken', { format: 'safetensors', precision: 'float16' }), contextWith(), { safetensors: tooLarge })).rejects.toThrow(/"big" holds 1000000/)
  const end = new AbortController()
  end.abort()
  await expect(runExportJob(jobFor('broken', { format: 'pytorch' }), contextWith(end.signal))).rejects.toThrow(Cancelled)
  expect((await readdir(folder)).sort()).toEqual(before)
}, 120_000)

test('what comes into the folder while the export runs is not lost, and of two exports to one folder one is refused', async () => {
  const target = join(folder, 'taken')
  const putting: Exporter = { ...pytorchExporter, write: async (...parameters) => (await mkdir(target), await writeFile(join(target, 'thesis.txt'), 'precious'), pytorchExporter.write(...parameters)) }
  await expect(runExportJob(jobFor('taken', { format: 'pytorch' }), contextWith(), { pytorch: putting })).rejects.toMatchObject({ code: 'CONFLICT' })
  expect([await readdir(target), await text('taken', 'thesis.txt')]).toEqual([['thesis.txt'], 'precious'])
  const both = await Promise.allSettled([runExportJob(jobFor('shared', { format: 'pytorch' }), contextWith()), runExportJob(jobFor('shared', { format: 'safetensors' }), contextWith())])
  expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } })
  const [first] = both
  expect((await readdir(join(folder, 'shared'))).filter((name) => name.startsWith('model.'))).toEqual([first.status === 'fulfilled' ? 'model.pth' : 'model.safetensors'])
  expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([])
}, 120_000)

test('int8: a drop is told and refused, and written once it is agreed to', async () => {
  // Takes every bluish picture for a red one and the other way round.
  const onnx: Exporter = {
    ...safetensorsExporter,
    format: 'onnx',
    async open(...parameters) {
      const opened = await safetensorsExporter.open(...parameters)
      const isBlue = (picture: Uint8Array) => picture.reduce((sum, value, at) => sum + (at % 3 === 2 ? value : at % 3 === 0 ? -value : 0), 0) > 0
      const size = 64 * 64 * 3
      return { ...opened, probabilities: async ({ count, pixels }) => Array.from({ length: count }, (_, row) => (isBlue(pixels.subarray(row * size, (row + 1) * size)) ? [0.1, 0.9] : [0.9, 0.1])) }
    },
  }
  const options = { format: 'onnx', precision: 'int8' } as const
  const { original } = (await runExportJob(jobFor('beside', { format: 'safetensors' }), contextWith())).parity.accuracy
  const refused = runExportJob(jobFor('int8', options), contextWith(), { onnx })
  await expect(refused).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringContaining(`a drop of ${(original * 100).toFixed(1)} points`), action: expect.stringContaining(`--accept-drop ${original}`) })
  expect(await readdir(folder)).not.toContain('int8')
  const report = await runExportJob(jobFor('int8', { ...options, accepted_accuracy_drop: original }), contextWith(), { onnx })
  expect(report.parity).toMatchObject({ bound: null, accuracy: { original, exported: 0 } })
  expect(await text('int8', 'MODEL_CARD.md')).toContain('As int8 it is right for')
}, 120_000)

test('an export that resizes by itself is asked about whole pictures', async () => {
  const sizes = new Set<string>()
  const whole: Exporter = {
    ...safetensorsExporter,
    format: 'onnx',
    async open(directory, model, options) {
      const opened = await safetensorsExporter.open(directory, model, options)
      const probabilities = ({ pixels, width, height, count }: PictureBatch) => {
        sizes.add(`${count}: ${width}×${height}`)
        return opened.probabilities({ count, width: 64, height: 64, pixels: resizeBilinearAntialiased(pixels, width, height, 64, 64) })
      }
      return { ...opened, takes: 'whole', probabilities }
    },
  }
  const report = await runExportJob(jobFor('whole', { format: 'onnx', preprocessing_inside: true }), contextWith(), { onnx: whole })
  expect(report.parity).toMatchObject({ pictures: 8, agreement: 1 })
  // Whole in the comparison; in the timing, resized already.
  expect([...sizes]).toEqual(['1: 48×40', '1: 64×64'])
  expect(JSON.parse(await text('whole', 'preprocessing.json'))).toMatchObject({ resize: { inside: true }, normalise: { inside: true }, input: { shape: ['batch', 'height', 'width', 3] } })
}, 120_000)

test('what a format cannot be asked for is refused with what it can', async () => {
  const asked = (options: Partial<ExportOptions>) => runExportJob(jobFor('no', options), contextWith())
  await expect(asked({ format: 'pytorch', precision: 'float16' })).rejects.toMatchObject({ code: 'BAD_INPUT', action: expect.stringMatching(/onnx, safetensors/) })
  await expect(asked({ format: 'tfjs', preprocessing_inside: true })).rejects.toMatchObject({ code: 'BAD_INPUT', action: expect.stringMatching(/onnx/) })
  await expect(asked({ accepted_accuracy_drop: 0.1 })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  await expect(runExportJob(jobFor('no', { format: 'tfjs' }), contextWith(), { pytorch: pytorchExporter })).rejects.toMatchObject({ code: 'UNSUPPORTED', action: expect.stringMatching(/pytorch/) })
})

test('an export that has lost or changed a file says so', async () => {
  await runExportJob(jobFor('lost', { format: 'pytorch' }), contextWith())
  const path = join(folder, 'lost', 'model_info.json')
  const info = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...info, head: 'linear' }))
  await expect(loadExport(join(folder, 'lost'))).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/expected classifier.0.weight of shape \[1024, 576\], but there is none/) })
  await writeFile(path, JSON.stringify({ ...info, num_classes: 3, labels: ['a', 'b', 'c'] }))
  await expect(loadExport(join(folder, 'lost'))).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/classifier.9.weight of shape \[3, 128\], but \[2, 128\] came/) })
  await writeFile(path, JSON.stringify({ ...info, labels: ['another', 'blue', 'red'] }))
  await expect(loadExport(join(folder, 'lost'))).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/has 3 labels for 2 classes/) })
  await writeFile(path, JSON.stringify(info))
  await rm(join(folder, 'lost', 'model.pth'))
  await expect(loadExport(join(folder, 'lost'))).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringMatching(/model.pth/) })
}, 120_000)

test('an export without its pictures is refused, and a picture that cannot be read is told', async () => {
  const place = await workplace()
  const pictures = await drawPictures(place)
  const other = await makeRun(place, 'run', pictures, { epochs: 1, freeze_ratio: 1 })
  await trainRun(other, false).result
  await writeFile(join(pictures, 'broken.jpg'), 'no picture')
  const source = { kind: 'run', directory: other.directory, checkpoint: 'latest' } as const
  const { pictures: told } = await runJob<'predict'>({ kind: 'predict', source, paths: [join(pictures, 'broken.jpg'), join(pictures, 'red', '1.png')], topK: 1 }).result
  expect(told[0]).toMatchObject({ top: [], failure: { code: expect.any(String) } })
  expect(told[1]?.top).toHaveLength(1)

  await rm(pictures, { recursive: true })
  await rm(join(place, 'pictures'), { recursive: true })
  const job = { ...jobFor('unused'), runDirectory: other.directory, directory: join(place, 'exported') }
  await expect(runJob<'export'>(job).result).rejects.toThrow(/cannot be checked/)
  expect(await readdir(place)).not.toContain('exported')
}, 120_000)

test.each(['saved_model', 'tfjs', 'onnx'] as const)('%s: a folder that says more classes than its model has is refused', async (format) => {
  const name = `counted-${format}`
  await runExportJob(jobFor(name, { format }), contextWith())
  const path = join(folder, name, 'model_info.json')
  const info = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  await writeFile(path, JSON.stringify({ ...info, num_classes: 3, labels: ['another', 'blue', 'red'] }))
  const paths = [0, 1, 2].map((i) => join(root, 'red', `${i}.png`))
  const asked = runPredictJob({ kind: 'predict', source: { kind: 'export', directory: join(folder, name) }, paths, topK: 1 }, contextWith())
  await expect(asked).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/tells 2 classes apart, but model_info.json says 3/) })
}, 120_000)

test('a class whose name goes over two lines has one line in labels.txt, and its own name where the example looks', async () => {
  const copy = await copyOf('lines', { classes: ['bl\nue', 'r\u2028e\u001bd'] })
  await runExportJob({ ...jobFor('of-lines', { format: 'pytorch' }), runDirectory: copy.directory }, contextWith())
  expect(await text('of-lines', 'labels.txt')).toBe('bl\\u000aue\nr\\u2028e\\u001bd\n')
  expect(JSON.parse(await text('of-lines', 'model_info.json'))).toMatchObject({ labels: ['bl\nue', 'r\u2028e\u001bd'] })
  expect(await text('of-lines', 'example.py')).toContain('labels = json.loads((folder / "model_info.json").read_text(encoding="utf-8"))["labels"]')
}, 120_000)

test('a model that cannot answer yet, or at all, is told with what helps', async () => {
  const still = await copyOf('divided', { preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0, 0.5], interpolation: 'bilinear' } })
  await expect(runExportJob({ ...jobFor('none'), runDirectory: still.directory }, contextWith())).rejects.toMatchObject({
    code: 'BAD_INPUT',
    message: expect.stringMatching(/must be above 0, but \[0.5, 0, 0.5\] came/),
    action: expect.not.stringMatching(/report/),
  })
  const place = await workplace()
  const young = await makeRun(place, 'young', root, {})
  await young.updateRecord({ status: 'training' })
  const asked = () => runExportJob({ ...jobFor('none'), runDirectory: young.directory }, contextWith())
  await expect(asked()).rejects.toMatchObject({ code: 'NOT_FOUND', action: 'Wait for its first epoch, then try again.' })
  await young.updateRecord({ status: 'interrupted' })
  await expect(asked()).rejects.toMatchObject({ code: 'NOT_FOUND', action: 'Resume the run, or choose another.' })
}, 120_000)

test('the weights come back as they were trained', async () => {
  const report: ExportReport = await runExportJob(jobFor('weights', { format: 'pytorch' }), contextWith())
  const best = await run.readCheckpoint('best')
  const original = readWeights(best?.weights ?? new Uint8Array(), 'weights.safetensors')
  const written = readWeights(await readFile(join(report.directory, 'model.pth')), 'model.pth')
  for (const [name, { data }] of original) expect(Buffer.from(written.get(name)?.data.buffer ?? new ArrayBuffer(0)).equals(Buffer.from(data.buffer, data.byteOffset, data.byteLength)), name).toBe(true)
}, 120_000)
