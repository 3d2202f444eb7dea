/** Pause, go on, stop: what can be asked of a run in its state. */
import { Button, Tooltip } from '@mantine/core'
import { IconListNumbers, IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react'
import { isLive, type RunStatus } from '../../../shared/domain/run'
import { pauseRun, resumeRun, stopRun, unpauseRun, useRun } from '../../state/run'
import { putIntoQueue } from '../../state/queue'
import { WhileAway } from '../queue/while-away'
import classes from './train-screen.module.css'

/** Lets the runs of the queue go first. */
function QueueButton() {
  const runId = useRun((run) => run.runId)
  return (
    <Button variant="default" leftSection={<IconListNumbers size={14} aria-hidden />} title="It goes on in its turn, from where it is" disabled={runId === null} onClick={() => runId !== null && void putIntoQueue(runId)}>
      Queue
    </Button>
  )
}

export function RunActions(props: { status: RunStatus | null }) {
  const { status } = props
  const asked = useRun((run) => run.asked)
  const hasEpoch = useRun((run) => run.view.epochs.length > 0)
  if (status === null) return null
  if (status === 'stopped') {
    return (
      <div className={classes.actions}>
        <Button variant="default" leftSection={<IconPlayerPlay size={14} aria-hidden />} loading={asked === 'resume'} onClick={resumeRun}>
          Resume
        </Button>
        <QueueButton />
      </div>
    )
  }
  if (!isLive(status) || status === 'evaluating') return null
  const isStopping = asked === 'stop'
  const stopWords = hasEpoch ? 'Ends after this step, keeps and evaluates the best epoch' : 'Ends the run; no epoch is whole yet, so nothing is kept'
  return (
    <div className={classes.actions}>
      <WhileAway />
      {isStopping ? (
        <span className="meta" role="status">
          {hasEpoch ? 'Stopping after this step; the best epoch is kept and evaluated' : 'Stopping'}
        </span>
      ) : (
        asked === 'pause' && (
          <span className="meta" role="status">
            Pausing after this step
          </span>
        )
      )}
      {status === 'paused' ? (
        <>
          <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} disabled={isStopping} onClick={unpauseRun}>
            Go on
          </Button>
          <QueueButton />
        </>
      ) : (
        status === 'training' && (
          <Button variant="default" leftSection={<IconPlayerPause size={14} aria-hidden />} disabled={asked !== null} onClick={pauseRun}>
            Pause
          </Button>
        )
      )}
      <Tooltip label={stopWords}>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={14} aria-hidden />}
          disabled={isStopping}
          onClick={stopRun}
          aria-description={stopWords}
        >
          Stop
        </Button>
      </Tooltip>
    </div>
  )
}
