/** What was decided about the pictures, newest first; each can be taken back in turn. Files never change. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'
import { redoFix, undoFix, useHealth } from '../../state/health'
import { formatCount, formatDate } from '../../ui/format'
import classes from './decisions.module.css'

export function Decisions() {
  const { journal, isDeciding, said } = useHealth()
  const entries = [...(journal?.entries ?? [])].reverse()
  return (
    <>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {journal !== null && (entries.length > 0 || journal.damagedLines > 0) && (
        <section aria-labelledby="decisions-heading">
          <div className={classes.head}>
            <h2 id="decisions-heading">{plural({ count: entries.length }, { one: '# decision', other: '# decisions' })}</h2>
            <Tooltip label={t`Undo (Ctrl Z)`}>
              <ActionIcon aria-label={t`Undo`} disabled={journal.undo === null || isDeciding} onClick={undoFix}>
                <IconArrowBackUp size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
            <Tooltip label={t`Redo (Ctrl Shift Z)`}>
              <ActionIcon aria-label={t`Redo`} disabled={journal.redo === null || isDeciding} onClick={redoFix}>
                <IconArrowForwardUp size={16} aria-hidden />
              </ActionIcon>
            </Tooltip>
          </div>
          <p className="meta">
            <Trans>Files on disk never change. A run says which decisions it was made with.</Trans>
          </p>
          {journal.damagedLines > 0 && (
            <p className={classes.damaged}>
              {plural({ count: journal.damagedLines }, {
                one: '# line of the journal cannot be read and counts for nothing.',
                other: '# lines of the journal cannot be read and counts for nothing.',
              })}
            </p>
          )}
          <ol className={classes.list} tabIndex={0} aria-labelledby="decisions-heading">
            {entries.map(({ id, at, title, isApplied, paths, count }) => (
              <li key={id} className={classes.entry} data-undone={!isApplied || undefined}>
                <span className={classes.title}>
                  {title}
                  {!isApplied && <span className="meta"> · {t`taken back`}</span>}
                </span>
                <span className="meta">{formatDate(at)}</span>
                <span className={`mono ellipsis ${classes.path}`} title={paths.join('\n')}>
                  {count > 1 ? t`${{ path: paths[0] ?? '' }} and ${{ more: formatCount(count - 1) }} more` : paths[0]}
                </span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  )
}
