/** Runs that wait for their turn, above the list of all, and how those before them ended. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react'
import { useEffect, useRef, type KeyboardEvent } from 'react'
import type { QueueEnd, QueueView } from '../../../shared/domain/queue'
import { go } from '../../state/place'
import { forgetEnds, holdQueue, moveInQueue, startFromQueue, takeFromQueue, useQueue } from '../../state/queue'
import { epochCount } from '../../ui/counts'
import { StatusDot } from '../../ui/run-status'
import classes from './queue-panel.module.css'
import { endsText, queueText } from './queue-words'

type Entry = QueueView['entries'][number]

export function QueuePanel() {
  const view = useQueue((queue) => queue.view)
  const said = useQueue((queue) => queue.said)
  if (view === null || (view.entries.length === 0 && view.ended.length === 0)) return null
  const { entries, ended, held } = view
  return (
    <section className={classes.panel} aria-label={t`Queue`}>
      <div className={classes.head}>
        <h2><Trans>Queue</Trans></h2>
        <span className="meta ellipsis" role="status">
          {queueText(view)}
        </span>
        {entries.length > 0 && (
          <Button
            variant={held ? 'filled' : 'default'}
            size="compact-xs"
            className={classes.hold}
            leftSection={held ? <IconPlayerPlay size={14} aria-hidden /> : <IconPlayerPause size={14} aria-hidden />}
            title={held ? t`Begin them in their turn` : t`None begins until you go on; what is at work goes on`}
            onClick={() => void holdQueue(!held)}
          >
            {held ? t`Go on` : t`Hold`}
          </Button>
        )}
      </div>
      {entries.length > 0 && <Entries entries={entries} />}
      {ended.length > 0 && <Ends ended={ended} />}
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </section>
  )
}

function Entries(props: { entries: readonly Entry[] }) {
  const { entries } = props
  const list = useRef<HTMLOListElement>(null)
  /** What to focus again once a moved run is drawn in its new place. */
  const focused = useRef<string | null>(null)
  useEffect(() => {
    if (focused.current === null) return
    list.current?.querySelector<HTMLElement>(`[data-queued="${CSS.escape(focused.current)}"]`)?.focus()
    focused.current = null
  }, [entries])
  const move = (runId: string, by: -1 | 1): void => {
    focused.current = runId
    void moveInQueue(runId, by)
  }
  const onKeyDown = (runId: string) => (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    move(runId, event.key === 'ArrowUp' ? -1 : 1)
  }
  return (
    <ol ref={list} className={classes.entries}>
      {entries.map((entry, index) => (
        <li key={entry.runId} className={classes.entry} onKeyDown={onKeyDown(entry.runId)}>
          <span className={classes.place}>{index + 1}</span>
          <button
            type="button"
            data-queued={entry.runId}
            className={`${classes.name ?? ''} ellipsis`}
            title={t`${{ name: entry.name }}. Alt and an arrow key move it`}
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
            onClick={() => go('train', { runId: entry.runId })}
          >
            {entry.name}
          </button>
          <span className="meta ellipsis">
            {[entry.dataset === entry.name ? '' : entry.dataset, entry.backbone, entry.epochsDone === 0 ? epochCount(entry.epochsPlanned) : t`${{ done: entry.epochsDone }} of ${{ planned: entry.epochsPlanned }} epochs done`].filter((part) => part !== '').join(' · ')}
          </span>
          <span className={classes.ways}>
            <Button variant="default" size="compact-xs" aria-label={t`Start ${{ name: entry.name }} now`} title={t`What is at work is put aside and comes next`} onClick={() => void startFromQueue(entry.runId)}>
              <Trans>Start now</Trans>
            </Button>
            <ActionIcon size={24} aria-label={t`Move ${{ name: entry.name }} up`} title={t`Earlier`} disabled={index === 0} onClick={() => void moveInQueue(entry.runId, -1)}>
              <IconArrowUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon size={24} aria-label={t`Move ${{ name: entry.name }} down`} title={t`Later`} disabled={index === entries.length - 1} onClick={() => void moveInQueue(entry.runId, 1)}>
              <IconArrowDown size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon size={24} aria-label={t`Take ${{ name: entry.name }} out of the queue`} title={t`Take it out; the run stays in the list`} onClick={() => void takeFromQueue(entry.runId)}>
              <IconX size={16} aria-hidden />
            </ActionIcon>
          </span>
        </li>
      ))}
    </ol>
  )
}

/** How runs of the queue ended while nobody looked: failures by name, with why. */
function Ends(props: { ended: readonly QueueEnd[] }) {
  const { ended } = props
  const wrong = ended.filter(({ status }) => status !== 'completed' && status !== 'stopped')
  return (
    <div className={classes.ends}>
      <span><Trans>From the queue: {{ ends: endsText(ended) }}</Trans></span>
      <ul>
        {wrong.map((end) => (
          <li key={`${end.run_id} ${end.at}`} className={classes.end}>
            <StatusDot status={end.status} />
            <button type="button" className="link-button" onClick={() => go('train', { runId: end.run_id })}>
              {end.name}
            </button>
            <span className="meta ellipsis" title={end.message ?? undefined}>
              {end.message ?? t`came to no end`}
            </span>
          </li>
        ))}
      </ul>
      <ActionIcon size={24} className={classes.hold} aria-label={t`Close what the queue did`} onClick={() => void forgetEnds()}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}
