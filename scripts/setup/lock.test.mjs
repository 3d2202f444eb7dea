import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isStale, withLock } from './lock.mjs'

let folder
let lock
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-lock-'))
  lock = join(folder, 'thing.lock')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('one at a time, in this process', async () => {
  let inside = 0
  let most = 0
  const work = async () => {
    inside += 1
    most = Math.max(most, inside)
    await new Promise((resolve) => setTimeout(resolve, 30))
    inside -= 1
  }
  await Promise.all([withLock(lock, work), withLock(lock, work), withLock(lock, work)])
  expect(most).toBe(1)
  expect(existsSync(lock)).toBe(false)
})

test('the lock is given back when the work fails', async () => {
  await expect(withLock(lock, async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(existsSync(lock)).toBe(false)
})

test('a lock whose owner was killed is taken over at once, by one of many', async () => {
  const program = `import { withLock } from ${JSON.stringify(new URL('./lock.mjs', import.meta.url).href)}
    await withLock(${JSON.stringify(lock)}, async () => { console.log('held'); await new Promise((resolve) => setTimeout(resolve, 60000)) })`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(owner.stdout, 'data')
  expect(JSON.parse(readFileSync(lock, 'utf8')).pid).toBe(owner.pid)
  owner.kill('SIGKILL')
  await once(owner, 'close')
  let inside = 0
  const startedAt = Date.now()
  await Promise.all(
    Array.from({ length: 4 }, () =>
      withLock(lock, async () => {
        inside += 1
        expect(inside).toBe(1)
        await new Promise((resolve) => setTimeout(resolve, 20))
        inside -= 1
      }),
    ),
  )
  expect(Date.now() - startedAt).toBeLessThan(5000)
})

test('who is waited for is told once', async () => {
  writeFileSync(lock, JSON.stringify({ pid: process.pid, host: hostname() }))
  const told = []
  const waiting = withLock(lock, async () => 'done', (pid) => told.push(pid))
  await new Promise((resolve) => setTimeout(resolve, 700))
  rmSync(lock)
  expect(await waiting).toBe('done')
  expect(told).toEqual([process.pid])
})

test('stale means: owner dead, number given to another process, unreadable and old, or silent for minutes', () => {
  const dead = spawnSync(process.execPath, ['--version']).pid
  const host = hostname()
  expect(isStale({ pid: process.pid, host }, 0)).toBe(false)
  expect(isStale({ pid: dead, host }, 0)).toBe(true)
  expect(isStale({ pid: dead, host: 'another-machine' }, 1000)).toBe(false)
  expect(isStale({ pid: process.pid, host }, 600_000)).toBe(true)
  expect(isStale(undefined, 100)).toBe(false)
  expect(isStale(undefined, 60_000)).toBe(true)
  if (process.platform === 'linux') expect(isStale({ pid: process.pid, host, start: '1' }, 0)).toBe(true)
})
