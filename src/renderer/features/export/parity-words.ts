/** The check of an export in words. */
import { plural, t } from '@lingui/core/macro'
import type { ExportParity, ParitySoFar } from '../../../shared/domain/export'
import type { SplitCounts } from '../../../shared/domain/dataset'
import type { ExportTask } from '../../state/export'
import { dropOf } from '../../state/export'
import { formatBytes, formatCount, formatShare } from '../../ui/format'

/** A difference of probabilities: `3e-7`, `2.4e-7`, `0.0042`, `0`. */
export function formatDifference(value: number): string {
  if (value === 0) return '0'
  return value >= 1e-3 ? String(Number(value.toPrecision(2))) : value.toExponential(1).replace('.0e', 'e')
}

/** `1.7 points`: of a share that is lost. */
export function formatPoints(share: number): string {
  const points = (share * 100).toFixed(1)
  const number = Number(points)
  return plural(number, { one: `${points} point`, other: `${points} points` })
}

/** `3.1 ms`. */
export const formatMilliseconds = (value: number): string => `${value < 100 ? value.toFixed(1) : formatCount(Math.round(value))} ms`

/** Pictures with the same answer. */
export const sameAnswers = ({ agreement, pictures }: Pick<ParitySoFar, 'agreement' | 'pictures'>): number => Math.round(agreement * pictures)

/** What came out, with its figures. */
export function verdict(parity: Pick<ExportParity, 'agreement' | 'ties' | 'pictures' | 'largestDifference' | 'bound' | 'accuracy'>): string {
  const { pictures, ties, largestDifference, bound, accuracy } = parity
  const agreeing = formatCount(sameAnswers(parity))
  const same =
    ties === 0
      ? t`Same answer on ${agreeing} of ${plural(pictures, { one: '# picture', other: '# pictures' })}`
      : t`Same answer on ${agreeing} of ${plural(pictures, { one: '# picture', other: '# pictures' })}, ${plural(ties, { one: '# other is a tie that rounding decides', other: '# others are ties that rounding decides' })}`
  if (bound !== null) return t`${same}; the largest difference of a probability is ${{ difference: formatDifference(largestDifference) }}, allowed ${{ bound: formatDifference(bound) }}.`
  const drop = accuracy.original - accuracy.exported
  const exported = formatShare(accuracy.exported)
  const original = formatShare(accuracy.original)
  if (drop > 0) return t`${same}; right for ${exported} of them, the original for ${original}: ${{ points: formatPoints(drop) }} less, as agreed.`
  return drop === 0 ? t`${same}; right for ${exported} of them, as the original is.` : t`${same}; right for ${exported} of them, the original for ${original}.`
}

/** Below so many test pictures, those of validation are asked about too; at most so many are asked about. As the check does it. */
const ENOUGH_PICTURES = 200
const MOST_PICTURES = 1000

/** How many pictures an export of a run is checked on. */
export function checkedPictures(counts: SplitCounts): number {
  return Math.min(MOST_PICTURES, counts.test < ENOUGH_PICTURES ? counts.test + counts.val : counts.test)
}

/** How far a task is, in a few words. */
export function taskWords({ status, progress, report, failure }: ExportTask): string {
  switch (status) {
    case 'waiting':
      return t`Waiting`
    case 'busy':
      return progress === null ? t`Starting the trainer` : progress.message
    case 'written':
      return report === null ? t`Written` : `${formatBytes(report.parity.sizeBytes.exported)} · ${t`${{ time: formatMilliseconds(report.parity.millisecondsPerPicture.exported) }} a picture`}`
    case 'declined':
      return t`Not kept: ${{ points: formatPoints(dropOf(failure) ?? 0) }} less`
    case 'failed':
      return t`Not written`
    case 'cancelled':
      return t`Cancelled`
  }
}
