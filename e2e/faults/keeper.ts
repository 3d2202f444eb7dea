/** Starts run-keeper.ts and aims faults at its file operations. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFixture } from '../../src/main/storage/fixtures/bundle'
import type { Failure } from '../../src/shared/domain/error'
import { EXAMPLE_BYTES } from './known-bytes'

/** Every call by which a session touches files. Those of the threads among themselves change nothing on a disk. */
export const FILE_CALLS = ['openat', 'close', 'read', 'pread64', 'write', 'pwrite64', 'statx', 'newfstatat', 'getdents64', 'fsync', 'rename', 'unlink', 'rmdir', 'mkdir', 'link', 'ftruncate', 'utimensat'] as const
export type FileCall = (typeof FILE_CALLS)[number]

/** An operation of a session: the Nth of its name, from 1. */
export interface Operation {
  readonly call: FileCall
  readonly nth: number
  /** How many of each name came before it. */
  readonly before: Readonly<Partial<Record<FileCall, number>>>
}

export interface Fault {
  readonly at: Operation
  /** As strace has it: `error=EIO`, `signal=KILL`. */
  readonly what: string
  /** Given: this operation and all of these names that come after it. */
  readonly forGood?: readonly FileCall[]
}

export interface Session {
  /** The epoch that was written; null where it was not. */
  readonly epoch: number | null
  readonly note: string | null
  readonly failure: Failure | null
  readonly signal: NodeJS.Signals | null
  /** Whether the fault came at all. */
  readonly wasHit: boolean
  /** What strace wrote, where it was there. */
  readonly trace: string
}

export function bundleKeeper(folder: string): Promise<string> {
  return bundleFixture(join(import.meta.dirname, 'run-keeper.ts'), folder)
}

export interface SessionOptions {
  readonly mode: 'resume' | 'write'
  readonly bytes?: number
  readonly fault?: Fault
  /** Keeps what the session asks of the system, for `operationsOf`. */
  readonly records?: boolean
  /** Largest file that may be written, in KiB, as `ulimit -f` has it. */
  readonly fileLimitKiB?: number
}

let traces = 0

export async function session(keeper: string, run: string, options: SessionOptions): Promise<Session> {
  const { mode, bytes = EXAMPLE_BYTES, fault, fileLimitKiB, records = false } = options
  const parameters = [keeper, run, mode, String(bytes)]
  // `sh` counts in blocks of 512 bytes.
  const [command, args] = fileLimitKiB === undefined ? [process.execPath, parameters] : ['sh', ['-c', `ulimit -f ${fileLimitKiB * 2}; exec "$@"`, 'sh', process.execPath, ...parameters]]
  const child = spawn(command, args, { env: { ...process.env, UV_THREADPOOL_SIZE: '1', UV_USE_IO_URING: '0' }, stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_code, signal) => resolve(signal)))
  const firstLine = new Promise<void>((resolve) => {
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString()
      if (output.includes('\n')) resolve()
    })
  })
  await Promise.race([firstLine, ended])
  const { thread } = JSON.parse(output.split('\n')[0] ?? '') as { thread?: number }
  const trace = `${run}.trace-${String(++traces)}`
  if (fault !== undefined) await attach(thread ?? 0, injections(fault), trace)
  else if (records) await attach(thread ?? 0, [], trace)
  child.stdin.on('error', () => undefined)
  child.stdin.end('go\n')
  const signal = await ended
  const last = JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as { epoch?: number; note?: string | null; failure?: Failure }
  const wasHit = fault !== undefined && (signal === 'SIGKILL' || readFileSync(trace, 'utf8').includes('(INJECTED)'))
  return { epoch: last.epoch ?? null, note: last.note ?? null, failure: last.failure ?? null, signal, wasHit, trace }
}

/** The operations of a recorded session, in their order: what a fault can be aimed at. */
export function operationsOf({ trace }: Session): Operation[] {
  const counts = new Map<FileCall, number>()
  const operations: Operation[] = []
  for (const line of readFileSync(trace, 'utf8').split('\n')) {
    const name = line.slice(0, line.indexOf('('))
    const call = FILE_CALLS.find((one) => one === name)
    // A thread wakes the others by writing eight bytes: failing there takes the process down and no file is touched.
    if (call === undefined) continue
    const nth = (counts.get(call) ?? 0) + 1
    const before = Object.fromEntries(counts)
    counts.set(call, nth)
    if (!/^write\(\d+, "\\1\\0/.test(line)) operations.push({ call, nth, before })
  }
  return operations
}

function injections({ at, what, forGood }: Fault): string[] {
  if (forGood === undefined) return [`${at.call}:${what}:when=${at.nth}`]
  return forGood.map((call) => `${call}:${what}:when=${(at.before[call] ?? 0) + 1}+`)
}

/** To the one thread that does all of the process's file operations, so that nothing else is counted or hit. */
function attach(thread: number, injected: readonly string[], trace: string): Promise<void> {
  const args = ['-p', String(thread), '-o', trace, '-e', `trace=${FILE_CALLS.join(',')}`, ...injected.flatMap((one) => ['-e', `inject=${one}`])]
  const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  return new Promise((resolve, reject) => {
    let said = ''
    tracer.stderr.on('data', (data: Buffer) => {
      said += data.toString()
      if (said.includes('attached')) resolve()
    })
    tracer.on('close', () => reject(new Error(`strace did not attach: ${said}`)))
  })
}
