/** An evaluation as files for other programs: the metrics as JSON, predictions and confusion matrix as CSV (RFC 4180). */
import { toCsv } from '../../shared/domain/csv'
import type { Evaluation } from '../../shared/domain/metrics'

export function predictionsCsv(evaluation: Evaluation): string {
  const name = (index: number): string => evaluation.classes[index] ?? String(index)
  return toCsv([
    ['path', 'truth', 'prediction', 'is_correct', ...evaluation.classes.map((label) => `probability_${label}`)],
    ...evaluation.predictions.map((picture) => [
      picture.path,
      name(picture.truth),
      name(picture.prediction),
      picture.truth === picture.prediction ? 1 : 0,
      ...picture.probabilities,
    ]),
  ])
}

/** Rows are the truth, columns the prediction. @param isNormalized each row divided by its sum */
export function confusionCsv({ classes, report }: Evaluation, isNormalized = false): string {
  const matrix = isNormalized ? report.confusion_matrix_normalized : report.confusion_matrix
  return toCsv([['truth\\prediction', ...classes], ...matrix.map((row, index) => [classes[index] ?? String(index), ...row])])
}

/** One row a class, then the averages as scikit-learn's `classification_report` names them. What cannot be told is an empty cell. */
export function reportCsv({ report }: Evaluation): string {
  const scores = ({ precision, recall, f1 }: { precision: number; recall: number; f1: number }) => [precision, recall, f1]
  return toCsv([
    ['class', 'precision', 'recall', 'f1-score', 'support', 'roc_auc', 'average_precision', 'threshold', 'threshold_precision', 'threshold_recall', 'threshold_f1-score'],
    ...report.classes.map((row) => {
      const { roc_auc: auc, average_precision: average, threshold } = row
      return [row.name, ...scores(row), row.support, auc ?? '', average ?? '', threshold?.probability ?? '', ...(threshold ? scores(threshold) : ['', '', ''])]
    }),
    ['accuracy', '', '', report.accuracy, report.count, '', '', '', '', '', ''],
    ['macro avg', ...scores(report.macro), report.count, '', '', '', '', '', ''],
    ['weighted avg', ...scores(report.weighted), report.count, '', '', '', '', '', ''],
  ])
}

/** One row a bin of confidences (low, high], of the model as it is and at its temperature; empty where the evaluation is of an older version. */
export function calibrationCsv({ report }: Evaluation): string {
  const { before, after, temperature } = report.calibration ?? { before: null, after: null, temperature: null }
  const rows = (bins: NonNullable<typeof before>['bins'], at: number) => bins.map(({ low, high, count, confidence, accuracy }) => [at, low, high, count, confidence, accuracy])
  return toCsv([['temperature', 'low', 'high', 'count', 'confidence', 'accuracy'], ...rows(before?.bins ?? [], 1), ...(temperature === null ? [] : rows(after?.bins ?? [], temperature))])
}

/** How the names of an evaluation's files begin. */
export const filePrefix = ({ split, checkpoint }: Pick<Evaluation, 'split' | 'checkpoint'>) => (checkpoint === 'best' ? split : `${split}_${checkpoint}`)
