/** The training loop, top to bottom. */
import { GraftError } from '../../../shared/domain/error'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { resolvedViews, type RunConfig, viewOfEpoch } from '../../../shared/domain/run-config'
import { OPTIMIZER_RULES } from '../compile/optimizers'
import { softTargets } from '../compile/loss'
import type { NetworkSession } from '../runtime/network-session'
import { cutIntoBatches, epochOrder } from './batches'
import { isGain, nextEarlyStopping, shouldStop } from './early-stopping'
import type { Heads } from './heads'
import { argmax, confusionMatrix, crossEntropy, macroF1 } from './metrics'
import { SCHEDULES } from './schedules'
import type { TrainingState } from './state'

export interface TrainingOptions {
  readonly session: NetworkSession
  readonly config: RunConfig
  readonly classes: number
  readonly train: { readonly heads: Heads; readonly labels: readonly number[] }
  readonly val: { readonly heads: Heads; readonly labels: readonly number[] }
  /** True when a batch norm trains: then no batch may hold a single picture. */
  readonly trainsBatchNorm: boolean
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
  /** An epoch is over and `state` counts it; checkpoints are written here. */
  onEpoch(record: EpochRecord, state: TrainingState): Promise<void>
  /** Called between steps: lets messages in, waits while paused. True: end now. */
  shouldEnd(): Promise<boolean>
  /** Milliseconds spent waiting in pauses up to now; they are not work. */
  pausedMs(): number
}

/** Trains until the epochs, early stopping or a request end it. `state` is advanced in place, epoch by epoch. */
export async function train(options: TrainingOptions, state: TrainingState, hooks: TrainingHooks): Promise<'completed' | 'stopped'> {
  const { config } = options
  const views = resolvedViews(config)
  while (state.epoch < config.epochs && !shouldStop(state.earlyStopping, config.early_stopping_patience)) {
    const epoch = state.epoch + 1
    const started = performance.now() - hooks.pausedMs()
    const stepBefore = state.step
    const view = config.augment ? viewOfEpoch(epoch, views) : 0

    if (!(await prepareFeatures(options, epoch, view, hooks))) return 'stopped'
    const trained = await trainEpoch(options, state, { epoch, view }, hooks)
    if (trained === null) {
      state.step = stepBefore
      return 'stopped'
    }
    const validated = await validate(options, epoch, hooks)
    if (validated === null) {
      state.step = stepBefore
      return 'stopped'
    }

    const seconds = (performance.now() - hooks.pausedMs() - started) / 1000
    const metrics = { val_accuracy: validated.accuracy, val_macro_f1: validated.macroF1, val_loss: validated.loss }
    const isBest = isGain(config.monitor, metrics[config.monitor], state.best?.metric ?? null)
    const record: EpochRecord = {
      epoch,
      train_loss: trained.loss,
      train_accuracy: trained.accuracy,
      ...metrics,
      learning_rate: state.schedule.learningRate,
      seconds,
      images_per_second: options.train.labels.length / seconds,
      memory_bytes: process.memoryUsage.rss(),
      is_best: isBest,
      confusion_matrix: validated.matrix,
    }
    state.epoch = epoch
    state.elapsedS += seconds
    state.history.push(record)
    if (isBest) state.best = { epoch, metric: metrics[config.monitor] }
    state.schedule = SCHEDULES[config.scheduler].next(state.schedule, config, epoch, metrics)
    state.earlyStopping = nextEarlyStopping(state.earlyStopping, config.early_stopping_metric, metrics[config.early_stopping_metric])
    await hooks.onEpoch(record, state)
  }
  return 'completed'
}

/** False when the run is to end. */
async function prepareFeatures(options: TrainingOptions, epoch: number, view: number, hooks: TrainingHooks): Promise<boolean> {
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

async function trainEpoch(
  options: TrainingOptions,
  state: TrainingState,
  at: { epoch: number; view: number },
  hooks: TrainingHooks,
): Promise<{ loss: number; accuracy: number } | null> {
  const { session, config, classes, train: data } = options
  const settings = { weightDecay: config.weight_decay, momentum: config.momentum, nesterov: config.nesterov }
  const randomKey = Int32Array.of(config.seed | 0, Math.floor(config.seed / 2 ** 32) | 0)
  const order = epochOrder(config.seed, at.epoch, data.labels.length)
  let lossSum = 0
  let hits = 0
  let done = 0
  for (const indices of cutIntoBatches(order, config.batch_size, options.trainsBatchNorm)) {
    const labels = indices.map((index) => data.labels[index] ?? 0)
    const { feed, release } = await data.heads.batch(indices, at.view)
    const result = session.trainStep(feed, {
      targets: { shape: [labels.length, classes], data: softTargets(labels, classes, config.label_smoothing) },
      weights: { shape: [labels.length], data: new Float32Array(labels.length).fill(1 / labels.length) },
      scalars: OPTIMIZER_RULES[config.optimizer].scalars(state.step + 1, state.schedule.learningRate, settings),
      randomKey,
      step: state.step,
    })
    release()
    state.step++
    if (!Number.isFinite(result.loss) || !Number.isFinite(result.gradientNorm)) throw diverged(at.epoch, state, result)
    lossSum += result.loss * labels.length
    hits += labels.filter((label, row) => argmax(result.logits, row * classes, classes) === label).length
    done += labels.length
    hooks.onProgress({ epoch: at.epoch, phase: 'train', done, total: order.length, loss: lossSum / done, accuracy: hits / done })
    if (await hooks.shouldEnd()) return null
  }
  return { loss: lossSum / done, accuracy: hits / done }
}

async function validate(
  options: TrainingOptions,
  epoch: number,
  hooks: TrainingHooks,
): Promise<{ loss: number; accuracy: number; macroF1: number; matrix: number[][] } | null> {
  const { classes, config, val } = options
  const report = async (done: number, total: number) => {
    hooks.onProgress({ epoch, phase: 'val', done, total, loss: null, accuracy: null })
    return hooks.shouldEnd()
  }
  const logits = await evaluateHeads(options.session, val.heads, val.labels.length, report)
  if (logits === null) return null
  const losses = val.labels.map((label, row) => crossEntropy(logits, row * classes, classes, label, config.label_smoothing))
  const predictions = val.labels.map((_, row) => argmax(logits, row * classes, classes))
  const matrix = confusionMatrix(val.labels, predictions, classes)
  const hits = val.labels.filter((label, row) => predictions[row] === label).length
  return { loss: losses.reduce((a, b) => a + b, 0) / losses.length, accuracy: hits / losses.length, macroF1: macroF1(matrix), matrix }
}

/** Pictures evaluated at once. */
const EVALUATE_BATCH = 32

/** Logits [count, classes] of the plain view of all pictures; null when `report` says to end. */
export async function evaluateHeads(
  session: NetworkSession,
  heads: Heads,
  count: number,
  report: (done: number, total: number) => Promise<boolean>,
): Promise<Float32Array | null> {
  const parts: Float32Array[] = []
  for (let first = 0; first < count; first += EVALUATE_BATCH) {
    const indices = Array.from({ length: Math.min(EVALUATE_BATCH, count - first) }, (_, i) => first + i)
    const { feed, release } = await heads.batch(indices, 0)
    parts.push(session.evaluate(feed))
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

function diverged(epoch: number, state: TrainingState, result: { loss: number; gradientNorm: number }): GraftError {
  return new GraftError(
    'DIVERGED',
    `Training diverged in epoch ${epoch}, step ${state.step}: the loss is ${result.loss} and the gradient's norm ${result.gradientNorm}, expected finite numbers.`,
    { action: `Lower the learning rate (it is ${state.schedule.learningRate}) and start again; the last checkpoint is kept.` },
  )
}
