/** On the Train screen of a run in the queue: its place, what it waits for, and the ways out. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { go } from '../../state/place'
import { startFromQueue, takeFromQueue, useQueue } from '../../state/queue'
import classes from './queued-line.module.css'
import { placeSentence } from './queue-words'

export function QueuedLine(props: { runId: string }) {
  const { runId } = props
  const view = useQueue((queue) => queue.view)
  const place = (view?.entries.findIndex((entry) => entry.runId === runId) ?? -1) + 1
  const waits = view?.held === true ? t`The queue is held.` : place === 1 && view?.waitsFor ? t`It waits for ${{ name: view.waitsFor }}.` : t`It begins by itself in its turn.`
  return (
    <div className={classes.line}>
      <p role="status">{place === 0 ? t`In the queue.` : `${placeSentence(place)} ${waits}`}</p>
      <Button variant="default" leftSection={<IconPlayerPlay size={14} aria-hidden />} title={t`What is at work is put aside and comes next`} onClick={() => void startFromQueue(runId)}>
        <Trans>Start now</Trans>
      </Button>
      <Button variant="default" onClick={() => void takeFromQueue(runId)}>
        <Trans>Take it out</Trans>
      </Button>
      <Button variant="default" onClick={() => go('runs')}>
        <Trans>Show the queue</Trans>
      </Button>
    </div>
  )
}
