/** Bringing a model in: what is asked, how far it is, what came of it. */
import { Button, Modal } from '@mantine/core'
import { go } from '../../state/place'
import { askAgain, closeImport, useImport, type ImportStage } from '../../state/import'
import type { Progress } from '../../transport/streams'
import { usePickerOpen } from '../../ui/folder-picker'
import { formatBytes, formatCount, formatPlural } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import classes from './import-dialog.module.css'
import { ImportFailure } from './import-failure'
import { ImportForm } from './import-form'

const TITLES = { asking: 'Bring in a model', busy: 'Bringing in the model', failed: 'The model did not come in', done: 'The model is here' } as const

/** The dialog itself; once in the frame. */
export function ImportDialog() {
  const { isOpen, work } = useImport()
  const isPicking = usePickerOpen()
  return (
    <Modal opened={isOpen} onClose={closeImport} title={TITLES[work.kind]} size={work.kind === 'failed' ? 720 : 560} closeOnEscape={!isPicking && work.kind !== 'busy'} closeOnClickOutside={work.kind === 'done'}>
      {work.kind === 'asking' && <ImportForm />}
      {work.kind === 'busy' && <Busy stage={work.stage} progress={work.progress} />}
      {work.kind === 'failed' && <ImportFailure stage={work.stage} failure={work.failure} />}
      {work.kind === 'done' && <Done />}
    </Modal>
  )
}

const STAGE_WORDS: Readonly<Record<ImportStage, string>> = { sending: 'Sending the file', pictures: 'Looking through the pictures', reading: 'Starting the reader' }

function amountOf(stage: ImportStage, { done, total }: Progress): string {
  if (total <= 0) return ''
  return stage === 'sending' ? `${formatBytes(done)} of ${formatBytes(total)}` : `${formatCount(done)} of ${formatCount(total)}`
}

function Busy(props: { stage: ImportStage; progress: Progress | null }) {
  const { stage, progress } = props
  const name = useImport(({ form }) => form.source?.name ?? '')
  return (
    <div className={classes.body}>
      <p className={`mono ${classes.path}`}>{name}</p>
      <ProgressLine label="Bringing in the model" share={progress === null || progress.total <= 0 ? null : progress.done / progress.total} isTall />
      <p className={classes.line}>
        <span aria-live="polite">{progress?.message ?? STAGE_WORDS[stage]}</span>
        <span className="meta">{progress === null ? '' : amountOf(stage, progress)}</span>
      </p>
      <div className={classes.foot}>
        <span className="meta">Nothing in the file is run. Cancelling leaves nothing behind.</span>
        <Button variant="default" onClick={askAgain}>
          Cancel
        </Button>
      </div>
    </div>
  )
}

function Done() {
  const work = useImport((state) => state.work)
  if (work.kind !== 'done') return null
  const { report, hasPictures } = work
  const { classes: names } = report
  return (
    <div className={classes.body}>
      <dl className={classes.facts}>
        <dt>Network</dt>
        <dd>
          {report.backbone}, {report.head} head
        </dd>
        <dt>Classes</dt>
        <dd>
          {formatPlural(names.length, 'class', 'classes')}: {names.slice(0, 8).join(', ')}
          {names.length > 8 && ` and ${formatCount(names.length - 8)} more`}
        </dd>
        <dt>Pictures</dt>
        <dd>{report.imageSize} pixels wide and high</dd>
      </dl>
      {report.notes.length > 0 && (
        <ul className={classes.notes} aria-label="What was found, assumed or passed over">
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <div className={classes.foot}>
        <span className="meta">{hasPictures ? 'Its results are behind this dialog.' : 'It came without pictures, so nothing was measured yet.'}</span>
        {!hasPictures && (
          <Button variant="default" onClick={() => (closeImport(), go('export'))}>
            Go to export
          </Button>
        )}
        <Button data-autofocus onClick={closeImport}>
          {hasPictures ? 'See the results' : 'Look at it'}
        </Button>
      </div>
    </div>
  )
}
