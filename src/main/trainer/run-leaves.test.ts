/** What a run leaves, made by the real trainer: the files of its folder, and every split of both checkpoints. */
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SPLITS } from '../../shared/domain/dataset'
import type { Evaluation } from '../../shared/domain/metrics'
import type { RunFolder } from '../storage/run-folder'
import { runJob } from './host'
import { findingsOfRun } from './run-findings'
import { drawPictures, lastingWorkplace, makeRun, trainRun } from './trained-runs.examples'

let run: RunFolder
let leave = (): Promise<void> => Promise.resolve()
const messages: string[] = []

beforeAll(async () => {
  const place = await lastingWorkplace()
  leave = place.leave
  run = await makeRun(place.folder, 'leaves', await drawPictures(place.folder), { epochs: 2 })
  await trainRun(run, false, ({ event }) => {
    if (event.event === 'log') messages.push(event.message)
  }).result
  // The parent's part, which writes run.json.
  await run.updateRecord({ status: 'completed', best_epoch: (await run.checkpointState('best'))?.epoch ?? null })
}, 240_000)
afterAll(() => leave())

const evaluate = (split: Evaluation['split'], checkpoint: 'best' | 'latest') =>
  runJob<'evaluate'>({ kind: 'evaluate', source: { kind: 'run', directory: run.directory, checkpoint }, split, datasetRoot: null }, {}).result

test('a finished run has every file that is promised, and says what its numbers mean', async () => {
  const names = await readdir(run.directory)
  expect(names).toEqual(expect.arrayContaining(['config.yaml', 'log', 'manifest.json', 'model_info.json', 'report.html', 'run.json', 'training_history.json', 'training_history.png']))
  const evaluations = await readdir(join(run.directory, 'evaluation'))
  for (const split of ['val', 'test']) {
    const files = ['metrics.json', 'report.csv', 'confusion_matrix.csv', 'confusion_matrix.png', 'confusion_matrix_normalized.csv', 'confusion_matrix_normalized.png', 'calibration.png', 'predictions.csv', 'best.json']
    expect(evaluations).toEqual(expect.arrayContaining(files.map((file) => `${split}_${file}`)))
  }
  for (const picture of ['training_history.png', 'evaluation/test_confusion_matrix.png']) {
    expect((await sharp(join(run.directory, picture)).metadata()).density).toBe(300)
  }
  // Fourteen pictures of a class, of which ten train.
  expect(messages.some((message) => message.startsWith('Little data. The smallest class has 10 training pictures'))).toBe(true)
  expect((await findingsOfRun(run)).map(({ kind }) => kind)).toContain('little_data')
})

test('thresholds and temperature of the test split are the validation split’s', async () => {
  const [test, val] = [await run.readEvaluation('test', 'best'), await run.readEvaluation('val', 'best')]
  expect(test?.report.calibration?.temperature).toBe(val?.report.calibration?.temperature)
  expect(test?.report.classes.map(({ threshold }) => threshold?.probability)).toEqual(val?.report.classes.map(({ threshold }) => threshold?.probability))
})

test.each(SPLITS.flatMap((split) => (['best', 'latest'] as const).map((checkpoint) => [split, checkpoint] as const)))(
  'the %s split of the %s checkpoint is evaluated, with its files',
  async (split, checkpoint) => {
    const evaluation = await evaluate(split, checkpoint)
    const counts = (await run.record()).counts
    expect(evaluation).toMatchObject({ split, checkpoint, checkpoint_epoch: (await run.checkpointState(checkpoint))?.epoch })
    expect(evaluation.report.count).toBe(counts[split])
    expect(evaluation.report.calibration?.before.bins.reduce((sum, { count }) => sum + count, 0)).toBe(counts[split])
    const prefix = checkpoint === 'best' ? split : `${split}_latest`
    const written: unknown = JSON.parse(await readFile(join(run.directory, 'evaluation', `${prefix}_metrics.json`), 'utf8'))
    expect(written).toEqual(evaluation.report)
    expect((await stat(join(run.directory, 'evaluation', `${prefix}_confusion_matrix.png`))).size).toBeGreaterThan(1000)
  },
  120_000,
)

test('figures come as PNG, SVG and CSV, the PNG as the folder has it; the report is written where it is asked for', async () => {
  const figure = (name: 'confusion_matrix' | 'training_history', format: 'png' | 'svg' | 'csv') =>
    runJob<'figure'>({ kind: 'figure', runDirectory: run.directory, figure: name, format, split: 'test', checkpoint: 'best' }, {}).result
  const png = await figure('confusion_matrix', 'png')
  expect(png).toMatchObject({ name: 'test_confusion_matrix.png', mediaType: 'image/png' })
  expect(Buffer.from(png.base64, 'base64').equals(await readFile(join(run.directory, 'evaluation', png.name)))).toBe(true)
  expect(Buffer.from((await figure('confusion_matrix', 'svg')).base64, 'base64').toString().startsWith('<svg')).toBe(true)
  const csv = Buffer.from((await figure('training_history', 'csv')).base64, 'base64').toString().split('\r\n')
  expect(csv[0]).toMatch(/^epoch,stage,train_loss,val_loss/)
  expect(csv.filter((line) => line !== '')).toHaveLength(3)
  const file = join(run.directory, '..', 'elsewhere.html')
  const report = await runJob<'report'>({ kind: 'report', runDirectory: run.directory, file }, {}).result
  expect(report.path).toBe(file)
  expect(await readFile(file, 'utf8')).toContain('What the numbers say')
})

test('what is missing is said: a figure of what was not measured, pictures that are gone', async () => {
  await rm(join(run.directory, 'evaluation', 'train_latest.json'), { force: true })
  await expect(runJob<'figure'>({ kind: 'figure', runDirectory: run.directory, figure: 'calibration', format: 'png', split: 'train', checkpoint: 'latest' }, {}).result).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: 'The latest checkpoint has not been measured on the train pictures.',
  })
  const manifest = await run.manifest()
  await run.writeManifest({ ...manifest, pictures: manifest.pictures.filter(({ split }) => split !== 'test') })
  await expect(evaluate('test', 'best')).rejects.toMatchObject({ code: 'NOT_FOUND', message: 'There are no test pictures.', action: 'Choose another split: train or val.' })
  await run.writeManifest({ ...manifest, pictures: [] })
  await expect(evaluate('val', 'best')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('came without pictures') })
  await run.writeManifest({ ...manifest, root: join(manifest.root, 'gone') })
  await expect(evaluate('val', 'best')).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('pictures could not be') })
}, 120_000)
