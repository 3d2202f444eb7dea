/** Runs in memory for the resume matrix: a network of a few hundred numbers, noise for pictures, checkpoints as bytes. */
import type { EpochRecord } from '../../shared/domain/metrics'
import { type CheckpointState, checkpointStateSchema } from '../../shared/domain/run'
import { type RunConfig, runConfigSchema } from '../../shared/domain/run-config'
import type { HostTensor } from '../engine/formats/tensor-map'
import { formulaPixels, hashed } from '../engine/golden/formula'
import { NetworkSession } from '../engine/runtime/network-session'
import { randomWeights } from '../engine/train/initial-weights'
import type { StepProgress } from '../engine/train/loop'
import type { PictureSource } from '../engine/train/picture-source'
import { initialTrainingState } from '../engine/train/state'
import type { Backbone } from '../engine/zoo/backbone'
import { torchvisionWeights } from '../engine/zoo/weights-rows'
import type { ReadCheckpoint } from '../storage/checkpoint-folder'
import type { FeatureCache } from '../storage/feature-cache'
import { checkpointTensors, restoredState } from './run-checkpoints'
import { compileRun, runNetwork } from './run-session'
import { type StagedTraining, trainStages } from './train-stages'

export const CLASSES = ['a', 'b', 'c'] as const
export const SIDE = 32

/** Four children with batch norms, a shortcut, stochastic depth and a depthwise convolution; 3→`channels` channels. */
const tiny = (channels: number): Backbone => ({
  name: 'tiny',
  title: 'Tiny',
  paper: '',
  description: '',
  preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  weights: [torchvisionWeights(1, 'tiny-00000000', 1, 0, [32, 32])],
  dropout: 0.3,
  stochasticDepth: 0.5,
  headModule: 'fc',
  classifier: 'fc',
  firstTrainedStage: 'layer2',
  writeFeatures(net, { stochasticDepth }) {
    let x = net.conv('conv1', 'input', { in: 3, out: 4, kernel: 3, stride: 4 })
    x = net.activation(net.batchNorm('bn1', x, 4), 'relu')
    x = net.conv('layer1.0', x, { in: 4, out: 4, kernel: 3, groups: 4 })
    const shortcut = net.activation(net.batchNorm('layer1.1', x, 4), 'hard_swish')
    x = net.batchNorm('layer2.1', net.conv('layer2.0', shortcut, { in: 4, out: 4, kernel: 1 }), 4)
    x = net.add(net.stochasticDepth(x, stochasticDepth), shortcut)
    x = net.conv('layer3.0', x, { in: 4, out: channels, kernel: 3, stride: 2 })
    x = net.activation(net.batchNorm('layer3.1', x, channels), 'relu')
    return { value: net.globalAveragePool(x), channels }
  },
  writeLinearHead: (net, pooled, { classes, dropout }) => net.linear('fc', net.dropout(pooled.value, dropout), pooled.channels, classes),
})
export const TINY = tiny(8)
/** With a batch norm that mixed precision computes in bfloat16. */
const WIDER = tiny(16)

/** Pictures that have names as well. */
type FiledSource = PictureSource & { readonly paths: readonly string[] }

/** Noise of a colour by class, read anew each time, as the real source does. */
export function noise(first: number, labels: readonly number[]): FiledSource {
  const whole = (index: number) =>
    formulaPixels(first + index, SIDE * SIDE * 3).map((value, at) => (at % 3 === labels[index] ? Math.min(255, value / 2 + 100) : value / 2))
  return {
    count: labels.length,
    labels,
    keys: labels.map((_, index) => hashed(first, index)),
    paths: labels.map((_, index) => `${first + index}.png`),
    contents: `noise from ${first} of ${labels.join(' ')}`,
    async read(index, out, offset) {
      out.set(whole(index), offset)
    },
    async readCrop(index, choose, out, offset) {
      const { left, top, width, height } = choose({ width: SIDE, height: SIDE })
      const pixels = whole(index)
      for (let row = 0; row < SIDE; row++) {
        for (let column = 0; column < SIDE; column++) {
          const from = 3 * ((top + Math.floor((row * height) / SIDE)) * SIDE + left + Math.floor((column * width) / SIDE))
          out.set(pixels.subarray(from, from + 3), offset + 3 * (row * SIDE + column))
        }
      }
    },
  }
}

/** Ten pictures, of which batches of three leave a single one; classes are uneven. Labels of the last two lie. */
const TRAIN = noise(7000, [0, 1, 2, 0, 1, 0, 0, 1, 2, 1])
const VAL = noise(7100, [0, 1, 2, 0, 2, 1, 1])

/** What lies in a run's folder at some time. */
export interface Kept {
  readonly best: Stored | null
  readonly latest: Stored
}

/** A checkpoint as files hold it: bytes and text. */
export interface Stored {
  readonly weights: Uint8Array
  readonly optimizer: Uint8Array
  readonly state: string
}

export interface RunEnd {
  readonly best: string
  readonly latest: string
  /** With the history. */
  readonly state: unknown
}

export interface Played {
  readonly end: RunEnd
  /** The folder after each write of a checkpoint: one after every step, every epoch, the best of an epoch and a stage's beginning. */
  readonly cuts: readonly Kept[]
}

export function matrixConfig(given: Partial<RunConfig>): RunConfig {
  return runConfigSchema.parse({
    backbone: 'tiny', weights: 'none', image_size: SIDE, freeze: 'none', batch_size: 4, epochs: 3, learning_rate: 0.01, scheduler: 'none',
    early_stopping_patience: 0, checkpoint_minutes: 0, augment: false, seed: 2 ** 33 + 5, ...given,
  }) // prettier-ignore
}

const bytesOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const stateOf = (stored: Stored): CheckpointState => checkpointStateSchema.parse(JSON.parse(stored.state))

/** Without what is measured by a clock. */
function timeless({ elapsed_s: _elapsed, position, history, ...rest }: CheckpointState): unknown {
  return { ...rest, position: position === null ? null : { ...position, seconds: 0 }, history: history.map(timelessEpoch) }
}

function timelessEpoch({ seconds: _seconds, images_per_second: _speed, memory_bytes: _memory, tensors: _tensors, ...same }: EpochRecord): unknown {
  return same
}

/** In memory, what `RunFolder` is on a disk. */
class MemoryFolder {
  readonly cuts: Kept[] = []
  best: Stored | null
  latest: Stored | null

  constructor(from: Kept | null) {
    this.best = from?.best ?? null
    this.latest = from?.latest ?? null
  }

  async writeCheckpoint(name: 'best' | 'latest', { weights, optimizer, state }: { weights: Uint8Array; optimizer: Uint8Array | null; state: CheckpointState }): Promise<void> {
    this[name] = { weights, optimizer: optimizer ?? new Uint8Array(), state: JSON.stringify(checkpointStateSchema.parse(state)) }
    if (this.latest !== null) this.cuts.push({ best: this.best, latest: this.latest })
  }

  async readCheckpoint(name: 'best' | 'latest'): Promise<ReadCheckpoint | null> {
    const stored = this[name]
    return stored === null ? null : { weights: stored.weights, optimizer: stored.optimizer, state: stateOf(stored), note: null }
  }

  checkpointDirectory(name: string): string {
    return name
  }

  async writeTrainingHistory(): Promise<void> {
    // The checkpoint's state has it too.
  }

  async writeEpochAnswers(): Promise<void> {
    // `resume.test.ts` looks at the file itself.
  }
}

/**
 * A session that is only ended by the test: compiling costs a hundred times a step. Whoever loads a state sets every variable of it, so that
 * nothing of an earlier run is left; one cut of each mixture is resumed in a session of its own all the same.
 */
class KeptSession extends NetworkSession {
  override close(): void {
    // Ended by `Sessions.close`.
  }

  end(): void {
    super.close()
  }
}

export class Sessions {
  private readonly kept = new Map<number, KeptSession>()

  of(stage: number, open: () => KeptSession): KeptSession {
    const session = this.kept.get(stage) ?? open()
    this.kept.set(stage, session)
    return session
  }

  close(): void {
    for (const session of this.kept.values()) session.end()
    this.kept.clear()
  }
}

export interface PlayOptions {
  /** What the folder holds; null: a new run. */
  readonly from?: Kept | null
  /** Asked between passes: true ends the session there. */
  readonly shouldEnd?: () => boolean
  /** Of the same configuration; new ones where left out. */
  readonly sessions?: Sessions
  readonly backbone?: Backbone
  readonly train?: PictureSource
  readonly val?: FiledSource
  /** What a new run starts with; random where left out. */
  readonly weights?: ReadonlyMap<string, HostTensor>
  /** What a user would be warned of. */
  readonly onWarning?: (message: string) => void
  /** What a user would be told. */
  readonly onNote?: (message: string) => void
  readonly onProgress?: (progress: StepProgress) => void
  /** Keeps features for later runs; none where left out. */
  readonly featureCache?: FeatureCache
  /** See `StagedTraining`. */
  readonly prefixOpensFrom?: number
}

/** Trains from the start or from what is kept to the end, or to where `shouldEnd` says so: then `stopped` is what the folder holds. */
export async function play(config: RunConfig, options: PlayOptions = {}): Promise<Played & { readonly stopped: Kept | null }> {
  const { from = null, shouldEnd = () => false, sessions, backbone = config.precision === 'bfloat16' ? WIDER : TINY } = options
  const folder = new MemoryFolder(from)
  const networkOf = (stage: number) => runNetwork(config, CLASSES.length, stage, backbone)
  const batchSize = Number(config.batch_size)
  const accumulates = config.accumulation_steps > 1
  const training: StagedTraining = {
    config,
    folder,
    classes: CLASSES,
    train: options.train ?? TRAIN,
    val: options.val ?? VAL,
    preprocessing: backbone.preprocessing,
    batch: { batchSize, stepSize: batchSize * config.accumulation_steps },
    featureDirectory: '',
    ...(options.featureCache !== undefined && { features: { cache: options.featureCache, environment: 'here' } }),
    prefixOpensFrom: options.prefixOpensFrom,
    networkOf,
    openSession(network) {
      const program = () => compileRun(network, config, { preprocessing: backbone.preprocessing, accumulates, precision: config.precision === 'auto' ? 'float32' : config.precision })
      return sessions?.of(network.stage.index, () => new KeptSession(program())) ?? new NetworkSession(program())
    },
    hooks: {
      onCompiling: () => undefined,
      onStage: async () => undefined,
      onStageEnd: async () => undefined,
      onProgress: (progress) => options.onProgress?.(progress),
      onEpoch: () => undefined,
      onKept: async () => undefined,
      onWarning: async (message) => options.onWarning?.(message),
      onNote: async (message) => options.onNote?.(message),
      shouldEnd: async () => shouldEnd(),
    },
  }
  const first = networkOf(1)
  const state = from === null ? initialTrainingState(first.groups.baseRates) : restoredState(stateOf(from.latest))
  const tensors = from === null ? (options.weights ?? randomWeights(first.network, config.seed)) : checkpointTensors(from.latest)
  const outcome = await trainStages(training, state, tensors)
  const { best, latest } = folder
  const end: RunEnd = {
    best: best === null ? '' : bytesOf(best.weights),
    latest: latest === null ? '' : `${bytesOf(latest.weights)} ${bytesOf(latest.optimizer)}`,
    state: latest === null ? null : timeless(stateOf(latest)),
  }
  return { end, cuts: folder.cuts, stopped: outcome === 'stopped' && latest !== null ? { best, latest } : null }
}
