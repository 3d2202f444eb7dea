/** The end of a training run: its best checkpoint is evaluated on the held-out pictures, and what a finished run leaves is written. */
import type { Manifest } from '../../shared/domain/dataset'
import { GraftError, toFailure } from '../../shared/domain/error'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import type { RunRecord } from '../../shared/domain/run'
import { NO_CLOCK, type PhaseClock } from '../engine/train/phase-clock'
import type { TrainingState } from '../engine/train/state'
import type { PictureStore } from '../dataset/picture-store'
import type { RunFolder } from '../storage/run-folder'
import { loadCheckpoint } from './checkpoint-model'
import { evaluateModel } from './evaluate'
import type { EventStream } from './jobs/context'
import { keepEvaluation } from './keep-evaluation'
import { pictureSource } from './pictures'
import { writeEvaluationFigures, writeTrainingFigure } from './run-figures'
import { findingLine, findingsOf } from './run-findings'
import { writeReport } from './run-report'

export interface FinishedTraining {
  readonly folder: RunFolder
  readonly events: EventStream
  readonly manifest: Manifest
  readonly store: PictureStore
  readonly state: TrainingState
  readonly outcome: 'completed' | 'stopped'
  readonly runId: string
  /** Seconds of work of all sessions up to now. */
  totalS: () => number
  /** Signs of life while the best is evaluated. */
  told: (done: number, total: number) => void
  readonly clock?: PhaseClock | undefined
}

async function leavePictures(folder: RunFolder, record: RunRecord, epochs: readonly EpochRecord[], evaluations: readonly Evaluation[]): Promise<void> {
  // One is laid out while others are turned into pixels on libvips' threads.
  const parts = await Promise.allSettled([writeTrainingFigure(folder, record, epochs), ...evaluations.map((evaluation) => writeEvaluationFigures(folder, evaluation)), writeReport(folder, record)])
  for (const part of parts) if (part.status === 'rejected') throw part.reason
}

async function evaluateBest({ folder, manifest, store, told }: FinishedTraining) {
  const model = await loadCheckpoint(folder.directory, 'best')
  const splits = manifest.pictures.some((entry) => entry.split === 'test') ? (['val', 'test'] as const) : (['val'] as const)
  const evaluations: Evaluation[] = []
  let fitting: Evaluation | null = null
  for (const split of splits) {
    const source = pictureSource(manifest, store, split)
    const evaluation = await evaluateModel(model, source, { split, checkpoint: 'best', checkpointEpoch: model.state.epoch, onProgress: told })
    const complete = await keepEvaluation(folder, evaluation, fitting, manifest.seed)
    if (split === 'val') fitting = complete
    evaluations.push(complete)
  }
  model.close()
  return { model, evaluations }
}

/** @throws GraftError CONFLICT where no epoch was completed */
export async function finishRun(finished: FinishedTraining): Promise<void> {
  const { folder, events, manifest, state, outcome, runId, totalS, clock = NO_CLOCK } = finished
  if (state.best === null) {
    throw new GraftError('CONFLICT', 'The run was stopped before its first epoch was over, so there is nothing to keep yet.', { action: 'Resume goes on with it.' })
  }
  await events.durable({ event: 'status', status: 'evaluating', message: null })
  const { model, evaluations } = await clock.within('evaluation', () => evaluateBest(finished))
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
  const record = { ...(await folder.record()), status: outcome, best_epoch: bestEpoch, best_metric: bestMetric, total_s: totalS() }
  await clock.within('figures', () => leavePictures(folder, record, state.history, evaluations)).catch(async (error: unknown) => {
    // What was learned is worth more than its pictures; `graft report` draws them again.
    await events.durable({ event: 'log', level: 'warning', message: `The run's pictures and report could not be written: ${toFailure(error).message}` })
  })
  for (const finding of await findingsOf(folder, record, state.history, manifest)) {
    await events.durable({ event: 'log', level: finding.severity === 'fine' ? 'info' : 'warning', message: findingLine(finding) })
  }
  const test = evaluations.find(({ split }) => split === 'test')?.report ?? null
  await events.durable({ event: 'status', status: outcome, message: null })
  await events.durable({ event: 'done', run_id: runId, run_dir: folder.directory, status: outcome, best_epoch: bestEpoch, best_metric: bestMetric, total_s: totalS(), test })
}
