/** `train`: a run from its folder, from the start or from its latest checkpoint, stage by stage to its evaluated best. */
import { GraftError } from '../../../shared/domain/error'
import type { RunEvent } from '../../../shared/domain/run'
import type { RunConfig } from '../../../shared/domain/run-config'
import { throwIfCancelled } from '../../dataset/cancellation'
import { manifestCounts } from '../../dataset/split'
import type { HostTensor } from '../../engine/formats/tensor-map'
import { NetworkSession } from '../../engine/runtime/network-session'
import { loadTensorFlow } from '../../engine/runtime/tensorflow'
import type { StepProgress } from '../../engine/train/loop'
import { NO_CLOCK, type PhaseClock } from '../../engine/train/phase-clock'
import { namedRates } from '../../engine/train/parameter-groups'
import { initialTrainingState, type TrainingState } from '../../engine/train/state'
import type { Preprocessing } from '../../engine/zoo/backbone'
import { FeatureCache } from '../../storage/feature-cache'
import { featureCacheDirectory } from '../../storage/paths'
import { RunFolder } from '../../storage/run-folder'
import { finishRun } from '../finish-run'
import type { Job, JobResults } from '../messages'
import { pictureSource } from '../pictures'
import { startingWeights } from '../pretrained'
import { CheckpointWriter } from '../checkpoint-writer'
import { RunClock } from '../profile/run-clock'
import { writeRunProfile } from '../profile/write-profile'
import { checkpointTensors, restoredState } from '../run-checkpoints'
import { preparePictures } from '../run-pictures'
import { compileRun, type RunNetwork, runNetwork } from '../run-session'
import { resolveBatch } from '../batch-plan'
import { resolvePrecision } from '../precision-plan'
import { runEnvironment } from '../run-environment'
import { logLine } from '../run-log'
import { TimeLeft } from '../time-left'
import { type StageHooks, trainStages } from '../train-stages'
import { EventStream, type JobContext, yieldToMessages } from './context'

/** Passing events are sent no more often than this. */
const PROGRESS_INTERVAL_MS = 100

export async function runTrainJob(job: Extract<Job, { kind: 'train' }>, context: JobContext): Promise<JobResults['train']> {
  const profiled = job.profile === undefined ? null : new RunClock(Math.max(0, performance.timeOrigin - job.profile.startedAt) / 1000)
  const clock: PhaseClock = profiled ?? NO_CLOCK
  const started = performance.now()
  const folder = await RunFolder.open(job.runDirectory)
  const config = await folder.config()
  const record = await folder.record()
  const checkpoint = job.resume ? await clock.within('weights', () => folder.readCheckpoint('latest')) : null
  if (job.resume) await folder.cutBack(checkpoint?.state.epoch ?? 0, checkpoint?.state.history ?? [], (checkpoint?.state.position ?? null) !== null)
  const keep = async (event: RunEvent) => {
    await folder.appendLog(logLine(event))
    return folder.appendEvent(event)
  }
  const events = new EventStream((event) => {
    context.sendEvent(event)
  }, keep, (await folder.events()).at(-1)?.sequence ?? -1) // prettier-ignore

  events.passing({ event: 'prepare', phase: 'engine', done: 0, total: 1 })
  const { device } = clock.within('start', loadTensorFlow)
  events.passing({ event: 'prepare', phase: 'engine', done: 1, total: 1 })
  if (config.device === 'gpu' && device.kind !== 'gpu') {
    throw new GraftError('UNSUPPORTED', `A GPU was asked for; TensorFlow sees none and would use the ${device.name}.`, {
      action: 'Use --device auto or cpu, or run graft doctor to see why the GPU is not seen.',
    })
  }
  if (checkpoint !== null && checkpoint.note !== null) await events.durable({ event: 'log', level: 'warning', message: checkpoint.note })

  const pictures = await clock.within('pictures', () => preparePictures(folder, config, events, context, checkpoint !== null))
  const { classes } = pictures.manifest
  const state = checkpoint === null ? initialTrainingState(runNetwork(config, classes.length).groups.baseRates) : restoredState(checkpoint.state)
  const network = runNetwork(config, classes.length, state.stage)
  events.passing({ event: 'prepare', phase: 'weights', done: 0, total: 1 })
  const start = checkpoint === null ? await clock.within('weights', () => startingWeights(network.backbone, network.network, config, classes)) : null
  events.passing({ event: 'prepare', phase: 'weights', done: 1, total: 1 })
  const preprocessing = preprocessingOf(checkpoint?.state.preprocessing ?? start?.preprocessing ?? network.backbone.preprocessing)
  const trainPictures = manifestCounts(pictures.manifest).split.train
  const batch = await clock.within('choices', () => resolveBatch({ config, record, network, trainPictures, device, events }))

  // A run that was begun before there was a choice goes on as it began.
  const settled = checkpoint === null ? record.resolved : { precision: 'float32', ...record.resolved }
  const question = { config, resolved: settled, classes: classes.length, trainPictures, device, batchSize: batch.batchSize }
  const onStep = async (done: number, total: number) => {
    events.passing({ event: 'prepare', phase: 'compiling', done, total })
    await yieldToMessages()
    throwIfCancelled(context.control.signal)
  }
  const precision = await clock.within('choices', () => resolvePrecision(question, (message) => events.durable({ event: 'log', level: 'info', message }), onStep))

  await events.durable({
    event: 'start',
    run_id: record.run_id,
    run_dir: folder.directory,
    device: device.name,
    classes,
    counts: manifestCounts(pictures.manifest).split,
    parameters: network.parameters,
    trainable_parameters: network.trainableParameters,
    frozen_layers: network.frozenLayers,
    layers: layerCount(network),
    views: Math.max(1, network.views),
    prefix_cached: network.cut !== 'input',
    config,
    resolved: { ...batch.resolved, ...(config.precision === 'auto' ? { precision } : {}) },
    environment: runEnvironment(device, start === null ? record.environment['starting_weights'] : (start.sha256 ?? 'none')),
    resumed_from_epoch: checkpoint === null ? null : checkpoint.state.epoch,
  })
  for (const message of start?.notes ?? []) await events.durable({ event: 'log', level: 'info', message })
  await events.durable({ event: 'status', status: 'training', message: null })

  const tensors = start?.weights ?? (checkpoint === null ? new Map<string, HostTensor>() : checkpointTensors(checkpoint))
  const hearing: Hearing = { config, events, context, state, timeLeft: new TimeLeft(config, state), isPausing: false }
  const writer = new CheckpointWriter(folder.directory)
  const outcome = await trainStages(
    {
      config,
      folder,
      write: (keepsake) => writer.write(keepsake),
      classes,
      train: pictureSource(pictures.manifest, pictures.store, 'train'),
      val: pictureSource(pictures.manifest, pictures.store, 'val'),
      preprocessing,
      batch,
      featureDirectory: featureCacheDirectory(),
      // A run that is to show whether another one comes out again computes everything itself.
      ...(record.reproduces === null && { features: { cache: new FeatureCache(featureCacheDirectory()), environment: JSON.stringify([runEnvironment(device, undefined), precision]) } }),
      networkOf: (stage) => runNetwork(config, classes.length, stage),
      openSession: (each) => new NetworkSession(compileRun(each, config, { preprocessing, accumulates: batch.stepSize > batch.batchSize, precision })),
      hooks: stageHooks(hearing),
      clock,
    },
    state,
    tensors,
  ).finally(() => writer.close())
  if (hearing.isPausing) {
    // The parent starts another child to go on: this one's memory is the machine's again.
    await events.durable({ event: 'status', status: 'paused', message: null })
    return { status: 'paused' }
  }
  const before = (checkpoint?.state.elapsed_s ?? 0) + (checkpoint?.state.position?.seconds ?? 0)
  await finishRun({
    folder,
    events,
    ...pictures,
    state,
    outcome,
    clock,
    runId: record.run_id,
    totalS: () => before + (performance.now() - started) / 1000,
    told: (done, total) => {
      context.progress('Evaluating the best checkpoint', done, total)
    },
  })
  if (profiled !== null) await writeRunProfile(folder, profiled, { device, resumedFromEpoch: checkpoint?.state.epoch ?? null, epochs: state.epoch - (checkpoint?.state.epoch ?? 0) })
  return { status: outcome }
}

interface Hearing {
  readonly config: RunConfig
  readonly events: EventStream
  readonly context: JobContext
  readonly state: TrainingState
  readonly timeLeft: TimeLeft
  /** A pause was asked for and training has ended for it. */
  isPausing: boolean
}

/** What the stages say, as events; what the parent asks of them, as answers. */
function stageHooks(hearing: Hearing): StageHooks {
  const { config, events, context, state, timeLeft } = hearing
  let lastSent = 0
  return {
    onCompiling(done) {
      events.passing({ event: 'prepare', phase: 'compiling', done: done ? 1 : 0, total: 1 })
    },
    onStage(network) {
      timeLeft.stageBegun(state)
      return tellStage(events, config, network, state)
    },
    async onWarning(message) {
      await events.durable({ event: 'log', level: 'warning', message })
    },
    async onNote(message) {
      await events.durable({ event: 'log', level: 'info', message })
    },
    async onStageEnd({ stage: { name, epochs, early_stopping_metric: metric, early_stopping_patience: patience } }) {
      if (state.stageEpoch >= epochs) return
      const message = `${config.stages.length === 0 ? 'Training' : name} ended after ${state.stageEpoch} of ${epochs} epochs: ${metric} has not gained for ${patience}`
      await events.durable({ event: 'log', level: 'info', message })
    },
    onProgress(progress) {
      timeLeft.note(progress)
      const now = performance.now()
      if (now - lastSent < PROGRESS_INTERVAL_MS && progress.done < progress.total) return
      lastSent = now
      events.passing(progressEvent(progress, timeLeft))
    },
    onEpoch() {
      timeLeft.epochDone(state)
    },
    async onKept(epoch) {
      await events.durable({ event: 'epoch', ...epoch })
    },
    async shouldEnd() {
      await yieldToMessages()
      hearing.isPausing = context.control.isPaused && !context.control.stopRequested
      return hearing.isPausing || context.control.stopRequested
    },
  }
}

const preprocessingOf = ({ mean, std }: { mean: readonly number[]; std: readonly number[] }): Preprocessing => ({
  mean: [mean[0] ?? 0, mean[1] ?? 0, mean[2] ?? 0],
  std: [std[0] ?? 1, std[1] ?? 1, std[2] ?? 1],
})

const layerCount = ({ network }: RunNetwork) => network.layers.filter((layer) => layer.kind === 'conv').length

async function tellStage(events: EventStream, config: RunConfig, network: RunNetwork, state: TrainingState): Promise<void> {
  const { stage, groups, views } = network
  if (config.stages.length > 0) {
    await events.durable({
      event: 'stage',
      stage: stage.index,
      name: stage.name,
      stages: config.stages.length,
      first_epoch: state.epoch + 1,
      epochs: stage.epochs,
      frozen_layers: network.frozenLayers,
      layers: layerCount(network),
      trainable_parameters: network.trainableParameters,
      views: Math.max(1, views),
      prefix_cached: network.cut !== 'input',
      learning_rates: namedRates(groups, groups.baseRates),
      from_epoch: stage.index === 1 ? null : stage.start_from === 'last' ? state.epoch : (state.best?.epoch ?? state.epoch),
    })
  }
  await events.durable({ event: 'log', level: 'info', message: describeViews(config, network) })
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

function describeViews(config: RunConfig, { views, stage, cut }: RunNetwork): string {
  const isNewEachTime = config.augment && cut === 'input' && views >= stage.epochs
  const seen = !config.augment ? 'each picture as it is' : isNewEachTime ? 'a new augmented view of each picture in every epoch' : `${views} augmented ${views === 1 ? 'view' : 'views'} of each picture`
  const prefix = cut === 'input' ? 'The whole network runs in every step' : `The frozen part up to ${cut} runs once a picture and view`
  return `Training on ${seen}. ${prefix}.`
}
