/** Figures class by class, sortable; a long list scrolls by itself. */
import { useMemo, useState, type ReactNode } from 'react'
import { classColor } from './class-colors'
import { type ClassOrder, nextOrder, type OrderedColumn, sortClasses } from './class-order'
import classes from './class-table.module.css'

export interface ClassColumn<Row> extends OrderedColumn<Row> {
  readonly label: string
  readonly hint: string
  readonly format: (row: Row) => string
}

export interface ClassTableProps<Row> {
  /** What the table is called. */
  label: string
  rows: readonly Row[]
  /** The first one holds the classes' names. */
  columns: readonly ClassColumn<Row>[]
  /** CSS's length. */
  maxHeight: string
  /** Of the first column; long names are cut. */
  nameWidth?: string
  /** Rows below the classes. */
  footer?: ReactNode
}

export function ClassTable<Row>({ label, rows, columns, maxHeight, nameWidth = '46%', footer }: ClassTableProps<Row>) {
  const [order, setOrder] = useState<ClassOrder>({ column: null, isDescending: false })
  const sorted = useMemo(() => sortClasses(rows, columns, order), [rows, columns, order])
  const [nameColumn, ...numbers] = columns
  if (nameColumn === undefined) return null
  return (
    <div className={classes.frame} style={{ maxHeight }} tabIndex={0} role="region" aria-label={label}>
      <table className={`plain ${classes.table}`}>
        <thead>
          <tr>
            {columns.map((column, place) => (
              <th
                key={column.key}
                scope="col"
                className={place === 0 ? undefined : 'number'}
                style={place === 0 ? { width: nameWidth } : undefined}
                aria-sort={order.column === column.key ? (order.isDescending ? 'descending' : 'ascending') : 'none'}
              >
                <button type="button" className={classes.sort} title={column.hint} onClick={() => setOrder((before) => nextOrder(before, column))}>
                  <span className={classes.arrow} aria-hidden>
                    {order.column === column.key ? (order.isDescending ? '↓' : '↑') : ''}
                  </span>
                  {column.label}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map(({ index, row }) => (
            <tr key={index}>
              <th scope="row" className={classes.name} title={nameColumn.format(row)}>
                <span className={classes.swatch} style={{ background: classColor(index) }} aria-hidden />
                {nameColumn.format(row)}
              </th>
              {numbers.map((column) => (
                <td key={column.key} className="number">
                  {column.format(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {footer !== undefined && <tfoot>{footer}</tfoot>}
      </table>
    </div>
  )
}
