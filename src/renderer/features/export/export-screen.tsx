/** Takes the trained model away in the formats that one chooses, each checked against the original. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useRef } from 'react'
import { hasModel, isLive, type RunRecord } from '../../../shared/domain/run'
import { forgetExports, isAtWork, useExport } from '../../state/export'
import { useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { EmptyScreen } from '../../ui/empty-screen'
import { RunGate } from '../../ui/run-gate'
import { ExportBatchView } from './export-batch'
import { ExportForm } from './export-form'
import classes from './export-screen.module.css'

export function ExportScreen() {
  const hasBest = useRun((run) => run.hasBest)
  return (
    <RunGate title={t`Export`} none={<Nothing words={t`No run is open. An export takes a trained run away.`} />}>
      {(record, status) => {
        if (hasBest) return <RunExport key={record.run_id} record={record} />
        const words = isLive(status)
          ? t`There is nothing to export yet: the first epoch is not over.`
          : t`This run ended before its first epoch was over, so there is nothing to export. Resume starts it again.`
        return <Nothing words={words} toTrain />
      }}
    </RunGate>
  )
}

function Nothing(props: { words: string; toTrain?: boolean }) {
  const finished = useMachine((machine) => machine.runs?.find((run) => hasModel(run)) ?? null)
  return (
    <EmptyScreen title={t`Export`} words={props.words}>
      {props.toTrain === true ? (
        <Button onClick={() => go('train')}>
          <Trans>Go to the run</Trans>
        </Button>
      ) : (
        finished !== null && <Button onClick={() => go('export', { runId: finished.run_id })}>{t`Open the latest trained run`}</Button>
      )}
      <Button variant="default" onClick={() => go('runs')}>
        <Trans>All runs</Trans>
      </Button>
    </EmptyScreen>
  )
}

function RunExport({ record }: { record: RunRecord }) {
  const batch = useExport((state) => state.batch)
  const heading = useRef<HTMLHeadingElement>(null)
  const isOwn = batch?.runId === record.run_id
  return (
    <main className="screen">
      <header className={classes.header}>
        <h1 ref={heading} tabIndex={-1}>
          <Trans>Export</Trans>
        </h1>
        <span className={`${classes.name} ellipsis`} title={record.name}>
          {record.name}
        </span>
      </header>
      {batch !== null && isOwn ? (
        <ExportBatchView batch={batch} runName={record.name} onNew={() => (forgetExports(), heading.current?.focus())} />
      ) : (
        <ExportForm record={record} isBusyElsewhere={isAtWork(batch)} />
      )}
    </main>
  )
}
