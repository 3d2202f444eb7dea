/** What comes before a dataset is open: looking through it, asking, sending, or why it did not work. */
import { Button } from '@mantine/core'
import type { Failure } from '../../../shared/domain/error'
import { cancelOpening, upload, type DatasetState, type DroppedFiles } from '../../state/dataset'
import { useMachine } from '../../state/machine'
import type { Progress } from '../../transport/streams'
import { FailurePanel } from '../../ui/failure-panel'
import { formatBytes, formatCount, formatPlural } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import classes from './dataset-work.module.css'
import { RecentDatasets, SourceButtons } from './sources'
import { uploadSpeed } from './upload-speed'

export function OpeningDataset(props: { title: string; progress: Progress | null }) {
  const { title, progress } = props
  const isKnown = progress !== null && progress.total > 0
  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.work}>
        <h1 className={classes.title}>{title}</h1>
        <ProgressLine label={title} share={isKnown ? progress.done / progress.total : null} isTall />
        <div className={classes.line}>
          <span className={classes.message} aria-live="polite">
            {progress?.message ?? 'Looking for pictures'}
          </span>
          {isKnown && (
            <span>
              {formatCount(progress.done)} of {formatCount(progress.total)}
            </span>
          )}
        </div>
        <div>
          <Button variant="default" onClick={cancelOpening}>
            Cancel
          </Button>
        </div>
      </div>
    </main>
  )
}

export function AskToUpload(props: { dropped: DroppedFiles }) {
  const { dropped } = props
  const directory = useMachine((machine) => machine.info?.dataDirectory ?? null)
  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.work}>
        <h1 className={classes.title}>Upload “{dropped.name}”?</h1>
        <p>
          <span className="strong">{formatPlural(dropped.files.length, 'file')}</span> · <span className="strong">{formatBytes(dropped.sizeBytes)}</span>
        </p>
        <p className={classes.message}>
          A browser does not tell where a dropped folder lies, so its files are copied to the machine that Graft runs on. The originals stay as they are. Where the
          folder is on that machine already, choose it instead: then nothing is copied.
        </p>
        {directory !== null && <p className={`mono ${classes.message} ${classes.path}`}>{directory}</p>}
        <div className={classes.buttons}>
          <Button onClick={() => void upload(dropped)} data-autofocus>
            Upload
          </Button>
          <Button variant="default" onClick={cancelOpening}>
            Cancel
          </Button>
        </div>
      </div>
    </main>
  )
}

export function UploadingDataset(props: { state: Extract<DatasetState, { kind: 'uploading' }> }) {
  const { name, files, filesDone, sentBytes, sizeBytes, startedAtMs } = props.state
  const speed = uploadSpeed(sentBytes, sizeBytes, Date.now() - startedAtMs)
  return (
    <main className={`screen ${classes.screen}`}>
      <div className={classes.work}>
        <h1 className={classes.title}>Uploading “{name}”</h1>
        <ProgressLine label={`Uploading ${name}`} share={sizeBytes === 0 ? filesDone / files : sentBytes / sizeBytes} isTall />
        <div className={classes.line}>
          <span>
            {formatCount(filesDone)} of {formatPlural(files, 'file')} · {formatBytes(Math.min(sentBytes, sizeBytes))} of {formatBytes(sizeBytes)}
          </span>
          <span className={classes.message}>{speed ?? 'Measuring the speed'}</span>
        </div>
        <div>
          <Button variant="default" onClick={cancelOpening}>
            Cancel
          </Button>
        </div>
      </div>
    </main>
  )
}

export function FailedDataset(props: { failure: Failure; retry: (() => void) | null }) {
  const { failure, retry } = props
  return (
    <main className={`screen ${classes.failed}`}>
      <h1 className={classes.title}>The folder could not be opened</h1>
      <FailurePanel failure={failure}>
        {retry !== null && <Button onClick={retry}>Try again</Button>}
      </FailurePanel>
      <SourceButtons isQuiet />
      <RecentDatasets />
    </main>
  )
}
