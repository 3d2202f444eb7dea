/** A run that is stopped or killed and resumed ends exactly as one that was never touched. */
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { augmentationSchema } from '../../shared/domain/augmentation'
import { GraftError } from '../../shared/domain/error'
import { KeyedRandom } from '../../shared/domain/random'
import type { RunFolder } from '../storage/run-folder'
import type { JobHandle } from './host'
import { drawPictures, fingerprint, makeRun, trainRun, workplace } from './trained-runs.examples'

const kill = (job: JobHandle<'train'>) => {
  const pid = job.pid()
  if (pid !== undefined) process.kill(pid, 'SIGKILL')
}

/** Runs until `when` says so, kills the child, and checks that its death is told with its reason. */
async function killedRun(run: RunFolder, resume: boolean, when: (job: JobHandle<'train'>) => void, onEvent?: Parameters<typeof trainRun>[2]): Promise<void> {
  const job = trainRun(run, resume, onEvent)
  when(job)
  await expect(job.result).rejects.toThrow(GraftError)
}

test('two runs of one configuration are identical, and so is one that was killed and resumed at any time', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const whole = await makeRun(folder, 'whole', root, {})
  await trainRun(whole, false).result
  const expected = await fingerprint(whole)
  expect(expected).toMatchObject({ epochs: { length: 4 }, ends: [{ status: 'completed' }] })

  const again = await makeRun(folder, 'again', root, {})
  await trainRun(again, false).result
  expect(await fingerprint(again)).toEqual(expected)

  const beforeFirst = await makeRun(folder, 'before-first', root, {})
  await killedRun(beforeFirst, false, () => undefined, ({ event }, job) => {
    if (event.event === 'progress' && event.epoch === 1) kill(job)
  })
  await trainRun(beforeFirst, true).result
  expect(await fingerprint(beforeFirst)).toEqual(expected)

  const inEpoch = await makeRun(folder, 'in-epoch', root, {})
  await killedRun(inEpoch, false, () => undefined, ({ event }, job) => {
    if (event.event === 'progress' && event.epoch === 3 && event.done > 0) kill(job)
  })
  await trainRun(inEpoch, true).result
  expect(await fingerprint(inEpoch)).toEqual(expected)

  // The checkpoint of an epoch is being written when its last validation batch has been told.
  const inCheckpoint = await makeRun(folder, 'in-checkpoint', root, {})
  await killedRun(inCheckpoint, false, () => undefined, ({ event }, job) => {
    if (event.event === 'progress' && event.epoch === 2 && event.phase === 'val' && event.done === event.total) kill(job)
  })
  await trainRun(inCheckpoint, true).result
  expect(await fingerprint(inCheckpoint)).toEqual(expected)

  const random = new KeyedRandom(11, 'sample')
  const often = await makeRun(folder, 'often', root, {})
  for (let i = 0; i < 5; i++) {
    const job = trainRun(often, i > 0)
    const ended = job.result.then(() => true, () => false) // prettier-ignore
    await Promise.race([ended, sleep(random.between(400, 4000))])
    kill(job)
    if (await ended) break
  }
  await trainRun(often, true).result
  expect(await fingerprint(often)).toMatchObject({ epochs: (expected as { epochs: unknown[] }).epochs, hashes: (expected as { hashes: object }).hashes })
}, 240_000)

test('a kept prefix resumes to the same numbers', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const config = { freeze_ratio: 0.7, backbone: 'mobilenet_v3_small', optimizer: 'adamw', scheduler: 'cosine' } as const
  const whole = await makeRun(folder, 'whole', root, config)
  await trainRun(whole, false).result
  const cut = await makeRun(folder, 'cut', root, config)
  await killedRun(cut, false, () => undefined, ({ event }, job) => {
    if (event.event === 'epoch' && event.epoch === 2) kill(job)
  })
  await trainRun(cut, true).result
  expect(await fingerprint(cut)).toEqual(await fingerprint(whole))
}, 120_000)

test('the number of pictures that are decoded at once changes nothing', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const ends: unknown[] = []
  for (const workers of [1, 4]) {
    // Else the second run would find what the first has decoded and computed.
    process.env['GRAFT_PICTURE_CACHE_DIR'] = join(folder, `pictures-${workers}`)
    process.env['GRAFT_FEATURE_CACHE_DIR'] = join(folder, `features-${workers}`)
    const run = await makeRun(folder, `workers-${workers}`, root, { epochs: 2, num_workers: workers, freeze_ratio: 0.5, augmentation: augmentationSchema.parse({ random_resized_crop: true, rand_augment: 2, random_erasing: 0.5 }) })
    await trainRun(run, false).result
    ends.push(await fingerprint(run))
  }
  expect(ends[0]).toMatchObject({ epochs: { length: 2 } })
  expect(ends[1]).toEqual(ends[0])
}, 120_000)

test('stopping keeps and evaluates the best; going on ends as if it had not been stopped', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const whole = await makeRun(folder, 'whole', root, {})
  await trainRun(whole, false).result
  const stopped = await makeRun(folder, 'stopped', root, {})
  const result = await trainRun(stopped, false, ({ event }, job) => {
    if (event.event === 'progress' && event.epoch === 3) job.stop()
  }).result
  expect(result).toEqual({ status: 'stopped' })
  const events = (await stopped.events()).map(({ event }) => event)
  expect(events.at(-1)).toMatchObject({ event: 'done', status: 'stopped', test: { count: 4 } })
  expect(await stopped.readEvaluation('test', 'best')).not.toBeNull()
  await trainRun(stopped, true).result
  expect(await fingerprint(stopped)).toEqual(await fingerprint(whole))
}, 120_000)

test('pausing ends the trainer between steps, and going on ends as if there had been no pause', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const whole = await makeRun(folder, 'whole', root, { epochs: 2 })
  await trainRun(whole, false).result
  const paused = await makeRun(folder, 'paused', root, { epochs: 2 })
  const pausing = trainRun(paused, false, ({ event }, job) => {
    if (event.event === 'progress' && event.epoch === 1 && event.phase === 'train') job.pause()
  })
  expect(await pausing.result).toEqual({ status: 'paused' })
  // The process is gone, and all its memory with it.
  expect(() => process.kill(pausing.pid() ?? 0, 0)).toThrow('ESRCH')
  expect((await paused.events()).at(-1)?.event).toMatchObject({ event: 'status', status: 'paused' })
  expect((await paused.checkpointState('latest'))?.position).toMatchObject({ steps: expect.any(Number) })
  const pausedMs = 700
  const pausedAt = performance.now()
  await sleep(pausedMs)
  expect(await trainRun(paused, true).result).toEqual({ status: 'completed' })
  const [first] = (await paused.checkpointState('latest'))?.history ?? []
  expect(first?.seconds ?? Infinity).toBeLessThan((performance.now() - pausedAt) / 1000)
  expect(await fingerprint(paused)).toEqual(await fingerprint(whole))
}, 120_000)

test('a run is not resumed without the pictures that it began with', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const whole = await makeRun(folder, 'whole', root, { epochs: 2, freeze_ratio: 1 })
  await trainRun(whole, false).result
  const cut = await makeRun(folder, 'cut', root, { epochs: 2, freeze_ratio: 1 })
  await killedRun(cut, false, () => undefined, ({ event }, job) => {
    if (event.event === 'epoch') kill(job)
  })
  await rename(join(root, 'red', '3.png'), join(folder, 'elsewhere.png'))
  await expect(trainRun(cut, true).result).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('red/3.png') })
  await rename(join(folder, 'elsewhere.png'), join(root, 'red', '3.png'))
  await trainRun(cut, true).result
  expect(await fingerprint(cut)).toEqual(await fingerprint(whole))
}, 120_000)
