/** Between the pictures that were fixed and the next run: training again from here, and of a run that was, what it came from. */
import { Button } from '@mantine/core'
import { IconArrowsDiff, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { fixesText, fixMeaning, fixTotal } from '../../../shared/domain/fix-since'
import type { RunRecord } from '../../../shared/domain/run'
import { client } from '../../state/host'
import { refreshRuns, report } from '../../state/machine'
import { go } from '../../state/place'
import classes from './retrain.module.css'
import { useRunFixes, type RunFixesView } from './run-fixes'

export function RetrainNotice(props: { record: RunRecord; onChanges: () => void }) {
  const { record, onChanges } = props
  const view = useRunFixes(record.run_id)
  const { retrains } = record
  const hasFixes = view.fixes !== null && fixTotal(view.fixes.counts) > 0
  if (retrains === undefined && !hasFixes) return null
  return (
    <section className={classes.notice} aria-label="Training again with fixes">
      {retrains !== undefined && (
        <div className={classes.line}>
          <div className={classes.words}>
            <p>
              Trained again from <span className="strong">{retrains.name}</span> with {fixesText(retrains.fixes)}.
            </p>
            {fixMeaning({ ...retrains.fixes, relabelled: { ...retrains.fixes.relabelled, train: 0 }, excluded: { ...retrains.fixes.excluded, train: 0 }, brought_back: { ...retrains.fixes.brought_back, train: 0 } }).map((line) => (
              <p key={line} className="meta">
                {line}
              </p>
            ))}
          </div>
          <Button variant="default" leftSection={<IconArrowsDiff size={16} aria-hidden />} onClick={onChanges}>
            What changed since {retrains.name}
          </Button>
        </div>
      )}
      {hasFixes && <FixesWaiting record={record} view={view} />}
    </section>
  )
}

function FixesWaiting({ record, view }: { record: RunRecord; view: RunFixesView }) {
  const { fixes } = view
  if (fixes === null) return null
  return (
    <div className={classes.line}>
      <div className={classes.words}>
        <p>
          <span className="strong">{fixesText(fixes.counts)}</span> since this run was made.
        </p>
        {fixMeaning(fixes.counts).map((line) => (
          <p key={line} className="meta">
            {line}
          </p>
        ))}
        {fixes.hindrance === null ? (
          <p className="meta">
            Training again begins with this run’s best weights and keeps its settings; every picture stays in its split.
            {fixes.folder.kind === 'changed' && ` ${fixes.folder.lostCount.toLocaleString('en')} of its ${fixes.folder.pictures.toLocaleString('en')} pictures are gone or are other ones, and are left out.`}
          </p>
        ) : (
          <p className={classes.hindrance}>{fixes.hindrance}</p>
        )}
      </div>
      <RetrainButton run={record} view={view} />
    </div>
  )
}

/** `Train again with 3 fixes`; nothing where none were decided since the run was made. */
export function RetrainButton({ run, view, isQuiet = false }: { run: Pick<RunRecord, 'run_id'>; view: RunFixesView; isQuiet?: boolean }) {
  const [isStarting, setIsStarting] = useState(false)
  const total = view.fixes === null ? 0 : fixTotal(view.fixes.counts)
  if (view.fixes === null || total === 0) return null
  const start = async (): Promise<void> => {
    setIsStarting(true)
    try {
      const { runId } = await client().runFixes.retrain({ runId: run.run_id, name: null })
      await refreshRuns().catch(report)
      go('train', { runId })
    } catch (error) {
      report(error)
    } finally {
      setIsStarting(false)
    }
  }
  return (
    <Button
      {...(isQuiet ? { variant: 'default' } : {})}
      leftSection={<IconRefresh size={16} aria-hidden />}
      loading={isStarting}
      disabled={view.fixes.hindrance !== null}
      title={view.fixes.hindrance ?? 'A new run from this one’s best weights, with its settings and its split, on the pictures as they are now'}
      onClick={() => void start()}
    >
      Train again with {total.toLocaleString('en')} {total === 1 ? 'fix' : 'fixes'}
    </Button>
  )
}

/** For the panel of a run that is chosen in the list. */
export function RetrainFromList({ run }: { run: RunRecord }) {
  return <RetrainButton run={run} view={useRunFixes(run.run_id)} isQuiet />
}
