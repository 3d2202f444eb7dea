/** Bringing a model in: what is asked, how far it is, what came of it. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Modal } from '@mantine/core'
import { go } from '../../state/place'
import { askAgain, closeImport, useImport, type ImportStage } from '../../state/import'
import type { Progress } from '../../transport/streams'
import { classCount } from '../../ui/counts'
import { usePickerOpen } from '../../ui/folder-picker'
import { formatBytes, formatCount } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { HEAD_PHRASES } from '../configure/setting-tables'
import classes from './import-dialog.module.css'
import { ImportFailure } from './import-failure'
import { ImportForm } from './import-form'

const TITLES = { asking: t`Bring in a model`, busy: t`Bringing in the model`, failed: t`The model did not come in`, done: t`The model is here` } as const

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

const STAGE_WORDS: Readonly<Record<ImportStage, string>> = { sending: t`Sending the file`, pictures: t`Looking through the pictures`, reading: t`Starting the reader` }

function amountOf(stage: ImportStage, { done, total }: Progress): string {
  if (total <= 0) return ''
  const format = stage === 'sending' ? formatBytes : formatCount
  return t`${{ done: format(done) }} of ${{ total: format(total) }}`
}

function Busy(props: { stage: ImportStage; progress: Progress | null }) {
  const { stage, progress } = props
  const name = useImport(({ form }) => form.source?.name ?? '')
  return (
    <div className={classes.body}>
      <p className={`mono ${classes.path}`}>{name}</p>
      <ProgressLine label={t`Bringing in the model`} share={progress === null || progress.total <= 0 ? null : progress.done / progress.total} isTall />
      <p className={classes.line}>
        <span aria-live="polite">{progress?.message ?? STAGE_WORDS[stage]}</span>
        <span className="meta">{progress === null ? '' : amountOf(stage, progress)}</span>
      </p>
      <div className={classes.foot}>
        <span className="meta">
          <Trans>Nothing in the file is run. Cancelling leaves nothing behind.</Trans>
        </span>
        <Button variant="default" onClick={askAgain}>
          <Trans>Cancel</Trans>
        </Button>
      </div>
    </div>
  )
}

/** How many names are listed; the others are counted. */
const MOST_NAMES = 8

function someOf(names: readonly string[]): string {
  const some = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length - MOST_NAMES
  return more > 0 ? plural(more, { one: `${some} and # more`, other: `${some} and # more` }) : some
}

function Done() {
  const work = useImport((state) => state.work)
  if (work.kind !== 'done') return null
  const { report, hasPictures } = work
  const { classes: names } = report
  return (
    <div className={classes.body}>
      <dl className={classes.facts}>
        <dt>
          <Trans>Network</Trans>
        </dt>
        <dd>
          {report.backbone}, {HEAD_PHRASES[report.head]}
        </dd>
        <dt>
          <Trans>Classes</Trans>
        </dt>
        <dd>
          {classCount(names.length)}: {someOf(names)}
        </dd>
        <dt>
          <Trans>Pictures</Trans>
        </dt>
        <dd>
          <Trans>{{ side: report.imageSize }} pixels wide and high</Trans>
        </dd>
      </dl>
      {report.notes.length > 0 && (
        <ul className={classes.notes} aria-label={t`What was found, assumed or passed over`}>
          {report.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <div className={classes.foot}>
        <span className="meta">{hasPictures ? t`Its results are behind this dialog.` : t`It came without pictures, so nothing was measured yet.`}</span>
        {!hasPictures && (
          <Button variant="default" onClick={() => (closeImport(), go('export'))}>
            <Trans>Go to export</Trans>
          </Button>
        )}
        <Button data-autofocus onClick={closeImport}>
          {hasPictures ? t`See the results` : t`Look at it`}
        </Button>
      </div>
    </div>
  )
}
