/** graft evaluate RUN|CHECKPOINT|EXPORT */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { SPLITS, type Split } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import type { Evaluation } from '../../../shared/domain/metrics'
import type { CheckpointName } from '../../services/model-jobs'
import { formatPlural, formatShare } from '../format'
import { runTrainerJob } from '../job'
import type { Verb } from '../program'
import { findModel } from '../sources'
import { tableLines, type Column } from '../table'
import { writeLine, type Terminal } from '../terminal'

interface EvaluateOptions {
  split?: Split
  checkpoint: CheckpointName
  data?: string
  json?: boolean
}

export const evaluateVerb: Verb = {
  name: 'evaluate',
  define(command, { terminal }) {
    command
      .description('Measure a model on a split of its pictures: the per-class table and the confusion matrix')
      .argument('<model>', "a run's id, name or folder; a checkpoint's folder; the folder of an export")
      .addOption(new Option('--split <split>', 'which pictures; without it test, or val where there is no test split').choices(SPLITS))
      .addOption(new Option('--checkpoint <name>', 'which checkpoint of the run').choices(['best', 'latest']).default('best'))
      .option('--data <folder>', 'the pictures to measure an export on: a folder per class, or train/, val/ and test/')
      .option('--json', 'The whole evaluation as one object on stdout and nothing else')
      .action(async (reference: string, options: EvaluateOptions) => {
        const { source, run } = await findModel(reference, terminal.workingDirectory, options.checkpoint)
        if (run === null && options.data === undefined) {
          throw new GraftError('BAD_INPUT', 'An export has no pictures of its own: a folder of pictures was expected.', {
            action: 'Add --data FOLDER.',
          })
        }
        if (run !== null && options.data !== undefined) {
          throw new GraftError('BAD_INPUT', `A run is measured on its own pictures, in ${run.record.dataset_root}, but --data came.`, {
            action: 'Leave --data out, or export the run and evaluate the export.',
          })
        }
        // What the folders of an export's pictures hold is known only once they have been looked through: the job chooses then.
        const split = options.split ?? (run === null ? null : run.record.counts.test === 0 ? 'val' : 'test')
        const kept = run === null || split === null || source.kind === 'export' ? null : await run.folder.currentEvaluation(split, source.checkpoint)
        const datasetRoot = options.data === undefined ? null : resolve(terminal.workingDirectory, options.data)
        const evaluation = kept ?? (await runTrainerJob(terminal, { kind: 'evaluate', source, split, datasetRoot }, { quiet: options.json === true }))
        if (options.json === true) writeLine(terminal.stdout, JSON.stringify(evaluation))
        else writeEvaluation(terminal, evaluation)
      })
  },
}

function writeEvaluation(terminal: Terminal, { report, split, checkpoint, classes }: Evaluation): void {
  const write = (text = '') => writeLine(terminal.stdout, text)
  write(`${split} split, ${checkpoint === 'export' ? 'export' : `${checkpoint} checkpoint`}: ${formatPlural(report.count, 'picture')}`)
  write(`accuracy ${formatShare(report.accuracy, 2)}  loss ${report.loss.toFixed(4)}`)
  write()
  const number: Omit<Column, 'title'> = { align: 'right' }
  const figures = (average: { precision: number; recall: number; f1: number }) => [average.precision, average.recall, average.f1].map((value) => value.toFixed(4))
  const columns: Column[] = [{ title: 'class' }, { title: 'precision', ...number }, { title: 'recall', ...number }, { title: 'f1', ...number }, { title: 'pictures', ...number }]
  const rows = [
    ...report.classes.map((row) => [row.name, ...figures(row), String(row.support)]),
    ['macro average', ...figures(report.macro), String(report.count)],
    ['weighted average', ...figures(report.weighted), String(report.count)],
  ]
  for (const line of tableLines(columns, rows)) write(line)
  write()
  write('Confusion matrix: rows are the truth, columns the prediction')
  const matrixColumns: Column[] = [{ title: 'truth' }, ...classes.map((name) => ({ title: name, ...number }))]
  const matrixRows = report.confusion_matrix.map((row, index) => [classes[index] ?? '', ...row.map(String)])
  for (const line of tableLines(matrixColumns, matrixRows)) write(line)
}
