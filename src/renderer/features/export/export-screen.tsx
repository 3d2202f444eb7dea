/** Takes the trained model away as a folder that works without the program, checked against the original. */
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useEffect, useState, type SyntheticEvent } from 'react'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { cancelExport, forgetExport, startExport, useExport, type CheckpointChoice } from '../../state/export'
import { client } from '../../state/host'
import { report, useMachine } from '../../state/machine'
import { go } from '../../state/place'
import { useRun } from '../../state/run'
import { EmptyScreen } from '../../ui/empty-screen'
import { FailurePanel } from '../../ui/failure-panel'
import { chooseFolder } from '../../ui/folder-picker'
import { formatCount, formatShare } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { RunGate } from '../../ui/run-gate'
import { folderName, joinPath, parentOf } from './export-folder'
import classes from './export-screen.module.css'
import { ExportWritten } from './export-written'

const CONTENTS = [
  { name: 'saved_model/', what: 'TensorFlow SavedModel: pictures in, probabilities out' },
  { name: 'weights.safetensors', what: 'The weights under PyTorch’s names' },
  { name: 'labels.txt', what: 'The classes in the order of the outputs' },
  { name: 'preprocessing.json', what: 'How a picture becomes the input' },
  { name: 'model_info.json', what: 'Backbone, classes, image size, best epoch' },
  { name: 'example.py', what: 'Ten lines of Python that classify a picture' },
]

export function ExportScreen() {
  const hasBest = useRun((run) => run.hasBest)
  return (
    <RunGate title="Export" none={<Nothing words="No run is open. An export takes a trained run away." />}>
      {(record, status) => {
        if (hasBest) return <RunExport key={record.run_id} record={record} />
        const words = isLive(status)
          ? 'There is nothing to export yet: the first epoch is not over.'
          : 'This run ended before its first epoch was over, so there is nothing to export. Resume starts it again.'
        return <Nothing words={words} toTrain />
      }}
    </RunGate>
  )
}

function Nothing(props: { words: string; toTrain?: boolean }) {
  const finished = useMachine((machine) => machine.runs?.find((run) => run.best_epoch !== null) ?? null)
  return (
    <EmptyScreen title="Export" words={props.words}>
      {props.toTrain === true ? (
        <Button onClick={() => go('train')}>Go to the run</Button>
      ) : (
        finished !== null && <Button onClick={() => go('export', { runId: finished.run_id })}>Open the latest trained run</Button>
      )}
      <Button variant="default" onClick={() => go('runs')}>
        All runs
      </Button>
    </EmptyScreen>
  )
}

/** Beside the last export, else in the first folder that may be written to. */
async function firstFolder(lastDirectory: string | null): Promise<string | null> {
  if (lastDirectory !== null) return parentOf(lastDirectory)
  const roots = await client().files.list({ path: '' })
  const first = roots.folders[0]?.path ?? (roots.path === '' ? null : roots.path)
  return first === null ? null : joinPath(first, 'graft-exports')
}

function RunExport(props: { record: RunRecord }) {
  const { record } = props
  const lastDirectory = useMachine((machine) => machine.settings?.lastExportDirectory ?? null)
  const hasSettings = useMachine((machine) => machine.settings !== null)
  const hasLatest = useRun((run) => run.hasLatest)
  const exporting = useExport(({ state }) => state)
  const state = exporting.kind !== 'idle' && exporting.runId === record.run_id ? exporting : null
  const isBusyElsewhere = exporting.kind === 'busy' && state === null
  const isBusy = state?.kind === 'busy'
  const [checkpoint, setCheckpoint] = useState<CheckpointChoice>('best')
  const [folder, setFolder] = useState<string | null>(state?.kind === 'busy' ? state.directory : null)
  const best = useRun((run) => run.view.epochs.find((epoch) => epoch.epoch === record.best_epoch) ?? null)
  const latest = useRun((run) => run.view.epochs.at(-1) ?? null)
  const shown = checkpoint === 'best' ? best : latest

  useEffect(() => {
    if (folder !== null || !hasSettings) return
    firstFolder(lastDirectory).then((parent) => {
      if (parent !== null) setFolder((typed) => typed ?? joinPath(parent, folderName(record.name)))
    }, report)
  }, [folder, hasSettings, lastDirectory, record.name])

  const choose = async (): Promise<void> => {
    const chosen = await chooseFolder('Export into which folder')
    if (chosen !== null) setFolder(joinPath(chosen, folderName(record.name)))
  }
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault()
    const directory = folder?.trim() ?? ''
    if (directory !== '') void startExport(record.run_id, checkpoint, directory)
  }

  return (
    <main className="screen">
      <header className={classes.header}>
        <h1>Export</h1>
        <span className={`${classes.name} ellipsis`} title={record.name}>
          {record.name}
        </span>
      </header>
      {state?.kind === 'done' ? (
        <ExportWritten report={state.report} onAgain={() => (setFolder(null), forgetExport())} />
      ) : (
        <div className={classes.columns}>
          <form className={classes.form} onSubmit={submit}>
            <div className={classes.field}>
              <h2 className={classes.label}>Checkpoint</h2>
              <SegmentedControl
                aria-label="Checkpoint"
                value={checkpoint}
                disabled={isBusy}
                onChange={(value) => setCheckpoint(value === 'latest' ? 'latest' : 'best')}
                data={[
                  { value: 'best', label: `Best${record.best_epoch === null ? '' : ` · epoch ${record.best_epoch}`}` },
                  { value: 'latest', label: `Latest${latest === null ? '' : ` · epoch ${latest.epoch}`}`, disabled: !hasLatest },
                ]}
              />
              <p className="meta">
                {shown === null ? ' ' : `Validation accuracy ${formatShare(shown.val_accuracy)}, macro-F1 ${formatShare(shown.val_macro_f1)}`}
                {checkpoint === 'best' && record.test_accuracy !== null && `, test accuracy ${formatShare(record.test_accuracy)}`}
              </p>
            </div>
            <div className={classes.field}>
              <h2 className={classes.label}>Folder</h2>
              <div className={classes.folder}>
                <TextInput
                  aria-label="Folder"
                  className={classes.path ?? ''}
                  value={folder ?? ''}
                  readOnly={isBusy}
                  spellCheck={false}
                  placeholder="A new or empty folder"
                  onChange={(event) => setFolder(event.currentTarget.value)}
                />
                <Button variant="default" disabled={isBusy} onClick={() => void choose()}>
                  Choose folder
                </Button>
              </div>
              <p className="meta">It is made if it is not there. A folder that holds something is left alone.</p>
            </div>
            {state?.kind === 'failed' && <FailurePanel title="Nothing was exported" failure={state.failure} onClose={forgetExport} />}
            {isBusy ? (
              <Exporting progress={state.progress} />
            ) : (
              <div className={classes.submit}>
                <Button type="submit" disabled={isBusyElsewhere || folder === null || folder.trim() === ''}>
                  Export
                </Button>
                {isBusyElsewhere && <span className="meta">Another run is being exported; wait for its end.</span>}
              </div>
            )}
          </form>
          <section aria-labelledby="contents-title">
            <h2 id="contents-title" className={classes.label}>
              What will be written
            </h2>
            <ul className={classes.contents}>
              {CONTENTS.map(({ name, what }) => (
                <li key={name}>
                  <span className="mono">{name}</span>
                  <span>{what}</span>
                </li>
              ))}
            </ul>
            <p className={classes.promise}>
              The folder works without Graft. It is read back and asked about the {formatCount(record.counts.test > 0 ? record.counts.test : record.counts.val)}{' '}
              {record.counts.test > 0 ? 'test' : 'validation'} pictures; if a probability differs from the original’s by more than 0.0001, nothing is left behind.
            </p>
          </section>
        </div>
      )}
    </main>
  )
}

function Exporting(props: { progress: { message: string; done: number; total: number } | null }) {
  const { progress } = props
  const share = progress === null || progress.total <= 1 ? null : progress.done / progress.total
  return (
    <div className={classes.exporting}>
      <ProgressLine label="Exporting" share={share} isTall />
      <div className={classes.exportingLine}>
        <p role="status">
          {progress === null ? 'Starting the trainer' : progress.message}
          {progress !== null && progress.total > 1 && ` · ${formatCount(progress.done)} of ${formatCount(progress.total)}`}
        </p>
        <Button variant="default" onClick={cancelExport}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
