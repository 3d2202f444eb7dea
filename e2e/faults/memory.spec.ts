/** Out of memory in the shapes it takes: the system's kill, and what TensorFlow makes of an allocation that fails. The run goes on with half the pictures a pass. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drawPictures } from '../../src/main/trainer/trained-runs.examples'
import { Person } from '../graft'
import { skipLoudly } from '../photographs'
import { isWhole, mayRun } from './machine'
import { findTrainerBelowSync } from './processes'

const GROUP_ROOT = '/sys/fs/cgroup'
const isUnified = existsSync(join(GROUP_ROOT, 'cgroup.controllers'))
const groupPath = join(GROUP_ROOT, isUnified ? '' : 'memory', `graft-test-${process.pid}`)
const HAS_GROUPS = mayRun(() => {
  mkdirSync(groupPath)
  writeFileSync(join(groupPath, isUnified ? 'memory.max' : 'memory.limit_in_bytes'), String(2 ** 40))
  rmdirSync(groupPath)
})
const HAS_LIMITS = process.platform === 'linux' && mayRun(() => execFileSync('prlimit', ['--version']))
if (!HAS_GROUPS) skipLoudly('the system ending a trainer that lacks memory', 'no memory control group can be made here', 'run as root on Linux with control groups that can be written')
if (!HAS_LIMITS) skipLoudly('a trainer whose allocations fail', 'prlimit is not here', 'install util-linux on Linux')

const person = new Person()
let data = ''
let config = ''
beforeAll(async () => {
  data = await drawPictures(person.home, 60)
  config = join(person.home, 'config.yaml')
  writeFileSync(config, JSON.stringify({ backbone: 'resnet18', weights: 'none', augment: false, epochs: 2, batch_size: 64, image_size: 128, freeze: 'none' }))
})
afterAll(() => {
  person.leave()
})

const memoryBytes = (pid: number, field: 'VmRSS' | 'VmSize'): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

/** Trains with too little memory for its first trainer: `limit` takes it away once training begins. */
async function trainShort(name: string, limit: (pid: number) => void): Promise<void> {
  const started = person.start(['train', data, '--config', config, '--out', join(person.home, name)])
  await started.line((line) => line.includes('The whole network runs in every step'))
  limit(findTrainerBelowSync(started.child.pid ?? 0)?.trainer ?? 0)
  const { code, stdout, stderr } = await started.ended
  expect(code, stderr).toBe(0)
  const [said] = /^.*Training goes on from the last checkpoint with .*$/m.exec(stdout) ?? []
  expect(said, stdout).toMatch(/memory.*with 32 pictures a pass and 2 passes a step/)
  expect(stdout).toContain('batches of 32')
  const record = JSON.parse(readFileSync(join(person.home, name, 'run.json'), 'utf8')) as Record<string, unknown>
  expect(record).toMatchObject({ status: 'completed', epochs_done: 2, resolved: { batch_size: 32, step_size: 64, accumulation_steps: 2 } })
}

test.skipIf(!HAS_LIMITS || !isWhole)('allocations that fail, as an error or as the trainer’s end, halve the pass', async () => {
  await trainShort('failing', (pid) => {
    execFileSync('prlimit', ['--pid', String(pid), `--as=${memoryBytes(pid, 'VmSize') + 60 * 2 ** 20}`])
  })
}, 180_000)

test.skipIf(!HAS_GROUPS || !isWhole)('the system’s kill for want of memory halves the pass', async () => {
  mkdirSync(groupPath)
  try {
    await trainShort('killed', (pid) => {
      writeFileSync(join(groupPath, isUnified ? 'cgroup.procs' : 'tasks'), String(pid))
      // What is there already is charged to its old group; what comes is charged to this one.
      writeFileSync(join(groupPath, isUnified ? 'memory.max' : 'memory.limit_in_bytes'), String(60 * 2 ** 20))
    })
  } finally {
    rmdirSync(groupPath)
  }
}, 180_000)
