/**
 * The main process's side of the trainer: starts the child, passes on what it tells, and says why it died when it does.
 * The main process itself never loads TensorFlow.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cancelled, GraftError } from '../../shared/domain/error'
import type { SequencedRunEvent } from '../../shared/domain/run'
import type { SoFar } from '../../shared/domain/system'
import { RunFolder } from '../storage/run-folder'
import { readCheckpointStateIfThere } from '../storage/checkpoint-folder'
import { availableCoresSync } from './available-cores'
import { crashReason, outOfMemoryKillsSync } from './crash-reason'
import { watchMemory } from './memory-watch'
import type { FromTrainer, Job, JobKind, JobResults, ToTrainer } from './messages'

/** How long an aborted training may take to keep its best and end, before it is killed. */
const STOP_GRACE_MS = 30_000
/** The same for other jobs, which have nothing to keep. */
const END_GRACE_MS = 2_000
const TAIL_BYTES = 16 * 1024

export interface JobProgress {
  message: string
  done: number
  total: number
  /** What it has found already. */
  soFar?: SoFar | undefined
}

export interface JobOptions {
  /** Aborting asks training to stop as `stop()` does, and ends other jobs; what does not end in time is killed. */
  signal?: AbortSignal | undefined
  onEvent?: ((event: SequencedRunEvent) => void) | undefined
  onProgress?: ((progress: JobProgress) => void) | undefined
  /** What the person ought to know although the work goes on. */
  onNote?: ((message: string) => void) | undefined
  /** Open file that takes all that libraries in the child print on stdout: a pipe that is full loses some of it. Else only the end is kept, for when it crashes. */
  outputDescriptor?: number | undefined
  /** Over the surroundings that every child has. */
  environment?: NodeJS.ProcessEnv | undefined
  /** For tests; else GRAFT_TRAINER, else the built trainer. */
  trainerPath?: string | undefined
  /** For tests. */
  stopGraceMs?: number | undefined
}

export interface JobHandle<K extends JobKind> {
  /** Rejects with GraftError (what the job failed with, CRASHED, OUT_OF_MEMORY) or Cancelled. */
  result: Promise<JobResults[K]>
  /** Of the child; undefined until it runs. */
  pid: () => number | undefined
  /** The same once it runs; undefined where it never did. */
  started: Promise<number | undefined>
  pause: () => void
  unpause: () => void
  /** Asks training to end after the step at hand; it keeps and evaluates its best. */
  stop: () => void
}

type JobOf<K extends JobKind> = Extract<Job, { kind: K }>

/** The built trainer: GRAFT_TRAINER, else `out/main/trainer.js` above this file. */
export function findTrainerSync(from = dirname(fileURLToPath(import.meta.url))): string {
  const chosen = process.env['GRAFT_TRAINER']
  if (chosen !== undefined && chosen !== '') return chosen
  for (let folder = from; ; folder = dirname(folder)) {
    const path = join(folder, 'out', 'main', 'trainer.js')
    if (existsSync(path)) return path
    if (dirname(folder) === folder) break
  }
  throw new GraftError('NOT_FOUND', 'The trainer (out/main/trainer.js) has not been built.', { action: 'Run npm start, which builds it.' })
}

/** The child's surroundings. `intraOpThreads` is stored in a run, since results depend on it in the last bits. */
export function trainerEnvironment(cores: number, intraOpThreads: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ELECTRON_RUN_AS_NODE: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_NUM_INTRAOP_THREADS: String(intraOpThreads),
    TF_NUM_INTEROP_THREADS: String(cores),
    UV_THREADPOOL_SIZE: String(Math.max(4, cores * 2)),
    // Whichever thread loads ONNX Runtime, it is to tell nobody.
    ORT_DISABLE_TELEMETRY: '1',
  }
}

/**
 * Starts a trainer, which ends with this process. It is out of the terminal's process group: Ctrl-C reaches the parent alone, which ends the
 * child in good order.
 */
export function forkTrainer(path: string, environment: NodeJS.ProcessEnv, output: 'ignore' | 'pipe' | number): ChildProcess {
  const child = fork(path, [], { env: environment, serialization: 'advanced', stdio: ['ignore', output, 'pipe', 'ipc'], execArgv: [], detached: process.platform !== 'win32' })
  const killWithParent = (): void => void child.kill('SIGKILL')
  const isOver = (): void => void process.removeListener('exit', killWithParent)
  process.once('exit', killWithParent)
  child.once('close', isOver)
  child.once('error', () => {
    // Without a process there is no end to wait for.
    if (child.pid === undefined) isOver()
  })
  return child
}

/** Of the run that this one is to come out equal to. */
async function threadsOfOriginal(runDirectory: string): Promise<number | null> {
  const record = await RunFolder.open(runDirectory)
    .then((folder) => folder.record())
    .catch(() => null) // the trainer itself says what is wrong with the folder
  return record?.reproduces?.threads ?? null
}

/** A resumed run goes on with the threads that it began with. */
async function threadsFor(job: Job, cores: number): Promise<number> {
  if (job.kind !== 'train' && job.kind !== 'profile') return cores
  if (job.kind === 'train' && !job.resume) return (await threadsOfOriginal(job.runDirectory)) ?? cores
  const state = await readCheckpointStateIfThere(join(job.runDirectory, 'checkpoints', 'latest')).catch(() => null)
  return state?.intra_op_threads ?? cores
}

/** True where the run is to leave a GPU alone; TensorFlow must be told before it is loaded. */
async function isCpuOnly(job: Job): Promise<boolean> {
  if (job.kind === 'forecast' || job.kind === 'find-rate') return job.config.device === 'cpu'
  if (job.kind !== 'train' && job.kind !== 'profile') return false
  const config = await RunFolder.open(job.runDirectory)
    .then((folder) => folder.config())
    .catch(() => null) // the trainer itself says what is wrong with the folder
  return config?.device === 'cpu'
}

/** Keeps the end of what a stream says. */
function tailOf(stream: NodeJS.ReadableStream | null): () => string {
  let tail = Buffer.alloc(0)
  stream?.on('data', (data: Buffer) => {
    tail = Buffer.concat([tail, data]).subarray(-TAIL_BYTES)
  })
  return () => tail.toString('utf8').trim()
}

/** Runs one job in a child of its own. */
export function runJob<K extends JobKind>(job: JobOf<K>, options: JobOptions = {}): JobHandle<K> {
  let child: ChildProcess | null = null
  let tellStart: (pid: number | undefined) => void = () => undefined
  const started = new Promise<number | undefined>((resolve) => (tellStart = resolve))
  const waiting: ToTrainer[] = []
  const send = (message: ToTrainer): void => {
    if (child === null) waiting.push(message)
    // A child that is about to die may have closed its channel; how it died is told by its end.
    else if (child.connected) child.send(message, () => undefined)
  }
  const run = async (): Promise<JobResults[K]> => {
    if (options.signal?.aborted === true) throw new Cancelled()
    const cores = availableCoresSync()
    const environment = {
      ...trainerEnvironment(cores, await threadsFor(job, cores)),
      ...((await isCpuOnly(job)) ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
      ...options.environment,
    }
    const path = options.trainerPath ?? findTrainerSync()
    return supervise(job, options, () => {
      child = forkTrainer(path, environment, options.outputDescriptor ?? 'pipe')
      child.send({ type: 'job', job } satisfies ToTrainer, () => undefined)
      for (const message of waiting.splice(0)) send(message)
      tellStart(child.pid)
      return { child, send }
    })
  }
  const result = run()
  // Where it never started there is nothing to wait for.
  const tellEnd = (): void => tellStart(undefined)
  result.then(tellEnd, tellEnd)
  return {
    result,
    pid: () => child?.pid,
    started,
    pause: () => send({ type: 'pause' }),
    unpause: () => send({ type: 'unpause' }),
    stop: () => send({ type: 'stop' }),
  }
}

function supervise<K extends JobKind>(
  job: JobOf<K>,
  options: JobOptions,
  start: () => { child: ChildProcess; send: (message: ToTrainer) => void },
): Promise<JobResults[K]> {
  return new Promise((resolve, reject) => {
    const killsBefore = outOfMemoryKillsSync()
    const { child, send } = start()
    const memory = child.pid === undefined ? null : watchMemory(child.pid)
    const errorOutput = tailOf(child.stderr)
    const output = tailOf(child.stdout)
    let ending: { ok: true; result: JobResults[K] } | { ok: false; error: Error } | null = null
    let graceTimer: NodeJS.Timeout | undefined

    const onAbort = (): void => {
      const isTraining = job.kind === 'train'
      if (isTraining) send({ type: 'stop' })
      else child.kill('SIGTERM')
      waitAndKill()
    }
    // Counted from the last sign of life: the best may take long to evaluate.
    const waitAndKill = (): void => {
      clearTimeout(graceTimer)
      graceTimer = setTimeout(() => child.kill('SIGKILL'), options.stopGraceMs ?? (job.kind === 'train' ? STOP_GRACE_MS : END_GRACE_MS))
    }

    child.on('message', (raw) => {
      const message = raw as FromTrainer
      if (graceTimer !== undefined && job.kind === 'train') waitAndKill()
      switch (message.type) {
        case 'event':
          return options.onEvent?.(message.event)
        case 'progress':
          return options.onProgress?.({ message: message.message, done: message.done, total: message.total, soFar: message.soFar })
        case 'note':
          return options.onNote?.(message.message)
        case 'result':
          ending = { ok: true, result: message.result as JobResults[K] }
          return undefined
        case 'failed':
          ending = { ok: false, error: GraftError.fromFailure(message.failure) }
          return undefined
      }
    })
    child.once('error', (error) => {
      ending ??= { ok: false, error: new GraftError('CRASHED', `The trainer could not be started (${error.message}).`, { action: 'Run graft doctor.' }) }
      // Without a process there is no end to wait for.
      if (child.pid === undefined) finish(null, null)
    })
    child.once('close', (code, signal) => finish(code, signal))
    options.signal?.addEventListener('abort', onAbort, { once: true })
    if (options.signal?.aborted === true) onAbort()

    function finish(code: number | null, signal: NodeJS.Signals | null): void {
      clearTimeout(graceTimer)
      memory?.end()
      options.signal?.removeEventListener('abort', onAbort)
      // A result counts even when the child crashes on its way out.
      if (ending?.ok === true) return resolve(ending.result)
      // Something that went wrong while stopping (a full disk) is told; the end that was asked for is not a failure.
      const isWrong = ending !== null && !(ending.error instanceof GraftError && ending.error.code === 'CONFLICT')
      if (options.signal?.aborted === true && !isWrong) return reject(new Cancelled())
      if (ending !== null) return reject(ending.error)
      const said = [errorOutput(), output()].filter((text) => text !== '').join('\n')
      reject(crashReason({ code, signal, errorOutput: said, outOfMemoryKills: { before: killsBefore, after: outOfMemoryKillsSync() }, wasMemoryTight: memory?.wasTight() ?? false }))
    }
  })
}
