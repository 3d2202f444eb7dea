import { spawn } from 'node:child_process'
import { getPriority } from 'node:os'
import { readdirSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { setBackground } from './background'

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process with threads of its own, as the trainer has. */
async function busyProcess(): Promise<number> {
  const code = "const { Worker } = require('node:worker_threads'); new Worker('setInterval(() => {}, 1000)', { eval: true }).once('online', () => console.log('up'))"
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await new Promise((done) => child.stdout.once('data', done))
  return child.pid ?? 0
}

test.runIf(process.platform === 'linux')('every thread of a process gives way, and its number of threads stays', async () => {
  const pid = await busyProcess()
  const before = readdirSync(`/proc/${pid}/task`).map(Number)
  expect(before.length).toBeGreaterThan(2)
  expect(before.map((thread) => getPriority(thread))).toEqual(before.map(() => 0))
  expect(await setBackground(pid, true)).toBe(true)
  const priorities = readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread)))
  expect(Math.min(...priorities)).toBeGreaterThan(0)
})

test('a process that has ended is not an error', async () => {
  const pid = await busyProcess()
  const [child] = children
  const ended = new Promise((done) => child?.once('exit', done))
  child?.kill('SIGKILL')
  await ended
  expect(await setBackground(pid, true)).toBe(false)
})
