/** What a training run keeps of itself, and how it is taken up again: tensors and state, into a checkpoint and out of it. */
import { GraftError } from '../../shared/domain/error'
import type { EpochAnswers } from '../../shared/domain/epoch-answers'
import type { EpochRecord } from '../../shared/domain/metrics'
import type { CheckpointState } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'
import { slotName } from '../engine/compile/optimizers'
import { AVERAGE_SLOT } from '../engine/compile/train-step'
import { readSafetensors, writeSafetensors } from '../engine/formats/safetensors'
import type { HostTensor } from '../engine/formats/tensor-map'
import type { NetworkSession } from '../engine/runtime/network-session'
import { intraOpThreads } from '../engine/runtime/tensorflow'
import { mainRate } from '../engine/train/parameter-groups'
import type { TrainingState } from '../engine/train/state'
import type { Preprocessing } from '../engine/zoo/backbone'
import { networkParameters } from '../engine/zoo/network'
import type { CheckpointContent } from '../storage/checkpoint-folder'
import type { Keepsake } from './checkpoint-keeping'
import { describedWeights } from './described-weights'
import type { RunNetwork } from './run-session'

export interface RunInProgress {
  readonly session: NetworkSession
  readonly network: RunNetwork
  readonly preprocessing: Preprocessing
  readonly config: RunConfig
  readonly classes: readonly string[]
  readonly state: TrainingState
}

/** Where a running average is kept it is the model, and what trains is kept beside it under this. */
const TRAINED_SLOT = 'trained'

/** What is kept of an epoch. The run may go on: nothing in it is the run's own. @throws GraftError DIVERGED where a number is not finite */
export function keepsakeOfEpoch(run: RunInProgress, record: EpochRecord, val: { readonly paths: readonly string[]; readonly answers: EpochAnswers }): Keepsake {
  return { checkpoint: checkpointOf(run, `After epoch ${record.epoch}`), epoch: { record, history: [...run.state.history], ...val } }
}

/** What is kept within an epoch, or where a stage begins. @throws as `keepsakeOfEpoch` */
export function keepsakeOfPosition(run: RunInProgress): Keepsake {
  return { checkpoint: checkpointOf(run, `After step ${run.state.step}`), epoch: null }
}

/** @throws GraftError DIVERGED where a number is not finite */
function checkpointOf(run: RunInProgress, when: string): CheckpointContent {
  const all = run.session.state()
  const broken = [...all].find(([, { data }]) => !allFinite(data))
  if (broken !== undefined) {
    throw new GraftError('DIVERGED', `${when} the numbers of ${broken[0]} are no longer finite.`, {
      action: 'Lower the learning rate and start again; the last checkpoint is kept.',
    })
  }
  const parameters = networkParameters(run.network.network)
  const weights = new Map<string, HostTensor>()
  const rest = new Map(all)
  for (const { name } of parameters) {
    const trained = all.get(name)
    const average = all.get(slotName(AVERAGE_SLOT, name))
    const model = average ?? trained
    if (model !== undefined) weights.set(name, model)
    rest.delete(name)
    rest.delete(slotName(AVERAGE_SLOT, name))
    if (average !== undefined && trained !== undefined) rest.set(slotName(TRAINED_SLOT, name), trained)
  }
  const { config, classes } = run
  return {
    weights: writeSafetensors(weights, describedWeights({ ...config, imageSize: config.image_size, classes })),
    optimizer: writeSafetensors(rest),
    state: checkpointState(run),
  }
}

/** Seven times as quick as asking number by number: nothing but a number that is not finite is other than zero when multiplied by it. */
function allFinite(values: Float32Array): boolean {
  let zero = 0
  for (let i = 0; i < values.length; i++) zero += (values[i] as number) * 0
  return zero === 0
}

/** The session's state from a checkpoint's two files. */
export function checkpointTensors({ weights, optimizer }: Pick<CheckpointContent, 'weights' | 'optimizer'>): Map<string, HostTensor> {
  const model = readSafetensors(weights).tensors
  const all = new Map<string, HostTensor>(model)
  for (const [name, tensor] of optimizer === null ? [] : readSafetensors(optimizer).tensors) {
    const trained = name.startsWith(`${TRAINED_SLOT}/`) ? name.slice(TRAINED_SLOT.length + 1) : null
    const average = trained === null ? undefined : model.get(trained)
    if (trained === null || average === undefined) all.set(name, tensor)
    else {
      all.set(trained, tensor)
      all.set(slotName(AVERAGE_SLOT, trained), average)
    }
  }
  return all
}

/** Of a state, the model alone: what a stage begins with whose optimizer begins afresh. */
export function withoutSlots(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map([...tensors].filter(([name]) => !name.includes('/')).map(([name, tensor]) => [name, tensors.get(slotName(AVERAGE_SLOT, name)) ?? tensor]))
}

/** Of a state, an optimizer's running averages alone. */
export function slotsOf(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
  return new Map([...tensors].filter(([name]) => name.includes('/') && !name.startsWith(`${AVERAGE_SLOT}/`)))
}

function checkpointState({ network, preprocessing, config, classes, state }: RunInProgress): CheckpointState {
  return {
    version: 1,
    backbone: config.backbone,
    head: config.head,
    dropout: network.dropout,
    num_classes: classes.length,
    classes: [...classes],
    image_size: config.image_size,
    preprocessing: { mean: [...preprocessing.mean], std: [...preprocessing.std], interpolation: 'bilinear' },
    frozen_layers: network.frozenLayers,
    epoch: state.epoch,
    stage: state.stage,
    stage_epoch: state.stageEpoch,
    step: state.step,
    pass: state.pass,
    stage_starts: [...state.stageStarts],
    position: state.position,
    best_epoch: state.best?.epoch ?? null,
    best_metric: state.best?.metric ?? null,
    monitor: config.monitor,
    learning_rate: mainRate(network.groups, state.schedule.learningRates),
    learning_rates: [...state.schedule.learningRates],
    plateau: state.schedule.plateau,
    early_stopping: state.earlyStopping,
    history: [...state.history],
    intra_op_threads: intraOpThreads(),
    elapsed_s: state.elapsedS,
    seed: config.seed,
  }
}

export function restoredState(saved: CheckpointState): TrainingState {
  return {
    epoch: saved.epoch,
    stage: saved.stage,
    stageEpoch: saved.stage_epoch ?? saved.epoch,
    step: saved.step,
    pass: saved.pass ?? saved.step,
    stageStarts: [...saved.stage_starts],
    schedule: { learningRates: [...(saved.learning_rates ?? [saved.learning_rate])], plateau: saved.plateau },
    earlyStopping: saved.early_stopping,
    best: saved.best_epoch === null || saved.best_metric === null ? null : { epoch: saved.best_epoch, metric: saved.best_metric },
    history: [...saved.history],
    position: saved.position,
    elapsedS: saved.elapsed_s,
  }
}
