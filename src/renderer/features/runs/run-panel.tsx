/** One run: what it is, and what can be done with it. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconArchive, IconArchiveOff, IconCopy, IconFolderOpen, IconGitBranch, IconListNumbers, IconPencil, IconPlayerPlay } from '@tabler/icons-react'
import { useEffect, useState, type SyntheticEvent } from 'react'
import { fixesText } from '../../../shared/domain/fix-since'
import { hasModel, type RunRecord } from '../../../shared/domain/run'
import { knownPreset, realChanges } from '../../state/draft'
import { client, host } from '../../state/host'
import { lastPart } from '../../state/import'
import { refreshRuns, report } from '../../state/machine'
import { go } from '../../state/place'
import { putIntoQueue, startFromQueue } from '../../state/queue'
import type { Client } from '../../transport/connection'
import { classCount } from '../../ui/counts'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount } from '../../ui/format'
import { RunState } from '../../ui/run-status'
import { labelOf } from '../configure/setting-tables'
import { RetrainFromList } from '../results/retrain-notice'
import { duplicateRun } from './duplicate-run'
import { archive, type NotTrashed } from './run-marking'
import { RunNotes } from './run-notes'
import classes from './run-panel.module.css'
import { trainOnFrom } from './train-on'
import { DeleteForGood, TrashButton } from './trash-runs'
import { bestEpochText, canResume, epochsText } from './run-words'

type Details = Awaited<ReturnType<Client['runs']['get']>>
type Mode = 'looking' | 'renaming'

/** Settings that were changed from the preset, in the order of the configuration. */
function changedSettings(details: Details): string[] {
  return Object.entries(realChanges(knownPreset(details.run.preset), details.config)).map(([key, value]) => typeof value === 'object' ? t`${{ setting: labelOf(key) }} changed` : `${labelOf(key)} ${String(value)}`)
}

export function RunPanel(props: { run: RunRecord; onOpen: () => void }) {
  const { run, onOpen } = props
  const [mode, setMode] = useState<Mode>('looking')
  const [refused, setRefused] = useState<NotTrashed | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const [details, setDetails] = useState<Details | null>(null)
  const clipboard = useClipboard({ timeout: 1500 })

  useEffect(() => {
    const controller = new AbortController()
    client()
      .runs.get({ runId: run.run_id }, { signal: controller.signal })
      .then((answer) => !controller.signal.aborted && setDetails(answer))
      .catch((error: unknown) => !controller.signal.aborted && report(error))
    return () => controller.abort()
  }, [run.run_id, run.status])

  const perform = async (work: () => Promise<void>): Promise<void> => {
    setIsBusy(true)
    try {
      await work()
    } catch (error) {
      report(error)
    } finally {
      setIsBusy(false)
    }
  }
  const resume = (): Promise<void> =>
    perform(async () => {
      await client().runs.resume({ runId: run.run_id })
      await refreshRuns()
      go('train', { runId: run.run_id })
    })
  const isImported = run.origin === 'imported'
  const changes = details === null || isImported ? [] : changedSettings(details)

  return (
    <aside className={classes.panel} aria-label={t`Chosen run`}>
      {mode === 'renaming' ? (
        <RenameForm run={run} onEnd={() => setMode('looking')} />
      ) : (
        <div className={classes.title}>
          <h2>{run.name}</h2>
          <RunState run={run} />
        </div>
      )}
      {refused !== null ? (
        <DeleteForGood refused={refused} onEnd={() => setRefused(null)} />
      ) : (
        <div className={classes.buttons}>
          <Button onClick={onOpen}>
            <Trans>Open</Trans>
          </Button>
          {canResume(run) && (
            <Button variant="default" loading={isBusy} leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={() => void resume()}>
              <Trans>Resume</Trans>
            </Button>
          )}
          {(canResume(run) || run.status === 'paused') && (
            <Button
              variant="default"
              loading={isBusy}
              leftSection={<IconListNumbers size={16} aria-hidden />}
              title={t`It goes on in its turn, from where it is`}
              onClick={() => void perform(() => putIntoQueue(run.run_id))}
            >
              <Trans context="put into the queue">Queue</Trans>
            </Button>
          )}
          {run.status === 'queued' && (
            <Button variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />} title={t`What is at work is put aside and comes next`} onClick={() => void startFromQueue(run.run_id)}>
              <Trans>Start now</Trans>
            </Button>
          )}
          {hasModel(run) && (
            <Button variant="default" leftSection={<IconGitBranch size={16} aria-hidden />} title={t`A new run that begins with this one’s best weights`} onClick={() => void perform(() => trainOnFrom(run))}>
              <Trans>Train on from this model</Trans>
            </Button>
          )}
          {hasModel(run) && !isImported && <RetrainFromList run={run} />}
          {!isImported && (
            <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} title={t`The same dataset and settings, to change and train again`} onClick={() => void perform(() => duplicateRun(run))}>
              <Trans>Duplicate</Trans>
            </Button>
          )}
          <Button variant="default" leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setMode('renaming')}>
            <Trans>Rename</Trans>
          </Button>
          {host().door === 'desktop' && (
            <Button
              variant="default"
              leftSection={<IconFolderOpen size={16} aria-hidden />}
              disabled={details === null}
              onClick={() => details !== null && void client().files.reveal({ path: details.directory }).catch(report)}
            >
              <Trans>Reveal</Trans>
            </Button>
          )}
          <Button
            variant="default"
            leftSection={run.archived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />}
            title={run.archived ? undefined : t`Out of the list until archived runs are asked for; nothing is deleted`}
            onClick={() => void archive([run], !run.archived)}
          >
            {run.archived ? t`Take out of the archive` : t`Archive`}
          </Button>
          <TrashButton runs={[run]} onRefused={setRefused} />
        </div>
      )}
      <RunNotes run={run} />
      {run.failure !== null && <FailurePanel failure={run.failure} />}
      <dl className={classes.facts}>
        <dt>
          <Trans>Dataset</Trans>
        </dt>
        <dd title={run.dataset_root}>
          {run.dataset_root === '' ? t`None` : run.dataset_name}
          <div className="meta">
            {classCount(run.classes.length)}
            {run.dataset_root !== '' && ` · ${t`${{ count: formatCount(run.counts.train) }} train`} · ${t`${{ count: formatCount(run.counts.val) }} val`}`}
            {run.counts.test > 0 && ` · ${t`${{ count: formatCount(run.counts.test) }} test`}`}
          </div>
        </dd>
        {run.retrains !== undefined && (
          <>
            <dt>
              <Trans>Again from</Trans>
            </dt>
            <dd>
              {run.retrains.name}
              <div className="meta">
                <Trans>With {{ fixes: fixesText(run.retrains.fixes) }}</Trans>
              </div>
            </dd>
          </>
        )}
        <dt>
          <Trans>Network</Trans>
        </dt>
        <dd>{run.backbone}</dd>
        {isImported ? (
          <>
            <dt>
              <Trans>Trained</Trans>
            </dt>
            <dd>
              {run.epochs_done > 0
                ? plural({ count: run.epochs_done }, { one: 'elsewhere, for # epoch, as its file says', other: 'elsewhere, for # epochs, as its file says' })
                : t`elsewhere`}
              {details !== null && (
                <div className="meta">
                  <Trans>Brought in from {{ file: lastPart(details.config.weights) }}</Trans>
                </div>
              )}
            </dd>
          </>
        ) : (
          <>
            <dt>
              <Trans>Preset</Trans>
            </dt>
            <dd>
              {run.preset ?? t`none`}
              {changes.length > 0 && <div className="meta">{changes.join(', ')}</div>}
            </dd>
            <dt>
              <Trans>Epochs</Trans>
            </dt>
            <dd>
              {epochsText(run)}
              {run.best_epoch !== null && <div className="meta">{bestEpochText(run, run.best_epoch)}</div>}
            </dd>
          </>
        )}
        {run.device !== null && (
          <>
            <dt>
              <Trans>Device</Trans>
            </dt>
            <dd>{run.device}</dd>
          </>
        )}
        <dt>
          <Trans>Folder</Trans>
        </dt>
        <dd className={classes.path}>
          {details === null ? (
            <span className="meta">–</span>
          ) : (
            <>
              <span className="mono">{details.directory}</span>
              <button type="button" className="link-button" onClick={() => clipboard.copy(details.directory)}>
                {clipboard.copied ? t`Copied` : t`Copy path`}
              </button>
            </>
          )}
        </dd>
      </dl>
    </aside>
  )
}

function RenameForm(props: { run: RunRecord; onEnd: () => void }) {
  const { run, onEnd } = props
  const [name, setName] = useState(run.name)
  const rename = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault()
    const wanted = name.trim()
    if (wanted === '') return
    try {
      if (wanted !== run.name) {
        await client().runs.rename({ runId: run.run_id, name: wanted })
        await refreshRuns()
      }
      onEnd()
    } catch (error) {
      report(error)
    }
  }
  return (
    <form className={classes.rename} onSubmit={(event) => void rename(event)}>
      <TextInput
        aria-label={t`Name of the run`}
        autoFocus
        maxLength={200}
        value={name}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onEnd()}
      />
      <Button type="submit" disabled={name.trim() === ''}>
        <Trans>Save</Trans>
      </Button>
    </form>
  )
}
