/** What a run computes in: as the configuration says, as its session before did, or for `auto` whichever a measurement shows to be faster. */
import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { GraftError } from '../../shared/domain/error'
import type { ResolvedSettings } from '../../shared/domain/run'
import { assumedBatchSize, COMPUTE_PRECISIONS, type ComputePrecision, type RunConfig } from '../../shared/domain/run-config'
import { plannedStages } from '../../shared/domain/stages'
import type { Device } from '../../shared/domain/system'
import { randomWeights } from '../engine/train/initial-weights'
import { NetworkSession } from '../engine/runtime/network-session'
import { freezePlan } from '../engine/zoo/freeze-plan'
import { makeFolder } from '../storage/atomic-write'
import { readJsonFileIfThere, writeJsonFile } from '../storage/json-file'
import { cacheDirectory } from '../storage/paths'
import { toStorageError } from '../storage/storage-error'
import { greyStep } from './grey-step'
import { compileRun, runNetwork } from './run-session'

/** Share of float32's time that bfloat16 has to stay below: less is not worth its eight bits. */
const WORTH_IT = 0.9
/** Multiply–adds of training below which measuring, some two seconds, takes longer than it can save. */
const MEASURED_FROM_MACS = 4e11
const MEASURE_MS = 400

/** Instructions for products of bfloat16 numbers, as Linux names them. */
const BFLOAT16_INSTRUCTIONS = ['avx512_bf16', 'amx_bf16']

const measurementsSchema = z.record(z.string(), z.strictObject({ precision: z.enum(COMPUTE_PRECISIONS), float32_s: z.number(), bfloat16_s: z.number(), /** Other programs had more than half of the processor meanwhile. */ busy: z.boolean() }))

export interface PrecisionQuestion {
  readonly config: RunConfig
  /** What the run's sessions before settled on, where it had any. */
  readonly resolved?: ResolvedSettings
  readonly classes: number
  readonly trainPictures: number
  readonly device: Device
  /** Pictures in one pass, where it is known. */
  readonly batchSize?: number
  /** Where measurements of this machine are kept. */
  readonly directory?: string
  /** What the CPU can do; read from the system where left out. */
  readonly hasBfloat16?: boolean
  /** Whether other programs have more than half of the processor; asked of the system where left out. */
  readonly isBusy?: boolean
}

/** True where the processor multiplies bfloat16 numbers by itself. */
export function processorHasBfloat16(): boolean {
  if (platform() !== 'linux') return false
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.split(' ') ?? []
    return BFLOAT16_INSTRUCTIONS.some((name) => flags.includes(name))
  } catch {
    return false
  }
}

/** Of the last minute; Windows does not tell. */
const machineIsBusy = (): boolean => (loadavg()[0] ?? 0) > availableParallelism() / 2

/** What `auto` means without measuring anything: as measured before on this machine, else float32. */
export async function expectedPrecision(question: PrecisionQuestion): Promise<ComputePrecision> {
  const { precision } = question.config
  if (precision !== 'auto') return precision
  return (await measuredBefore(question))?.precision ?? 'float32'
}

/**
 * Measures where that is worth while. `say` is told what came of it; `onStep` is waited for before each step that is timed, a matter of seconds in a large
 * network: it is told how many of the two precisions are measured, and what it throws ends the measuring.
 */
export async function resolvePrecision(
  question: PrecisionQuestion,
  say: (message: string) => Promise<void>,
  onStep: (done: number, total: number) => Promise<void> = () => Promise.resolve(),
): Promise<ComputePrecision> {
  const { config, device } = question
  if (config.precision !== 'auto') return config.precision
  const settled = z.enum(COMPUTE_PRECISIONS).safeParse(question.resolved?.['precision'])
  if (settled.success) return settled.data
  const hasBfloat16 = question.hasBfloat16 ?? processorHasBfloat16()
  if (device.kind !== 'cpu' || !hasBfloat16 || trainingMacs(question) < MEASURED_FROM_MACS) return 'float32'
  const busy = question.isBusy ?? machineIsBusy()
  const kept = await measuredBefore(question)
  // What one precision gained on a busy machine another program may have taken from the other.
  const before = kept?.busy === true && !busy ? null : kept
  const seconds = before ?? {
    busy,
    float32_s: await stepSeconds(question, 'float32', () => onStep(0, 2)),
    bfloat16_s: await stepSeconds(question, 'bfloat16', () => onStep(1, 2)),
  }
  const precision = seconds.bfloat16_s < WORTH_IT * seconds.float32_s ? 'bfloat16' : 'float32'
  await say(`Precision auto: ${precision}. A step takes ${seconds.bfloat16_s.toFixed(2)} s in bfloat16 and ${seconds.float32_s.toFixed(2)} s in float32${before === null ? '' : ', as measured before on this machine'}`)
  const problem = before === null ? await remember(question, { precision, ...seconds }) : null
  if (problem !== null) await say(`The next run measures it again: ${problem}`)
  return precision
}

type Measurement = z.infer<typeof measurementsSchema>[string]

const fileOf = ({ directory = cacheDirectory() }: PrecisionQuestion) => join(directory, 'step-times.json')

async function measurements(question: PrecisionQuestion): Promise<z.infer<typeof measurementsSchema>> {
  try {
    return (await readJsonFileIfThere(fileOf(question), measurementsSchema)) ?? {}
  } catch (error) {
    // Only what can be measured again: a damaged file is written anew, and one that may not be read is done without.
    if (error instanceof GraftError && (error.code === 'UNREADABLE' || error.code === 'STORAGE')) return {}
    throw error
  }
}

async function measuredBefore(question: PrecisionQuestion): Promise<Measurement | null> {
  return (await measurements(question))[keyOf(question)] ?? null
}

/** Null, or why it is not kept. */
async function remember(question: PrecisionQuestion, measurement: Measurement): Promise<string | null> {
  const path = fileOf(question)
  try {
    await makeFolder(dirname(path))
    await writeJsonFile(path, measurementsSchema, { ...(await measurements(question)), [keyOf(question)]: measurement })
    return null
  } catch (error) {
    const problem = toStorageError(error, path, 0)
    if (problem instanceof GraftError && problem.code === 'STORAGE') return problem.message
    throw error
  }
}

/** Everything that the time of a step depends on. */
function keyOf({ config, classes, device, batchSize }: PrecisionQuestion): string {
  const { backbone, head, image_size: side, optimizer } = config
  const network = heaviestStage(config, classes)
  const batch = batchSize ?? assumedBatchSize(config)
  return [cpus()[0]?.model ?? '', device.name, `TensorFlow ${device.tensorflowVersion}`, backbone, head, `${network.frozenLayers} frozen`, network.cut, `${side} px`, `batch ${batch}`, optimizer].join(' · ')
}

/** The network in the stage that trains most of it. */
function heaviestStage(config: RunConfig, classes: number) {
  return plannedStages(config)
    .map((stage) => runNetwork(config, classes, stage.index))
    .reduce((most, each) => (each.trainableParameters > most.trainableParameters ? each : most))
}

/** Multiply–adds of all training steps of the run. */
function trainingMacs({ config, classes, trainPictures }: PrecisionQuestion): number {
  const perPicture = plannedStages(config).map(({ freeze, freeze_ratio, epochs }) => {
    const { macs } = freezePlan({ ...config, freeze, freeze_ratio, classes, imageSize: config.image_size, batchSize: assumedBatchSize(config) })
    return macs.step * epochs
  })
  return perPicture.reduce((a, b) => a + b, 0) * trainPictures
}

/** The fastest of some steps on grey pictures, with weights of its own. */
async function stepSeconds({ config, classes, batchSize = assumedBatchSize(config) }: PrecisionQuestion, precision: ComputePrecision, onStep: () => Promise<void>): Promise<number> {
  const network = heaviestStage(config, classes)
  const session = new NetworkSession(compileRun(network, config, { accumulates: false, precision }))
  try {
    session.load(randomWeights(network.network, config.seed))
    const step = greyStep(session, network, config, { classes, size: batchSize })
    await onStep()
    step()
    const times: number[] = []
    for (let spent = 0; times.length === 0 || spent < MEASURE_MS; spent += times.at(-1) ?? 0) {
      await onStep()
      const startedAt = performance.now()
      step()
      times.push(performance.now() - startedAt)
    }
    return Math.min(...times) / 1000
  } finally {
    session.close()
  }
}
