import { spawn, spawnSync } from 'node:child_process'
import { availableParallelism, getPriority } from 'node:os'
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { changePriority, setBackground } from './background'

const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

/** A process with threads of its own, as the trainer has. */
async function busyProcess(...before: string[]): Promise<number> {
  const code = "const { Worker } = require('node:worker_threads'); new Worker('setInterval(() => {}, 1000)', { eval: true }).once('online', () => console.log('up'))"
  const [program = '', ...options] = [...before, process.execPath, '-e', code]
  const child = spawn(program, options, { stdio: ['ignore', 'pipe', 'inherit'] })
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

test('a thread that has ended keeps none of the others from giving way', async () => {
  const pid = await busyProcess()
  const { pid: ended } = spawnSync(process.execPath, ['-e', ''])
  expect(changePriority([ended, pid], 5)).toBe(true)
  expect(getPriority(pid)).toBe(5)
  expect(changePriority([ended], 5)).toBe(false)
})

const hasCores = process.platform === 'linux' && availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0
if (!hasCores) console.warn('SKIPPED: leaving a core (needs Linux with taskset and two cores)')

test.runIf(hasCores)('a core is left of those that a process may run on, and given back', async () => {
  const coresOf = (pid: number) => readdirSync(`/proc/${pid}/task`).map((thread) => /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'))?.[1])
  const all = (cores: string | undefined, pid: number) => coresOf(pid).map(() => cores)
  const [mine] = coresOf(process.pid)
  const last = /\d+$/.exec(mine ?? '')?.[0] ?? ''

  const free = await busyProcess()
  await setBackground(free, true, 2)
  await setBackground(free, true, 2)
  const [fewer] = coresOf(free)
  expect(fewer).not.toBe(mine)
  expect(coresOf(free)).toEqual(all(fewer, free))
  expect(fewer?.split(/[-,]/)).not.toContain(last)
  await setBackground(free, false, 2)
  expect(coresOf(free)).toEqual(all(mine, free))

  // One that has been given the last core alone stays on it, in the background and out of it.
  const kept = await busyProcess('taskset', '--cpu-list', last)
  for (const isBackground of [true, false]) {
    await setBackground(kept, isBackground, 2)
    expect(coresOf(kept)).toEqual(all(last, kept))
  }
})
