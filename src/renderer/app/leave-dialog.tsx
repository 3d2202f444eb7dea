/** Go on in the background, stop and keep the best, or stay. */
import { Button, Modal } from '@mantine/core'
import { useEffect } from 'react'
import { client, host } from '../state/host'
import { liveRuns, stopAll } from '../state/live-runs'
import { refreshRuns, report, useMachine } from '../state/machine'
import { formatPlural } from '../ui/format'
import { closeBrowserWindow, useLeave, watchCloseRequests } from './leave-state'
import { watchOpenRequests } from './open-path'
import classes from './overlays.module.css'

let isWatching = false

export function LeaveDialog() {
  const state = useLeave((leaving) => leaving.state)
  const runs = useMachine((machine) => machine.runs)
  const live = liveRuns(runs)
  const run = live[0] ?? null
  const queued = runs?.filter(({ status }) => status === 'queued').length ?? 0
  const others = live.length < 2 ? '' : ` ${formatPlural(live.length - 1, 'more run')} ${live.length === 2 ? 'waits' : 'wait'} for it.`

  useEffect(() => {
    if (isWatching) return
    isWatching = true
    watchCloseRequests()
    watchOpenRequests()
  }, [])

  const isDesktop = host().door === 'desktop'
  const set = (next: typeof state): void => useLeave.setState({ state: next })

  const stay = (): void => {
    if (state === 'window') host().answerClose?.('stay')
    set('closed')
  }
  const goOn = (): void => {
    if (state !== 'window') return closeBrowserWindow()
    host().answerClose?.('background')
    set('closed')
  }
  const stop = async (): Promise<void> => {
    if (state === 'window') {
      host().answerClose?.('stop')
      set('stopping')
      return
    }
    set('stopping')
    try {
      // Or the next one would begin.
      await client().queue.hold({ held: true })
      await stopAll(live, (runId) => client().runs.stop({ runId }))
      await refreshRuns()
      closeBrowserWindow()
    } catch (error) {
      set('closed')
      report(error)
    }
  }

  if (state === 'told') {
    return (
      <Modal opened onClose={stay} title="You can close this window" size={480}>
        <p>
          {run === null
            ? 'No run is live. The studio’s server goes on until it is ended where it was started.'
            : `${run.name} goes on as long as the studio’s server runs. Open the same address again to watch it.`}
        </p>
        <div className={classes.choices}>
          <Button variant="default" onClick={stay}>
            Stay
          </Button>
        </div>
      </Modal>
    )
  }
  return (
    <Modal opened={state !== 'closed'} onClose={stay} title={run === null ? 'A run is live' : `${run.name} is live`} size={480}>
      <p>{run === null ? 'What should become of it?' : `${run.epochs_done} of ${run.epochs_planned} epochs are done.${others} What should become of ${live.length > 1 ? 'them' : 'it'}?`}</p>
      {state === 'stopping' ? (
        <p className="meta" role="status">
          Stopping after the step at hand; the best checkpoint is kept and evaluated.
        </p>
      ) : (
        <div className={classes.choices}>
          <button type="button" className={classes.choice} data-autofocus onClick={goOn}>
            <span className="strong">Go on in the background</span>
            <span>{isDesktop ? 'The window closes, training goes on. Start Graft again to watch it.' : 'Training goes on as long as the studio’s server runs.'}</span>
          </button>
          <button type="button" className={classes.choice} onClick={() => void stop()}>
            <span className="strong">Stop and keep the best</span>
            <span>
              Training ends after the step at hand. The best checkpoint is kept and evaluated; the run can be resumed.
              {live.length > 1 && ' Runs that wait are stopped too.'}
              {queued > 0 && ' The queue is held until you go on with it.'}
            </span>
          </button>
          <button type="button" className={classes.choice} onClick={stay}>
            <span className="strong">Stay</span>
            <span>Nothing changes.</span>
          </button>
        </div>
      )}
    </Modal>
  )
}
