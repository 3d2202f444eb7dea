/** Pause, go on, stop: what can be asked of a run in its state. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
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
    <Button variant="default" leftSection={<IconListNumbers size={14} aria-hidden />} title={t`It goes on in its turn, from where it is`} disabled={runId === null} onClick={() => runId !== null && void putIntoQueue(runId)}>
      <Trans>Queue</Trans>
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
          <Trans>Resume</Trans>
        </Button>
        <QueueButton />
      </div>
    )
  }
  if (!isLive(status) || status === 'evaluating') return null
  const isStopping = asked === 'stop'
  const stopWords = hasEpoch ? t`Ends after this step, keeps and evaluates the best epoch` : t`Ends the run; no epoch is whole yet, so nothing is kept`
  return (
    <div className={classes.actions}>
      <WhileAway />
      {isStopping ? (
        <span className="meta" role="status">
          {hasEpoch ? t`Stopping after this step; the best epoch is kept and evaluated` : t`Stopping`}
        </span>
      ) : (
        asked === 'pause' && (
          <span className="meta" role="status">
            <Trans>Pausing after this step</Trans>
          </span>
        )
      )}
      {status === 'paused' ? (
        <>
          <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} disabled={isStopping} onClick={unpauseRun}>
            <Trans>Go on</Trans>
          </Button>
          <QueueButton />
        </>
      ) : (
        status === 'training' && (
          <Button variant="default" leftSection={<IconPlayerPause size={14} aria-hidden />} disabled={asked !== null} onClick={pauseRun}>
            <Trans>Pause</Trans>
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
          <Trans>Stop</Trans>
        </Button>
      </Tooltip>
    </div>
  )
}
