/** How far each step of the work is, for the rail: a mark and a few words. */
import { plural, t } from '@lingui/core/macro'
import { hasHeldOutPictures, hasModel, type RunRecord } from '../../shared/domain/run'
import type { DatasetState } from '../state/dataset'
import type { Draft } from '../state/draft'
import { type ExportBatch, isAtWork } from '../state/export'
import { epochsDone, statusOf, type RunView } from '../state/run-view'
import { classCount, epochCount } from '../ui/counts'
import { formatBytes, formatCount, formatShare } from '../ui/format'

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
      return state('empty', t`None open`)
    case 'opening': {
      const { progress } = dataset
      if (progress === null || progress.total === 0) return state('busy', t`Looking through`)
      return state('busy', t`${{ done: formatCount(progress.done) }} of ${{ total: formatCount(progress.total) }}`, progress.done / progress.total)
    }
    case 'asking':
      return state('needs-you', t`Asks to upload`)
    case 'uploading':
      return state('busy', t`${{ size: formatBytes(dataset.sentBytes) }} sent`, dataset.sizeBytes === 0 ? null : dataset.sentBytes / dataset.sizeBytes)
    case 'failed':
      return state('needs-you', t`Not opened`)
    case 'open': {
      const { summary } = dataset
      const stops = summary.findings.filter((finding) => finding.severity === 'stop').length
      if (stops > 0) return state('needs-you', plural(stops, { one: '# finding to settle', other: '# findings to settle' }))
      return state('done', `${classCount(summary.classes.length)} · ${formatCount(summary.pictures)}`)
    }
  }
}

function configureStep({ dataset, draft, run }: StepSources): StepState {
  const changes = Object.keys(draft.changes).length
  const text = changes === 0 ? draft.preset : t`${{ preset: draft.preset }}, ${changes} changed`
  if (dataset.kind !== 'open') return run === null ? state('empty', t`Needs a dataset`) : state('empty', text)
  return state('ready', text)
}

function trainStep(run: RunRecord | null, view: RunView): StepState {
  if (run === null) return state('empty', t`No run yet`)
  if (run.origin === 'imported') return state('done', t`Trained elsewhere`)
  const status = statusOf({ record: run, view }) ?? run.status
  const planned = Math.max(1, run.epochs_planned)
  const done = Math.max(run.epochs_done, epochsDone(view))
  switch (status) {
    case 'queued':
      return state('ready', t`In the queue`)
    case 'waiting':
      return state('busy', t`Waiting`)
    case 'preparing': {
      const { preparing } = view
      return state('busy', t`Preparing`, preparing === null || preparing.total === 0 ? null : preparing.done / preparing.total)
    }
    case 'training':
      return state('busy', t`Epoch ${{ epoch: Math.min(planned, Math.floor(done) + 1) }} of ${planned}`, done / planned)
    case 'paused':
      return state('needs-you', t`Paused, ${{ done: Math.floor(done) }} of ${planned}`)
    case 'evaluating':
      return state('busy', t`Evaluating`)
    case 'completed':
      return state('done', epochCount(run.epochs_done))
    case 'stopped':
      return state('done', t`Stopped, ${{ done: run.epochs_done }} of ${planned}`)
    case 'interrupted':
      return state('needs-you', t`Interrupted`)
    case 'failed':
      return state('needs-you', t`Failed`)
  }
}

function resultsStep(run: RunRecord | null): StepState {
  if (run === null || !hasModel(run)) return state('empty', t`After training`)
  if (!hasHeldOutPictures(run)) return state('empty', t`Needs pictures`)
  if (run.test_accuracy !== null) return state('done', t`${{ accuracy: formatShare(run.test_accuracy) }} on test`)
  return state('ready', t`Ready`)
}

function exportStep(run: RunRecord | null): StepState {
  if (run === null || !hasModel(run)) return state('empty', t`After training`)
  return state('ready', run.best_epoch === null ? t`Imported model` : t`Best, epoch ${{ epoch: run.best_epoch }}`)
}

function exportsStep(batch: ExportBatch): StepState {
  const { tasks } = batch
  const count = (...statuses: ExportBatch['tasks'][number]['status'][]): number => tasks.filter(({ status }) => statuses.includes(status)).length
  const waiting = count('waiting', 'busy')
  const written = count('written')
  if (isAtWork(batch)) return state('busy', t`${{ done: tasks.length - waiting }} of ${{ total: tasks.length }} done`, (tasks.length - waiting) / tasks.length)
  if (count('declined', 'failed') > 0) return state('needs-you', t`${{ count: formatCount(count('declined', 'failed')) }} not written`)
  return written === 0 ? state('ready', t`Cancelled`) : state('done', plural(written, { one: '# format written', other: '# formats written' }))
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
