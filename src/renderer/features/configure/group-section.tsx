/** A group of settings, filled in and folded: its heading says what is in it, and how much of it was changed. */
import { plural } from '@lingui/core/macro'
import { IconChevronRight } from '@tabler/icons-react'
import { useId, useState, type ReactNode } from 'react'
import classes from './group-section.module.css'

/** Kept while the window is open, so that coming back finds the groups as they were left. */
const left = new Map<string, boolean>()

interface GroupSectionProps {
  title: string
  /** What the group comes to, in a few words, shown while it is folded. */
  summary: string
  changed: number
  problems: number
  isOpenAtFirst?: boolean
  children: ReactNode
}

export function GroupSection({ title, summary, changed, problems, isOpenAtFirst = false, children }: GroupSectionProps) {
  const [isOpen, setIsOpen] = useState(left.get(title) ?? isOpenAtFirst)
  const id = useId()
  return (
    <section className={classes.group} aria-label={title}>
      <h2>
        <button
          type="button"
          className={classes.toggle}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => {
            left.set(title, !isOpen)
            setIsOpen(!isOpen)
          }}
        >
          <IconChevronRight size={14} aria-hidden className={classes.chevron} />
          <span className={classes.title}>{title}</span>
          <span className={`${classes.summary} ellipsis`}>{isOpen ? '' : summary}</span>
          {problems > 0 && <span className={classes.problems}>{plural(problems, { one: '# to look at', other: '# to look at' })}</span>}
          {changed > 0 && <span className={classes.changed}>{plural(changed, { one: '# change', other: '# changes' })}</span>}
        </button>
      </h2>
      <div id={id} hidden={!isOpen}>
        {isOpen && children}
      </div>
    </section>
  )
}
