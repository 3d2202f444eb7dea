/** A run's stages one after the other: what each begins with, and the checkpoints that are left on the way. */
import { GraftError } from '../../shared/domain/error'
import type { EpochRecord } from '../../shared/domain/metrics'
import type { RunConfig } from '../../shared/domain/run-config'
import type { HostTensor } from '../engine/formats/tensor-map'
import type { NetworkSession } from '../engine/runtime/network-session'
import { choosePrefix } from '../engine/runtime/prefix-runner'
import { criterionOf } from '../engine/train/criterion'
import { Heads } from '../engine/train/heads'
import { type StepProgress, trainStage } from '../engine/train/loop'
import { NO_CLOCK, type PhaseClock } from '../engine/train/phase-clock'
import type { PictureSource } from '../engine/train/picture-source'
import { enterNextStage, type TrainingState } from '../engine/train/state'
import type { Preprocessing } from '../engine/zoo/backbone'
import type { FeatureCache } from '../storage/feature-cache'
import type { RunFolder } from '../storage/run-folder'
import { lackOfRoom } from '../storage/storage-error'
import type { BatchPlan } from './batch-plan'
import { keep, Keeper, type Keepsake, type KeepingFolder } from './checkpoint-keeping'
import { FEATURE_BUDGET_BYTES } from './feature-budget'
import { describeKept, keptFeatures, type KeptSource, viewsToCome } from './kept-features'
import { checkpointTensors, keepsakeOfEpoch, keepsakeOfPosition, slotsOf, withoutSlots } from './run-checkpoints'
import type { RunNetwork } from './run-session'

/** How the stages speak to whoever runs them. Each call may take its time: training waits. */
export interface StageHooks {
  onCompiling(done: boolean): void
  /** The first epoch of a stage is about to begin. */
  onStage(network: RunNetwork): Promise<void>
  onStageEnd(network: RunNetwork): Promise<void>
  /** Something is not as it was left, and the run goes on all the same. */
  onWarning?(message: string): Promise<void>
  /** Something worth knowing. */
  onNote?(message: string): Promise<void>
  onProgress(progress: StepProgress): void
  /** An epoch is over. */
  onEpoch(): void
  /** Its checkpoints are written, while the next one trains. */
  onKept(record: EpochRecord): Promise<void>
  shouldEnd(): Promise<boolean>
}

export interface StagedTraining {
  readonly config: RunConfig
  readonly folder: KeepingFolder & Pick<RunFolder, 'readCheckpoint' | 'checkpointDirectory'>
  /** Writes checkpoints beside the training; the training waits for them where left out. */
  readonly write?: ((keepsake: Keepsake) => Promise<void>) | undefined
  readonly classes: readonly string[]
  readonly train: PictureSource
  readonly val: PictureSource & { readonly paths: readonly string[] }
  readonly preprocessing: Preprocessing
  readonly batch: Pick<BatchPlan, 'batchSize' | 'stepSize'>
  /** Where features go that memory does not hold. */
  readonly featureDirectory: string
  /** What keeps features for later runs, and what numbers depend on beside the configuration; nothing is kept where left out. */
  readonly features?: { readonly cache: FeatureCache; readonly environment: string }
  /** Pictures of a stage from which on ONNX Runtime runs its frozen part; as many as make up for it where left out. */
  readonly prefixOpensFrom?: number | undefined
  /** The network as it trains in a stage, from 1. */
  networkOf(stage: number): RunNetwork
  /** Compiles a stage's network; its numbers come later. */
  openSession(network: RunNetwork): NetworkSession
  readonly hooks: StageHooks
  readonly clock?: PhaseClock | undefined
}

/** From the stage that the state is in to the last. `tensors`: what that stage begins or goes on with. */
export async function trainStages(training: StagedTraining, state: TrainingState, tensors: ReadonlyMap<string, HostTensor>): Promise<'completed' | 'stopped'> {
  const keeper = new Keeper(training.write ?? ((keepsake) => keep(training.folder, keepsake)))
  try {
    return await trainEach(training, keeper, state, tensors)
  } finally {
    // Whatever ended it, what was begun is written.
    await keeper.idle()
  }
}

async function trainEach(training: StagedTraining, keeper: Keeper, state: TrainingState, tensors: ReadonlyMap<string, HostTensor>): Promise<'completed' | 'stopped'> {
  const stages = Math.max(1, training.config.stages.length)
  const { clock = NO_CLOCK } = training
  for (let begin = tensors; ; ) {
    const network = training.networkOf(state.stage)
    const { session, outcome } = await trainOneStage(training, keeper, network, state, begin)
    if (outcome === 'stopped') {
      if (state.position !== null) {
        await clock.within('checkpoints', () => keepWhereItStands(training, keeper, keepsakeOfPosition(inProgress(training, network, session, state))))
      }
      session.close()
      return 'stopped'
    }
    await training.hooks.onStageEnd(network)
    if (state.stage === stages) {
      session.close()
      return 'completed'
    }
    begin = await clock.within('checkpoints', () => {
      const last = session.state()
      session.close()
      return nextBeginning(training, state, last)
    })
    enterNextStage(state, training.networkOf(state.stage + 1).groups.baseRates)
  }
}

/** Where there is no room for it, the checkpoint before it stays the latest, and the best is evaluated all the same. */
async function keepWhereItStands({ hooks }: StagedTraining, keeper: Keeper, keepsake: Keepsake): Promise<void> {
  try {
    await keeper.begin(keepsake)
    await keeper.settled()
  } catch (error) {
    if (lackOfRoom(error) === null || !(error instanceof Error)) throw error
    await hooks.onWarning?.(`${error.message} What was trained since the checkpoint before is lost.`).catch(() => undefined)
  }
}

/** What the stage after the one in `state` begins with: the best weights so far or the last, and the optimizer's averages where they are carried on. */
async function nextBeginning({ folder, config, hooks }: StagedTraining, state: TrainingState, last: ReadonlyMap<string, HostTensor>): Promise<Map<string, HostTensor>> {
  const next = config.stages[state.stage]
  const carried = next?.optimizer_state === 'carry' ? slotsOf(last) : new Map<string, HostTensor>()
  if (next?.start_from === 'last' || state.best === null || state.best.epoch === state.epoch) return new Map([...withoutSlots(last), ...carried])
  const best = await folder.readCheckpoint('best').catch((error: unknown) => {
    if (error instanceof GraftError) return error
    throw error
  })
  if (best === null || best instanceof GraftError) {
    // Nothing is lost that could be had: what was trained last is here.
    const why = best === null ? 'it is not there' : best.message
    await hooks.onWarning?.(`The best checkpoint, of epoch ${state.best.epoch}, cannot be read: ${why} The next stage goes on from the last epoch, ${state.epoch}.`)
    state.best = null
    return new Map([...withoutSlots(last), ...carried])
  }
  if (best.note !== null) await hooks.onWarning?.(best.note)
  // One that was kept before it is then the best there is.
  if (best.state.epoch !== state.best.epoch) state.best = best.state.best_metric === null ? null : { epoch: best.state.epoch, metric: best.state.best_metric }
  return new Map([...withoutSlots(checkpointTensors(best)), ...carried])
}

const inProgress = ({ preprocessing, config, classes }: StagedTraining, network: RunNetwork, session: NetworkSession, state: TrainingState) =>
  ({ session, network, preprocessing, config, classes, state }) // prettier-ignore

function featuresOf({ features, config, preprocessing }: StagedTraining, run: RunNetwork, weights: ReadonlyMap<string, HostTensor>, prefix: string): (source: PictureSource) => KeptSource | undefined {
  if (features === undefined) return () => undefined
  return keptFeatures({ cache: features.cache, run, config, preprocessing, weights, computedBy: `${prefix}; ${features.environment}` })
}

/** Trains the stage that `network` is for and leaves its session open. */
async function trainOneStage(
  training: StagedTraining,
  keeper: Keeper,
  network: RunNetwork,
  state: TrainingState,
  tensors: ReadonlyMap<string, HostTensor>,
): Promise<{ session: NetworkSession; outcome: 'ended' | 'stopped' }> {
  const { config, classes, batch, train, val, hooks, clock = NO_CLOCK } = training
  const keeping = (keepsake: () => Keepsake, written?: () => Promise<void>) =>
    clock.within('checkpoints', async () => {
      // Before there is another copy of the tensors.
      await keeper.settled()
      await keeper.begin(keepsake(), written)
      if (training.write === undefined) await keeper.settled()
    })
  hooks.onCompiling(false)
  const session = clock.within('compiling', () => {
    const opened = training.openSession(network)
    opened.load(tensors)
    return opened
  })
  hooks.onCompiling(true)
  if (state.stageEpoch === 0) await hooks.onStage(network)
  // Once the stage's first epoch replaces the best checkpoint nothing could be resumed at the stage's beginning any more.
  if (state.stage > 1 && state.stageEpoch === 0 && state.position === null) await keeping(() => keepsakeOfPosition(inProgress(training, network, session, state)))

  const prefix =
    network.cut === 'input'
      ? null
      : choosePrefix(session, {
          network: network.network, imageSize: config.image_size, preprocessing: training.preprocessing, weights: tensors, cut: network.cut,
          pictures: train.count * Math.max(1, network.views) + val.count, opensFrom: training.prefixOpensFrom,
        }) // prettier-ignore
  const headsOptions = { session, ...(prefix !== null && { prefix }), network: network.network, cut: network.cut, config, featureBudgetBytes: FEATURE_BUDGET_BYTES, featureDirectory: training.featureDirectory, clock: training.clock }
  const keptOf = prefix === null ? () => undefined : clock.within('kept_features', () => featuresOf(training, network, tensors, prefix.computedBy))
  const kept = clock.within('kept_features', () => ({ train: keptOf(train), val: keptOf(val) }))
  const note = clock.within('kept_features', () => describeKept(kept.train, kept.val, viewsToCome(network, state)))
  if (note !== null) await hooks.onNote?.(note)
  const tellWhatIsNotKept = async () => {
    const problem = training.features?.cache.takeProblem() ?? null
    if (problem !== null) await hooks.onWarning?.(problem)
  }
  const trainHeads = new Heads(train, { ...headsOptions, kept: kept.train })
  const valHeads = new Heads(val, { ...headsOptions, kept: kept.val })
  const counts = classes.map((_, index) => train.labels.filter((label) => label === index).length)
  let lastKept = performance.now()
  try {
    const outcome = await trainStage(
      {
        session,
        config,
        stage: network.stage,
        groups: network.groups,
        criterion: criterionOf(config, classes, counts),
        batchSize: batch.batchSize,
        stepSize: batch.stepSize,
        views: network.views,
        train: { heads: trainHeads, labels: train.labels },
        val: { heads: valHeads, labels: val.labels },
        trainsBatchNorm: network.trainsBatchNorm,
        clock: training.clock,
      },
      state,
      {
        onProgress(progress) {
          hooks.onProgress(progress)
        },
        async onStep() {
          keeper.check()
          if (performance.now() - lastKept < config.checkpoint_minutes * 60_000) return
          await keeping(() => keepsakeOfPosition(inProgress(training, network, session, state)))
          lastKept = performance.now()
        },
        async onEpoch(epoch, answers) {
          hooks.onEpoch()
          await keeping(
            () => keepsakeOfEpoch(inProgress(training, network, session, state), epoch, { paths: val.paths, answers }),
            () => hooks.onKept(epoch),
          )
          lastKept = performance.now()
          await tellWhatIsNotKept()
        },
        async shouldEnd() {
          // Of what is written beside it, training hears at once.
          keeper.check()
          return hooks.shouldEnd()
        },
      },
    )
    await clock.within('checkpoints', () => keeper.settled())
    return { session, outcome }
  } finally {
    await keeper.idle()
    trainHeads.close()
    valHeads.close()
    await prefix?.close()
  }
}
