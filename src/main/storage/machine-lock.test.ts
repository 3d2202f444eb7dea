import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleFixture } from './fixtures/bundle'
import { acquireMachineLock, machineLockOwner } from './machine-lock'
import type { LockOwner } from './machine-lock'

let base: string
let script: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-lock-'))
  script = await bundleFixture(join(import.meta.dirname, 'fixtures', 'take-lock.ts'), base)
})
afterAll(() => rm(base, { recursive: true, force: true }))

function child(...flags: string[]): Promise<string | number | null> {
  return new Promise((resolve, reject) => {
    const process_ = spawn(process.execPath, [script, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] })
    process_.once('error', reject)
    process_.once('exit', (code, signal) => resolve(signal ?? code))
  })
}

test('100 times taken by 4 processes at once: never two owners', { timeout: 120_000 }, async () => {
  const path = join(base, 'race.lock')
  const journal = join(base, 'race.journal')
  expect(await Promise.all([1, 2, 3, 4].map(() => child(path, journal, '25')))).toEqual([0, 0, 0, 0])
  const lines = (await readFile(journal, 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(200)
  for (let at = 0; at < lines.length; at += 2) expect([lines[at]?.slice(0, 3), lines[at + 1]]).toEqual(['in ', lines[at]?.replace('in', 'out')])
  expect(await machineLockOwner(path)).toBeNull()
})

test('the lock of a killed process is taken over by exactly one of those who wait', { timeout: 60_000 }, async () => {
  const path = join(base, 'dead.lock')
  const journal = join(base, 'dead.journal')
  expect(await child(path, join(base, 'first'), '1', 'die')).toBe('SIGKILL')
  expect(await machineLockOwner(path)).toBeNull()
  expect(await Promise.all([1, 2, 3].map(() => child(path, journal)))).toEqual([0, 0, 0])
  const lines = (await readFile(journal, 'utf8')).trim().split('\n')
  expect(lines.map((line) => line.split(' ')[0])).toEqual(['in', 'out', 'in', 'out', 'in', 'out'])
})

test('a number used again by another process does not keep the lock; another machine does', async () => {
  const path = join(base, 'again.lock')
  const owner: LockOwner = { pid: process.pid, start: 'another boot:1', host: hostname(), what: 'x', since: '', nonce: 'n' }
  await writeFile(path, JSON.stringify(owner))
  if (process.platform === 'linux') {
    const release = await acquireMachineLock('test', { path })
    await release()
  }
  await writeFile(path, JSON.stringify({ ...owner, host: 'elsewhere' }))
  const waiting = new AbortController()
  const told: string[] = []
  const result = acquireMachineLock('test', { path, signal: waiting.signal, onWait: ({ what }) => told.push(what) })
  await sleep(100)
  waiting.abort()
  await expect(result).rejects.toMatchObject({ name: 'Cancelled' })
  expect(told).toEqual(['x'])
})

test("another machine's lock is taken over when nobody has touched it for a minute, and not before", async () => {
  const path = join(base, 'foreign.lock')
  const owner: LockOwner = { pid: process.pid, start: null, host: 'elsewhere', what: 'x', since: '', nonce: 'n' }
  await writeFile(path, JSON.stringify(owner))
  const age = async (seconds: number): Promise<void> => utimes(path, new Date(), new Date(Date.now() - seconds * 1000))
  await age(40)
  expect((await machineLockOwner(path))?.host).toBe('elsewhere')
  await age(80)
  expect(await machineLockOwner(path)).toBeNull()
  const release = await acquireMachineLock('next', { path, touchMs: 10, signal: AbortSignal.timeout(3000) })
  await age(80)
  await expect.poll(async () => Date.now() - (await stat(path)).mtimeMs).toBeLessThan(5000)
  // The holder shows the life of its own lock alone.
  await writeFile(path, JSON.stringify(owner))
  await age(80)
  await sleep(50)
  expect(Date.now() - (await stat(path)).mtimeMs).toBeGreaterThan(60_000)
  await release()
})

test('giving back twice does not take the lock from the next owner', async () => {
  const path = join(base, 'twice.lock')
  const first = await acquireMachineLock('first', { path })
  await first()
  const second = await acquireMachineLock('second', { path })
  await first()
  expect((await machineLockOwner(path))?.what).toBe('second')
  await second()
})
