import type { ExportReport } from '../../../shared/domain/export'
import { formatPlural, formatShare } from '../../ui/format'

/** `2.4e-7`, `1e-4`, `0`. */
function small(value: number): string {
  return value === 0 ? '0' : value.toExponential(1).replace('.0e', 'e')
}

/** That an export was asked about pictures, and how it compares to the original. */
export function verifiedText(parity: Pick<ExportReport['parity'], 'pictures' | 'agreement' | 'largestDifference' | 'bound'>): string {
  const { pictures, agreement, largestDifference, bound } = parity
  const classes = agreement === 1 ? 'every top class agrees' : `${formatShare(agreement)} of the top classes agree`
  return `Verified on ${formatPlural(pictures, 'picture')}: ${classes}, largest difference ${small(largestDifference)} (${bound === null ? 'held to its accuracy' : `bound ${small(bound)}`})`
}
