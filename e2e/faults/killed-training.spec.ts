/** Real trainings whose trainer is killed at random times: resumed, each ends as the one that was never touched. */
import { createHash } from 'node:crypto'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GraftError } from '../../src/shared/domain/error'
import { KeyedRandom } from '../../src/shared/domain/random'
import type { RunConfig } from '../../src/shared/domain/run-config'
import type { RunFolder } from '../../src/main/storage/run-folder'
import { systemCode } from '../../src/main/storage/storage-error'
import type { JobHandle } from '../../src/main/trainer/host'
import { drawPictures, fingerprint, lastingWorkplace, makeRun, trainRun } from '../../src/main/trainer/trained-runs.examples'
import { isWhole } from './machine'

const KILLS = isWhole ? 200 : 5
/** Short epochs: most of a session is starting, and its parts are all met. */
const CONFIG: Partial<RunConfig> = { freeze_ratio: 0.9, image_size: 32, epochs: isWhole ? 8 : 4 }

let place: Awaited<ReturnType<typeof lastingWorkplace>>
let root = ''
/** Of the training that is never touched: what it leaves, what it stood at after each epoch by its step, and how long it took. */
let untouched: unknown
const standings = new Map<number, unknown>()
let wholeMs = 0
beforeAll(async () => {
  place = await lastingWorkplace()
  root = await drawPictures(place.folder)
  const run = await makeRun(place.folder, 'untouched', root, CONFIG)
  const looks: Promise<void>[] = []
  const look = async (): Promise<void> => {
    const at = await standing(run)
    if (at !== null) standings.set(at.step, at)
  }
  const startedAt = performance.now()
  await trainRun(run, false, ({ event }) => {
    if (event.event === 'epoch') looks.push(look())
  }).result
  wholeMs = performance.now() - startedAt
  await Promise.all(looks)
  untouched = await fingerprint(run)
})
afterAll(() => place.leave())

/** Harmless where it has just ended by itself. */
function killSync(job: JobHandle<'train'>): void {
  try {
    process.kill(job.pid() ?? 0, 'SIGKILL')
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error
  }
}

/** What resuming would go on from: the checkpoint's step, its epochs without times, its weights. */
async function standing(run: RunFolder): Promise<{ step: number; weights: string; epochs: unknown } | null> {
  const read = await run.readCheckpoint('latest')
  if (read === null) return null
  const { history, step } = read.state
  const epochs = history.map(({ epoch, train_loss, val_loss, train_accuracy, val_accuracy, learning_rate, is_best }) => ({ epoch, train_loss, val_loss, train_accuracy, val_accuracy, learning_rate, is_best }))
  return { step, weights: createHash('sha256').update(read.weights).digest('hex'), epochs }
}

test(`killed ${KILLS} times at random moments, a training ends as if it had not been, ${KILLS} of ${KILLS}`, async () => {
  expect(standings.size).toBeGreaterThan(1)
  const random = new KeyedRandom(17, 'sample')
  let kills = 0
  let compared = 0
  for (let number = 0; kills < KILLS; number++) {
    const run = await makeRun(place.folder, `killed-${number}`, root, CONFIG)
    let isOver = false
    for (let time = 0; !isOver && kills < KILLS; time++) {
      const job = trainRun(run, time > 0)
      const ended = job.result.then(() => true, () => false) // prettier-ignore
      await Promise.race([ended, sleep(random.between(100, wholeMs * 0.9))])
      killSync(job)
      isOver = await ended
      if (isOver) break
      kills++
      const at = await standing(run)
      const known = at === null ? undefined : standings.get(at.step)
      if (known !== undefined) compared++
      if (known !== undefined) expect(at, `run ${number}, kill ${time + 1}`).toEqual(known)
    }
    if (!isOver) await trainRun(run, true).result
    expect(await fingerprint(run), `run ${number}`).toEqual(untouched)
    await rm(run.directory, { recursive: true })
  }
  expect(kills).toBe(KILLS)
  expect(compared).toBeGreaterThan(KILLS / 10)
}, 3_600_000)

test('resumed from the checkpoint before a damaged one, a training ends as if nothing had been damaged, and says what was used', async () => {
  const run = await makeRun(place.folder, 'damaged', root, CONFIG)
  const job = trainRun(run, false, ({ event }, running) => {
    if (event.event === 'epoch' && event.epoch === 3) killSync(running)
  })
  await expect(job.result).rejects.toThrow(GraftError)
  const epoch = (await run.checkpointState('latest'))?.epoch ?? 0
  await cp(join(run.directory, 'run.json'), join(run.checkpointDirectory('latest'), 'weights.safetensors'))
  await trainRun(run, true).result
  expect(await fingerprint(run)).toEqual(untouched)
  const events = (await run.events()).map(({ event }) => event)
  const warning = events.find((event) => event.event === 'log' && event.level === 'warning')
  expect(warning).toMatchObject({ message: expect.stringMatching(new RegExp(`damaged at weights\\.safetensors.*The one before it, of epoch ${epoch - 1}, is used`)) })
}, 120_000)
