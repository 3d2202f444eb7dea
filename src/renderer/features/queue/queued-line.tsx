/** On the Train screen of a run in the queue: its place, what it waits for, and the ways out. */
import { Button } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { go } from '../../state/place'
import { startFromQueue, takeFromQueue, useQueue } from '../../state/queue'
import classes from './queued-line.module.css'
import { placeText } from './queue-words'

export function QueuedLine(props: { runId: string }) {
  const { runId } = props
  const view = useQueue((queue) => queue.view)
  const place = (view?.entries.findIndex((entry) => entry.runId === runId) ?? -1) + 1
  const waits = view?.held === true ? 'The queue is held.' : place === 1 && view?.waitsFor ? `It waits for ${view.waitsFor}.` : 'It begins by itself in its turn.'
  return (
    <div className={classes.line}>
      <p role="status">{place === 0 ? 'In the queue.' : `It is ${placeText(place)}. ${waits}`}</p>
      <Button variant="default" leftSection={<IconPlayerPlay size={14} aria-hidden />} title="What is at work is put aside and comes next" onClick={() => void startFromQueue(runId)}>
        Start now
      </Button>
      <Button variant="default" onClick={() => void takeFromQueue(runId)}>
        Take it out
      </Button>
      <Button variant="default" onClick={() => go('runs')}>
        Show the queue
      </Button>
    </div>
  )
}
