/** Precision, recall and F1 of each class, sortable. */
import { useMemo, useState } from 'react'
import type { ClassificationReport } from '../../../shared/domain/metrics'
import { classColor } from '../../ui/class-colors'
import { formatCount, formatShare } from '../../ui/format'
import { sortClasses, type ClassColumn, type ClassOrder } from './class-order'
import classes from './results-screen.module.css'

const COLUMNS: readonly { key: ClassColumn; label: string; hint: string }[] = [
  { key: 'name', label: 'Class', hint: 'The folder’s name' },
  { key: 'precision', label: 'Precision', hint: 'Of the pictures taken for this class, the share that are' },
  { key: 'recall', label: 'Recall', hint: 'Of this class’s pictures, the share that was found' },
  { key: 'f1', label: 'F1', hint: 'Harmonic mean of precision and recall' },
  { key: 'support', label: 'Pictures', hint: 'Pictures of this class in the split' },
]

export function ClassReport(props: { report: ClassificationReport }) {
  const { report } = props
  const [order, setOrder] = useState<ClassOrder>({ column: null, isDescending: false })
  const rows = useMemo(() => sortClasses(report.classes, order), [report, order])
  const sortBy = (column: ClassColumn): void =>
    setOrder((before) => ({ column, isDescending: before.column === column ? !before.isDescending : column === 'support' }))
  return (
    <div className={classes.tableFrame} tabIndex={0} role="region" aria-label="Report by class">
      <table className={`plain ${classes.table}`}>
        <thead>
          <tr>
            {COLUMNS.map(({ key, label, hint }) => (
              <th
                key={key}
                scope="col"
                className={key === 'name' ? undefined : 'number'}
                aria-sort={order.column === key ? (order.isDescending ? 'descending' : 'ascending') : 'none'}
              >
                <button type="button" className={classes.sort} title={hint} onClick={() => sortBy(key)}>
                  {label}
                  <span aria-hidden>{order.column === key ? (order.isDescending ? ' ↓' : ' ↑') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ index, row }) => (
            <tr key={index}>
              <th scope="row" className={classes.className} title={row.name}>
                <span className={classes.swatch} style={{ background: classColor(index) }} aria-hidden />
                <span className="ellipsis">{row.name}</span>
              </th>
              <td className="number">{formatShare(row.precision)}</td>
              <td className="number">{formatShare(row.recall)}</td>
              <td className="number">{formatShare(row.f1)}</td>
              <td className="number">{formatCount(row.support)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {(['macro', 'weighted'] as const).map((kind) => (
            <tr key={kind}>
              <th scope="row">{kind === 'macro' ? 'Mean of classes' : 'Weighted by pictures'}</th>
              <td className="number">{formatShare(report[kind].precision)}</td>
              <td className="number">{formatShare(report[kind].recall)}</td>
              <td className="number">{formatShare(report[kind].f1)}</td>
              <td className="number">{formatCount(report.count)}</td>
            </tr>
          ))}
        </tfoot>
      </table>
    </div>
  )
}
