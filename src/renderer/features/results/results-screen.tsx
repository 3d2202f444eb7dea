/** What the best checkpoint does with pictures it has not learned from. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, SegmentedControl } from '@mantine/core'
import { IconGitBranch } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { Split } from '../../../shared/domain/dataset'
import type { Evaluation } from '../../../shared/domain/metrics'
import { hasHeldOutPictures, hasModel, isLive, type RunRecord } from '../../../shared/domain/run'
import { report, useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { stageSpans } from '../../state/run-stages'
import { RunCharts } from '../../ui/charts/run-charts'
import type { Cell } from '../../ui/matrix'
import { EmptyScreen } from '../../ui/empty-screen'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { RunGate } from '../../ui/run-gate'
import { trainOnFrom } from '../runs/train-on'
import { EpochPanel } from '../train/epoch-panel'
import { SuspectsSection } from '../suspects/suspects-section'
import { TryButton } from '../try/try-pane'
import { type OutcomePictures, ThresholdsSection } from '../thresholds/thresholds-section'
import { CellPanel, PicturesPanel } from './cell-panel'
import { CalibrationView } from './calibration'
import { FigureMenu } from './figure-menu'
import { Findings } from './findings'
import { Headline } from './headline'
import { NoPictures } from './no-pictures'
import { type PagePart, PageParts } from './page-parts'
import { ReportButton } from './report-button'
import { MatrixAndClasses } from './results-screen-matrix'
import { RetrainNotice } from './retrain-notice'
import classes from './results-screen.module.css'
import { useEvaluation } from './use-evaluation'
import { WhatChanged } from './what-changed'

export function ResultsScreen() {
  const hasBest = useRun((run) => run.hasBest)
  return (
    <RunGate title={t`Results`} none={<NothingYet words={t`No run is open. Results belong to a run that has trained.`} />}>
      {(record, status) => {
        if (isLive(status)) return <NothingYet words={t`The run is still at work. Its results come when it ends; the Train screen shows how it goes.`} toTrain />
        if (!hasBest) return <NothingYet words={t`This run ended before its first epoch was over, so there is nothing to evaluate. Resume starts it again.`} toTrain />
        if (!hasHeldOutPictures(record)) return <NoPictures record={record} />
        return <RunResults key={record.run_id} record={record} />
      }}
    </RunGate>
  )
}

function NothingYet(props: { words: string; toTrain?: boolean }) {
  const finished = useMachine((machine) => machine.runs?.find((run) => hasModel(run) && hasHeldOutPictures(run)) ?? null)
  return (
    <EmptyScreen title={t`Results`} words={props.words}>
      {props.toTrain === true ? (
        <Button onClick={() => go('train')}>
          <Trans>Watch the run</Trans>
        </Button>
      ) : (
        finished !== null && (
          <Button onClick={() => go('results', { runId: finished.run_id })}>
            <Trans>Open the latest finished run</Trans>
          </Button>
        )
      )}
      <Button variant="default" onClick={() => go('runs')}>
        <Trans>All runs</Trans>
      </Button>
    </EmptyScreen>
  )
}

const SPLIT_TITLES: Readonly<Record<Split, string>> = { test: t`Test`, val: t`Validation`, train: t`Training` }
const SPLIT_ORDER: readonly Split[] = ['test', 'val', 'train']
const isSplit = (value: string): value is Split => value in SPLIT_TITLES

function RunResults(props: { record: RunRecord }) {
  const { record } = props
  const { view, config } = useRun()
  const hasTest = record.counts.test > 0
  const [split, setSplit] = useState<Split>(hasTest ? 'test' : 'val')
  const [cell, setCell] = useState<Cell | null>(null)
  const [outcome, setOutcome] = useState<OutcomePictures | null>(null)
  const version = `${record.best_epoch}-${record.status}`
  const { state, retry } = useEvaluation(record.run_id, split, version)
  const validation = useMeasured(record, 'val', version)
  const test = useMeasured(record, 'test', version)
  const evaluation = state.kind === 'done' ? state.evaluation : state.kind === 'busy' ? state.before : null
  const [isComparing, setIsComparing] = useState(false)
  useEffect(() => setCell(null), [split])
  const stages = config === null ? [] : stageSpans(config, view.stages, view.epochs.at(-1)?.epoch ?? 0, record.status === 'completed')
  const scroller = useRef<HTMLDivElement>(null)
  const parts: PagePart[] = [
    ...(evaluation === null
      ? []
      : [
          { id: 'matrix-title', name: t`Mistakes` },
          { id: 'deciding-title', name: t`Costs` },
        ]),
    ...(evaluation?.report.calibration === undefined ? [] : [{ id: 'calibration-title', name: t`Calibration` }]),
    { id: 'suspects-title', name: t`Pictures to look at` },
    ...(view.epochs.length === 0 ? [] : [{ id: 'curves-title', name: t`Curves` }]),
  ]
  const closeCell = (): void => {
    if (cell !== null) document.querySelector<HTMLElement>(`[data-cell="${cell.truth}-${cell.prediction}"]`)?.focus()
    setCell(null)
  }

  return (
    <main className={classes.screen}>
      <div ref={scroller} className={classes.scroller}>
        <header className={classes.header}>
          <h1>
            <Trans>Results</Trans>
          </h1>
          <span className={`${classes.name} ellipsis`} title={record.name}>
            {record.name}
          </span>
          {!hasTest && (
            <span className="meta">
              <Trans>No test split: validation is the measure</Trans>
            </span>
          )}
          <TryButton />
          <ReportButton runId={record.run_id} />
          <Button variant="default" leftSection={<IconGitBranch size={16} aria-hidden />} title={t`A new run that begins with this one’s best weights`} onClick={() => void trainOnFrom(record).catch(report)}>
            <Trans>Train on from this model</Trans>
          </Button>
          <SegmentedControl
            aria-label={t`Pictures to measure on`}
            value={split}
            onChange={(value) => isSplit(value) && setSplit(value)}
            data={SPLIT_ORDER.map((value) => ({ value, label: `${SPLIT_TITLES[value]} · ${formatCount(record.counts[value])}`, disabled: record.counts[value] === 0 }))}
          />
        </header>
        <PageParts parts={parts} scroller={scroller} />
        <div className={classes.busy}>
          {state.kind === 'busy' && state.progress !== null && (
            <>
              <ProgressLine label={t`Evaluating`} share={state.progress.total > 0 ? state.progress.done / state.progress.total : null} />
              <p className="meta">
                {state.progress.message} ·{' '}
                <Trans>
                  {{ done: formatCount(state.progress.done) }} of {{ total: formatCount(state.progress.total) }}
                </Trans>
              </p>
            </>
          )}
        </div>
        {state.kind === 'failed' && (
          <FailurePanel title={t`The run could not be evaluated`} failure={state.failure}>
            <Button onClick={retry}>
              <Trans>Try again</Trans>
            </Button>
          </FailurePanel>
        )}
        <RetrainNotice record={record} onChanges={() => setIsComparing(true)} />
        {evaluation !== null && (
          <>
            <Headline report={evaluation.report} split={evaluation.split} bestEpoch={record.best_epoch} isImported={record.origin === 'imported'} backbone={record.backbone} />
            {record.origin === 'imported' && (
              <p className={classes.note}>
                <Trans>Trained elsewhere. Pictures that it learned from make these figures better than they are on new ones.</Trans>
              </p>
            )}
            <MatrixAndClasses
              runId={record.run_id}
              evaluation={evaluation}
              selected={cell}
              onOpen={(chosen) => {
                setOutcome(null)
                setCell(chosen)
              }}
            />
            <section aria-labelledby="deciding-title" className={classes.curves}>
              <div className={classes.sectionHead}>
                <h2 id="deciding-title">
                  <Trans>Deciding with costs</Trans>
                </h2>
              </div>
              <ThresholdsSection
                runId={record.run_id}
                version={version}
                validation={validation}
                test={test}
                hasValidation={record.counts.val > 0}
                onOpen={(pictures) => {
                  setCell(null)
                  setOutcome(pictures)
                }}
              />
            </section>
            {evaluation.report.calibration !== undefined && (
              <section aria-labelledby="calibration-title" className={classes.curves}>
                <div className={classes.sectionHead}>
                  <h2 id="calibration-title">
                    <Trans>Calibration</Trans>
                  </h2>
                  <FigureMenu runId={record.run_id} figure="calibration" split={evaluation.split} label={t`Save the reliability diagram`} />
                </div>
                <CalibrationView calibration={evaluation.report.calibration} predictions={evaluation.predictions} />
              </section>
            )}
          </>
        )}
        {evaluation === null && state.kind === 'busy' && <p className={classes.quiet}>{state.progress === null ? t`Getting the results` : ''}</p>}
        <section aria-labelledby="suspects-title" className={classes.curves}>
          <SuspectsSection runId={record.run_id} version={version} />
        </section>
        {view.epochs.length > 0 && (
          <section aria-labelledby="curves-title" className={classes.curves}>
            <div className={classes.sectionHead}>
              <h2 id="curves-title">
                <Trans>How it learned</Trans>
              </h2>
              <FigureMenu runId={record.run_id} figure="training_history" split={split} label={t`Save the training curves`} />
            </div>
            <Findings runId={record.run_id} version={version} />
            <div className={classes.charts}>
              <RunCharts epochs={view.epochs} planned={stages.at(-1)?.lastEpoch ?? record.epochs_planned} bestEpoch={record.best_epoch} stages={stages} classNames={record.classes} />
              <EpochPanel runId={record.run_id} classNames={record.classes} epochs={view.epochs} bestEpoch={record.best_epoch} first="changed" />
            </div>
          </section>
        )}
      </div>
      {isComparing && <WhatChanged record={record} split={split} onClose={() => setIsComparing(false)} />}
      {cell !== null && evaluation !== null && (
        <CellPanel runId={record.run_id} version={version} split={evaluation.split} cell={cell} classNames={evaluation.classes} onClose={closeCell} />
      )}
      {outcome !== null && (
        <PicturesPanel
          {...outcome}
          {...{ runId: record.run_id, version, classNames: record.classes }}
          label={t`Pictures of the threshold`}
          total={outcome.pictures.length}
          failure={null}
          loadMore={() => undefined}
          none={t`No picture is like that.`}
          onClose={() => setOutcome(null)}
        />
      )}
    </main>
  )
}

/** Null where there are no such pictures, and until they are measured. */
function useMeasured(record: RunRecord, split: Split, version: string): Evaluation | null {
  const { state } = useEvaluation(record.counts[split] === 0 ? null : record.run_id, split, version)
  return state.kind === 'done' ? state.evaluation : state.kind === 'busy' ? state.before : null
}
