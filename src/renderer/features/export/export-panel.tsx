/** What is about to be written, in view all the time: from which checkpoint, where to, and the button. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useRef, type SyntheticEvent } from 'react'
import { EXPORT_FORMAT_CARDS } from '../../../shared/domain/export'
import type { RunRecord } from '../../../shared/domain/run'
import type { CheckpointChoice } from '../../state/export'
import { useRun } from '../../state/run'
import { formatBytes, formatPlural, formatShare } from '../../ui/format'
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
  const hindrance = planned.length === 0 ? 'Choose a format.' : folder.trim() === '' ? 'Say into which folder.' : null
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
    <form className={classes.panel} aria-label="What will be written" onSubmit={submit}>
      <CheckpointField {...props} />
      <div>
        <TextInput
          ref={input}
          label="Folder"
          classNames={{ input: 'mono' }}
          value={folder}
          title={folder}
          spellCheck={false}
          placeholder="A new or empty folder"
          onChange={(event) => onFolder(event.currentTarget.value)}
        />
        <div className={classes.under}>
          <p className="meta">{planned.length > 1 ? 'Each format gets a folder in it.' : 'New or empty.'}</p>
          <button type="button" className="link-button" onClick={onChooseFolder}>
            Choose folder
          </button>
        </div>
      </div>
      <Planned {...props} />
      <div className={classes.start}>
        <Button type="submit" fullWidth size="sm" disabled={hindrance !== null || isBusyElsewhere || pictures === 0}>
          Export
        </Button>
        {pictures > 0 && (
          <p className={classes.promise}>
            Each is opened again and asked about {formatPlural(pictures, 'held-out picture')} beside the original. What answers otherwise is not left on the disk.
          </p>
        )}
        <p className={classes.hindrance} role="status">
          {isBusyElsewhere ? 'Another run is being exported; wait for its end.' : hindrance}
        </p>
      </div>
    </form>
  )
}

function CheckpointField({ record, checkpoint, onCheckpoint }: PanelProps) {
  const hasLatest = useRun((run) => run.hasLatest)
  const best = useRun((run) => run.view.epochs.find((epoch) => epoch.epoch === record.best_epoch) ?? null)
  const latest = useRun((run) => run.view.epochs.at(-1) ?? null)
  const shown = checkpoint === 'best' ? best : latest
  const accuracies = [
    ...(shown === null ? [] : [`Validation accuracy ${formatShare(shown.val_accuracy)}`]),
    ...(checkpoint === 'best' && record.test_accuracy !== null ? [`${shown === null ? 'Test accuracy' : 'test'} ${formatShare(record.test_accuracy)}`] : []),
  ]
  return (
    <div>
      <h2 className={classes.label}>Checkpoint</h2>
      <SegmentedControl
        fullWidth
        aria-label="Checkpoint"
        value={checkpoint}
        onChange={(value) => onCheckpoint(value === 'latest' ? 'latest' : 'best')}
        data={[
          { value: 'best', label: `Best${record.best_epoch === null ? '' : ` · epoch ${record.best_epoch}`}` },
          { value: 'latest', label: `Latest${latest === null ? '' : ` · epoch ${latest.epoch}`}`, disabled: !hasLatest },
        ]}
      />
      <p className={`${classes.under} meta`}>
        {accuracies.length === 0 ? '\u00a0' : accuracies.join(' · ')}
      </p>
    </div>
  )
}

function Planned({ planned, parameters }: PanelProps) {
  const sizeBytes = parameters === null ? null : planned.reduce((sum, { options }) => sum + estimatedBytes(parameters, options.precision), 0)
  return (
    <section aria-label="Planned">
      <div className={classes.plannedHead}>
        <h2>{planned.length === 0 ? 'Nothing chosen' : formatPlural(planned.length, 'export')}</h2>
        {sizeBytes !== null && planned.length > 0 && <span>about {formatBytes(sizeBytes)}</span>}
      </div>
      <ul>
        {planned.map(({ id, options, directory }) => (
          <li key={id} className={classes.planned} title={directory}>
            <span className="mono ellipsis">{lastPart(directory)}</span>
            <span className="meta ellipsis">{[EXPORT_FORMAT_CARDS[options.format].title, options.precision].join(' · ')}</span>
          </li>
        ))}
      </ul>
      <p className="meta">{planned.length > 0 && `With labels, preprocessing, metrics, model card, parity report and an example.`}</p>
    </section>
  )
}
