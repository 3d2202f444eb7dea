/** How many pictures are for training, validation and test, as one thin bar. */
import { t } from '@lingui/core/macro'
import { SPLITS, type Split, type SplitCounts } from '../../shared/domain/dataset'
import { formatCount } from './format'
import classes from './split-bar.module.css'

/** The words that the studio uses for a split. */
export const SPLIT_WORDS: Readonly<Record<Split, string>> = { train: t`train`, val: t`validation`, test: t`test` }
/** The same where there is little room. */
export const SPLIT_SHORT_WORDS: Readonly<Record<Split, string>> = { train: t`train`, val: t`val`, test: t`test` }

export function splitSentence(counts: SplitCounts): string {
  return SPLITS.filter((split) => counts[split] > 0)
    .map((split) => `${formatCount(counts[split])} ${SPLIT_WORDS[split]}`)
    .join(', ')
}

/** `of`: the count that fills the whole width; the bar's own total when left out. */
export function SplitBar(props: { counts: SplitCounts; of?: number; isTall?: boolean }) {
  const { counts, of, isTall } = props
  const total = counts.train + counts.val + counts.test
  const whole = Math.max(1, of ?? total)
  return (
    <div className={classes.track} data-tall={isTall === true || undefined} role="img" aria-label={splitSentence(counts)}>
      <div className={classes.bar} style={{ width: `${(total / whole) * 100}%` }}>
        {SPLITS.map((split) => counts[split] > 0 && <div key={split} className={classes.part} data-split={split} style={{ flexGrow: counts[split] }} />)}
      </div>
    </div>
  )
}

/** The bar's key with the counts. */
export function SplitKey(props: { counts: SplitCounts }) {
  return (
    <ul className={classes.key}>
      {SPLITS.map((split) => (
        <li key={split} data-none={props.counts[split] === 0 || undefined}>
          <span className={classes.swatch} data-split={split} aria-hidden />
          <span className="strong">{formatCount(props.counts[split])}</span> {SPLIT_WORDS[split]}
        </li>
      ))}
    </ul>
  )
}
