/** The check class by class, sortable; a long list scrolls by itself. */
import { useMemo, useState } from 'react'
import { classColor } from '../../ui/class-colors'
import { formatCount, formatShare } from '../../ui/format'
import { type ClassColumn, type ClassOrder, type ClassRow, nextOrder, sortClasses } from './class-order'
import classes from './class-table.module.css'
import { formatDifference } from './parity-words'

const COLUMNS: readonly { key: ClassColumn; label: string; hint: string }[] = [
  { key: 'label', label: 'Class', hint: 'As the labels name it' },
  { key: 'pictures', label: 'Pictures', hint: 'Held-out pictures of this class that both were asked about' },
  { key: 'agreement', label: 'Same answer', hint: 'Of these, the share that both name alike' },
  { key: 'largestDifference', label: 'Largest difference', hint: 'Of a probability, on one of these pictures' },
]

export function ClassTable({ rows }: { rows: readonly ClassRow[] }) {
  const [order, setOrder] = useState<ClassOrder>({ column: null, isDescending: false })
  const sorted = useMemo(() => sortClasses(rows, order), [rows, order])
  return (
    <div className={classes.frame} tabIndex={0} role="region" aria-label="Check by class">
      <table className={`plain ${classes.table}`}>
        <thead>
          <tr>
            {COLUMNS.map(({ key, label, hint }) => (
              <th
                key={key}
                scope="col"
                className={key === 'label' ? undefined : 'number'}
                aria-sort={order.column === key ? (order.isDescending ? 'descending' : 'ascending') : 'none'}
              >
                <button type="button" className={classes.sort} title={hint} onClick={() => setOrder((before) => nextOrder(before, key))}>
                  <span className={classes.arrow} aria-hidden>
                    {order.column === key ? (order.isDescending ? '↓' : '↑') : ''}
                  </span>
                  {label}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ index, row }) => (
            <tr key={index}>
              <th scope="row" className={classes.name} title={row.label}>
                <span className={classes.swatch} style={{ background: classColor(index) }} aria-hidden />
                {row.label}
              </th>
              <td className="number">{formatCount(row.pictures)}</td>
              <td className="number">{row.pictures === 0 ? '–' : formatShare(row.agreement)}</td>
              <td className="number">{row.pictures === 0 ? '–' : formatDifference(row.largestDifference)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
