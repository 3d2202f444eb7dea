/** The check in figures, as far as it has come: each beside the original's. */
import { plural, t } from '@lingui/core/macro'
import type { ExportParity, ParitySoFar } from '../../../shared/domain/export'
import { Figures } from '../../ui/figures'
import { formatBytes, formatCount, formatShare } from '../../ui/format'
import classes from './parity-figures.module.css'
import { formatDifference, formatMilliseconds, sameAnswers } from './parity-words'

const original = (figure: string): string => t`original ${figure}`

/** `isEnded`: no more figures will come. */
export function ParityFigures(props: { parity: ExportParity | null; soFar: ParitySoFar | null; isEnded: boolean }) {
  const { parity, soFar, isEnded } = props
  const known = parity ?? soFar
  const later = isEnded ? t`not measured` : t`after the pictures`
  const same = (of: ParitySoFar): string => {
    const { ties, pictures } = of
    const agreeing = t`${{ agreeing: formatCount(sameAnswers(of)) }} of ${plural(pictures, { one: '# picture', other: '# pictures' })}`
    return ties === 0 ? agreeing : t`${agreeing}, ${plural(ties, { one: '# tie', other: '# ties' })}`
  }
  return (
    <div className={classes.row}>
      <Figures
        items={[
          { label: t`Same answer`, value: known === null ? null : formatShare(known.agreement), note: known === null ? '' : same(known) },
          {
            label: t`Largest difference`,
            value: known === null ? null : formatDifference(known.largestDifference),
            note: known === null ? '' : known.bound === null ? t`of a probability` : t`allowed ${{ bound: formatDifference(known.bound) }}`,
          },
          { label: t`Accuracy`, value: known === null ? null : formatShare(known.accuracy.exported), note: known === null ? '' : original(formatShare(known.accuracy.original)) },
          { label: t`Size`, value: parity === null ? null : formatBytes(parity.sizeBytes.exported), note: parity === null ? later : original(formatBytes(parity.sizeBytes.original)) },
          {
            label: t`A picture takes`,
            value: parity === null ? null : formatMilliseconds(parity.millisecondsPerPicture.exported),
            note: parity === null ? later : original(formatMilliseconds(parity.millisecondsPerPicture.original)),
          },
        ]}
      />
    </div>
  )
}
