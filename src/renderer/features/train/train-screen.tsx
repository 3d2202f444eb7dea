/** A run as it happens: what it does now, its curves, its errors, its log. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { isLive } from '../../../shared/domain/run'
import { totalEpochs } from '../../../shared/domain/stages'
import { useMachine } from '../../state/machine'
import { go, usePlace } from '../../state/place'
import { resumeRun, useRun } from '../../state/run'
import { firstLive } from '../../state/live-runs'
import { currentSpan, type StageSpan, stageSpans } from '../../state/run-stages'
import { statusOf } from '../../state/run-view'
import { RunCharts } from '../../ui/charts/run-charts'
import { EmptyScreen } from '../../ui/empty-screen'
import { FailurePanel } from '../../ui/failure-panel'
import { RunNotOpened } from '../../ui/run-gate'
import { QueuedLine } from '../queue/queued-line'
import { TryButton } from '../try/try-pane'
import { DoneLine } from './done-line'
import { EpochPanel } from './epoch-panel'
import { ImportedModel } from './imported-model'
import { RunActions } from './run-actions'
import { RunFoot } from './run-foot'
import { RunProgress } from './run-progress'
import { RunReadings } from './run-readings'
import classes from './train-screen.module.css'

const NO_CLASSES: readonly string[] = []
const NO_STAGES: readonly StageSpan[] = []

export function TrainScreen() {
  const runId = usePlace((place) => place.runId)
  const run = useRun()
  if (runId === null) return <NoRun />
  const { record, config, view } = run
  if (run.failure !== null) return <RunNotOpened title={t`Train`} failure={run.failure} />
  if (record?.origin === 'imported') return <ImportedModel record={record} config={config} />
  const status = statusOf(run)
  const running = view.start?.config ?? config
  const failure = view.failure ?? record?.failure ?? null
  const classNames = view.start?.classes ?? record?.classes ?? NO_CLASSES
  const hasEnded = status !== null && !isLive(status)
  const stages = running === null ? NO_STAGES : stageSpans(running, view.stages, view.epochs.at(-1)?.epoch ?? 0, status === 'completed')
  const stage = currentSpan(stages, view.stages)
  const configured = running === null ? (record?.epochs_planned ?? 1) : totalEpochs(running)
  // A stage that ended early draws the end nearer.
  const planned = stages.at(-1)?.lastEpoch ?? configured
  return (
    <main className={classes.screen}>
      <header className={classes.header}>
        <h1>
          <Trans>Train</Trans>
        </h1>
        <span className={`${classes.name} ellipsis`} title={record?.name}>
          {record?.name ?? ' '}
        </span>
        {stage !== null && !(status === 'completed') && (
          <span className={`${classes.stage} ellipsis`} title={stage.name}>
            <Trans>Stage {{ index: stage.index }} of {{ count: stages.length }}</Trans> · <span className="strong">{stage.name}</span>
          </span>
        )}
        <TryButton />
        <RunActions status={status} />
      </header>
      <RunReadings status={status} planned={planned} />
      {status === 'queued' && <QueuedLine runId={runId} />}
      {!hasEnded && <RunProgress status={status} planned={planned} stages={stages} />}
      {(status === 'completed' || status === 'stopped') && <DoneLine status={status} planned={configured} />}
      {(status === 'failed' || status === 'interrupted') && (
        <div className={classes.failure}>
          <FailurePanel
            title={status === 'failed' ? t`The run failed` : t`The run was interrupted`}
            failure={failure ?? { code: 'CRASHED', message: t`The process that worked on this run is gone.`, action: t`Resume goes on from the last whole epoch.` }}
          >
            <Button onClick={resumeRun} loading={run.asked === 'resume'}>
              <Trans>Resume</Trans>
            </Button>
            {run.hasBest && (
              <Button variant="default" onClick={() => go('results')}>
                <Trans>Results so far</Trans>
              </Button>
            )}
          </FailurePanel>
        </div>
      )}
      <div className={classes.charts}>
        <section className={classes.curves} aria-label={t`Curves`}>
          <RunCharts key={runId} epochs={view.epochs} planned={planned} bestEpoch={view.bestEpoch} stages={stages} classNames={classNames} />
        </section>
        <EpochPanel key={runId} runId={runId} classNames={classNames} epochs={view.epochs} bestEpoch={view.bestEpoch} />
      </div>
      <RunFoot />
    </main>
  )
}

function NoRun() {
  const runs = useMachine((machine) => machine.runs)
  const datasetId = usePlace((place) => place.datasetId)
  const live = firstLive(runs)
  const latest = live ?? runs?.[0] ?? null
  const words = datasetId === null ? t`A run starts from a dataset: open a folder of pictures first.` : t`Choose its settings, then start it.`
  return (
    <EmptyScreen title={t`Train`} words={`${t`No run is open.`} ${words}`}>
      <Button onClick={() => go(datasetId === null ? 'dataset' : 'configure')}>{datasetId === null ? t`Open a dataset` : t`Configure a run`}</Button>
      {latest !== null && (
        <Button variant="default" onClick={() => go('train', { runId: latest.run_id })}>
          {live === null ? t`Open the latest run` : t`Open the run that is training`}
        </Button>
      )}
    </EmptyScreen>
  )
}
