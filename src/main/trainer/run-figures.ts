/** The pictures and the report that a run's folder holds beside its numbers. The plotting library is loaded when there is something to draw. */
import { join } from 'node:path'
import type { FigureName } from '../../shared/domain/figure'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import type { RunRecord } from '../../shared/domain/run'
import type { FigureContent } from '../report/figures'
import { atomicWrite } from '../storage/atomic-write'
import { confusionCsv, filePrefix, reportCsv } from '../storage/evaluation-files'
import type { RunFolder } from '../storage/run-folder'

/** What figures say of the run. */
export function figureRun(record: Pick<RunRecord, 'name' | 'backbone' | 'best_epoch' | 'monitor'>): FigureContent['run'] {
  return { name: record.name, backbone: record.backbone, bestEpoch: record.best_epoch, monitor: record.monitor }
}

/** The figures of one evaluation. */
const OF_EVALUATIONS: readonly FigureName[] = ['confusion_matrix', 'confusion_matrix_normalized', 'calibration']

/** Beside the evaluation's numbers: confusion matrices and calibration as PNG, the report by class and the normalised matrix as CSV. */
export async function writeEvaluationFigures(folder: RunFolder, evaluation: Evaluation): Promise<void> {
  const { figureBytes } = await import('../report/figures')
  const directory = await folder.evaluationDirectory()
  const place = (name: string) => join(directory, `${filePrefix(evaluation)}_${name}`)
  await atomicWrite(place('report.csv'), reportCsv(evaluation))
  await atomicWrite(place('confusion_matrix_normalized.csv'), confusionCsv(evaluation, true))
  const content: FigureContent = { run: figureRun(await folder.record()), epochs: [], evaluation }
  for (const name of OF_EVALUATIONS) await atomicWrite(place(`${name}.png`), await figureBytes(name, content, 'png'))
}

/** `training_history.png`; nothing where there is no history. */
export async function writeTrainingFigure(folder: RunFolder, record: RunRecord, epochs: readonly EpochRecord[]): Promise<void> {
  if (epochs.length === 0) return
  const { figureBytes } = await import('../report/figures')
  await atomicWrite(join(folder.directory, 'training_history.png'), await figureBytes('training_history', { run: figureRun(record), epochs, evaluation: null }, 'png'))
}
