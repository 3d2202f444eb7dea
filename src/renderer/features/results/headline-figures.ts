/** The figures that one asks for first, the one that tells most in front. */
import { plural, t } from '@lingui/core/macro'
import type { Split } from '../../../shared/domain/dataset'
import type { ClassificationReport, MeasuredInterval } from '../../../shared/domain/metrics'
import type { FigureItem } from '../../ui/figures'
import { formatCount, formatLoss, formatShare } from '../../ui/format'

const RIGHT_WORDS: Readonly<Record<Split, (right: string, count: string) => string>> = {
  test: (right, count) => t`${right} of ${count} held-out test pictures right`,
  val: (right, count) => t`${right} of ${count} validation pictures right`,
  train: (right, count) => t`${right} of ${count} training pictures right`,
}

/** `86.7–98.3 %` */
export function formatInterval(interval: MeasuredInterval | null | undefined): string | undefined {
  return interval === null || interval === undefined ? undefined : `${(interval.low * 100).toFixed(1)}–${formatShare(interval.high)}`
}

export function headlineFigures(report: ClassificationReport, split: Split): FigureItem[] {
  const right = report.confusion_matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0)
  const { intervals, balanced_accuracy: balanced, calibration } = report
  // The leading figure has room for its interval beside it; the others have it below.
  const below = (interval: MeasuredInterval | null | undefined, otherwise: string): string => (interval === null || interval === undefined ? otherwise : `95 %: ${formatInterval(interval) ?? ''}`)
  const rightOf = RIGHT_WORDS[split](formatCount(right), formatCount(report.count))
  const leading: FigureItem[] =
    report.leading === 'balanced_accuracy' && balanced !== undefined
      ? [
          { label: t`Balanced accuracy`, value: formatShare(balanced), between: formatInterval(intervals?.balanced_accuracy), note: t`mean recall of the classes` },
          { label: t`Accuracy`, value: formatShare(report.accuracy), note: below(intervals?.accuracy, rightOf) },
        ]
      : [{ label: t`Accuracy`, value: formatShare(report.accuracy), between: formatInterval(intervals?.accuracy), note: rightOf }]
  return [
    ...leading,
    { label: t`Macro-F1`, value: formatShare(report.macro.f1), note: below(intervals?.macro_f1, t`mean over ${plural({ count: report.classes.length }, { one: '# class', other: '# classes' })}`) },
    { label: t`Loss`, value: formatLoss(report.loss), note: t`cross-entropy` },
    ...(calibration === undefined ? [] : [{ label: t`Calibration error`, value: formatShare(calibration.before.expected_calibration_error), note: t`of how sure it is` }]),
  ]
}
