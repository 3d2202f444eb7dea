/** The figures that one asks for first, the one that tells most in front. */
import type { Split } from '../../../shared/domain/dataset'
import type { ClassificationReport, MeasuredInterval } from '../../../shared/domain/metrics'
import type { FigureItem } from '../../ui/figures'
import { formatCount, formatLoss, formatPlural, formatShare } from '../../ui/format'

const SPLIT_WORDS: Readonly<Record<Split, string>> = { test: 'held-out test pictures', val: 'validation pictures', train: 'training pictures' }

/** `86.7–98.3 %` */
export function formatInterval(interval: MeasuredInterval | null | undefined): string | undefined {
  return interval === null || interval === undefined ? undefined : `${(interval.low * 100).toFixed(1)}–${formatShare(interval.high)}`
}

export function headlineFigures(report: ClassificationReport, split: Split): FigureItem[] {
  const right = report.confusion_matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0)
  const { intervals, balanced_accuracy: balanced, calibration } = report
  // The leading figure has room for its interval beside it; the others have it below.
  const below = (interval: MeasuredInterval | null | undefined, otherwise: string): string => (interval === null || interval === undefined ? otherwise : `95 %: ${formatInterval(interval) ?? ''}`)
  const rightOf = `${formatCount(right)} of ${formatCount(report.count)} ${SPLIT_WORDS[split]} right`
  const leading: FigureItem[] =
    report.leading === 'balanced_accuracy' && balanced !== undefined
      ? [
          { label: 'Balanced accuracy', value: formatShare(balanced), between: formatInterval(intervals?.balanced_accuracy), note: 'mean recall of the classes' },
          { label: 'Accuracy', value: formatShare(report.accuracy), note: below(intervals?.accuracy, rightOf) },
        ]
      : [{ label: 'Accuracy', value: formatShare(report.accuracy), between: formatInterval(intervals?.accuracy), note: rightOf }]
  return [
    ...leading,
    { label: 'Macro-F1', value: formatShare(report.macro.f1), note: below(intervals?.macro_f1, `mean over ${formatPlural(report.classes.length, 'class', 'classes')}`) },
    { label: 'Loss', value: formatLoss(report.loss), note: 'cross-entropy' },
    ...(calibration === undefined ? [] : [{ label: 'Calibration error', value: formatShare(calibration.before.expected_calibration_error), note: 'of how sure it is' }]),
  ]
}
