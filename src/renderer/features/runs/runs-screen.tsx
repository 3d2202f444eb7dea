/** All runs of this machine, live ones too, and the disk they use. */
import { Button } from '@mantine/core'
import { IconFileImport } from '@tabler/icons-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { openImport } from '../../state/import'
import { useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { screenOf } from '../../state/run-screen'
import { formatDate, formatDuration, formatShare } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { RunState } from '../../ui/run-status'
import { DiskUse } from './disk-use'
import { RunPanel } from './run-panel'
import { bestText, epochsText, summaryText } from './run-words'
import classes from './runs-screen.module.css'

export function openRunScreen(run: RunRecord): void {
  go(screenOf(run), { runId: run.run_id })
}

export function RunsScreen() {
  const runs = useMachine((machine) => machine.runs)
  const openRunId = useRun((open) => open.runId)
  const [chosenId, setChosenId] = useState<string | null>(openRunId)
  const chosen = runs?.find((run) => run.run_id === chosenId) ?? runs?.[0] ?? null

  return (
    <main className={classes.screen}>
      <header className={classes.head}>
        <h1>Runs</h1>
        <span className="meta">{runs === null ? 'Reading the list' : summaryText(runs)}</span>
        {runs !== null && runs.length > 0 && <BringIn />}
      </header>
      {runs !== null && runs.length === 0 ? (
        <div className={classes.empty}>
          <p>No runs yet.</p>
          <p className="meta">
            A run appears here when its training starts, from this window or from the command line, and stays until you delete it. A model that was trained elsewhere, with PyTorch, can be
            brought in as a run: choose its file here, or drop it on the window.
          </p>
          <BringIn />
        </div>
      ) : (
        <div className={classes.body}>
          <div className={classes.table}>{runs !== null && <RunsTable runs={runs} chosenId={chosen?.run_id ?? null} onChoose={setChosenId} />}</div>
          {chosen !== null && <RunPanel key={chosen.run_id} run={chosen} onOpen={() => openRunScreen(chosen)} />}
        </div>
      )}
      <DiskUse runs={runs} />
    </main>
  )
}

function BringIn() {
  return (
    <Button variant="default" className={classes.bringIn} leftSection={<IconFileImport size={16} aria-hidden />} onClick={() => openImport()}>
      Bring in a model
    </Button>
  )
}

function RunsTable(props: { runs: readonly RunRecord[]; chosenId: string | null; onChoose: (runId: string) => void }) {
  const { runs, chosenId, onChoose } = props
  const body = useRef<HTMLTableSectionElement>(null)

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const next = runs[runs.findIndex((run) => run.run_id === chosenId) + step]
    if (step === 0 || next === undefined) return
    event.preventDefault()
    onChoose(next.run_id)
    body.current?.querySelector<HTMLButtonElement>(`[data-run="${CSS.escape(next.run_id)}"]`)?.focus()
  }

  return (
    <table className="plain" aria-label="Runs">
      <thead>
        <tr>
          <th scope="col">Run</th>
          <th scope="col">State</th>
          <th scope="col" className="number">
            Epochs
          </th>
          <th scope="col" className="number">
            Best on validation
          </th>
          <th scope="col" className="number">
            Test
          </th>
          <th scope="col" className="number">
            Time
          </th>
          <th scope="col" className="number">
            Started
          </th>
        </tr>
      </thead>
      <tbody ref={body} onKeyDown={onKeyDown}>
        {runs.map((run) => (
          <tr
            key={run.run_id}
            className={classes.row}
            data-chosen={run.run_id === chosenId || undefined}
            onClick={() => onChoose(run.run_id)}
            onDoubleClick={() => openRunScreen(run)}
          >
            <td className={classes.nameCell}>
              <button type="button" data-run={run.run_id} className={classes.name} aria-pressed={run.run_id === chosenId} title={run.name} onClick={() => onChoose(run.run_id)}>
                {run.name}
              </button>
              <div className="meta ellipsis">
                {run.dataset_name === run.name || run.dataset_name === '' ? '' : `${run.dataset_name} · `}
                {run.backbone}
                {run.preset === null ? '' : ` · ${run.preset}`}
              </div>
            </td>
            <td className={classes.state}>
              <RunState run={run} />
              {isLive(run.status) && (
                <div className={classes.line}>
                  <ProgressLine label={`Progress of ${run.name}`} share={run.epochs_planned === 0 ? null : run.epochs_done / run.epochs_planned} />
                </div>
              )}
            </td>
            <td className="number">{epochsText(run)}</td>
            <td className="number">{run.origin === 'imported' ? '–' : bestText(run)}</td>
            <td className="number">{formatShare(run.test_accuracy)}</td>
            <td className="number">{run.total_s > 0 ? formatDuration(run.total_s) : '–'}</td>
            <td className="number">{formatDate(run.created_at)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
