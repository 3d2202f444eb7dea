/** What the trainer said, folded until it is wanted. */
import { IconChevronRight } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useRun } from '../../state/run'
import { formatPlural } from '../../ui/format'
import classes from './train-screen.module.css'

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

export function RunLog() {
  const log = useRun((run) => run.view.log)
  const [isOpen, setIsOpen] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    // Follows the newest line, unless someone reads further up.
    if (isOpen && isAtEnd.current && list.current !== null) list.current.scrollTop = list.current.scrollHeight
  }, [isOpen, log])
  const warnings = log.filter((line) => line.level === 'warning').length
  const last = log.at(-1)
  return (
    <section className={classes.log} aria-label="Log">
      <button type="button" className={classes.logToggle} aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        <IconChevronRight size={14} aria-hidden className={classes.chevron} />
        <span className="strong">Log</span>
        <span className="meta">
          {formatPlural(log.length, 'line')}
          {warnings > 0 && ` · ${formatPlural(warnings, 'warning')}`}
        </span>
        {!isOpen && last !== undefined && <span className={`${classes.logLast} mono ellipsis`}>{last.message}</span>}
      </button>
      {isOpen && (
        <ol
          ref={list}
          className={`${classes.logLines} mono`}
          tabIndex={0}
          aria-label="Log lines"
          onScroll={({ currentTarget }) => {
            isAtEnd.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < 8
          }}
        >
          {log.length === 0 && <li className={classes.logLine}>Nothing was said yet.</li>}
          {log.map((line, index) => (
            <li key={index} className={classes.logLine} data-level={line.level}>
              <time dateTime={line.at}>{clock.format(new Date(line.at))}</time>
              <span>{line.level === 'warning' ? `warning  ${line.message}` : line.message}</span>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}
