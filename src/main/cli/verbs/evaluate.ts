/** graft evaluate RUN|CHECKPOINT|EXPORT */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { SPLITS, type Split } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import type { Finding } from '../../../shared/domain/advice'
import type { Calibration, Evaluation, MeasuredInterval } from '../../../shared/domain/metrics'
import { type CheckpointName, findingLine, findingsOfRun } from '../../services/model-jobs'
import { formatCount, formatPlural, formatShare } from '../format'
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
        const isWhole = kept?.report.calibration !== undefined
        const evaluation = isWhole ? kept : await runTrainerJob(terminal, { kind: 'evaluate', source, split, datasetRoot }, { quiet: options.json === true })
        if (options.json === true) {
          writeLine(terminal.stdout, JSON.stringify(evaluation))
          return
        }
        writeEvaluation(terminal, evaluation)
        if (run !== null) writeFindings(terminal, await findingsOfRun(run.folder))
      })
  },
}

/** The figures above the table, the one that leads in front. */
function figureLines({ report }: Evaluation): string[] {
  const { intervals, calibration, balanced_accuracy: balanced } = report
  const accuracy = `accuracy ${formatShare(report.accuracy, 2)}`
  const mean = balanced === undefined ? [] : [`balanced accuracy ${formatShare(balanced, 2)}`]
  const leads = report.leading === 'balanced_accuracy'
  const between = (name: string, interval: MeasuredInterval | null) => (interval === null ? [] : [`${name} ${formatShare(interval.low)} to ${formatShare(interval.high)}`])
  return [
    [...(leads ? [...mean, accuracy] : [accuracy]), `loss ${report.loss.toFixed(4)}`, ...(leads ? [] : mean)].join('  '),
    ...(leads ? ['Balanced accuracy, the mean recall of the classes, comes first: the largest class has more than three times the pictures of the smallest.'] : []),
    ...(intervals === undefined
      ? []
      : [
          `95 % intervals (${intervals.accuracy.method === 'bootstrap' ? `bootstrap, ${formatCount(intervals.resamples)} draws` : 'Wilson'}): ` +
            [...(leads ? between('balanced accuracy', intervals.balanced_accuracy) : []), ...between('accuracy', intervals.accuracy), ...between('macro F1', intervals.macro_f1)].join(', '),
        ]),
    ...(calibration === undefined ? [] : [calibrationLine(calibration)]),
  ]
}

function calibrationLine({ before, after, temperature, temperature_missing: missing }: Calibration): string {
  const error = `calibration error ${formatShare(before.expected_calibration_error)}`
  if (temperature === null || after === null) return `${error}; no temperature: ${missing ?? 'not fitted'}`
  return `${error}; ${formatShare(after.expected_calibration_error)} at temperature ${temperature.toFixed(3)}, fitted on the validation pictures`
}

function writeFindings(terminal: Terminal, findings: readonly Finding[]): void {
  if (findings.length === 0) return
  writeLine(terminal.stdout, '')
  for (const finding of findings) writeLine(terminal.stdout, findingLine(finding))
}

function writeEvaluation(terminal: Terminal, evaluation: Evaluation): void {
  const { report, split, checkpoint, classes } = evaluation
  const write = (text = '') => writeLine(terminal.stdout, text)
  write(`${split} split, ${checkpoint === 'export' ? 'export' : `${checkpoint} checkpoint`}: ${formatPlural(report.count, 'picture')}`)
  for (const line of figureLines(evaluation)) write(line)
  write()
  const number: Omit<Column, 'title'> = { align: 'right' }
  const figures = (average: { precision: number; recall: number; f1: number }) => [average.precision, average.recall, average.f1].map((value) => value.toFixed(4))
  const hasRanking = report.classes.some((row) => row.roc_auc !== undefined)
  const ranking = hasRanking ? ['roc auc', 'avg precision', 'threshold'] : []
  const orDash = (value: number | null | undefined) => value?.toFixed(4) ?? '-'
  const columns: Column[] = [{ title: 'class' }, ...['precision', 'recall', 'f1', 'pictures', ...ranking].map((title) => ({ title, ...number }))]
  const rows = [
    ...report.classes.map((row) => [row.name, ...figures(row), String(row.support), ...(hasRanking ? [orDash(row.roc_auc), orDash(row.average_precision), orDash(row.threshold?.probability)] : [])]),
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
