/** What is confused, most first: in place of reading a matrix of many classes cell by cell. */
import { memo, useMemo } from 'react'
import { classColor } from './class-colors'
import { formatCount, formatPlural, formatShare } from './format'
import { type Cell, matrixScale, type Normalisation, shareOf, worstPairs } from './matrix'
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
  if (pairs.length === 0) return <p className="meta">No picture was taken for another class.</p>
  return (
    <div className={classes.frame} style={{ maxHeight }} tabIndex={0} role="region" aria-label="Pairs of classes, worst first">
      <table className={`plain ${classes.table}`}>
        <thead>
          <tr>
            <th scope="col">Truth</th>
            <th scope="col">Taken for</th>
            <th scope="col" className={`number ${classes.count}`}>
              Pictures
            </th>
            {!isNarrow && (
              <th scope="col" className={`number ${classes.share}`} title={normalise === 'column' ? 'Of all that was taken for the class' : 'Of all pictures of the class'}>
                {normalise === 'column' ? 'Of answer' : 'Of truth'}
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
                  aria-label={`${classNames[pair.truth] ?? ''} taken for ${classNames[pair.prediction] ?? ''}: ${formatPlural(pair.count, 'picture')}`}
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
      {pairs.length > listed.length && <p className="meta">{formatPlural(pairs.length - listed.length, 'more pair')} with fewer</p>}
    </div>
  )
})
