/**
 * Faults at chosen system calls: a session of training is killed, or its disk fails, at each of its operations in turn. What was whole before is
 * whole afterwards, an error is told in a sentence with what to do, and the next session goes on as if nothing had happened.
 */
import { spawn } from 'node:child_process'
import { cp, rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { KeyedRandom } from '../../src/shared/domain/random'
import { expectTidy, expectWhole, makeExampleRun } from './example-run'
import { bundleKeeper, type Fault, FILE_CALLS, type FileCall, type Operation, operationsOf, session, type Session } from './keeper'
import { skipLoudly } from '../photographs'
import { canSync, isWhole, scratchSync } from './machine'

/** True where strace may attach to a process of ours and make its system calls fail. */
function canInjectSync(): boolean {
  if (process.platform !== 'linux') return false
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'], { stdio: 'ignore' })
  try {
    const script = `strace -p ${String(child.pid)} -e trace=none -e inject=fsync:error=EIO -o /dev/null & tracer=$!; sleep 0.3; kill -0 $tracer && kill $tracer`
    return canSync('sh', ['-c', script])
  } finally {
    child.kill('SIGKILL')
  }
}

const INJECTS = canInjectSync()
if (!INJECTS) skipLoudly('faults at chosen system calls', 'strace is not here, or may not attach to a process', 'install strace on Linux; allow ptrace (kernel.yama.ptrace_scope 0, or root; in a container --cap-add SYS_PTRACE)')

const scratch = scratchSync()
const start = join(scratch.path, 'start')
let keeper = ''
beforeAll(async () => {
  keeper = await bundleKeeper(scratch.path)
  await makeExampleRun(start)
})
afterAll(scratch.leave)

const CHANGING: readonly FileCall[] = ['openat', 'pwrite64', 'fsync', 'rename', 'unlink', 'rmdir', 'mkdir', 'link', 'ftruncate']
/** Failing there takes the process down: its threads wake each other by the same call. That is a kill, which is tried as one. */
const FAILING: readonly FileCall[] = FILE_CALLS.filter((call) => call !== 'write')
const FILLING: readonly FileCall[] = ['openat', 'pwrite64', 'fsync', 'rename', 'mkdir', 'link']

let copies = 0
async function copyOfStart(): Promise<string> {
  const path = join(scratch.path, `run-${++copies}`)
  await cp(start, path, { recursive: true, preserveTimestamps: true })
  return path
}

async function operations(mode: 'resume' | 'write'): Promise<Operation[]> {
  const run = await copyOfStart()
  const recorded = await session(keeper, run, { mode, records: true })
  expect(recorded.epoch).toBe(3)
  return operationsOf(recorded)
}

/** All in the whole suite; else about `few` of them, spread over the session. */
function chosen<T>(all: readonly T[], few: number): T[] {
  const step = isWhole ? 1 : Math.max(1, Math.floor(all.length / few))
  return all.filter((_, index) => index % step === Math.floor(step / 2))
}

/** Several at once, since each mostly waits for a process to start. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}

function expectSentence({ failure, epoch, signal }: Session, run: string, what: string): void {
  expect(signal, what).toBeNull()
  if (failure === null) return expect(epoch, what).not.toBeNull()
  // A disk that lies about what it wrote is told as what it is.
  expect(['STORAGE', 'MISMATCH'], `${what}: ${JSON.stringify(failure)}`).toContain(failure.code)
  expect(failure.message, what).toContain(run)
  expect(failure.message, what).toMatch(/\.$/)
  expect(failure.action, what).toMatch(/\w+ .*\.$/)
}

/** One session with the fault, then one without. */
async function survive(mode: 'resume' | 'write', fault: Fault): Promise<Session> {
  const run = await copyOfStart()
  const what = `${mode}, ${fault.what} at ${fault.at.call} ${fault.at.nth}${fault.forGood === undefined ? '' : ' and all after it'}`
  const hit = await session(keeper, run, { mode, fault })
  expect(hit.wasHit, what).toBe(true)
  if (fault.what.startsWith('error')) expectSentence(hit, run, what)
  const from = await expectWhole(run, [2, 3], what)
  const next = await session(keeper, run, { mode: 'resume' })
  expect(next, what).toMatchObject({ epoch: from + 1, failure: null })
  await expectWhole(run, [from + 1], what)
  await expectTidy(run, from + 1, what)
  await rm(run, { recursive: true })
  return hit
}

describe.skipIf(!INJECTS)('a session of training', () => {
  test('killed at every system call loses nothing that was whole', async () => {
    const all = (await operations('write')).filter(({ call }) => isWhole || CHANGING.includes(call))
    let lost = 0
    await forEach(chosen(all, 8), async (at) => {
      const hit = await survive('write', { at, what: 'signal=KILL' })
      if (hit.signal === 'SIGKILL') lost++
    })
    expect(lost).toBe(chosen(all, 8).length)
  }, 1_800_000)

  test('killed at every system call of taking up a run, too', async () => {
    const all = (await operations('resume')).filter(({ call }) => CHANGING.includes(call))
    await forEach(chosen(all, 4), async (at) => void (await survive('resume', { at, what: 'signal=KILL' })))
  }, 1_800_000)

  for (const mode of ['write', 'resume'] as const) {
    test(`${mode}: with an input/output error at every operation, once and from there on, tells it and stays whole`, async () => {
      const all = (await operations(mode)).filter(({ call }) => FAILING.includes(call))
      await forEach(chosen(all, 3), async (at) => {
        await survive(mode, { at, what: 'error=EIO' })
        await survive(mode, { at, what: 'error=EIO', forGood: FAILING })
      })
    }, 1_800_000)

    test(`${mode}: with no space left at every operation that takes some, once and from there on, tells it and stays whole`, async () => {
      const all = (await operations(mode)).filter(({ call }) => FILLING.includes(call))
      await forEach(chosen(all, 2), async (at) => {
        await survive(mode, { at, what: 'error=ENOSPC' })
        await survive(mode, { at, what: 'error=ENOSPC', forGood: FILLING })
      })
    }, 1_800_000)
  }

  test('a disk that says it wrote and did not is found out before the checkpoint is put in place', async () => {
    const all = (await operations('write')).filter(({ call }) => call === 'pwrite64')
    await forEach(chosen(all, 1), async (at) => void (await survive('write', { at, what: 'retval=100' })))
  }, 600_000)

  test('two faults after each other, the second while the first is recovered from', async () => {
    const [writing, resuming] = [await operations('write'), await operations('resume')]
    const random = new KeyedRandom(3, 'sample')
    const kinds = ['signal=KILL', 'error=EIO', 'error=ENOSPC']
    const draw = (from: readonly Operation[]): Fault => {
      const what = kinds[random.below(kinds.length)] ?? ''
      const usable = from.filter(({ call }) => (what === 'error=ENOSPC' ? FILLING : what === 'error=EIO' ? FAILING : CHANGING).includes(call))
      const at = usable[random.below(usable.length)]
      if (at === undefined) throw new Error('There is no operation to fail')
      return { at, what, ...(random.below(2) === 0 && what !== 'signal=KILL' ? { forGood: FILLING } : {}) }
    }
    const pairs = Array.from({ length: isWhole ? 100 : 2 }, () => [draw(writing), draw(resuming)] as const)
    await forEach(pairs, async ([first, second]) => {
      const run = await copyOfStart()
      const what = `${first.what} at ${first.at.call} ${first.at.nth}, then ${second.what} at ${second.at.call} ${second.at.nth}`
      await session(keeper, run, { mode: 'write', fault: first })
      await expectWhole(run, [2, 3], `${what}: first`)
      await session(keeper, run, { mode: 'resume', fault: second })
      const from = await expectWhole(run, [2, 3, 4], `${what}: second`)
      expect(await session(keeper, run, { mode: 'resume' }), what).toMatchObject({ epoch: from + 1, failure: null })
      await expectTidy(run, from + 1, what)
      await rm(run, { recursive: true })
    })
  }, 1_800_000)
})
