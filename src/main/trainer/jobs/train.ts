/** `train`: a run from its folder, from the start or from its latest checkpoint, to its evaluated best. */
import { join } from 'node:path'
import type { Manifest } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import type { EpochRecord } from '../../../shared/domain/metrics'
import type { CheckpointState, RunEvent } from '../../../shared/domain/run'
import { resolvedViews, type RunConfig } from '../../../shared/domain/run-config'
import { manifestCounts, withSetAside } from '../../dataset/split'
import { readSafetensors, writeSafetensors } from '../../engine/formats/safetensors'
import { NetworkSession } from '../../engine/runtime/network-session'
import { intraOpThreads, loadTensorFlow } from '../../engine/runtime/tensorflow'
import { Heads } from '../../engine/train/heads'
import { type StepProgress, train } from '../../engine/train/loop'
import { initialTrainingState, type TrainingState } from '../../engine/train/state'
import { networkParameters } from '../../engine/zoo/network'
import { cacheDirectory } from '../../storage/paths'
import type { ReadCheckpoint } from '../../storage/checkpoint-folder'
import { RunFolder } from '../../storage/run-folder'
import { loadCheckpoint } from '../checkpoint-model'
import { describedWeights } from '../described-weights'
import { evaluateModel } from '../evaluate'
import { FEATURE_BUDGET_BYTES } from '../feature-budget'
import { keepEvaluation } from '../keep-evaluation'
import type { Job, JobResults } from '../messages'
import { loadPictures, pictureSource } from '../pictures'
import { startingWeights } from '../pretrained'
import { compileRun, type RunNetwork, runNetwork } from '../run-session'
import { EventStream, type JobContext, yieldToMessages } from './context'
import { TimeLeft } from '../time-left'

/** Passing events are sent no more often than this. */
const PROGRESS_INTERVAL_MS = 100

export async function runTrainJob(job: Extract<Job, { kind: 'train' }>, context: JobContext): Promise<JobResults['train']> {
  const started = performance.now()
  const folder = await RunFolder.open(job.runDirectory)
  const config = await folder.config()
  const record = await folder.record()
  const checkpoint = job.resume ? await folder.readCheckpoint('latest') : null
  if (job.resume) await folder.cutBack(checkpoint?.state.epoch ?? 0, checkpoint?.state.history ?? [])
  const keep = async (event: RunEvent) => {
    await folder.appendLog(logLine(event))
    return folder.appendEvent(event)
  }
  const events = new EventStream((event) => {
    context.sendEvent(event)
  }, keep, (await folder.events()).at(-1)?.sequence ?? -1) // prettier-ignore

  events.passing({ event: 'prepare', phase: 'engine', done: 0, total: 1 })
  const { device } = loadTensorFlow()
  events.passing({ event: 'prepare', phase: 'engine', done: 1, total: 1 })
  if (config.device === 'gpu' && device.kind !== 'gpu') {
    throw new GraftError('UNSUPPORTED', `A GPU was asked for; TensorFlow sees none and would use the ${device.name}.`, {
      action: 'Use --device auto or cpu, or run graft doctor to see why the GPU is not seen.',
    })
  }
  if (checkpoint !== null && checkpoint.note !== null) await events.durable({ event: 'log', level: 'warning', message: checkpoint.note })

  const manifest = await preparePictures(folder, config, events, context, checkpoint !== null)
  const network = runNetwork(config, manifest.manifest.classes.length)
  events.passing({ event: 'prepare', phase: 'weights', done: 0, total: 1 })
  const start = checkpoint === null ? await startingWeights(network.backbone, network.network, config, manifest.manifest.classes) : null
  events.passing({ event: 'prepare', phase: 'weights', done: 1, total: 1 })
  events.passing({ event: 'prepare', phase: 'compiling', done: 0, total: 1 })
  const session = new NetworkSession(compileRun(network, config))
  session.load(start?.weights ?? checkpointTensors(checkpoint))
  events.passing({ event: 'prepare', phase: 'compiling', done: 1, total: 1 })
  const state = checkpoint === null ? initialTrainingState(config) : restoredState(checkpoint.state)

  await events.durable({
    event: 'start',
    run_id: record.run_id,
    run_dir: folder.directory,
    device: device.name,
    classes: manifest.manifest.classes,
    counts: manifestCounts(manifest.manifest).split,
    parameters: network.parameters,
    trainable_parameters: network.trainableParameters,
    frozen_layers: network.frozenLayers,
    layers: network.network.layers.filter((layer) => layer.kind === 'conv').length,
    views: resolvedViews(config),
    prefix_cached: network.cut !== 'input',
    config,
    resumed_from_epoch: checkpoint === null ? null : checkpoint.state.epoch,
  })
  await events.durable({ event: 'log', level: 'info', message: describeViews(config, network) })
  for (const message of start?.notes ?? []) await events.durable({ event: 'log', level: 'info', message })
  await events.durable({ event: 'status', status: 'training', message: null })

  const headsOptions = { session, network: network.network, cut: network.cut, config, featureBudgetBytes: FEATURE_BUDGET_BYTES, featureDirectory: join(cacheDirectory(), 'features') }
  const trainSource = pictureSource(manifest.manifest, manifest.store, 'train')
  const valSource = pictureSource(manifest.manifest, manifest.store, 'val')
  const trainHeads = new Heads(trainSource, headsOptions)
  const valHeads = new Heads(valSource, headsOptions)
  const timeLeft = new TimeLeft(config, state.epoch)
  let lastSent = 0
  let pausedMs = 0
  let outcome: 'completed' | 'stopped'
  try {
    outcome = await train(
      {
        session,
        config,
        classes: manifest.manifest.classes.length,
        train: { heads: trainHeads, labels: trainSource.labels },
        val: { heads: valHeads, labels: valSource.labels },
        trainsBatchNorm: network.trainsBatchNorm,
      },
      state,
      {
        onProgress(progress) {
          timeLeft.note(progress)
          const now = performance.now()
          if (now - lastSent < PROGRESS_INTERVAL_MS && progress.done < progress.total) return
          lastSent = now
          events.passing(progressEvent(progress, timeLeft))
        },
        async onEpoch(epoch, after) {
          timeLeft.epochDone(epoch.epoch)
          await keepEpoch(folder, { session, network, config, classes: manifest.manifest.classes, state: after, epoch })
          await events.durable({ event: 'epoch', ...epoch })
        },
        async shouldEnd() {
          await yieldToMessages()
          if (context.control.isPaused && !context.control.stopRequested) {
            const pausedAt = performance.now()
            await events.durable({ event: 'status', status: 'paused', message: null })
            while (context.control.isPaused && !context.control.stopRequested) await context.control.change()
            await events.durable({ event: 'status', status: 'training', message: null })
            pausedMs += performance.now() - pausedAt
          }
          return context.control.stopRequested
        },
        pausedMs: () => pausedMs,
      },
    )
  } finally {
    trainHeads.close()
    valHeads.close()
  }
  session.close()
  const before = checkpoint?.state.elapsed_s ?? 0
  const told = (done: number, total: number) => {
    context.progress('Evaluating the best checkpoint', done, total)
  }
  await finish({ folder, events, manifest, state, outcome, runId: record.run_id, totalS: () => before + (performance.now() - started - pausedMs) / 1000, told })
  return { status: outcome }
}

interface Pictures {
  readonly manifest: Manifest
  readonly store: Awaited<ReturnType<typeof loadPictures>>['store']
}

/** Fills the cache. What only decoding shows to be unusable is set aside, told, and taken out of the manifest. */
async function preparePictures(folder: RunFolder, config: RunConfig, events: EventStream, context: JobContext, isResumed: boolean): Promise<Pictures> {
  const manifest = await folder.manifest()
  const onProgress = (done: number, total: number) => {
    events.passing({ event: 'prepare', phase: 'decoding', done, total })
  }
  const options = { imageSize: config.image_size, workers: config.num_workers, signal: context.control.signal, onProgress }
  const { store, setAside } = await loadPictures(manifest, options)
  if (setAside.length === 0) return { manifest, store }
  // Going on without them would be another run: what was learned from them cannot be told apart any more.
  const gone = setAside.filter(({ reason }) => reason === 'unreadable')
  if (isResumed && gone.length > 0) {
    throw new GraftError('NOT_FOUND', `${gone.length} of the run's ${manifest.pictures.length} pictures are missing or have changed, the first of them ${gone[0]?.path ?? ''}.`, {
      action: `Put them back below ${manifest.root} (is a disk not mounted?) and resume again, or start a new run.`,
    })
  }
  for (const { path, reason, message } of setAside) await events.durable({ event: 'set_aside', path, reason, message })
  const without = withSetAside(manifest, setAside)
  await folder.writeManifest(without)
  return { manifest: without, store }
}

interface EpochToKeep {
  readonly session: NetworkSession
  readonly network: RunNetwork
  readonly config: RunConfig
  readonly classes: readonly string[]
  readonly state: TrainingState
  readonly epoch: EpochRecord
}

/** Writes the checkpoints of an epoch: the best first, so that `latest` never counts an epoch whose best is lost. */
async function keepEpoch(folder: RunFolder, kept: EpochToKeep): Promise<void> {
  const { session, network, state, epoch } = kept
  const all = session.state()
  const names = new Set(networkParameters(network.network).map((spec) => spec.name))
  const weights = writeSafetensors(new Map([...all].filter(([name]) => names.has(name))), describedWeights({ ...kept.config, imageSize: kept.config.image_size, classes: kept.classes }))
  const optimizer = writeSafetensors(new Map([...all].filter(([name]) => !names.has(name))))
  const broken = [...all].find(([, tensor]) => !tensor.data.every(Number.isFinite))
  if (broken !== undefined) {
    throw new GraftError('DIVERGED', `After epoch ${epoch.epoch} the numbers of ${broken[0]} are no longer finite.`, {
      action: 'Lower the learning rate and start again; the last checkpoint is kept.',
    })
  }
  const checkpoint = { weights, optimizer, state: checkpointState(kept) }
  if (epoch.is_best) await folder.writeCheckpoint('best', checkpoint)
  await folder.writeCheckpoint('latest', checkpoint)
  await folder.writeTrainingHistory(state.history)
}

function checkpointState({ network, config, classes, state }: EpochToKeep): CheckpointState {
  return {
    version: 1,
    backbone: config.backbone,
    head: config.head,
    dropout: network.dropout,
    num_classes: classes.length,
    classes: [...classes],
    image_size: config.image_size,
    preprocessing: { mean: [...network.backbone.preprocessing.mean], std: [...network.backbone.preprocessing.std], interpolation: 'bilinear' },
    frozen_layers: network.frozenLayers,
    epoch: state.epoch,
    step: state.step,
    best_epoch: state.best?.epoch ?? null,
    best_metric: state.best?.metric ?? null,
    monitor: config.monitor,
    learning_rate: state.schedule.learningRate,
    plateau: state.schedule.plateau,
    early_stopping: state.earlyStopping,
    history: state.history,
    intra_op_threads: intraOpThreads(),
    elapsed_s: state.elapsedS,
    seed: config.seed,
  }
}

function restoredState(saved: CheckpointState): TrainingState {
  return {
    epoch: saved.epoch,
    step: saved.step,
    schedule: { learningRate: saved.learning_rate, plateau: saved.plateau },
    earlyStopping: saved.early_stopping,
    best: saved.best_epoch === null || saved.best_metric === null ? null : { epoch: saved.best_epoch, metric: saved.best_metric },
    history: [...saved.history],
    elapsedS: saved.elapsed_s,
  }
}

function checkpointTensors(checkpoint: ReadCheckpoint | null) {
  if (checkpoint === null) throw new Error('There is neither a checkpoint nor a start')
  const optimizer = checkpoint.optimizer === null ? [] : [...readSafetensors(checkpoint.optimizer).tensors]
  return new Map([...readSafetensors(checkpoint.weights).tensors, ...optimizer])
}

interface Finished {
  readonly folder: RunFolder
  readonly events: EventStream
  readonly manifest: Pictures
  readonly state: TrainingState
  readonly outcome: 'completed' | 'stopped'
  readonly runId: string
  /** Seconds of work of all sessions up to now. */
  totalS: () => number
  /** Signs of life while the best is evaluated. */
  told: (done: number, total: number) => void
}

/** Evaluates the best checkpoint on the held-out pictures and writes what a finished run leaves. */
async function finish({ folder, events, manifest, state, outcome, runId, totalS, told }: Finished): Promise<void> {
  if (state.best === null) {
    throw new GraftError('CONFLICT', 'The run was stopped before its first epoch was over, so there is nothing to keep yet.', { action: 'Resume starts it again.' })
  }
  await events.durable({ event: 'status', status: 'evaluating', message: null })
  const model = await loadCheckpoint(folder.directory, 'best')
  const splits = manifest.manifest.pictures.some((entry) => entry.split === 'test') ? (['val', 'test'] as const) : (['val'] as const)
  let test = null
  let fitting = null
  for (const split of splits) {
    const source = pictureSource(manifest.manifest, manifest.store, split)
    const evaluation = await evaluateModel(model, source, { split, checkpoint: 'best', checkpointEpoch: model.state.epoch, onProgress: told })
    const complete = await keepEvaluation(folder, evaluation, fitting, manifest.manifest.seed)
    if (split === 'val') fitting = complete
    if (split === 'test') test = complete.report
  }
  model.close()
  // From the checkpoint itself: after a kill between the two checkpoints' writing it may be newer than the resumed state says.
  const bestEpoch = model.state.epoch
  const bestMetric = model.state.best_metric ?? state.best.metric
  const best = model.state.history.find((epoch) => epoch.epoch === bestEpoch)
  await folder.writeModelInfo({
    backbone: model.state.backbone,
    num_classes: model.state.num_classes,
    image_size: model.imageSize,
    best_val_acc: best?.val_accuracy ?? null,
    best_epoch: bestEpoch,
    labels: [...model.labels],
  })
  await events.durable({ event: 'status', status: outcome, message: null })
  await events.durable({ event: 'done', run_id: runId, run_dir: folder.directory, status: outcome, best_epoch: bestEpoch, best_metric: bestMetric, total_s: totalS(), test })
}

function progressEvent(progress: StepProgress, timeLeft: TimeLeft): RunEvent {
  const { epoch, phase, done, total, loss, accuracy } = progress
  return {
    event: 'progress',
    epoch,
    phase,
    done,
    total,
    loss,
    accuracy,
    images_per_second: timeLeft.imagesPerSecond,
    memory_bytes: process.memoryUsage.rss(),
    time_left_s: timeLeft.seconds,
  }
}

function describeViews(config: RunConfig, network: RunNetwork): string {
  const views = resolvedViews(config)
  const seen = config.augment ? `${views} augmented ${views === 1 ? 'view' : 'views'} of each picture` : 'each picture as it is'
  const prefix = network.cut === 'input' ? 'The whole network runs in every step' : `The frozen part up to ${network.cut} runs once a picture and view`
  return `Training on ${seen}. ${prefix}.`
}

function logLine(event: RunEvent): string {
  switch (event.event) {
    case 'log':
      return event.message
    case 'epoch':
      return `epoch ${event.epoch} train_loss ${event.train_loss.toFixed(4)} train_accuracy ${event.train_accuracy.toFixed(4)} val_loss ${event.val_loss.toFixed(4)} val_accuracy ${event.val_accuracy.toFixed(4)} val_macro_f1 ${event.val_macro_f1.toFixed(4)} learning_rate ${event.learning_rate} seconds ${event.seconds.toFixed(1)}${event.is_best ? ' best' : ''}`
    case 'set_aside':
      return `set aside ${event.path}: ${event.message}`
    case 'error':
      return `error ${event.failure.code}: ${event.failure.message}`
    case 'status':
      return `status ${event.status}`
    default:
      return event.event
  }
}
