import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { writeCheckpointFolder } from '../storage/checkpoint-folder'
import { exampleState } from '../storage/run-folder.examples'
import { availableCoresSync, coreQuotaSync } from './available-cores'
import { crashReason } from './crash-reason'
import { runJob } from './host'
import type { JobHandle, JobOptions } from './host'

const trainerPath = join(import.meta.dirname, 'fixtures', 'fake-trainer.mjs')
const train = (behaviour: string, options: JobOptions = {}, resume = false): JobHandle<'train'> =>
  runJob<'train'>({ kind: 'train', runDirectory: behaviour, resume }, { trainerPath, ...options })

const ends: [string, string, string][] = [
  ['SIGKILL', 'CRASHED', 'was killed'],
  ['SIGABRT', 'CRASHED', 'aborted'],
  ['SIGSEGV', 'CRASHED', 'native code'],
  ['SIGILL', 'CRASHED', 'processor'],
  ['SIGTERM', 'CRASHED', 'SIGTERM'],
  ['throws', 'CRASHED', 'exit code 1'],
  ['quiet end', 'CRASHED', 'without a result'],
  ['talks', 'CRASHED', 'exit code 5'],
  ['heap', 'OUT_OF_MEMORY', 'memory'],
  ['failed', 'DIVERGED', 'not a number'],
]
for (const [behaviour, code, words] of ends) {
  test(`a trainer that ends by ${behaviour} is told as ${code}`, { timeout: 20_000 }, async () => {
    await expect(train(behaviour).result).rejects.toMatchObject({ code, message: expect.stringContaining(words), action: expect.stringMatching(/./) })
  })
}

test('the technical part holds what the trainer said last', async () => {
  await expect(train('throws').result).rejects.toMatchObject({ detail: expect.stringContaining('native addon missing') })
})

test('a kill for want of memory is told apart where the system counts them', () => {
  const end = { code: null, signal: 'SIGKILL', errorOutput: '' } as const
  expect(crashReason({ ...end, outOfMemoryKills: { before: 1, after: 2 } }).code).toBe('OUT_OF_MEMORY')
  expect(crashReason({ ...end, outOfMemoryKills: { before: 2, after: 2 } }).code).toBe('CRASHED')
})

test('a trainer that is not there is told', async () => {
  await expect(train('failed', { trainerPath: join(import.meta.dirname, 'missing.mjs') }).result).rejects.toMatchObject({ code: 'CRASHED' })
})

test('a result counts although the trainer crashes on its way out', async () => {
  expect(await train('result then crash').result).toEqual({ status: 'completed' })
})

test('events and progress arrive, and the surroundings are set', async () => {
  const events: number[] = []
  const progress: string[] = []
  const result = (await train('environment', { onEvent: ({ sequence }) => events.push(sequence), onProgress: ({ message }) => progress.push(message) }).result) as unknown
  expect(events).toEqual([4])
  expect(progress).toEqual(['half'])
  const cores = String(availableCoresSync())
  expect(result).toMatchObject({ environment: { TF_CPP_MIN_LOG_LEVEL: '2', TF_NUM_INTRAOP_THREADS: cores, TF_NUM_INTEROP_THREADS: cores } })
})

test('a resumed run has the threads that its checkpoint names', async () => {
  // The fake reads the behaviour from the run's path, so the run lies in a folder of that name below the working folder.
  const before = process.cwd()
  const base = mkdtempSync(join(tmpdir(), 'graft-host-'))
  const latest = join(base, 'environment', 'checkpoints', 'latest')
  mkdirSync(join(base, 'environment', 'checkpoints'), { recursive: true })
  await writeCheckpointFolder(latest, { weights: new Uint8Array(8), optimizer: null, state: { ...exampleState(1), intra_op_threads: 7 } })
  try {
    process.chdir(base)
    expect(await train('environment', {}, true).result).toMatchObject({ environment: { TF_NUM_INTRAOP_THREADS: '7' } })
  } finally {
    process.chdir(before)
    rmSync(base, { recursive: true })
  }
})

test('pause, unpause and stop that come before the child runs reach it after its job', async () => {
  const job = train('messages')
  job.pause()
  job.unpause()
  job.stop()
  expect(await job.result).toMatchObject({ heard: ['job', 'messages', 'pause', 'unpause', 'stop'] })
})

test('aborting training asks it to stop; one that does not hear is killed after the grace', async () => {
  for (const [behaviour, graceMs] of [['polite', 20_000], ['deaf', 200]] as const) {
    const control = new AbortController()
    const job = train(behaviour, { signal: control.signal, stopGraceMs: graceMs, onProgress: () => control.abort() })
    if (behaviour === 'polite') expect(await job.result).toEqual({ status: 'stopped' })
    else await expect(job.result).rejects.toMatchObject({ name: 'Cancelled' })
  }
})

test('aborting another job ends it at once', async () => {
  const control = new AbortController()
  const job = runJob<'evaluate'>(
    { kind: 'evaluate', source: { kind: 'export', directory: 'x' }, split: 'val', datasetRoot: null },
    { trainerPath, signal: control.signal, onProgress: () => control.abort() },
  )
  await expect(job.result).rejects.toMatchObject({ name: 'Cancelled' })
  await expect(train('polite', { signal: AbortSignal.abort() }).result).rejects.toMatchObject({ name: 'Cancelled' })
})

test('the child ends when its parent is killed', { timeout: 20_000 }, async () => {
  const parent = fork(join(import.meta.dirname, 'fixtures', 'parent-of-trainer.mjs'), [trainerPath], { stdio: 'ignore' })
  const pid = await new Promise<number>((resolve) => parent.once('message', (message) => resolve(Number(message))))
  expect(() => process.kill(pid, 0)).not.toThrow()
  parent.kill('SIGKILL')
  let isAlive = true
  for (let time = 0; time < 100 && isAlive; time++) {
    await sleep(50)
    try {
      process.kill(pid, 0)
    } catch {
      isAlive = false
    }
  }
  expect(isAlive).toBe(false)
})

test('a container’s quota counts, of the group itself and of those above it', () => {
  const root = mkdtempSync(join(tmpdir(), 'graft-group-'))
  mkdirSync(join(root, 'a', 'b'), { recursive: true })
  writeFileSync(join(root, 'a', 'cpu.max'), '150000 100000\n')
  writeFileSync(join(root, 'a', 'b', 'cpu.max'), 'max 100000\n')
  expect(coreQuotaSync(root, '0::/a/b')).toBe(1.5)
  expect(coreQuotaSync(root, '0::/')).toBe(Infinity)
  mkdirSync(join(root, 'cpu', 'x'), { recursive: true })
  writeFileSync(join(root, 'cpu', 'x', 'cpu.cfs_quota_us'), '300000')
  writeFileSync(join(root, 'cpu', 'x', 'cpu.cfs_period_us'), '100000')
  expect(coreQuotaSync(root, '4:cpu,cpuacct:/x\n0::/')).toBe(3)
  rmSync(root, { recursive: true })
})
