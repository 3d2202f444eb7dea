/** One sentence on the gap between what was learned and what was understood, and what to try. */
import type { EpochRecord } from '../../../shared/domain/metrics'
import { formatShare } from '../../ui/format'
import { overfittingOf } from './overfitting'
import classes from './results-screen.module.css'

const WORDS = {
  none: 'No sign of overfitting.',
  mild: 'Mild overfitting. Worth a try: a higher freeze ratio, more dropout, stronger augmentation or more weight decay.',
  significant:
    'Significant overfitting: the network knows its training pictures by heart. Try a higher freeze ratio, more dropout, stronger augmentation, more weight decay, fewer epochs or, best of all, more pictures.',
}

export function OverfittingNote(props: { epochs: readonly EpochRecord[]; bestEpoch: number | null }) {
  const found = overfittingOf(props.epochs, props.bestEpoch)
  if (found === null) return null
  const points = Math.abs(found.gap * 100).toFixed(1)
  return (
    <p className={classes.note} data-level={found.level}>
      <span className="strong">
        Train {formatShare(found.trainAccuracy)}, validation {formatShare(found.valAccuracy)} at epoch {found.epoch}: {points} points{' '}
        {found.gap >= 0 ? 'apart' : 'better on validation'}.
      </span>{' '}
      {WORDS[found.level]}
    </p>
  )
}
