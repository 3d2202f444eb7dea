/** graft report RUN [--out FILE] */
import { resolve } from 'node:path'
import { formatBytes } from '../format'
import { runTrainerJob } from '../job'
import type { Verb } from '../program'
import { findRun } from '../sources'
import { writeLine } from '../terminal'

export const reportVerb: Verb = {
  name: 'report',
  define(command, { terminal }) {
    command
      .description('Write what there is to know of a run as one HTML file: figures, curves, confusion matrix, calibration, advice, the worst mistakes')
      .argument('<run>', 'the id, name or folder of the run')
      .option('--out <file>', "where to; without it report.html in the run's folder")
      .option('--json', 'The path and size as one object on stdout and nothing else')
      .action(async (reference: string, options: { out?: string; json?: boolean }) => {
        const { folder } = await findRun(reference, terminal.workingDirectory)
        const file = options.out === undefined ? null : resolve(terminal.workingDirectory, options.out)
        const report = await runTrainerJob(terminal, { kind: 'report', runDirectory: folder.directory, file }, { quiet: options.json === true })
        writeLine(terminal.stdout, options.json === true ? JSON.stringify(report) : `Report: ${report.path} (${formatBytes(report.sizeBytes)})`)
      })
  },
}
