/** A row of figures, each with what it is called above it and a note below. */
import type { ReactNode } from 'react'
import classes from './figures.module.css'

export interface FigureItem {
  readonly label: string
  /** Null: not known yet. */
  readonly value: string | null
  /** Smaller, behind the value: its interval. */
  readonly between?: string | undefined
  readonly note: ReactNode
  /** Dimmed while the row is stale. */
  readonly isMeasured?: boolean
}

export interface FiguresProps {
  items: readonly FigureItem[]
  /** Widths as CSS's `grid-template-columns`; left out: all the same. */
  columns?: string
  size?: 'large' | 'small'
  /** What was measured is of an earlier choice. */
  isStale?: boolean
  label?: string
}

export function Figures({ items, columns = `repeat(${items.length}, minmax(0, 1fr))`, size = 'large', isStale = false, label }: FiguresProps) {
  return (
    <dl className={classes.figures} style={{ gridTemplateColumns: columns }} data-size={size} data-stale={isStale || undefined} {...(label === undefined ? {} : { 'aria-label': label })}>
      {items.map(({ label: name, value, between, note, isMeasured }) => (
        <div key={name} data-measured={isMeasured}>
          <dt>{name}</dt>
          <dd className={classes.value}>
            {value ?? '–'}
            {between !== undefined && <> <span className={classes.between}>{between}</span></>}
          </dd>
          <dd className={classes.note} title={typeof note === 'string' ? note : undefined}>
            {note}
          </dd>
        </div>
      ))}
    </dl>
  )
}
