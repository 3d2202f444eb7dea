/** All runs of this machine, live ones too, and the disk they use. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { useEffect, useMemo } from 'react'
import type { RunRecord } from '../../../shared/domain/run'
import { openImport } from '../../state/import'
import { useMachine } from '../../state/machine'
import { useRun } from '../../state/run'
import { changeFilter, chosen, filteredRuns, isFiltered, markedRuns, NO_FILTER, select, sortedRuns, useRunList } from '../../state/run-list'
import { QueuePanel } from '../queue/queue-panel'
import { DiskUse } from './disk-use'
import { MarkedPanel } from './marked-panel'
import { openRunScreen } from './open-run'
import { RunPanel } from './run-panel'
import { summaryText } from './run-words'
import classes from './runs-screen.module.css'
import { RunsTable } from './runs-table'
import { RunsTools } from './runs-tools'
import { TrashedNotice } from './trashed-notice'

export function RunsScreen() {
  const runs = useMachine((machine) => machine.runs)
  const openRunId = useRun((open) => open.runId)
  useEffect(() => {
    if (openRunId !== null && useRunList.getState().selection.cursor === null) select((before) => chosen(before, openRunId))
  }, [openRunId])
  if (runs === null) {
    return (
      <main className={classes.screen}>
        <header className={classes.head}>
          <h1>
            <Trans>Runs</Trans>
          </h1>
          <span className="meta">
            <Trans>Reading the list</Trans>
          </span>
        </header>
      </main>
    )
  }
  return (
    <main className={classes.screen}>
      {runs.length === 0 ? <NoRuns /> : <Listed runs={runs} />}
      <DiskUse runs={runs} />
      <TrashedNotice />
    </main>
  )
}

function NoRuns() {
  return (
    <>
      <header className={classes.head}>
        <h1>
          <Trans>Runs</Trans>
        </h1>
        <span className="meta">{summaryText([])}</span>
      </header>
      <div className={classes.empty}>
        <p>
          <Trans>No runs yet.</Trans>
        </p>
        <p className="meta">
          <Trans>
            A run appears here when its training starts, from this window or from the command line, and stays until you delete it. A model that was trained elsewhere, with PyTorch, can be brought in
            as a run: choose its file here, or drop it on the window.
          </Trans>
        </p>
        <BringIn />
      </div>
    </>
  )
}

function Listed(props: { runs: readonly RunRecord[] }) {
  const { runs } = props
  const { filter, order, selection } = useRunList()
  const shown = useMemo(() => sortedRuns(filteredRuns(runs, filter), order), [runs, filter, order])
  const marked = useMemo(() => markedRuns(selection, runs), [selection, runs])
  const cursor = shown.find((run) => run.run_id === selection.cursor) ?? shown[0] ?? null
  return (
    <>
      <header className={classes.head}>
        <h1>
          <Trans>Runs</Trans>
        </h1>
        <span className="meta" role="status">
          {summaryText(runs, shown.length)}
          {marked.length === 1 && ` · ${t`1 marked, mark another to compare them`}`}
        </span>
        <BringIn />
      </header>
      <QueuePanel />
      <RunsTools runs={runs} />
      <div className={classes.body}>
        {shown.length > 0 ? <RunsTable runs={shown} /> : <NothingFound isFiltered={isFiltered(filter)} />}
        {marked.length > 1 ? <MarkedPanel runs={marked} /> : cursor !== null && <RunPanel key={cursor.run_id} run={cursor} onOpen={() => openRunScreen(cursor)} />}
      </div>
    </>
  )
}

function NothingFound(props: { isFiltered: boolean }) {
  return (
    <div className={classes.nothing}>
      <p>{props.isFiltered ? t`No run is like that.` : t`All runs are archived.`}</p>
      <button type="button" className="link-button" onClick={() => changeFilter(props.isFiltered ? { ...NO_FILTER, isArchivedShown: useRunList.getState().filter.isArchivedShown } : { isArchivedShown: true })}>
        {props.isFiltered ? t`Show all runs` : t`Show them`}
      </button>
    </div>
  )
}

function BringIn() {
  return (
    <Button variant="default" className={classes.bringIn} leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => openImport()}>
      <Trans>Bring in a model</Trans>
    </Button>
  )
}
