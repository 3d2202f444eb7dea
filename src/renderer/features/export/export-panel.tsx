/** What is about to be written, in view all the time: from which checkpoint, where to, and the button. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useRef, type SyntheticEvent } from 'react'
import { EXPORT_FORMAT_CARDS } from '../../../shared/domain/export'
import type { RunRecord } from '../../../shared/domain/run'
import type { CheckpointChoice } from '../../state/export'
import { useRun } from '../../state/run'
import { formatBytes, formatShare } from '../../ui/format'
import { lastPart } from './export-folder'
import classes from './export-panel.module.css'
import { estimatedBytes } from './format-choice'
import { checkedPictures } from './parity-words'
import type { PlannedExport } from './plan'

interface PanelProps {
  record: RunRecord
  parameters: number | null
  planned: readonly PlannedExport[]
  checkpoint: CheckpointChoice
  onCheckpoint: (checkpoint: CheckpointChoice) => void
  folder: string
  onFolder: (folder: string) => void
  onChooseFolder: () => void
  isBusyElsewhere: boolean
  onStart: () => void
}

export function ExportPanel(props: PanelProps) {
  const { record, planned, folder, onFolder, onChooseFolder, isBusyElsewhere, onStart } = props
  const pictures = checkedPictures(record.counts)
  const hindrance = planned.length === 0 ? t`Choose a format.` : folder.trim() === '' ? t`Say into which folder.` : null
  const input = useRef<HTMLInputElement>(null)
  // The end of a long path is what tells folders apart.
  useEffect(() => {
    if (input.current !== null && input.current !== document.activeElement) input.current.scrollLeft = input.current.scrollWidth
  }, [folder])
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    if (hindrance === null && !isBusyElsewhere && pictures > 0) onStart()
  }
  return (
    <form className={classes.panel} aria-label={t`What will be written`} onSubmit={submit}>
      <CheckpointField {...props} />
      <div>
        <TextInput
          ref={input}
          label={t`Folder`}
          classNames={{ input: 'mono' }}
          value={folder}
          title={folder}
          spellCheck={false}
          placeholder={t`A new or empty folder`}
          onChange={(event) => onFolder(event.currentTarget.value)}
        />
        <div className={classes.under}>
          <p className="meta">{planned.length > 1 ? t`Each format gets a folder in it.` : t`New or empty.`}</p>
          <button type="button" className="link-button" onClick={onChooseFolder}>
            <Trans>Choose folder</Trans>
          </button>
        </div>
      </div>
      <Planned {...props} />
      <div className={classes.start}>
        <Button type="submit" fullWidth size="sm" disabled={hindrance !== null || isBusyElsewhere || pictures === 0}>
          <Trans>Export</Trans>
        </Button>
        {pictures > 0 && (
          <p className={classes.promise}>
            {t`Each is opened again and asked about ${plural(pictures, { one: '# held-out picture', other: '# held-out pictures' })} beside the original.`} <Trans>What answers otherwise is not left on the disk.</Trans>
          </p>
        )}
        <p className={classes.hindrance} role="status">
          {isBusyElsewhere ? t`Another run is being exported; wait for its end.` : hindrance}
        </p>
      </div>
    </form>
  )
}

const withEpoch = (name: string, epoch: number | null): string => (epoch === null ? name : `${name} · ${t`epoch ${epoch}`}`)

function CheckpointField({ record, checkpoint, onCheckpoint }: PanelProps) {
  const hasLatest = useRun((run) => run.hasLatest)
  const best = useRun((run) => run.view.epochs.find((epoch) => epoch.epoch === record.best_epoch) ?? null)
  const latest = useRun((run) => run.view.epochs.at(-1) ?? null)
  const shown = checkpoint === 'best' ? best : latest
  const test = formatShare(record.test_accuracy)
  const accuracies = [
    ...(shown === null ? [] : [t`Validation accuracy ${{ accuracy: formatShare(shown.val_accuracy) }}`]),
    ...(checkpoint === 'best' && record.test_accuracy !== null ? [shown === null ? t`Test accuracy ${{ accuracy: test }}` : t`test ${{ accuracy: test }}`] : []),
  ]
  return (
    <div>
      <h2 className={classes.label}>
        <Trans>Checkpoint</Trans>
      </h2>
      <SegmentedControl
        fullWidth
        aria-label={t`Checkpoint`}
        value={checkpoint}
        onChange={(value) => onCheckpoint(value === 'latest' ? 'latest' : 'best')}
        data={[
          { value: 'best', label: withEpoch(t`Best`, record.best_epoch) },
          { value: 'latest', label: withEpoch(t`Latest`, latest?.epoch ?? null), disabled: !hasLatest },
        ]}
      />
      <p className={`${classes.under} meta`}>
        {accuracies.length === 0 ? '\u00a0' : accuracies.join(' · ')}
      </p>
    </div>
  )
}

function Planned({ planned, parameters }: PanelProps) {
  const count = planned.length
  const sizeBytes = parameters === null ? null : planned.reduce((sum, { options }) => sum + estimatedBytes(parameters, options.precision), 0)
  return (
    <section aria-label={t`Planned`}>
      <div className={classes.plannedHead}>
        <h2>{count === 0 ? t`Nothing chosen` : plural(count, { one: '# export', other: '# exports' })}</h2>
        {sizeBytes !== null && count > 0 && <span>{t`about ${{ size: formatBytes(sizeBytes) }}`}</span>}
      </div>
      <ul>
        {planned.map(({ id, options, directory }) => (
          <li key={id} className={classes.planned} title={directory}>
            <span className="mono ellipsis">{lastPart(directory)}</span>
            <span className="meta ellipsis">{[EXPORT_FORMAT_CARDS[options.format].title, options.precision].join(' · ')}</span>
          </li>
        ))}
      </ul>
      <p className="meta">{count > 0 && t`With labels, preprocessing, metrics, model card, parity report and an example.`}</p>
    </section>
  )
}
