/** Between the pictures that were fixed and the next run: training again from here, and of a run that was, what it came from. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconArrowsDiff, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { fixesText, fixMeaning, fixTotal } from '../../../shared/domain/fix-since'
import type { RunRecord } from '../../../shared/domain/run'
import { client } from '../../state/host'
import { refreshRuns, report } from '../../state/machine'
import { go } from '../../state/place'
import { formatCount } from '../../ui/format'
import classes from './retrain.module.css'
import { useRunFixes, type RunFixesView } from './run-fixes'

export function RetrainNotice(props: { record: RunRecord; onChanges: () => void }) {
  const { record, onChanges } = props
  const view = useRunFixes(record.run_id)
  const { retrains } = record
  const from = retrains?.name
  const hasFixes = view.fixes !== null && fixTotal(view.fixes.counts) > 0
  if (retrains === undefined && !hasFixes) return null
  return (
    <section className={classes.notice} aria-label={t`Training again with fixes`}>
      {retrains !== undefined && (
        <div className={classes.line}>
          <div className={classes.words}>
            <p>
              <Trans>
                Trained again from <span className="strong">{from}</span> with {{ fixes: fixesText(retrains.fixes) }}.
              </Trans>
            </p>
            {fixMeaning({ ...retrains.fixes, relabelled: { ...retrains.fixes.relabelled, train: 0 }, excluded: { ...retrains.fixes.excluded, train: 0 }, brought_back: { ...retrains.fixes.brought_back, train: 0 } }).map((line) => (
              <p key={line} className="meta">
                {line}
              </p>
            ))}
          </div>
          <Button variant="default" leftSection={<IconArrowsDiff size={16} aria-hidden />} onClick={onChanges}>
            <Trans>What changed since {{ run: retrains.name }}</Trans>
          </Button>
        </div>
      )}
      {hasFixes && <FixesWaiting record={record} view={view} />}
    </section>
  )
}

function lostWords(lost: number, pictures: number): string {
  const all = formatCount(pictures)
  return plural(lost, { one: `# of its ${all} pictures is gone or is another one, and is left out.`, other: `# of its ${all} pictures are gone or are other ones, and are left out.` })
}

function FixesWaiting({ record, view }: { record: RunRecord; view: RunFixesView }) {
  const { fixes } = view
  if (fixes === null) return null
  const decided = fixesText(fixes.counts)
  return (
    <div className={classes.line}>
      <div className={classes.words}>
        <p>
          <Trans>
            <span className="strong">{decided}</span> since this run was made.
          </Trans>
        </p>
        {fixMeaning(fixes.counts).map((line) => (
          <p key={line} className="meta">
            {line}
          </p>
        ))}
        {fixes.hindrance === null ? (
          <p className="meta">
            <Trans>Training again begins with this run’s best weights and keeps its settings; every picture stays in its split.</Trans>
            {fixes.folder.kind === 'changed' && ` ${lostWords(fixes.folder.lostCount, fixes.folder.pictures)}`}
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
      title={view.fixes.hindrance ?? t`A new run from this one’s best weights, with its settings and its split, on the pictures as they are now`}
      onClick={() => void start()}
    >
      {plural({ count: total }, { one: 'Train again with # fix', other: 'Train again with # fixes' })}
    </Button>
  )
}

/** For the panel of a run that is chosen in the list. */
export function RetrainFromList({ run }: { run: RunRecord }) {
  return <RetrainButton run={run} view={useRunFixes(run.run_id)} isQuiet />
}
