/** Radio buttons with room for what each choice means, side by side. */
import type { ReactNode } from 'react'
import classes from './choice-cards.module.css'

export function ChoiceCards(props: { label: string; className?: string | undefined; children: ReactNode }) {
  return (
    <div className={`${classes.cards ?? ''} ${props.className ?? ''}`} role="radiogroup" aria-label={props.label}>
      {props.children}
    </div>
  )
}

/** `label` is the choice's accessible name; the children describe it. */
export function ChoiceCard(props: { group: string; value: string; label: string; isChosen: boolean; onChoose: () => void; title?: string; isDisabled?: boolean; children: ReactNode }) {
  const { group, value, label, isChosen, onChoose, title, isDisabled, children } = props
  const id = `${group}-${value}`
  return (
    <label className={classes.card} data-chosen={isChosen || undefined} title={title}>
      <input type="radio" name={group} value={value} aria-label={label} aria-describedby={id} checked={isChosen} disabled={isDisabled === true} onChange={onChoose} />
      <span className={classes.body} id={id}>
        {children}
      </span>
    </label>
  )
}
