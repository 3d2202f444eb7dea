/** What is confused, most first: in place of reading a matrix of many classes cell by cell. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { memo, useMemo } from 'react'
import { classColor } from './class-colors'
import { pictureCount } from './counts'
import { formatCount, formatShare } from './format'
import { type Cell, cellWords, matrixScale, type Normalisation, shareOf, worstPairs } from './matrix'
import classes from './matrix-pairs.module.css'

const MOST_LISTED = 100
/** Where it is drawn anew with each epoch of a run. */
const MOST_LISTED_NARROW = 30

export const MatrixPairs = memo(function MatrixPairs(props: { classNames: readonly string[]; matrix: readonly (readonly number[])[]; normalise: Normalisation; selected: Cell | null; onOpen: (cell: Cell) => void; maxHeight: number; /** Room for the names alone: shares are left out. */ isNarrow?: boolean }) {
  const { classNames, matrix, normalise, selected, onOpen, maxHeight, isNarrow = false } = props
  const scale = useMemo(() => matrixScale(matrix, normalise), [matrix, normalise])
  const pairs = useMemo(() => worstPairs(matrix, scale), [matrix, scale])
  const listed = pairs.slice(0, isNarrow ? MOST_LISTED_NARROW : MOST_LISTED)
  const name = (index: number) => (
    <span className={classes.name} title={classNames[index]}>
      <span className={classes.swatch} style={{ background: classColor(index) }} aria-hidden />
      <span className="ellipsis">{classNames[index]}</span>
    </span>
  )
  if (pairs.length === 0) return <p className="meta"><Trans>No picture was taken for another class.</Trans></p>
  return (
    <div className={classes.frame} style={{ maxHeight }} tabIndex={0} role="region" aria-label={t`Pairs of classes, worst first`}>
      <table className={`plain ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col"><Trans>Truth</Trans></th>
            <th scope="col"><Trans>Taken for</Trans></th>
            <th scope="col" className={`number ${classes.count}`}>
              <Trans>Pictures</Trans>
            </th>
            {!isNarrow && (
              <th scope="col" className={`number ${classes.share}`} title={normalise === 'column' ? t`Of all that was taken for the class` : t`Of all pictures of the class`}>
                {normalise === 'column' ? t`Of answer` : t`Of truth`}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {listed.map((pair) => (
            <tr key={`${pair.truth} ${pair.prediction}`} data-selected={(selected?.truth === pair.truth && selected.prediction === pair.prediction) || undefined}>
              <td>
                <button
                  type="button"
                  className={classes.open}
                  aria-label={`${cellWords(classNames, pair)}: ${pictureCount(pair.count)}`}
                  onClick={() => onOpen({ truth: pair.truth, prediction: pair.prediction })}
                >
                  {name(pair.truth)}
                </button>
              </td>
              <td>{name(pair.prediction)}</td>
              <td className="number">{formatCount(pair.count)}</td>
              {!isNarrow && <td className="number">{formatShare(shareOf(pair.count, pair, scale))}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      {pairs.length > listed.length && <p className="meta">{plural({ count: pairs.length - listed.length }, { one: '# more pair with fewer', other: '# more pairs with fewer' })}</p>}
    </div>
  )
})
