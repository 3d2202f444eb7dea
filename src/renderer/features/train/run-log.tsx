/** What the trainer said. */
import { t } from '@lingui/core/macro'
import { useEffect, useRef } from 'react'
import { dateLanguage } from '../../../shared/words/words'
import { useRun } from '../../state/run'
import classes from './train-screen.module.css'

const clock = new Intl.DateTimeFormat(dateLanguage(), { hour: '2-digit', minute: '2-digit', second: '2-digit' })

const WARNING = t`warning`

export function LogLines() {
  const log = useRun((run) => run.view.log)
  const list = useRef<HTMLOListElement>(null)
  const isAtEnd = useRef(true)
  useEffect(() => {
    // Follows the newest line, unless someone reads further up.
    if (isAtEnd.current && list.current !== null) list.current.scrollTop = list.current.scrollHeight
  }, [log])
  return (
    <ol
      ref={list}
      className={`${classes.logLines} mono`}
      tabIndex={0}
      aria-label={t`Log lines`}
      onScroll={({ currentTarget }) => {
        isAtEnd.current = currentTarget.scrollHeight - currentTarget.scrollTop - currentTarget.clientHeight < 8
      }}
    >
      {log.length === 0 && <li className={classes.logLine}>{t`Nothing was said yet.`}</li>}
      {log.map((line, index) => (
        <li key={index} className={classes.logLine} data-level={line.level}>
          <time dateTime={line.at}>{clock.format(new Date(line.at))}</time>
          <span>{line.level === 'warning' ? `${WARNING}  ${line.message}` : line.message}</span>
        </li>
      ))}
    </ol>
  )
}
