/** How far each step of the work is, for the rail: a mark and a few words. */
import { hasHeldOutPictures, hasModel, type RunRecord } from '../../shared/domain/run'
import type { DatasetState } from '../state/dataset'
import type { Draft } from '../state/draft'
import { type ExportBatch, isAtWork } from '../state/export'
import { epochsDone, statusOf, type RunView } from '../state/run-view'
import { formatBytes, formatCount, formatPlural, formatShare } from '../ui/format'

export const STEPS = ['dataset', 'configure', 'train', 'results', 'export'] as const
export type Step = (typeof STEPS)[number]

export type StepMark = 'empty' | 'ready' | 'busy' | 'done' | 'needs-you'

export interface StepState {
  mark: StepMark
  /** A few words under the step's name. */
  text: string
  /** Of a busy step: from 0 to 1, or null when it cannot be told. */
  share: number | null
}

export interface StepSources {
  dataset: DatasetState
  draft: Pick<Draft, 'preset' | 'changes'>
  /** The open run, if any. */
  run: RunRecord | null
  view: RunView
  /** Exports at work or done, of whichever run. */
  exports?: ExportBatch | null
}

const state = (mark: StepMark, text: string, share: number | null = null): StepState => ({ mark, text, share })

function datasetStep(dataset: DatasetState): StepState {
  switch (dataset.kind) {
    case 'none':
      return state('empty', 'None open')
    case 'opening': {
      const { progress } = dataset
      if (progress === null || progress.total === 0) return state('busy', 'Looking through')
      return state('busy', `${formatCount(progress.done)} of ${formatCount(progress.total)}`, progress.done / progress.total)
    }
    case 'asking':
      return state('needs-you', 'Asks to upload')
    case 'uploading':
      return state('busy', `${formatBytes(dataset.sentBytes)} sent`, dataset.sizeBytes === 0 ? null : dataset.sentBytes / dataset.sizeBytes)
    case 'failed':
      return state('needs-you', 'Not opened')
    case 'open': {
      const { summary } = dataset
      const stops = summary.findings.filter((finding) => finding.severity === 'stop').length
      if (stops > 0) return state('needs-you', `${formatPlural(stops, 'finding')} to settle`)
      return state('done', `${formatPlural(summary.classes.length, 'class', 'classes')} · ${formatCount(summary.pictures)}`)
    }
  }
}

function configureStep({ dataset, draft, run }: StepSources): StepState {
  const changes = Object.keys(draft.changes).length
  const text = changes === 0 ? draft.preset : `${draft.preset}, ${changes} changed`
  if (dataset.kind !== 'open') return run === null ? state('empty', 'Needs a dataset') : state('empty', text)
  return state('ready', text)
}

function trainStep(run: RunRecord | null, view: RunView): StepState {
  if (run === null) return state('empty', 'No run yet')
  if (run.origin === 'imported') return state('done', 'Trained elsewhere')
  const status = statusOf({ record: run, view }) ?? run.status
  const planned = Math.max(1, run.epochs_planned)
  const done = Math.max(run.epochs_done, epochsDone(view))
  switch (status) {
    case 'queued':
      return state('ready', 'In the queue')
    case 'waiting':
      return state('busy', 'Waiting')
    case 'preparing': {
      const { preparing } = view
      return state('busy', 'Preparing', preparing === null || preparing.total === 0 ? null : preparing.done / preparing.total)
    }
    case 'training':
      return state('busy', `Epoch ${Math.min(planned, Math.floor(done) + 1)} of ${planned}`, done / planned)
    case 'paused':
      return state('needs-you', `Paused, ${Math.floor(done)} of ${planned}`)
    case 'evaluating':
      return state('busy', 'Evaluating')
    case 'completed':
      return state('done', formatPlural(run.epochs_done, 'epoch'))
    case 'stopped':
      return state('done', `Stopped, ${run.epochs_done} of ${planned}`)
    case 'interrupted':
      return state('needs-you', 'Interrupted')
    case 'failed':
      return state('needs-you', 'Failed')
  }
}

function resultsStep(run: RunRecord | null): StepState {
  if (run === null || !hasModel(run)) return state('empty', 'After training')
  if (!hasHeldOutPictures(run)) return state('empty', 'Needs pictures')
  if (run.test_accuracy !== null) return state('done', `${formatShare(run.test_accuracy)} on test`)
  return state('ready', 'Ready')
}

function exportStep(run: RunRecord | null): StepState {
  if (run === null || !hasModel(run)) return state('empty', 'After training')
  return state('ready', run.best_epoch === null ? 'Imported model' : `Best, epoch ${run.best_epoch}`)
}

function exportsStep(batch: ExportBatch): StepState {
  const { tasks } = batch
  const count = (...statuses: ExportBatch['tasks'][number]['status'][]): number => tasks.filter(({ status }) => statuses.includes(status)).length
  const waiting = count('waiting', 'busy')
  const written = count('written')
  if (isAtWork(batch)) return state('busy', `${tasks.length - waiting} of ${tasks.length} done`, (tasks.length - waiting) / tasks.length)
  if (count('declined', 'failed') > 0) return state('needs-you', `${formatCount(count('declined', 'failed'))} not written`)
  return written === 0 ? state('ready', 'Cancelled') : state('done', `${formatPlural(written, 'format')} written`)
}

export function stepStates(sources: StepSources): Record<Step, StepState> {
  const { dataset, run, view } = sources
  const ownExports = run !== null && sources.exports?.runId === run.run_id ? sources.exports : null
  return {
    dataset: datasetStep(dataset),
    configure: configureStep(sources),
    train: trainStep(run, view),
    results: resultsStep(run),
    export: ownExports === null ? exportStep(run) : exportsStep(ownExports),
  }
}
