/** What a run's model does with the pictures of a split, from the run's folder where it is there, else computed. */
import { readFile } from 'node:fs/promises'
import type { Finding } from '../../shared/domain/advice'
import type { Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import type { FigureFile, FigureFormat, FigureName } from '../../shared/domain/figure'
import type { Evaluation, Prediction } from '../../shared/domain/metrics'
import type { RunCheckpointName, RunFolder } from '../storage/run-folder'
import { runJob } from '../trainer/host'
import { findingsOfRun } from '../trainer/run-findings'
import { EvaluationsAtWork } from './evaluations-at-work'
import { progressStream } from './progress-stream'
import type { ProgressStream, Report } from './progress-stream'
import type { RunBook } from './run-book'

export interface EvaluateRequest {
  runId: string
  split: Split
  checkpoint?: RunCheckpointName
}

export interface CellRequest {
  runId: string
  split: Split
  truth: number
  prediction: number
  offset?: number
  limit?: number
}

export interface FigureRequest {
  runId: string
  figure: FigureName
  format: FigureFormat
  /** Nothing to the training history. */
  split: Split
  checkpoint?: RunCheckpointName
}

export class ResultsService {
  private readonly atWork = new EvaluationsAtWork()

  constructor(
    private readonly runs: RunBook,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  evaluate(input: EvaluateRequest, signal?: AbortSignal): ProgressStream<Evaluation> {
    return progressStream((report, inner) => this.evaluation(input, report, inner), signal)
  }

  /** The pictures of one cell of the confusion matrix, surest first. */
  async cell(input: CellRequest, signal?: AbortSignal): Promise<{ total: number; pictures: Prediction[] }> {
    const { predictions } = await this.evaluation({ runId: input.runId, split: input.split }, () => undefined, signal)
    const { offset = 0, limit = 100 } = input
    const cell = predictions
      .filter(({ truth, prediction }) => truth === input.truth && prediction === input.prediction)
      .sort((a, b) => (b.probabilities[b.prediction] ?? 0) - (a.probabilities[a.prediction] ?? 0) || (a.path < b.path ? -1 : 1))
    return { total: cell.length, pictures: cell.slice(offset, offset + limit) }
  }

  /** What the run's numbers say of how it learned. */
  async advice({ runId }: { runId: string }): Promise<{ findings: Finding[] }> {
    return { findings: await findingsOfRun(await this.runs.folder(runId)) }
  }

  /** The file that a run leaves of the figure, or would. */
  async figure(input: FigureRequest, signal?: AbortSignal): Promise<FigureFile> {
    const { runId, figure, format, split, checkpoint = 'best' } = input
    const { directory } = await this.runs.folder(runId)
    return runJob<'figure'>({ kind: 'figure', runDirectory: directory, figure, format, split, checkpoint }, { signal, trainerPath: this.options.trainerPath }).result
  }

  /** The run's report, written anew. */
  async report({ runId }: { runId: string }, signal?: AbortSignal): Promise<FigureFile> {
    const folder = await this.runs.folder(runId)
    const { path } = await runJob<'report'>({ kind: 'report', runDirectory: folder.directory, file: null }, { signal, trainerPath: this.options.trainerPath }).result
    const { name } = await folder.record()
    const stem = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80)
    return { name: `${stem}-report.html`, mediaType: 'text/html', base64: (await readFile(path)).toString('base64') }
  }

  private async evaluation(input: EvaluateRequest, report: Report, signal: AbortSignal | undefined): Promise<Evaluation> {
    const { split, checkpoint = 'best' } = input
    const folder = await this.runs.folder(input.runId)
    const kept = await folder.currentEvaluation(split, checkpoint)
    if (kept?.report.calibration !== undefined) return kept
    const evaluate = async (tell: Report, inner: AbortSignal): Promise<Evaluation> => {
      // What was computed before its turn came may have left this one too.
      const meanwhile = await folder.currentEvaluation(split, checkpoint)
      return meanwhile?.report.calibration === undefined ? this.measured(folder, { split, checkpoint }, tell, inner) : meanwhile
    }
    try {
      return await this.atWork.of({ directory: folder.directory, what: `${split} ${checkpoint}` }, evaluate, { report, signal })
    } catch (error) {
      // One of an older version tells less, but the pictures that it was measured on may be gone.
      if (kept !== null && error instanceof GraftError) return kept
      throw error
    }
  }

  private async measured(folder: RunFolder, of: { split: Split; checkpoint: RunCheckpointName }, report: Report, signal: AbortSignal | undefined): Promise<Evaluation> {
    const { split, checkpoint } = of
    const record = await folder.record()
    if (record.counts[split] === 0) {
      throw new GraftError('BAD_INPUT', `The run has no pictures in its ${split} split.`, { action: 'Choose another split.' })
    }
    if ((await folder.checkpointState(checkpoint)) === null) {
      throw new GraftError('NOT_FOUND', `The run has no ${checkpoint} checkpoint yet.`, { action: 'Wait for the end of the first epoch.' })
    }
    const job = runJob<'evaluate'>(
      { kind: 'evaluate', source: { kind: 'run', directory: folder.directory, checkpoint }, split, datasetRoot: null },
      { signal, onProgress: ({ message, done, total }) => report(done, total, message), trainerPath: this.options.trainerPath },
    )
    // The trainer keeps it in the run's folder.
    return job.result
  }
}
