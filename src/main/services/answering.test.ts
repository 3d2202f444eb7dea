import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { MAXIMUM_TRIED_BYTES, type TriedSource } from '../../shared/domain/answer'
import { Cancelled } from '../../shared/domain/error'
import { atTemperature } from '../engine/train/calibration'
import type { RunFolder } from '../storage/run-folder'
import { runJob } from '../trainer/host'
import { drawPictures, fingerprint, lastingWorkplace, makeRun, trainRun } from '../trainer/trained-runs.examples'
import { AnsweringService } from './answering'
import { calibratedAnswers } from './calibrated-answers'

let folder = ''
let root = ''
let run: RunFolder
let leave: () => Promise<void> = () => Promise.resolve()

beforeAll(async () => {
  const place = await lastingWorkplace()
  folder = place.folder
  leave = place.leave
  root = await drawPictures(folder)
  run = await makeRun(folder, 'alone', root, {})
  await trainRun(run, false).result
}, 180_000)
afterAll(() => leave())

/** Asks as the router does; ended with the test. */
function answering(of: RunFolder, options: { idleMs?: number } = {}): AnsweringService {
  const service = new AnsweringService({ folder: () => Promise.resolve(of) }, { confine: (path) => Promise.resolve(path) }, options)
  onTestFinished(() => service.close())
  return service
}

const pathOf = (path: string): TriedSource => ({ kind: 'path', path: join(root, path) })
const ask = (service: AnsweringService, sources: readonly TriedSource[], isSettled = true) =>
  service.ask({ runId: 'x', isSettled, heatmap: null, pictures: sources.map((source, i) => ({ id: String(i), source })) })

test('the answers are those of the evaluation, at its temperature, and no TensorFlow is loaded for them', async () => {
  const service = answering(run)
  const evaluation = await run.readEvaluation('val', 'best')
  if (evaluation === null) throw new Error('The run has no evaluation')
  const { model, answers } = await ask(service, evaluation.predictions.map(({ path }) => pathOf(path)))
  expect(model).toMatchObject({ epoch: evaluation.checkpoint_epoch, classes: ['blue', 'red'] })
  const temperature = evaluation.report.calibration?.temperature ?? null
  if (temperature !== null) expect(model.calibration).toMatchObject({ kind: 'fitted', temperature, isFromEvaluation: true })
  evaluation.predictions.forEach(({ probabilities }, i) => {
    const expected = temperature === null ? probabilities : atTemperature(probabilities, temperature)
    answers[i]?.answer?.probabilities.forEach((probability, index) => expect(probability).toBeCloseTo(expected[index] ?? NaN, 4))
  })
  const pid = service.pid() ?? 0
  if (process.platform === 'linux') {
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).toMatch(/onnxruntime/)
    expect(readFileSync(`/proc/${pid}/maps`, 'utf8')).not.toMatch(/libtensorflow/)
  }
})

test('a picture comes as bytes too; the first answer does not wait for what is known of the model, a settled one has all of it', async () => {
  const service = answering(run)
  const bytes = await sharp({ create: { width: 30, height: 30, channels: 3, background: 'red' } }).png().toBuffer()
  const source: TriedSource = { kind: 'bytes', base64: bytes.toString('base64') }
  const first = await ask(service, [source], false)
  expect(first.model.noneOfThese).toEqual({ kind: 'pending' })
  expect(first.answers[0]?.answer?.probabilities).toHaveLength(2)
  const settled = await ask(service, [source])
  expect(settled.model.noneOfThese).toMatchObject({ kind: 'fitted' })
  expect(settled.answers[0]?.answer?.distance).toBeGreaterThan(0)
})

test('where it looked is what Grad-CAM by gradients says', async () => {
  const path = join(root, 'red/3.png')
  const job = runJob<'explain'>({ kind: 'explain', runDirectory: run.directory, checkpoint: 'best', pictures: [{ path, isOfRun: false, classes: [0, 1] }], neighbours: 0, busyWith: null })
  const expected = (await job.result).pictures[0]?.heatmaps ?? []
  expect(expected).toHaveLength(2)
  const service = answering(run)
  for (const map of expected) {
    const pictures = [{ id: 'x', source: pathOf('red/3.png') }]
    const { heatmap } = await service.ask({ runId: 'x', isSettled: false, heatmap: { id: 'x', classIndex: map.classIndex }, pictures })
    expect(heatmap).toMatchObject({ classIndex: map.classIndex, height: map.height, width: map.width, isSpokenFor: map.isSpokenFor })
    map.values.forEach((value, i) => expect(heatmap?.values[i]).toBeCloseTo(value, 1.5))
  }
})

test('the command line is answered in the same way', async () => {
  const letter = join(folder, 'letter.jpg')
  await writeFile(letter, 'Dear diary')
  const paths = [join(root, 'red/3.png'), letter]
  const { model, labels, pictures } = await calibratedAnswers(run.directory, paths, { topK: 1, signal: new AbortController().signal, onProgress: () => undefined })
  const { answers } = await ask(answering(run), [pathOf('red/3.png')])
  const expected = answers[0]?.answer
  expect(labels).toEqual(['blue', 'red'])
  expect(model.noneOfThese.kind).toBe('fitted')
  expect(pictures[0]).toMatchObject({ path: paths[0], failure: null, verdict: expected?.verdict, distance: expected?.distance, top: [{ label: labels[expected?.top ?? -1], probability: Math.max(...(expected?.probabilities ?? [])) }] })
  expect(pictures[1]).toMatchObject({ path: letter, top: [], failure: { code: 'UNREADABLE' }, verdict: null })
})

describe('what cannot be read is said at its place', () => {
  test('not a picture, nothing, too large, gone; the others are answered', async () => {
    const strange = join(folder, 'strange')
    await mkdir(strange, { recursive: true })
    await writeFile(join(strange, 'text.jpg'), 'Dear diary')
    await writeFile(join(strange, 'empty.png'), '')
    const large = await open(join(strange, 'large.jpg'), 'w')
    await large.truncate(MAXIMUM_TRIED_BYTES + 1)
    await large.close()
    const names = ['text.jpg', 'empty.png', 'large.jpg', 'gone.jpg']
    const { answers } = await ask(answering(run), [...names.map((name): TriedSource => ({ kind: 'path', path: join(strange, name) })), pathOf('red/1.png')])
    expect(answers.map(({ failure }) => failure?.code ?? null)).toEqual(['UNREADABLE', 'UNREADABLE', 'UNREADABLE', 'NOT_FOUND', null])
    expect(answers[2]?.failure?.message).toMatch(/64 MB/)
    expect(answers[4]?.answer).not.toBeNull()
  })

  test.skipIf(process.platform === 'win32')('a pipe, which nobody may ever write to', async () => {
    const pipe = join(folder, 'pipe.jpg')
    execFileSync('mkfifo', [pipe])
    const { answers } = await ask(answering(run), [{ kind: 'path', path: pipe }, pathOf('red/1.png')])
    expect(answers[0]?.failure).toMatchObject({ code: 'UNREADABLE', message: expect.stringContaining('not a file') })
    expect(answers[1]?.answer).not.toBeNull()
  })

  test('a run without an epoch', async () => {
    const fresh = await makeRun(folder, 'fresh', root, {})
    await expect(ask(answering(fresh), [pathOf('red/1.png')])).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('no epoch') })
  })
})

test('a better checkpoint answers from its first question on', async () => {
  const changing = await makeRun(folder, 'changing', root, {})
  const content = await run.readCheckpoint('best')
  if (content === null) throw new Error('The run has no checkpoint')
  const at = (epoch: number) => ({ ...content, state: { ...content.state, epoch } })
  await changing.writeCheckpoint('best', at(1))
  const service = answering(changing)
  const before = await ask(service, [pathOf('red/1.png')])
  expect(before.model).toMatchObject({ epoch: 1, calibration: { kind: expect.stringMatching(/fitted|impossible/) } })
  const pid = service.pid()
  await changing.writeCheckpoint('best', at(2))
  const after = await ask(service, [pathOf('red/1.png')])
  expect(after.model.epoch).toBe(2)
  expect(after.answers).toEqual(before.answers)
  expect(service.pid()).toBe(pid)
})

test('two runs with the same backbone are each held against their own pictures', async () => {
  const content = await run.readCheckpoint('best')
  if (content === null) throw new Error('The run has no checkpoint')
  const here = await makeRun(folder, 'here', root, {})
  const elsewhere = await makeRun(folder, 'elsewhere', await drawPictures(join(folder, 'elsewhere-pictures'), 9), {})
  for (const each of [here, elsewhere]) await each.writeCheckpoint('best', content)
  const bothKnown = (): AnsweringService => {
    const service = new AnsweringService({ folder: (runId) => Promise.resolve(runId === 'here' ? here : elsewhere) }, { confine: (path) => Promise.resolve(path) })
    onTestFinished(() => service.close())
    return service
  }
  const askOf = (service: AnsweringService, runId: string) => service.ask({ runId, isSettled: true, heatmap: null, pictures: [{ id: 'x', source: pathOf('red/1.png') }] })
  const service = bothKnown()
  await askOf(service, 'here')
  expect(await askOf(service, 'elsewhere')).toEqual(await askOf(bothKnown(), 'elsewhere'))
})

test('two windows that ask about two runs at once are both answered, and who has left is not waited for', { timeout: 30_000 }, async () => {
  const content = await run.readCheckpoint('best')
  if (content === null) throw new Error('The run has no checkpoint')
  const both = await Promise.all(['left window', 'right window'].map((name) => makeRun(folder, name, root, {})))
  for (const each of both) await each.writeCheckpoint('best', content)
  const service = new AnsweringService({ folder: (runId) => Promise.resolve(both[Number(runId)] ?? run) }, { confine: (path) => Promise.resolve(path) })
  onTestFinished(() => service.close())
  const of = (runId: string, signal?: AbortSignal) => service.ask({ runId, isSettled: true, heatmap: null, pictures: [{ id: 'x', source: pathOf('red/1.png') }] }, signal)
  const told = await Promise.all([of('0'), of('1'), of('0'), of('1')])
  for (const { model } of told) expect(model.noneOfThese.kind).toBe('fitted')
  const leave = new AbortController()
  const left = expect(of('2', leave.signal)).rejects.toThrow(Cancelled)
  leave.abort()
  await left
  expect((await of('0')).model.noneOfThese.kind).toBe('fitted')
})

test('where it dies the question fails in words, and the next one is answered by another', async () => {
  const service = answering(run)
  await ask(service, [pathOf('red/1.png')])
  const pid = service.pid() ?? 0
  const asked = ask(service, Array.from({ length: 16 }, (_, i) => pathOf(`red/${i % 14}.png`)))
  const failed = expect(asked).rejects.toMatchObject({ code: 'CRASHED', action: expect.stringContaining('started anew') })
  process.kill(pid, 'SIGKILL')
  await failed
  expect((await ask(service, [pathOf('red/1.png')])).answers[0]?.answer).not.toBeNull()
  expect(service.pid()).not.toBe(pid)
})

test('it ends when nobody asks for a while', async () => {
  const service = answering(run, { idleMs: 50 })
  await ask(service, [pathOf('red/1.png')], false)
  const pid = service.pid() ?? 0
  await sleep(400)
  expect(service.pid()).toBeUndefined()
  if (process.platform === 'linux') expect(existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toBeFalsy()
})

test('asked all the while, a training comes out the same to the bit', { timeout: 180_000 }, async () => {
  const watched = await makeRun(folder, 'watched', root, {})
  const service = answering(watched)
  let isOver = false
  const epochs = new Set<number>()
  const training = trainRun(watched, false).result.finally(() => (isOver = true))
  const asking = (async () => {
    for (let i = 0; !isOver; i++) {
      const answers = await ask(service, [pathOf(`red/${i % 14}.png`), pathOf(`blue/${i % 14}.png`)], i % 2 === 1).catch(() => null)
      if (answers !== null) epochs.add(answers.model.epoch)
      else await sleep(50)
    }
  })()
  await Promise.all([training, asking])
  expect(epochs.size).toBeGreaterThan(0)
  expect(await fingerprint(watched)).toEqual(await fingerprint(run))
})
