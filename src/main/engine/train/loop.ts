/** The training loop of one stage, top to bottom. */
import { GraftError } from '../../../shared/domain/error'
import { type EpochAnswers, FULL_CONFIDENCE } from '../../../shared/domain/epoch-answers'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { type RunConfig, viewOfEpoch } from '../../../shared/domain/run-config'
import type { PlannedStage } from '../../../shared/domain/stages'
import { OPTIMIZER_RULES, type OptimizerScalars } from '../compile/optimizers'
import type { NetworkSession, TrainStepResult } from '../runtime/network-session'
import { liveTensorCount } from '../runtime/session'
import { cutIntoBatches, SAMPLER_RULES } from './batches'
import { type Criterion, lossFeeds, lossTotal, meanLoss, plainTargets } from './criterion'
import { isGain, nextEarlyStopping, shouldStop } from './early-stopping'
import type { Heads } from './heads'
import { argmax, confusionMatrix, macroF1 } from './metrics'
import { drawMix, mixTargets } from './mix'
import { mainRate, namedRates, type ParameterGroups } from './parameter-groups'
import { NO_CLOCK, type PhaseClock } from './phase-clock'
import { PicturesAhead } from './pictures-ahead'
import { SCHEDULES, warmUpFactor } from './schedules'
import type { EpochPosition, TrainingState } from './state'

export interface StageOptions {
  readonly session: NetworkSession
  readonly config: RunConfig
  readonly stage: PlannedStage
  readonly groups: ParameterGroups
  readonly criterion: Criterion
  /** Pictures in one pass, and in one optimizer step: more than a pass takes are gathered over several. */
  readonly batchSize: number
  readonly stepSize: number
  /** Different augmented views of each picture; 0: the plain one alone. */
  readonly views: number
  readonly train: { readonly heads: Heads; readonly labels: readonly number[] }
  readonly val: { readonly heads: Heads; readonly labels: readonly number[] }
  /** True when a batch norm normalises by the batch: then no batch may hold a single picture. */
  readonly trainsBatchNorm: boolean
  readonly clock?: PhaseClock | undefined
}

export interface StepProgress {
  readonly epoch: number
  readonly phase: 'features' | 'train' | 'val'
  readonly done: number
  readonly total: number
  /** Running means of this epoch; null before the first step. */
  readonly loss: number | null
  readonly accuracy: number | null
}

/** How the loop speaks to whoever runs it. Each call may take its time: training waits. */
export interface TrainingHooks {
  onProgress(progress: StepProgress): void
  /** A step is over and `state` counts it; checkpoints within an epoch are written here. */
  onStep(state: TrainingState): Promise<void>
  /** An epoch is over and `state` counts it; checkpoints are written here. `answers`: of its validation pictures. */
  onEpoch(record: EpochRecord, answers: EpochAnswers): Promise<void>
  /** Called between passes: lets messages in. True: end now. */
  shouldEnd(): Promise<boolean>
}

/** Trains until the stage's epochs, early stopping or a request end it. `state` is advanced in place and may be kept at any hook. */
export async function trainStage(options: StageOptions, state: TrainingState, hooks: TrainingHooks): Promise<'ended' | 'stopped'> {
  const { config, stage, views, groups } = options
  const settings = { ...stage, baseRates: groups.baseRates }
  while (state.stageEpoch < stage.epochs && !shouldStop(state.earlyStopping, stage.early_stopping_patience)) {
    const epoch = state.epoch + 1
    const started = performance.now() - 1000 * (state.position?.seconds ?? 0)
    const seconds = () => (performance.now() - started) / 1000
    // Each stage shows views of its own.
    const view = views === 0 ? 0 : state.epoch - state.stageEpoch + viewOfEpoch(state.stageEpoch + 1, views)

    if (!(await prepareFeatures(options, epoch, view, hooks))) return 'stopped'
    const trained = await trainEpoch(options, state, { epoch, view, seconds }, hooks)
    if (trained === null) return 'stopped'
    const validated = await (options.clock ?? NO_CLOCK).within('validation', () => validate(options, epoch, hooks))
    if (validated === null) return 'stopped'

    const metrics = { val_accuracy: validated.accuracy, val_macro_f1: validated.macroF1, val_loss: validated.loss }
    const isBest = isGain(config.monitor, metrics[config.monitor], state.best?.metric ?? null)
    const record: EpochRecord = {
      epoch,
      stage: stage.index,
      train_loss: trained.loss_sum / trained.pictures,
      train_accuracy: trained.hits / trained.pictures,
      ...metrics,
      learning_rate: mainRate(groups, state.schedule.learningRates),
      learning_rates: namedRates(groups, state.schedule.learningRates),
      gradient_norm: trained.norm_sum / trained.steps,
      seconds: seconds(),
      images_per_second: trained.pictures / seconds(),
      memory_bytes: process.memoryUsage.rss(),
      tensors: liveTensorCount(),
      is_best: isBest,
      confusion_matrix: validated.matrix,
    }
    state.epoch = epoch
    state.stageEpoch++
    state.position = null
    state.elapsedS += record.seconds
    state.history.push(record)
    if (isBest) state.best = { epoch, metric: metrics[config.monitor] }
    state.schedule = SCHEDULES[stage.scheduler].next(state.schedule, settings, state.stageEpoch, metrics)
    state.earlyStopping = nextEarlyStopping(state.earlyStopping, stage.early_stopping_metric, metrics[stage.early_stopping_metric])
    await hooks.onEpoch(record, validated.answers)
  }
  return 'ended'
}

/** False when the run is to end. */
async function prepareFeatures(options: StageOptions, epoch: number, view: number, hooks: TrainingHooks): Promise<boolean> {
  const wasEnded = new Error('ended')
  const report = async (done: number, total: number) => {
    hooks.onProgress({ epoch, phase: 'features', done, total, loss: null, accuracy: null })
    if (await hooks.shouldEnd()) throw wasEnded
  }
  try {
    await options.train.heads.prepare(view, report)
    await options.val.heads.prepare(0, report)
    return true
  } catch (error) {
    if (error === wasEnded) return false
    throw error
  }
}

interface EpochAt {
  readonly epoch: number
  readonly view: number
  /** Of work on the epoch up to now. */
  seconds(): number
}

/** Goes on from where the epoch stands. Null when the run is to end; `state.position` then says how far it came. */
async function trainEpoch(options: StageOptions, state: TrainingState, at: EpochAt, hooks: TrainingHooks): Promise<EpochPosition | null> {
  const { config, train: data, stepSize } = options
  const order = SAMPLER_RULES[config.sampler](config.seed, at.epoch, data.labels)
  const total = order.length
  let position = state.position ?? { steps: 0, loss_sum: 0, hits: 0, pictures: 0, norm_sum: 0, seconds: 0 }
  const steps = cutIntoBatches(order, stepSize, options.trainsBatchNorm).slice(position.steps)
  const ahead = new PicturesAhead(data.heads, at.view, steps.flatMap((indices) => passesOf(options, indices)), options.clock)
  try {
    for (const indices of steps) {
      const result = await takeStep(options, state, indices, { ...at, ahead })
      position = {
        steps: position.steps + 1,
        loss_sum: position.loss_sum + result.loss * indices.length,
        hits: position.hits + result.hits,
        pictures: position.pictures + indices.length,
        norm_sum: position.norm_sum + result.gradientNorm,
        seconds: at.seconds(),
      }
      state.position = position
      const { pictures, loss_sum, hits } = position
      hooks.onProgress({ epoch: at.epoch, phase: 'train', done: pictures, total, loss: loss_sum / pictures, accuracy: hits / pictures })
      await hooks.onStep(state)
      if (await hooks.shouldEnd()) return null
    }
    return position
  } finally {
    await ahead.abandon()
  }
}

const passesOf = ({ batchSize, trainsBatchNorm }: StageOptions, indices: readonly number[]) => cutIntoBatches(indices, batchSize, trainsBatchNorm)

/** One optimizer step over `indices`, in as many passes as it takes. Nothing ends between them: what is gathered is kept nowhere. */
async function takeStep(options: StageOptions, state: TrainingState, indices: readonly number[], at: EpochAt & { readonly ahead: PicturesAhead }): Promise<{ loss: number; hits: number; gradientNorm: number }> {
  const { session, config, criterion, train: data, batchSize, clock = NO_CLOCK } = options
  const gathers = options.stepSize > batchSize
  const classes = criterion.classWeights.length
  const randomKey = Int32Array.of(config.seed | 0, Math.floor(config.seed / 2 ** 32) | 0)
  const passes = passesOf(options, indices)
  const update = { scalars: stepScalars(options, state), averageDecay: state.step === state.stageStarts.at(-1) ? 0 : (config.ema_decay ?? 0) }
  const mixes = passes.map((pass, i) => (at.view === 0 ? null : drawMix(config.augmentation, { seed: config.seed, step: state.pass + i, count: pass.length, side: config.image_size })))
  const labelsOf = (pass: readonly number[]) => pass.map((index) => data.labels[index] ?? 0)
  const total = lossTotal(criterion, labelsOf(indices), mixes.some((mix) => mix !== null))
  let loss = 0
  let hits = 0
  let gradientNorm = 0
  for (const [i, pass] of passes.entries()) {
    const labels = labelsOf(pass)
    const mix = mixes[i] ?? null
    const plain = plainTargets(criterion, labels)
    const { targets, weights } = lossFeeds(criterion, mix === null ? plain : mixTargets(plain, labels.length, classes, mix.lambda), total)
    const { feed, release } = await data.heads.batch(pass, at.view, mix, await at.ahead.next())
    const input = { targets: { shape: [labels.length, classes], data: targets }, weights: { shape: [labels.length], data: weights }, randomKey, step: state.pass + i }
    const result = clock.computing('steps', session, `pass ${pass.length}`, () => (!gathers ? session.trainStep(feed, { ...input, ...update }) : session.gather(feed, input)))
    release()
    requireFinite(result, at.epoch, state, update.scalars)
    loss += result.loss
    hits += labels.filter((label, row) => argmax(result.logits, row * classes, classes) === label).length
    gradientNorm = result.gradientNorm
  }
  if (gathers) {
    gradientNorm = clock.computing('steps', session, 'apply', () => session.apply(update))
    requireFinite({ loss, gradientNorm }, at.epoch, state, update.scalars)
  }
  state.step++
  state.pass += passes.length
  return { loss, hits, gradientNorm }
}

/** What the optimizer is fed for each parameter group in the next step. */
function stepScalars({ config, stage, groups }: StageOptions, state: TrainingState): OptimizerScalars[] {
  const settings = { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov, beta1: config.beta1, beta2: config.beta2 }
  const warmUp = warmUpFactor(state.step + 1 - (state.stageStarts.at(-1) ?? 0), stage.warmup_steps)
  return groups.since.map((since, group) => {
    const age = state.step + 1 - (state.stageStarts[since - 1] ?? 0)
    return OPTIMIZER_RULES[config.optimizer].scalars(age, (state.schedule.learningRates[group] ?? 0) * warmUp, settings)
  })
}

interface Validation {
  readonly loss: number
  readonly accuracy: number
  readonly macroF1: number
  readonly matrix: number[][]
  readonly answers: EpochAnswers
}

async function validate({ criterion, session, val, clock }: StageOptions, epoch: number, hooks: TrainingHooks): Promise<Validation | null> {
  const classes = criterion.classWeights.length
  const report = async (done: number, total: number) => {
    hooks.onProgress({ epoch, phase: 'val', done, total, loss: null, accuracy: null })
    return hooks.shouldEnd()
  }
  const logits = await evaluateHeads(session, val.heads, val.labels.length, report, clock)
  if (logits === null) return null
  const predictions = val.labels.map((_, row) => argmax(logits, row * classes, classes))
  const matrix = confusionMatrix(val.labels, predictions, classes)
  const hits = val.labels.filter((label, row) => predictions[row] === label).length
  const loss = meanLoss(criterion, logits, val.labels)
  if (!Number.isFinite(loss)) {
    throw new GraftError('DIVERGED', `Training diverged in epoch ${epoch}: the loss on the validation pictures is ${loss}, expected a finite number.`, {
      action: 'Lower the learning rate or clip the gradients, and start again; the last checkpoint is kept.',
    })
  }
  return { loss, accuracy: hits / val.labels.length, macroF1: macroF1(matrix), matrix, answers: answersOf(logits, predictions, classes) }
}

/** Each picture's answer with its softmax probability, which is one exponential a class: what it takes is lost beside the evaluation itself. */
function answersOf(logits: Float32Array, predictions: readonly number[], classes: number): EpochAnswers {
  const confidences = predictions.map((prediction, row) => {
    const first = row * classes
    const largest = logits[first + prediction] ?? 0
    let sum = 0
    for (let at = first; at < first + classes; at++) sum += Math.exp((logits[at] as number) - largest)
    return Math.round(FULL_CONFIDENCE / sum)
  })
  return { predictions: Uint16Array.from(predictions), confidences: Uint16Array.from(confidences) }
}

/** Pictures evaluated at once. */
const EVALUATE_BATCH = 32

/** Logits [count, classes] of the plain view of all pictures; null when `report` says to end. */
export async function evaluateHeads(
  session: NetworkSession,
  heads: Heads,
  count: number,
  report: (done: number, total: number) => Promise<boolean>,
  clock: PhaseClock = NO_CLOCK,
): Promise<Float32Array | null> {
  const parts: Float32Array[] = []
  for (let first = 0; first < count; first += EVALUATE_BATCH) {
    const indices = Array.from({ length: Math.min(EVALUATE_BATCH, count - first) }, (_, i) => first + i)
    const { feed, release } = await heads.batch(indices, 0, null)
    parts.push(clock.computing('validation', session, `evaluate ${indices.length}`, () => session.evaluate(feed)))
    release()
    if (await report(first + indices.length, count)) return null
  }
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    result.set(part, offset)
    offset += part.length
  }
  return result
}

/** @throws GraftError DIVERGED at the step where a number is not finite any more */
function requireFinite(result: Pick<TrainStepResult, 'loss' | 'gradientNorm'>, epoch: number, state: TrainingState, scalars: readonly OptimizerScalars[]): void {
  if (Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm)) return
  const rates = [...new Set(state.schedule.learningRates)].join(' and ')
  throw new GraftError(
    'DIVERGED',
    `Training diverged in epoch ${epoch}, step ${state.step + 1}: the loss is ${result.loss} and the gradient's norm ${result.gradientNorm}, expected finite numbers.`,
    { action: `Lower the learning rate (${scalars.length === 1 ? 'it is' : 'they are'} ${rates}) or clip the gradients, and start again; the last checkpoint is kept.` },
  )
}
