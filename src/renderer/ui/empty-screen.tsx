/** A screen that has nothing to show yet: why, and the ways on from there. */
import type { ReactNode } from 'react'
import classes from './empty-screen.module.css'

export function EmptyScreen(props: { title: string; words: string; children?: ReactNode }) {
  return (
    <main className="screen">
      <h1 className={classes.heading}>{props.title}</h1>
      <p className={classes.words}>{props.words}</p>
      {props.children !== undefined && <div className={classes.actions}>{props.children}</div>}
    </main>
  )
}
