/** A part of the comparison under its heading: what chooses beside it, and at the end how to take it away. */
import type { ReactNode } from 'react'
import classes from './compare-section.module.css'
import { TakeAwayMenu } from './take-away-menu'

type TakeAway = Parameters<typeof TakeAwayMenu>[0]

export function CompareSection(props: { title: string; beside: ReactNode; takeAway: TakeAway; children: ReactNode }) {
  return (
    <section aria-label={props.title} className={classes.section}>
      <div className={classes.head}>
        <h2>{props.title}</h2>
        {props.beside}
        <span className={classes.menu}>
          <TakeAwayMenu {...props.takeAway} />
        </span>
      </div>
      {props.children}
    </section>
  )
}
