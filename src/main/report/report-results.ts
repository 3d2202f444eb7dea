/** What the report says of the model's answers: figures with their intervals, the table by class, calibration, the worst mistakes. */
import type { ClassificationReport, Evaluation } from '../../shared/domain/metrics'
import { html, type Html, name } from './html'
import type { Mistake, ReportContent } from './report-content'
import { count, interval, percent, plural, SPLIT_WORDS } from './words'

interface HeadFigure {
  readonly label: string
  readonly value: string
  readonly note: string
}

/** The figures that one asks for first, the leading one in front. */
function headFigures({ report, split }: Evaluation): HeadFigure[] {
  const { intervals, balanced_accuracy: balanced, calibration } = report
  const right = report.confusion_matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0)
  const between = (of: { low: number; high: number } | null | undefined) => (of === null || of === undefined ? '' : `95 %: ${interval(of)}`)
  const accuracy: HeadFigure = { label: 'Accuracy', value: percent(report.accuracy), note: between(intervals?.accuracy) || `${count(right)} of ${count(report.count)} ${SPLIT_WORDS[split]} pictures` }
  const mean: HeadFigure[] = balanced === undefined ? [] : [{ label: 'Balanced accuracy', value: percent(balanced), note: between(intervals?.balanced_accuracy) || 'mean recall of the classes' }]
  return [
    ...(report.leading === 'balanced_accuracy' ? [...mean, accuracy] : [accuracy, ...mean]),
    { label: 'Macro-F1', value: percent(report.macro.f1), note: between(intervals?.macro_f1) || 'mean of the classes' },
    { label: 'Loss', value: report.loss.toFixed(4), note: 'cross-entropy' },
    ...(calibration === undefined ? [] : [{ label: 'Calibration error', value: percent(calibration.before.expected_calibration_error), note: calibration.after === null ? 'expected, over 15 bins' : `${percent(calibration.after.expected_calibration_error)} at temperature ${(calibration.temperature ?? 1).toFixed(2)}` }]),
  ]
}

export function headline(evaluation: Evaluation): Html {
  return html`<dl class="figures">${headFigures(evaluation).map(({ label, value, note }) => html`<div><dt>${label}</dt><dd>${value}</dd><dd class="quiet">${note}</dd></div>`)}</dl>`
}

/** How the figures were come by: said once, below them. */
export function methodNote(evaluation: Evaluation, isImported: boolean): Html {
  const { intervals, leading } = evaluation.report
  const sentences = [
    `Measured on ${plural(evaluation.report.count, `${SPLIT_WORDS[evaluation.split]} picture`)}.`,
    ...(intervals === undefined
      ? []
      : [
          intervals.accuracy.method === 'bootstrap'
            ? `The ranges are 95 % intervals: the percentile bootstrap over ${count(intervals.resamples)} draws of the pictures.`
            : 'The range is Wilson’s 95 % interval, since with every picture right, or none, there is nothing to draw differently.',
        ]),
    ...(leading === 'balanced_accuracy' ? ['The largest class has more than three times the pictures of the smallest, so that balanced accuracy, the mean recall of the classes, stands first.'] : []),
    ...(isImported ? ['The model was trained elsewhere: pictures that it learned from make these figures better than they are on new ones.'] : evaluation.split === 'val' ? ['These pictures also chose the best epoch, which flatters the figures a little.'] : []),
  ]
  return html`<p class="quiet">${sentences.join(' ')}</p>`
}

type Row = ClassificationReport['classes'][number]

const shareOrDash = (value: number | null | undefined) => (value === null || value === undefined ? '–' : percent(value))
const threeDigits = (value: number | null | undefined) => (value === null || value === undefined ? '–' : value.toFixed(3))

export function classTable({ report }: Evaluation): Html {
  const hasRanking = report.classes.some((row) => row.roc_auc !== undefined)
  const row = ({ threshold, ...scores }: Row) => html`<tr><th scope="row">${name(scores.name)}</th><td>${percent(scores.precision)}</td><td>${percent(scores.recall)}</td><td>${percent(scores.f1)}</td><td>${count(scores.support)}</td>${
    hasRanking &&
    html`<td>${threeDigits(scores.roc_auc)}</td><td>${threeDigits(scores.average_precision)}</td><td>${threeDigits(threshold?.probability)}</td><td>${shareOrDash(threshold?.precision)}</td><td>${shareOrDash(threshold?.recall)}</td>`
  }</tr>`
  const mean = (title: string, { precision, recall, f1 }: ClassificationReport['macro']) => html`<tr><th scope="row">${title}</th><td>${percent(precision)}</td><td>${percent(recall)}</td><td>${percent(f1)}</td><td>${count(report.count)}</td></tr>`
  return html`<div class="wide"><table><thead><tr><th scope="col">Class</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th><th scope="col">Pictures</th>${
    hasRanking && html`<th scope="col">ROC AUC</th><th scope="col">Average precision</th><th scope="col">Threshold</th><th scope="col">Precision at it</th><th scope="col">Recall at it</th>`
  }</tr></thead><tbody>${report.classes.map(row)}</tbody><tfoot>${mean('Mean of classes', report.macro)}${mean('Weighted by pictures', report.weighted)}</tfoot></table></div>${
    hasRanking &&
    html`<p class="quiet">ROC AUC and average precision are of each class against all others. The threshold is the probability from which on calling a picture this class had the largest F1 on the validation pictures.</p>`
  }`
}

export function calibrationText({ report, split }: Evaluation): Html | null {
  const { calibration } = report
  if (calibration === undefined) return null
  const { before, after, temperature, temperature_missing: missing } = calibration
  const error = percent(before.expected_calibration_error)
  if (temperature === null || after === null) {
    const why = { 'no validation pictures': 'there are no validation pictures to fit one on', 'every answer is right': 'every validation picture is right, which any lower temperature would only overdo', 'no better than chance': 'the answers are no better than chance' }
    return html`<p>The model’s confidence is off by ${error} on average. There is no temperature: ${missing === null ? 'none was fitted' : why[missing]}.</p>`
  }
  const tendency = temperature > 1 ? 'it is surer than it is right' : 'it is less sure than it is right'
  return html`<p>The model’s confidence is off by ${error} on average. Dividing its logits by a temperature of ${temperature.toFixed(3)} (${tendency}) brings this to ${percent(after.expected_calibration_error)}, and the negative log-likelihood from ${before.negative_log_likelihood.toFixed(4)} to ${after.negative_log_likelihood.toFixed(4)}; which class is the likeliest never changes. The temperature was fitted on the validation pictures${split === 'val' ? ', which are these' : ''}.</p>`
}

export function mistakesSection({ mistakes, mistakesCount }: ReportContent): Html {
  if (mistakesCount === 0) return html`<p>No picture was taken for another class.</p>`
  const tile = ({ path, truth, prediction, probability, image }: Mistake) =>
    html`<figure>${image === null ? html`<div class="gone">cannot be read any more</div>` : html`<img src="${image}" alt="">`}<figcaption><b>${name(truth)}</b> taken for <b>${name(prediction)}</b>, ${percent(probability)} sure<br>${name(path)}</figcaption></figure>`
  const shownOf = mistakes.length < mistakesCount ? `The ${mistakes.length} surest of ${count(mistakesCount)} mistakes.` : `${mistakesCount === 1 ? 'The only mistake' : `All ${count(mistakesCount)} mistakes`}, the surest first.`
  return html`<p class="quiet">${shownOf}</p><div class="mistakes">${mistakes.map(tile)}</div>`
}
