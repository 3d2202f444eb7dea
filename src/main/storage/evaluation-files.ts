/** An evaluation as files for other programs: the metrics as JSON, predictions and confusion matrix as CSV (RFC 4180). */
import type { Evaluation } from '../../shared/domain/metrics'

/** One cell: quoted where it holds a comma, a quote or a line break; quotes doubled. */
export function csvCell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows with CRLF line ends, as the RFC has them. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

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

/** Rows are the truth, columns the prediction. */
export function confusionCsv(evaluation: Evaluation): string {
  return toCsv([
    ['truth\\prediction', ...evaluation.classes],
    ...evaluation.report.confusion_matrix.map((row, index) => [evaluation.classes[index] ?? String(index), ...row]),
  ])
}
