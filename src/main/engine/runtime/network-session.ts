/** A compiled network with its weights: what the training loop, evaluation and export call. */
import type { TensorMap, HostTensor } from '../formats/tensor-map'
import type { BatchAugmentation } from '../compile/augmentation'
import { type OptimizerScalars, slotName } from '../compile/optimizers'
import { FEEDS, type Program } from '../compile/program'
import { AVERAGE_SLOT } from '../compile/train-step'
import { toPytorchLayout, toSessionLayout } from '../compile/variables'
import { type DeviceTensor, type Feed, type HostFeed, Session } from './session'

/** What a pass is fed beside its values. */
export interface PassInput {
  /** [N, classes] */
  readonly targets: HostFeed
  /** [N] */
  readonly weights: HostFeed
  /** The run's seed as two 32-bit halves. */
  readonly randomKey: Int32Array
  /** Passes before this one: dropout's counter. */
  readonly step: number
}

/** What an update is fed. */
export interface UpdateInput {
  /** Of each parameter group, or of all. */
  readonly scalars: OptimizerScalars | readonly OptimizerScalars[]
  /** Share of the old in the running average of the weights, where one is kept. */
  readonly averageDecay?: number
}

export type TrainStepInput = PassInput & UpdateInput

export interface TrainStepResult {
  readonly loss: number
  /** [N, classes], from the forward pass in training mode. */
  readonly logits: Float32Array
  /** Global norm of the gradients; not finite as soon as one gradient is not. */
  readonly gradientNorm: number
}

/** `average/x` → `x`; a name without it as it is. */
const averagedParameter = (name: string) => (name.startsWith(slotName(AVERAGE_SLOT, '')) ? name.slice(AVERAGE_SLOT.length + 1) : name)

/**
 * Sets every variable of a graph, in PyTorch's layout. What is not in `state` becomes zero: an optimizer's slots at the start. A running
 * average that is not there starts as the weight itself.
 */
export function loadState(session: Session, program: Pick<Program, 'variables' | 'placeholders' | 'stateIn' | 'isTurned'>, state: TensorMap): void {
  const feeds = new Map<string, Feed>()
  for (const spec of program.variables) {
    const placeholder = program.stateIn.feeds.get(spec.name)
    if (placeholder === undefined) continue
    const size = spec.shape.reduce((a, b) => a * b, 1)
    const given = state.get(spec.name) ?? state.get(averagedParameter(spec.name))
    if (given !== undefined && given.data.length !== size) {
      throw new Error(`${spec.name} takes [${spec.shape.join(', ')}], not [${given.shape.join(', ')}]`)
    }
    const data = given === undefined ? new Float32Array(size) : toSessionLayout(spec, given.data, program.isTurned)
    const target = program.placeholders.find((p) => p.name === placeholder)
    feeds.set(placeholder, { shape: target?.shape ?? [], data })
  }
  session.release(...session.run(feeds, [program.stateIn.fetch]))
}

export class NetworkSession {
  private readonly session: Session

  constructor(readonly program: Program) {
    this.session = new Session(program.savedModel, program.placeholders)
  }

  /** Sets every variable: see `loadState`. */
  load(state: TensorMap): void {
    loadState(this.session, this.program, state)
  }

  /** Every variable, in PyTorch's layout and order. */
  state(): Map<string, HostTensor> {
    const values = this.session.run(new Map(), this.program.stateOut.fetches)
    const result = new Map<string, HostTensor>()
    this.program.stateVariables.forEach((spec, i) => {
      const value = values[i]
      if (value !== undefined) result.set(spec.name, toPytorchLayout(spec, this.session.read(value), this.program.isTurned))
    })
    return result
  }

  /** Pictures as float32 in 0…1, augmented or plain. Release what comes back. `pixels` is uint8 [N, side, side, 3]. */
  pictures(pixels: HostFeed, augmentation: BatchAugmentation | null): DeviceTensor {
    const { plain, geometry, jitter, erasing } = this.program
    const count = pixels.shape[0] ?? 0
    let feeds = new Map<string, Feed>([[FEEDS.pixels, pixels]])
    const moves = augmentation?.transforms ?? null
    if (moves !== null) feeds.set(FEEDS.transforms, { shape: [count, 8], data: moves })
    let current = this.one(feeds, moves === null ? plain.fetches : geometry.fetches)
    if (augmentation?.changePixels !== undefined) {
      const levels = toLevels(this.read(current))
      augmentation.changePixels(levels)
      current = this.one(new Map([[FEEDS.pixels, { shape: pixels.shape, data: levels }]]), plain.fetches)
    }
    for (const { jitter: name, amounts } of augmentation?.jitters ?? []) {
      feeds = new Map<string, Feed>([[FEEDS.pictures, current], [FEEDS.amounts, { shape: [count], data: amounts }]])
      const next = this.one(feeds, jitter[name].fetches)
      this.session.release(current)
      current = next
    }
    if (augmentation?.erased === undefined) return current
    const covered = this.one(new Map<string, Feed>([[FEEDS.pictures, current], [FEEDS.boxes, { shape: [count, 4], data: augmentation.erased }]]), erasing.fetches)
    this.session.release(current)
    return covered
  }

  /** Every picture of a batch blended with the one before it. `shares` [side, side, 1]: how much of each pixel stays. Takes the place of `pictures`, which are released where they are a tensor. */
  mix(pictures: Feed, shares: HostFeed): DeviceTensor {
    const result = this.one(new Map<string, Feed>([[FEEDS.pictures, pictures], [FEEDS.shares, shares]]), this.program.mix.fetches)
    if ('id' in pictures) this.session.release(pictures)
    return result
  }

  /** The value at the cut for pictures in 0…1, which are released. Where nothing is cut off that is the pictures themselves. */
  features(pictures: DeviceTensor): DeviceTensor {
    return this.program.prefix === null ? pictures : this.prefix(pictures)
  }

  /** What the part up to the cut gives for pictures in 0…1, which are released where they are a tensor. */
  prefix(pictures: Feed): DeviceTensor {
    if (this.program.prefix === null) throw new Error('This program has no prefix')
    const result = this.one(new Map([[FEEDS.pictures, pictures]]), this.program.prefix.fetches)
    if ('id' in pictures) this.session.release(pictures)
    return result
  }

  /** Logits [N, classes] of values at the cut, in inference form. */
  evaluate(head: Feed): Float32Array {
    return this.read(this.one(new Map([[this.headFeed, head]]), this.program.evaluate.fetches))
  }

  /** One optimizer step on values at the cut. */
  trainStep(head: Feed, input: TrainStepInput): TrainStepResult {
    const result = this.pass(head, input, this.program.train?.apply === null ? this.updateFeeds(input) : [])
    if (this.program.train?.apply !== null) this.apply(input)
    return result
  }

  /** A forward and backward pass whose gradients are gathered for `apply`. */
  gather(head: Feed, input: PassInput): TrainStepResult {
    return this.pass(head, input, [])
  }

  /** The optimizer step for what was gathered. Returns the global norm of the gathered gradients before clipping. */
  apply(input: UpdateInput): number {
    const apply = this.program.train?.apply
    if (apply === null || apply === undefined) throw new Error('This program gathers nothing')
    return this.read(this.one(new Map(this.updateFeeds(input)), apply.fetches))[0] ?? NaN
  }

  private pass(head: Feed, input: PassInput, more: readonly (readonly [string, Feed])[]): TrainStepResult {
    if (this.program.train === null) throw new Error('This program only evaluates')
    const feeds = new Map<string, Feed>([
      [this.headFeed, head],
      [FEEDS.targets, input.targets],
      [FEEDS.weights, input.weights],
      [FEEDS.randomKey, { shape: [2], data: input.randomKey }],
      [FEEDS.randomCounter, { shape: [4], data: Int32Array.of(0, 0, input.step, 0) }],
      ...more,
    ])
    const [loss, logits, norm] = this.session.run(feeds, this.program.train.pass.fetches)
    if (loss === undefined || logits === undefined || norm === undefined) throw new Error('The training step gave no result')
    return { loss: this.read(loss)[0] ?? NaN, logits: this.read(logits), gradientNorm: this.read(norm)[0] ?? NaN }
  }

  private updateFeeds({ scalars, averageDecay }: UpdateInput): (readonly [string, Feed])[] {
    const { groupCount } = this.program
    const groups = Array.isArray(scalars) ? (scalars as readonly OptimizerScalars[]) : new Array<OptimizerScalars>(groupCount).fill(scalars as OptimizerScalars)
    const vector = (of: (group: OptimizerScalars) => number): HostFeed => ({ shape: [groups.length], data: Float32Array.from(groups, of) })
    const { train } = this.program
    const keepsAverage = [...(train?.pass.feeds ?? []), ...(train?.apply?.feeds ?? [])].includes(FEEDS.averageDecay)
    return [
      [FEEDS.learningRate, vector((group) => group.learningRate)],
      [FEEDS.epsilon, vector((group) => group.epsilon)],
      [FEEDS.decay, vector((group) => group.decay)],
      ...(keepsAverage ? [[FEEDS.averageDecay, { shape: [], data: Float32Array.of(averageDecay ?? 0) }] as const] : []),
    ]
  }

  read(tensor: DeviceTensor): Float32Array {
    return this.session.read(tensor)
  }

  release(...tensors: readonly DeviceTensor[]): void {
    this.session.release(...tensors)
  }

  close(): void {
    this.session.close()
  }

  private get headFeed(): string {
    return this.program.prefix === null ? FEEDS.pictures : FEEDS.features
  }

  private one(feeds: ReadonlyMap<string, Feed>, fetches: readonly string[]): DeviceTensor {
    const [result] = this.session.run(feeds, fetches)
    if (result === undefined) throw new Error('The graph gave no result')
    return result
  }
}

/** 0…1 → 0…255. By a plain loop: a batch has millions of them. */
function toLevels(values: Float32Array): Uint8Array {
  const levels = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) levels[i] = Math.round((values[i] as number) * 255)
  return levels
}
