/** The check in figures, as far as it has come: each beside the original's. */
import type { ReactNode } from 'react'
import type { ExportParity, ParitySoFar } from '../../../shared/domain/export'
import { formatBytes, formatCount, formatPlural, formatShare } from '../../ui/format'
import classes from './parity-figures.module.css'
import { formatDifference, formatMilliseconds, sameAnswers } from './parity-words'

/** `isEnded`: no more figures will come. */
export function ParityFigures(props: { parity: ExportParity | null; soFar: ParitySoFar | null; isEnded: boolean }) {
  const { parity, soFar, isEnded } = props
  const known = parity ?? soFar
  const later = isEnded ? 'not measured' : 'after the pictures'
  const room = '\u00a0'
  return (
    <dl className={classes.figures}>
      <Figure label="Same answer" value={known === null ? '–' : formatShare(known.agreement)}>
        {known === null ? room : `${formatCount(sameAnswers(known))} of ${formatPlural(known.pictures, 'picture')}`}
      </Figure>
      <Figure label="Largest difference" value={known === null ? '–' : formatDifference(known.largestDifference)}>
        {known === null ? room : known.bound === null ? 'of a probability' : `allowed ${formatDifference(known.bound)}`}
      </Figure>
      <Figure label="Accuracy" value={known === null ? '–' : formatShare(known.accuracy.exported)}>
        {known === null ? room : `original ${formatShare(known.accuracy.original)}`}
      </Figure>
      <Figure label="Size" value={parity === null ? '–' : formatBytes(parity.sizeBytes.exported)}>
        {parity === null ? later : `original ${formatBytes(parity.sizeBytes.original)}`}
      </Figure>
      <Figure label="A picture takes" value={parity === null ? '–' : formatMilliseconds(parity.millisecondsPerPicture.exported)}>
        {parity === null ? later : `original ${formatMilliseconds(parity.millisecondsPerPicture.original)}`}
      </Figure>
    </dl>
  )
}

function Figure(props: { label: string; value: string; children: ReactNode }) {
  return (
    <div>
      <dt>{props.label}</dt>
      <dd className={classes.figure}>{props.value}</dd>
      <dd className="meta">{props.children}</dd>
    </div>
  )
}
