import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Phase, type Profile, profileSchema } from '../../shared/domain/profile'
import type { RunConfig } from '../../shared/domain/run-config'
import { drawPictures, fingerprint, makeRun, trainRun, workplace } from '../trainer/trained-runs.examples'
import { runJob } from '../trainer/host'
import { readProfile } from '../trainer/profile/profile-file'
import { ProfilesService } from './profiles'
import type { ProgressStream } from './progress-stream'

async function finished<T>(stream: ProgressStream<T>): Promise<T> {
  for await (const item of stream) {
    if (item.kind === 'done') return item.result
    if (item.kind === 'failed') throw new Error(item.failure.message)
  }
  throw new Error('The stream ended early')
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

async function place() {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const service = new ProfilesService({ lock: join(folder, 'lock') })
  const train = async (name: string, config: Partial<RunConfig>, isProfiled: boolean) => {
    const run = await makeRun(folder, name, root, { epochs: 2, ...config })
    const startedAt = Date.now()
    await runJob<'train'>({ kind: 'train', runDirectory: run.directory, resume: false, ...(isProfiled && { profile: { startedAt: startedAt - 1000 } }) }).result
    return { run, wallS: 1 + (Date.now() - startedAt) / 1000 }
  }
  return { folder, root, service, train }
}

function secondsOf(profile: Profile): Record<Phase, number> {
  return Object.fromEntries(profile.phases.map(({ phase, seconds }) => [phase, seconds])) as Record<Phase, number>
}

async function written(directory: string): Promise<Profile> {
  const profile = await readProfile(directory)
  if (profile === null) throw new Error('There is no profile')
  return profile
}

test('a profiled training comes out as any other, and its phases are the whole of its time', { timeout: 120_000 }, async () => {
  const { train } = await place()
  const config = { accumulation_steps: 2 }
  const { run, wallS } = await train('profiled', config, true)
  const plain = await train('plain', config, false)
  expect(await fingerprint(run)).toEqual(await fingerprint(plain.run))
  expect(existsSync(join(plain.run.directory, 'profile.json'))).toBe(false)

  const profile = await written(run.directory)
  expect(profile).toMatchObject({ version: 1, run_id: 'profiled', epochs: 2, resumed_from_epoch: null, layers: null, primitives: null })
  const seconds = secondsOf(profile)
  expect(sum(profile.phases.map((row) => row.seconds))).toBeCloseTo(profile.total_s, 9)
  // The trainer ends a little later than its profile; clocks of two processes are compared.
  expect(profile.total_s).toBeLessThan(wallS + 0.1)
  expect(profile.total_s).toBeGreaterThan(wallS / 2)
  expect(seconds.command).toBeGreaterThan(0.9)
  for (const phase of ['start', 'pictures', 'weights', 'compiling', 'augmentation', 'steps', 'validation', 'checkpoints', 'evaluation', 'figures'] as const) {
    expect(seconds[phase], phase).toBeGreaterThan(0)
  }
  expect(seconds).toMatchObject({ features: 0, paused: 0 })
  // Twice five passes and three updates; the first of each was compiled.
  expect(profile.phases.find(({ phase }) => phase === 'steps')?.times).toBe(2 * (5 + 3) - 2)
  expect(profile.beside.augmentation_s).toBeGreaterThan(0)
})

test('a frozen part has its own time, and none where it was kept; the step is taken apart afterwards', { timeout: 120_000 }, async () => {
  const { service, train } = await place()
  const config = { backbone: 'efficientnet_lite0', freeze_ratio: 0.9 } as const
  const { run } = await train('first', config, true)
  const again = await train('again', config, true)
  expect(await fingerprint(again.run)).toEqual(await fingerprint(run))
  const [first, kept] = [secondsOf(await written(run.directory)), secondsOf(await written(again.run.directory))]
  expect(first.features).toBeGreaterThan(0)
  expect(kept.features).toBe(0)
  expect(kept.kept_features).toBeGreaterThan(0)

  const before = await fingerprint(run)
  const { profile, jsonFile, markdownFile } = await finished(service.finish({ directory: run.directory }))
  expect(await fingerprint(run)).toEqual(before)
  expect(profileSchema.parse(JSON.parse(readFileSync(jsonFile, 'utf8')))).toEqual(profile)
  const { layers, primitives } = profile
  if (layers === null || primitives === null) throw new Error('A half is missing')
  expect(layers).toMatchObject({ stage: 1, batch_size: 4, image_size: 64, precision: 'float32' })
  expect(layers.after).toMatch(/^_blocks/)
  expect(layers.rows.map(({ name }) => name)).toEqual(['_blocks.14', '_blocks.15', '_conv_head', '_fc'])
  expect(sum(layers.rows.map((row) => row.forward_ms + row.backward_ms)) + layers.loss_ms + layers.update_ms + layers.remainder_ms).toBeCloseTo(layers.step_ms, 6)
  const text = readFileSync(markdownFile, 'utf8')
  expect(text).toContain('## Where the time went (2 epochs)')
  expect(text).toContain('| _blocks.15 |')
  // Processors of other makes have no oneDNN; that is said then.
  if (!primitives.available) {
    expect(text).toContain(`Not available. ${primitives.reason}`)
    return
  }
  const { groups } = primitives
  expect(groups.map(({ kind }) => kind)).toContain('convolution')
  // A step runs the same every time, and nothing of what was said is lost.
  expect(groups.filter(({ count }) => !Number.isInteger(count))).toEqual([])
  expect(sum(groups.map(({ ms }) => ms))).toBeCloseTo(primitives.total_ms, 6)
})

test('a resumed training tells of its own session, and comes out as one that was never stopped', { timeout: 120_000 }, async () => {
  const { folder, root, train } = await place()
  const whole = await train('whole', {}, false)
  const run = await makeRun(folder, 'stopped', root, { epochs: 2 })
  await trainRun(run, false, ({ event }, job) => {
    if (event.event === 'progress' && event.epoch === 2) job.stop()
  }).result
  await runJob<'train'>({ kind: 'train', runDirectory: run.directory, resume: true, profile: { startedAt: Date.now() } }).result
  expect(await fingerprint(run)).toEqual(await fingerprint(whole.run))
  const profile = await written(run.directory)
  expect(profile).toMatchObject({ resumed_from_epoch: 1, epochs: 1 })
  expect(sum(profile.phases.map(({ seconds }) => seconds))).toBeCloseTo(profile.total_s, 9)
})

test('a run that was not profiled is refused', async () => {
  const folder = await workplace()
  const service = new ProfilesService({ lock: join(folder, 'lock') })
  await expect(finished(service.finish({ directory: folder }))).rejects.toThrow(/has no profile\.json/)
})
