/** Go on in the background, stop and keep the best, or stay. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Modal } from '@mantine/core'
import { useEffect } from 'react'
import { client, host } from '../state/host'
import { liveRuns, stopAll } from '../state/live-runs'
import { refreshRuns, report, useMachine } from '../state/machine'
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
  const others = Math.max(0, live.length - 1)

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
      <Modal opened onClose={stay} title={t`You can close this window`} size={480}>
        <p>
          {run === null
            ? t`No run is live. The studio’s server goes on until it is ended where it was started.`
            : t`${{ name: run.name }} goes on as long as the studio’s server runs. Open the same address again to watch it.`}
        </p>
        <div className={classes.choices}>
          <Button variant="default" onClick={stay}>
            <Trans>Stay</Trans>
          </Button>
        </div>
      </Modal>
    )
  }
  return (
    <Modal opened={state !== 'closed'} onClose={stay} title={run === null ? t`A run is live` : t`${{ name: run.name }} is live`} size={480}>
      <p>
        {run !== null && `${t`${{ done: run.epochs_done }} of ${{ planned: run.epochs_planned }} epochs are done.`} `}
        {others > 0 && `${plural(others, { one: '# more run waits for it.', other: '# more runs wait for it.' })} `}
        {others > 0 ? t`What should become of them?` : t`What should become of it?`}
      </p>
      {state === 'stopping' ? (
        <p className="meta" role="status">
          <Trans>Stopping after the step at hand; the best checkpoint is kept and evaluated.</Trans>
        </p>
      ) : (
        <div className={classes.choices}>
          <button type="button" className={classes.choice} data-autofocus onClick={goOn}>
            <span className="strong"><Trans>Go on in the background</Trans></span>
            <span>{isDesktop ? t`The window closes, training goes on. Start Graft again to watch it.` : t`Training goes on as long as the studio’s server runs.`}</span>
          </button>
          <button type="button" className={classes.choice} onClick={() => void stop()}>
            <span className="strong"><Trans>Stop and keep the best</Trans></span>
            <span>
              <Trans>Training ends after the step at hand. The best checkpoint is kept and evaluated; the run can be resumed.</Trans>
              {live.length > 1 && ` ${t`Runs that wait are stopped too.`}`}
              {queued > 0 && ` ${t`The queue is held until you go on with it.`}`}
            </span>
          </button>
          <button type="button" className={classes.choice} onClick={stay}>
            <span className="strong"><Trans>Stay</Trans></span>
            <span><Trans>Nothing changes.</Trans></span>
          </button>
        </div>
      )}
    </Modal>
  )
}
