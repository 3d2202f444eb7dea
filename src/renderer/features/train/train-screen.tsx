/** A run as it happens: what it does now, its curves, its errors, its log. */
import { Button } from '@mantine/core'
import { isLive } from '../../../shared/domain/run'
import { useMachine } from '../../state/machine'
import { go, usePlace } from '../../state/place'
import { resumeRun, useRun } from '../../state/run'
import { firstLive } from '../../state/live-runs'
import { statusOf } from '../../state/run-view'
import { RunCharts } from '../../ui/charts/run-charts'
import { EmptyScreen } from '../../ui/empty-screen'
import { FailurePanel } from '../../ui/failure-panel'
import { RunNotOpened } from '../../ui/run-gate'
import { DoneLine } from './done-line'
import { ImportedModel } from './imported-model'
import { LatestMatrix } from './latest-matrix'
import { RunActions } from './run-actions'
import { RunLog } from './run-log'
import { RunProgress } from './run-progress'
import { RunReadings } from './run-readings'
import classes from './train-screen.module.css'

const NO_CLASSES: readonly string[] = []

export function TrainScreen() {
  const runId = usePlace((place) => place.runId)
  const run = useRun()
  if (runId === null) return <NoRun />
  const { record, config, view } = run
  if (run.failure !== null) return <RunNotOpened title="Train" failure={run.failure} />
  if (record?.origin === 'imported') return <ImportedModel record={record} config={config} />
  const status = statusOf(run)
  const planned = view.start?.config.epochs ?? config?.epochs ?? record?.epochs_planned ?? 1
  const failure = view.failure ?? record?.failure ?? null
  const classNames = view.start?.classes ?? record?.classes ?? NO_CLASSES
  const hasEnded = status !== null && !isLive(status)
  return (
    <main className={classes.screen}>
      <header className={classes.header}>
        <h1>Train</h1>
        <span className={`${classes.name} ellipsis`} title={record?.name}>
          {record?.name ?? ' '}
        </span>
        <RunActions status={status} />
      </header>
      <RunReadings status={status} planned={planned} />
      {!hasEnded && <RunProgress status={status} planned={planned} />}
      {(status === 'completed' || status === 'stopped') && <DoneLine status={status} planned={planned} />}
      {(status === 'failed' || status === 'interrupted') && (
        <div className={classes.failure}>
          <FailurePanel
            title={status === 'failed' ? 'The run failed' : 'The run was interrupted'}
            failure={failure ?? { code: 'CRASHED', message: 'The process that worked on this run is gone.', action: 'Resume goes on from the last whole epoch.' }}
          >
            <Button onClick={resumeRun} loading={run.asked === 'resume'}>
              Resume
            </Button>
            {run.hasBest && (
              <Button variant="default" onClick={() => go('results')}>
                Results so far
              </Button>
            )}
          </FailurePanel>
        </div>
      )}
      <div className={classes.charts}>
        <section className={classes.curves} aria-label="Curves">
          <RunCharts epochs={view.epochs} planned={planned} bestEpoch={view.bestEpoch} />
        </section>
        <LatestMatrix classNames={classNames} epoch={view.epochs.at(-1) ?? null} />
      </div>
      <RunLog />
    </main>
  )
}

function NoRun() {
  const runs = useMachine((machine) => machine.runs)
  const datasetId = usePlace((place) => place.datasetId)
  const live = firstLive(runs)
  const latest = live ?? runs?.[0] ?? null
  const words = datasetId === null ? 'A run starts from a dataset: open a folder of pictures first.' : 'Choose its settings, then start it.'
  return (
    <EmptyScreen title="Train" words={`No run is open. ${words}`}>
      <Button onClick={() => go(datasetId === null ? 'dataset' : 'configure')}>{datasetId === null ? 'Open a dataset' : 'Configure a run'}</Button>
      {latest !== null && (
        <Button variant="default" onClick={() => go('train', { runId: latest.run_id })}>
          {live === null ? 'Open the latest run' : 'Open the run that is training'}
        </Button>
      )}
    </EmptyScreen>
  )
}
