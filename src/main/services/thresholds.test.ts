import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { exampleState } from '../storage/run-folder.examples'
import { RunFolder } from '../storage/run-folder'
import { answerThreshold, measuredRun, ThresholdsService } from './thresholds'
import { makeThresholdRun } from './thresholds.examples'

async function serviceWithRun() {
  const base = await mkdtemp(join(tmpdir(), 'graft-thresholds-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const directory = join(base, 'run')
  const { folder } = await makeThresholdRun(directory, 'run', { classes: ['sick', 'well'], pictures: 60 })
  return { folder, directory, service: new ThresholdsService({ folder: () => RunFolder.open(directory) }) }
}
const question = { classIndex: 0, missCost: 4, threshold: 0.3 }
const ask = { runId: 'run', ...question }

test('what a threshold does is told the same as on the command line', async () => {
  const { folder, service } = await serviceWithRun()
  const { on_validation: validation, on_test: onTest } = await answerThreshold(await measuredRun(folder), question)
  expect(await service.tell(ask)).toEqual({ validation, test: onTest })
  expect(validation).not.toEqual(onTest)
})

test('the answers are read once, and again when they or the best checkpoint are others', async () => {
  const { folder, directory, service } = await serviceWithRun()
  const path = join(directory, 'evaluation', 'val_best.json')
  const [text, then] = [await readFile(path, 'utf8'), new Date('2026-01-01')]
  await utimes(path, then, then)
  const first = await service.tell(ask)
  // As old as before, so that whoever reads it again finds it damaged.
  await writeFile(path, 'x'.repeat(text.length))
  await utimes(path, then, then)
  expect(await service.tell(ask)).toEqual(first)
  await expect(service.keep({ runId: 'run', chosen: { name: 'sick', threshold: 0.3, miss_cost: 4, source: 'set' } })).resolves.toMatchObject({ classes: [{ name: 'sick' }] })
  await writeFile(path, text)
  const evaluation = await folder.readEvaluation('val', 'best')
  if (evaluation === null) throw new Error('no evaluation')
  await folder.writeEvaluation({ ...evaluation, predictions: evaluation.predictions.slice(30) })
  expect(await service.tell(ask)).not.toEqual(first)
  await folder.writeCheckpoint('best', { state: { ...exampleState(3), classes: ['sick', 'well'], num_classes: 2 }, weights: new Uint8Array(1), optimizer: null })
  await expect(service.tell(ask)).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('was not measured') as string })
})
