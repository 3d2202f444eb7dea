/** `report` and `figure`: what a run leaves to be looked at, drawn again from its folder. No TensorFlow is loaded. */
import { join } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import { FIGURE_MEDIA_TYPES, type FigureFile } from '../../../shared/domain/figure'
import { atomicWrite } from '../../storage/atomic-write'
import { filePrefix } from '../../storage/evaluation-files'
import { RunFolder } from '../../storage/run-folder'
import { figureRun } from '../run-figures'
import { historyOf } from '../run-findings'
import { REPORT_FILE, reportText } from '../run-report'
import type { Job, JobResults } from '../messages'
import type { JobContext } from './context'

export async function runReportJob(job: Extract<Job, { kind: 'report' }>, context: JobContext): Promise<JobResults['report']> {
  context.progress('Writing the report', 0, 1)
  const folder = await RunFolder.open(job.runDirectory)
  const text = await reportText(folder, await folder.record())
  const path = job.file ?? join(folder.directory, REPORT_FILE)
  await atomicWrite(path, text)
  return { path, sizeBytes: Buffer.byteLength(text) }
}

export async function runFigureJob(job: Extract<Job, { kind: 'figure' }>): Promise<FigureFile> {
  const { figure, format, split, checkpoint } = job
  const { figureBytes } = await import('../../report/figures')
  const folder = await RunFolder.open(job.runDirectory)
  const isHistory = figure === 'training_history'
  const evaluation = isHistory ? null : await folder.currentEvaluation(split, checkpoint)
  if (!isHistory && evaluation === null) {
    throw new GraftError('NOT_FOUND', `The ${checkpoint} checkpoint has not been measured on the ${split} pictures.`, { action: 'Evaluate it first.' })
  }
  const content = { run: figureRun(await folder.record()), epochs: isHistory ? await historyOf(folder) : [], evaluation }
  const bytes = await figureBytes(figure, content, format)
  const stem = isHistory ? figure : `${filePrefix({ split, checkpoint })}_${figure}`
  return { name: `${stem}.${format}`, mediaType: FIGURE_MEDIA_TYPES[format], base64: bytes.toString('base64') }
}
