/** graft export RUN --to DIR */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import type { CheckpointName } from '../../services/model-jobs'
import { formatBytes, formatPlural, formatSeconds, formatShare } from '../format'
import { runTrainerJob } from '../job'
import type { Verb } from '../program'
import { findModel } from '../sources'
import { tableLines } from '../table'
import { writeLine } from '../terminal'

interface ExportOptions {
  to: string
  checkpoint: CheckpointName
  json?: boolean
}

export const exportVerb: Verb = {
  name: 'export',
  define(command, { terminal }) {
    command
      .description('Write a folder that works without Graft: weights, SavedModel, labels, preprocessing, an example; checked on pictures')
      .argument('<run>', "the id, name or folder of a run, or one of its checkpoints' folders")
      .requiredOption('--to <folder>', 'a new or empty folder')
      .addOption(new Option('--checkpoint <name>', 'which checkpoint of the run').choices(['best', 'latest']).default('best'))
      .option('--json', 'The report as one object on stdout and nothing else')
      .action(async (reference: string, options: ExportOptions) => {
        const { source } = await findModel(reference, terminal.workingDirectory, options.checkpoint)
        if (source.kind === 'export') {
          throw new GraftError('BAD_INPUT', `A run was expected, but ${source.directory} is an export already.`, { action: 'Give a run; graft runs lists them.' })
        }
        const directory = resolve(terminal.workingDirectory, options.to)
        const job = { kind: 'export', runDirectory: source.directory, checkpoint: source.checkpoint, directory } as const
        const report = await runTrainerJob(terminal, job, { quiet: options.json === true })
        if (options.json === true) {
          writeLine(terminal.stdout, JSON.stringify(report))
          return
        }
        writeLine(terminal.stdout, `Exported the ${report.checkpoint} checkpoint to ${report.directory} in ${formatSeconds(report.seconds)}`)
        const rows = report.files.map((file) => [`  ${file.name}`, formatBytes(file.sizeBytes), file.what])
        for (const line of tableLines([{ title: '  file' }, { title: 'size', align: 'right' }, { title: 'what' }], rows)) writeLine(terminal.stdout, line)
        const { parity } = report
        writeLine(
          terminal.stdout,
          `Read back and run on ${formatPlural(parity.pictures, `${parity.split} picture`)}: largest difference of a probability ` +
            `${parity.largestDifference.toExponential(1)} (allowed ${parity.bound}), same class for ${formatShare(parity.agreement)}.`,
        )
      })
  },
}
