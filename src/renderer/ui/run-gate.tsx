/** What a screen of the open run shows until there is a run to show. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Failure } from '../../shared/domain/error'
import type { RunRecord, RunStatus } from '../../shared/domain/run'
import { go, usePlace } from '../state/place'
import { reopenRun, useRun } from '../state/run'
import { statusOf } from '../state/run-view'
import classes from './empty-screen.module.css'
import { EmptyScreen } from './empty-screen'
import { FailurePanel } from './failure-panel'

/** `none` where no run is open, the reason where it could not be opened, else the children with its record. */
export function RunGate(props: { title: string; none: ReactNode; children: (record: RunRecord, status: RunStatus) => ReactNode }) {
  const { title, none, children } = props
  const runId = usePlace((place) => place.runId)
  const record = useRun((run) => run.record)
  const failure = useRun((run) => run.failure)
  const status = useRun(statusOf)
  if (runId === null) return none
  if (failure !== null) return <RunNotOpened title={title} failure={failure} />
  if (record === null || status === null) return <EmptyScreen title={title} words={t`Opening the run`} />
  return children(record, status)
}

export function RunNotOpened(props: { title: string; failure: Failure }) {
  return (
    <main className="screen">
      <h1 className={classes.heading}>{props.title}</h1>
      <FailurePanel title={t`This run could not be opened`} failure={props.failure}>
        <Button onClick={reopenRun}>
          <Trans>Try again</Trans>
        </Button>
        <Button variant="default" onClick={() => go('runs')}>
          <Trans>All runs</Trans>
        </Button>
      </FailurePanel>
    </main>
  )
}
