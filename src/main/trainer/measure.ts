/** What an evaluation tells beyond its confusion matrix: ranking, intervals, calibration, thresholds. Made of the answers alone, so no model is needed. */
import type { Calibration, ClassificationReport, Evaluation, MeasuredInterval, Prediction } from '../../shared/domain/metrics'
import { fitTemperature, reliability } from '../engine/train/calibration'
import { averagePrecision, bestThreshold, rocAuc, scoresAtThreshold } from '../engine/train/ranking'
import { bootstrapIntervals, type Interval, RESAMPLES, wilsonInterval } from '../engine/train/uncertainty'

type Intervals = NonNullable<ClassificationReport['intervals']>

function intervalsOf({ predictions, classes }: Evaluation, seed: number): Intervals {
  const drawn = bootstrapIntervals(predictions, classes.length, seed)
  const drawnInterval = (interval: Interval): MeasuredInterval => ({ ...interval, method: 'bootstrap' })
  const right = predictions.filter(({ truth, prediction }) => truth === prediction).length
  return {
    resamples: RESAMPLES,
    accuracy: drawn === null ? { ...wilsonInterval(right, predictions.length), method: 'wilson' } : drawnInterval(drawn.accuracy),
    balanced_accuracy: drawn === null ? null : drawnInterval(drawn.balancedAccuracy),
    macro_f1: drawn === null ? null : drawnInterval(drawn.macroF1),
  }
}

function calibrationOf(answers: readonly Prediction[], fitting: readonly Prediction[]): Calibration {
  const before = reliability(answers)
  const temperature = fitTemperature(fitting)
  if (temperature !== null) return { before, temperature, after: reliability(answers, temperature), temperature_missing: null }
  const isAllRight = fitting.every(({ truth, prediction }) => truth === prediction)
  return { before, temperature: null, after: null, temperature_missing: fitting.length === 0 ? 'no validation pictures' : isAllRight ? 'every answer is right' : 'no better than chance' }
}

/**
 * The evaluation with all its figures.
 * @param fitting the same checkpoint's answers on the validation pictures, which temperature and thresholds are fitted on; null where there are none
 * @param seed of the bootstrap, so that the same answers have the same intervals
 */
export function withFigures(evaluation: Evaluation, fitting: Evaluation | null, seed: number): Evaluation {
  const { predictions, report } = evaluation
  const fitted = fitting?.predictions ?? []
  const classes = report.classes.map((row, index) => {
    const scoresOf = (answers: readonly Prediction[]) => answers.map(({ probabilities }) => probabilities[index] ?? 0)
    const membersOf = (answers: readonly Prediction[]) => answers.map(({ truth }) => truth === index)
    const [scores, members] = [scoresOf(predictions), membersOf(predictions)]
    const probability = bestThreshold(scoresOf(fitted), membersOf(fitted))
    return {
      ...row,
      roc_auc: rocAuc(scores, members),
      average_precision: averagePrecision(scores, members),
      threshold: probability === null ? null : { probability, ...scoresAtThreshold(scores, members, probability) },
    }
  })
  return { ...evaluation, report: { ...report, intervals: intervalsOf(evaluation, seed), classes, calibration: calibrationOf(predictions, fitted) } }
}
