/** The check in figures, as far as it has come: each beside the original's. */
import type { ExportParity, ParitySoFar } from '../../../shared/domain/export'
import { Figures } from '../../ui/figures'
import { formatBytes, formatCount, formatPlural, formatShare } from '../../ui/format'
import classes from './parity-figures.module.css'
import { formatDifference, formatMilliseconds, sameAnswers } from './parity-words'

/** `isEnded`: no more figures will come. */
export function ParityFigures(props: { parity: ExportParity | null; soFar: ParitySoFar | null; isEnded: boolean }) {
  const { parity, soFar, isEnded } = props
  const known = parity ?? soFar
  const later = isEnded ? 'not measured' : 'after the pictures'
  const same = (of: ParitySoFar): string => {
    const tied = of.ties === 0 ? '' : `, ${formatPlural(of.ties, 'tie')}`
    return `${formatCount(sameAnswers(of))} of ${formatPlural(of.pictures, 'picture')}${tied}`
  }
  return (
    <div className={classes.row}>
      <Figures
        items={[
          { label: 'Same answer', value: known === null ? null : formatShare(known.agreement), note: known === null ? '' : same(known) },
          {
            label: 'Largest difference',
            value: known === null ? null : formatDifference(known.largestDifference),
            note: known === null ? '' : known.bound === null ? 'of a probability' : `allowed ${formatDifference(known.bound)}`,
          },
          { label: 'Accuracy', value: known === null ? null : formatShare(known.accuracy.exported), note: known === null ? '' : `original ${formatShare(known.accuracy.original)}` },
          { label: 'Size', value: parity === null ? null : formatBytes(parity.sizeBytes.exported), note: parity === null ? later : `original ${formatBytes(parity.sizeBytes.original)}` },
          {
            label: 'A picture takes',
            value: parity === null ? null : formatMilliseconds(parity.millisecondsPerPicture.exported),
            note: parity === null ? later : `original ${formatMilliseconds(parity.millisecondsPerPicture.original)}`,
          },
        ]}
      />
    </div>
  )
}
