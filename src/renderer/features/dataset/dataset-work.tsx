/** What comes before a dataset is open: looking through it, asking, sending, or why it did not work. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import type { Failure } from '../../../shared/domain/error'
import { cancelOpening, upload, type DatasetState, type DroppedFiles } from '../../state/dataset'
import { useMachine } from '../../state/machine'
import type { Progress } from '../../transport/streams'
import { FailurePanel } from '../../ui/failure-panel'
import { fileCount } from '../../ui/counts'
import { formatBytes, formatCount } from '../../ui/format'
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
            {progress?.message ?? t`Looking for pictures`}
          </span>
          {isKnown && (
            <span>
              <Trans>
                {{ done: formatCount(progress.done) }} of {{ total: formatCount(progress.total) }}
              </Trans>
            </span>
          )}
        </div>
        <div>
          <Button variant="default" onClick={cancelOpening}>
            <Trans>Cancel</Trans>
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
        <h1 className={classes.title}>
          <Trans>Upload “{{ name: dropped.name }}”?</Trans>
        </h1>
        <p>
          <span className="strong">{fileCount(dropped.files.length)}</span> · <span className="strong">{formatBytes(dropped.sizeBytes)}</span>
        </p>
        <p className={classes.message}>
          <Trans>
            A browser does not tell where a dropped folder lies, so its files are copied to the machine that Graft runs on. The originals stay as they are. Where the
            folder is on that machine already, choose it instead: then nothing is copied.
          </Trans>
        </p>
        {directory !== null && <p className={`mono ${classes.message} ${classes.path}`}>{directory}</p>}
        <div className={classes.buttons}>
          <Button onClick={() => void upload(dropped)} data-autofocus>
            <Trans>Upload</Trans>
          </Button>
          <Button variant="default" onClick={cancelOpening}>
            <Trans>Cancel</Trans>
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
        <h1 className={classes.title}>
          <Trans>Uploading “{name}”</Trans>
        </h1>
        <ProgressLine label={t`Uploading ${name}`} share={sizeBytes === 0 ? filesDone / files : sentBytes / sizeBytes} isTall />
        <div className={classes.line}>
          <span>
            {t`${{ done: formatCount(filesDone) }} of ${plural(files, { one: '# file', other: '# files' })}`} · {t`${{ done: formatBytes(Math.min(sentBytes, sizeBytes)) }} of ${{ total: formatBytes(sizeBytes) }}`}
          </span>
          <span className={classes.message}>{speed ?? t`Measuring the speed`}</span>
        </div>
        <div>
          <Button variant="default" onClick={cancelOpening}>
            <Trans>Cancel</Trans>
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
      <h1 className={classes.title}>
        <Trans>The folder could not be opened</Trans>
      </h1>
      <FailurePanel failure={failure}>
        {retry !== null && (
          <Button onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
        )}
      </FailurePanel>
      <SourceButtons isQuiet />
      <RecentDatasets />
    </main>
  )
}
