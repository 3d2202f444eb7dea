/** A run's training step in a session of its own, on the run's weights and grey noise, so that it can be run whole or in parts. */
import { GraftError } from '../../../shared/domain/error'
import { KeyedRandom } from '../../../shared/domain/random'
import type { ComputePrecision, RunConfig } from '../../../shared/domain/run-config'
import { COMPUTE_PRECISIONS } from '../../../shared/domain/run-config'
import { softTargets } from '../../engine/compile/loss'
import { OPTIMIZER_RULES, slotName } from '../../engine/compile/optimizers'
import { FEEDS, type Program } from '../../engine/compile/program'
import { AVERAGE_SLOT } from '../../engine/compile/train-step'
import { toSessionLayout } from '../../engine/compile/variables'
import type { TensorMap } from '../../engine/formats/tensor-map'
import { type DeviceTensor, type Feed, Session } from '../../engine/runtime/session'
import type { RunFolder } from '../../storage/run-folder'
import { checkpointTensors } from '../run-checkpoints'
import { compileRun, type RunNetwork, runNetwork } from '../run-session'

/** So small that a few hundred steps leave the weights as they are. */
const LEARNING_RATE = 1e-9

export interface ProfiledStep {
  readonly run: RunNetwork
  readonly program: Program
  readonly config: RunConfig
  readonly batchSize: number
  readonly precision: ComputePrecision
  /** Runs what the fetches need; nothing is read. Milliseconds. */
  partMs(fetches: readonly string[]): number
  /** Runs a whole step. Milliseconds. */
  stepMs(): number
  close(): void
}

/** The step of the stage that the run's latest checkpoint is in. @throws GraftError CONFLICT where there is no checkpoint */
export async function openProfiledStep(folder: RunFolder): Promise<ProfiledStep> {
  const [config, record, checkpoint] = [await folder.config(), await folder.record(), await folder.readCheckpoint('latest')]
  if (checkpoint === null) throw new GraftError('CONFLICT', 'The run has no checkpoint yet, so there is no step to profile.', { action: 'Resume the run first.' })
  const { classes, stage, preprocessing } = checkpoint.state
  const run = runNetwork(config, classes.length, stage)
  const { batch_size: resolvedBatch, step_size: resolvedStep, precision: resolvedPrecision } = record.resolved
  const batchSize = typeof resolvedBatch === 'number' ? resolvedBatch : config.batch_size === 'auto' ? 1 : config.batch_size
  const stepSize = typeof resolvedStep === 'number' ? resolvedStep : batchSize * config.accumulation_steps
  const asked = config.precision === 'auto' ? resolvedPrecision : config.precision
  const precision = COMPUTE_PRECISIONS.find((each) => each === asked) ?? 'float32'
  const { mean, std } = preprocessing
  const program = compileRun(run, config, {
    preprocessing: { mean: [mean[0] ?? 0, mean[1] ?? 0, mean[2] ?? 0], std: [std[0] ?? 1, std[1] ?? 1, std[2] ?? 1] },
    accumulates: stepSize > batchSize,
    precision,
  })
  const session = new Session(program.savedModel, program.placeholders)
  load(session, program, checkpointTensors(checkpoint))
  // No batch of the run is larger than its training pictures.
  const batch = Math.min(batchSize, Math.max(1, record.counts.train))
  return { run, program, config, batchSize: batch, precision, ...runner(session, program, config, { batch, classes: classes.length }), close: () => { session.close() } } // prettier-ignore
}

function load(session: Session, program: Program, tensors: TensorMap): void {
  const feeds = new Map<string, Feed>()
  for (const spec of program.variables) {
    const placeholder = program.stateIn.feeds.get(spec.name)
    const target = program.placeholders.find(({ name }) => name === placeholder)
    if (placeholder === undefined || target === undefined) continue
    const given = tensors.get(spec.name) ?? (spec.name.startsWith(slotName(AVERAGE_SLOT, '')) ? tensors.get(spec.name.slice(AVERAGE_SLOT.length + 1)) : undefined)
    const size = spec.shape.reduce((a, b) => a * b, 1)
    feeds.set(placeholder, { shape: target.shape, data: given?.data.length === size ? toSessionLayout(spec, given.data, program.isTurned) : new Float32Array(size) })
  }
  session.release(...session.run(feeds, [program.stateIn.fetch]))
}

function runner(session: Session, program: Program, config: RunConfig, { batch, classes }: { batch: number; classes: number }) {
  const { train } = program
  if (train === null) throw new Error('A run trains')
  const feeds = new Map<string, Feed>([
    [program.prefix === null ? FEEDS.pictures : FEEDS.features, stepInput(session, program, config.image_size, batch)],
    ...stepFeeds(program, config, batch, classes),
  ])
  const feedsOf = (names: readonly string[]) => new Map([...feeds].filter(([name]) => names.includes(name)))
  const [passFeeds, applyFeeds] = [feedsOf(train.pass.feeds), feedsOf(train.apply?.feeds ?? [])]
  const timed = (work: () => void): number => {
    const startedMs = performance.now()
    work()
    return performance.now() - startedMs
  }
  const fetch = (given: ReadonlyMap<string, Feed>, fetches: readonly string[]) => session.release(...session.run(given, fetches))
  return {
    partMs: (fetches: readonly string[]) => timed(() => fetch(passFeeds, fetches)),
    stepMs: () =>
      timed(() => {
        fetch(passFeeds, train.pass.fetches)
        if (train.apply !== null) fetch(applyFeeds, train.apply.fetches)
      }),
  }
}

/** Noise as pictures, or what the frozen part gives for it; it stays in TensorFlow's memory. */
function stepInput(session: Session, program: Program, side: number, batch: number): DeviceTensor {
  const random = new KeyedRandom(1, 'sample')
  const noise = Uint8Array.from({ length: 65_521 }, () => random.below(256))
  const pixels = new Uint8Array(batch * side * side * 3)
  for (let i = 0; i < pixels.length; i++) pixels[i] = noise[i % noise.length] ?? 0
  const [pictures] = session.run(new Map<string, Feed>([[FEEDS.pixels, { shape: [batch, side, side, 3], data: pixels }]]), program.plain.fetches)
  if (pictures === undefined) throw new Error('The graph gave no pictures')
  if (program.prefix === null) return pictures
  const [features] = session.run(new Map<string, Feed>([[FEEDS.pictures, pictures]]), program.prefix.fetches)
  session.release(pictures)
  if (features === undefined) throw new Error('The prefix gave nothing')
  return features
}

function stepFeeds(program: Program, config: RunConfig, batch: number, classes: number): [string, Feed][] {
  const settings = { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov, beta1: config.beta1, beta2: config.beta2 }
  const scalars = OPTIMIZER_RULES[config.optimizer].scalars(1, LEARNING_RATE, settings)
  const vector = (value: number): Feed => ({ shape: [program.groupCount], data: new Float32Array(program.groupCount).fill(value) })
  const labels = Array.from({ length: batch }, (_, row) => row % classes)
  return [
    [FEEDS.targets, { shape: [batch, classes], data: softTargets(labels, classes, config.label_smoothing) }],
    [FEEDS.weights, { shape: [batch], data: new Float32Array(batch).fill(1 / batch) }],
    [FEEDS.randomKey, { shape: [2], data: Int32Array.of(1, 0) }],
    [FEEDS.randomCounter, { shape: [4], data: new Int32Array(4) }],
    [FEEDS.learningRate, vector(scalars.learningRate)],
    [FEEDS.epsilon, vector(scalars.epsilon)],
    [FEEDS.decay, vector(scalars.decay)],
    [FEEDS.averageDecay, { shape: [], data: Float32Array.of(config.ema_decay ?? 0) }],
  ]
}
