/** Taking a model away: written and verified by the trainer, into a folder that this door may write to. */
import { type ExportOptions, type ExportReport, exportOptionsSchema, requirePossibleExport } from '../../shared/domain/export'
import { GraftError } from '../../shared/domain/error'
import type { RunCheckpointName } from '../storage/run-folder'
import { runJob } from '../trainer/host'
import type { FilesService } from './files'
import { progressStream } from './progress-stream'
import type { ProgressStream } from './progress-stream'
import type { RunBook } from './run-book'
import type { SettingsService } from './settings'

export class ExportsService {
  constructor(
    private readonly runs: RunBook,
    private readonly files: FilesService,
    private readonly settings: SettingsService,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  start(input: { runId: string; checkpoint?: RunCheckpointName; directory: string; options?: ExportOptions }, signal?: AbortSignal): ProgressStream<ExportReport> {
    return progressStream(async (report, inner) => {
      const { checkpoint = 'best', options = exportOptionsSchema.parse({}) } = input
      requirePossibleExport(options)
      const folder = await this.runs.folder(input.runId)
      if ((await folder.checkpointState(checkpoint)) === null) {
        throw new GraftError('NOT_FOUND', `The run has no ${checkpoint} checkpoint yet.`, { action: 'Wait for the end of the first epoch.' })
      }
      const directory = await this.files.confineNew(input.directory)
      const job = runJob<'export'>(
        { kind: 'export', runDirectory: folder.directory, checkpoint, directory, options },
        { signal: inner, onProgress: ({ message, done, total, soFar }) => report(done, total, message, soFar), trainerPath: this.options.trainerPath },
      )
      const result = await job.result
      await this.settings.update({ lastExportDirectory: directory })
      return result
    }, signal)
  }
}
