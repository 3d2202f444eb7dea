/** Why a model did not come in, in calm words: what was expected, what came, why it matters, what to do. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconShieldCheck } from '@tabler/icons-react'
import type { ErrorCode, Failure } from '../../../shared/domain/error'
import { askAgain, setForm, sourceAt, startImport, type ImportStage } from '../../state/import'
import { useCopy } from '../../ui/copy-text'
import { chooseModelFile } from '../../ui/folder-picker'
import classes from './import-dialog.module.css'
import { failureParts, failureTitle } from './failure-words'

const WHY_REFUSED =
  t`PyTorch’s files are programs that build the weights when they are loaded, and a file can be made to do anything else on the way: read your files, send them, or install something. Graft reads such files as data and never runs them, so nothing has happened.`

/** A failure that the same file will not have a second time. */
const PASSING: readonly ErrorCode[] = ['STORAGE', 'NETWORK', 'OUT_OF_MEMORY', 'CRASHED', 'CONFLICT', 'BUG']

async function chooseAnother(): Promise<void> {
  const path = await chooseModelFile(t`Choose the model’s file`)
  if (path === null) return
  setForm({ source: sourceAt(path) })
  askAgain()
}

export function ImportFailure(props: { stage: ImportStage; failure: Failure }) {
  const { stage, failure } = props
  const clipboard = useCopy()
  const { action, table, technical } = failureParts(failure)
  const isRefused = failure.code === 'REFUSED' && stage === 'reading'
  const report = [failure.code, failure.message, action, table ?? technical].filter((part) => part !== null).join('\n')
  const Icon = isRefused ? IconShieldCheck : IconAlertTriangle
  return (
    <div className={classes.body}>
      <div className={classes.failure} data-refused={isRefused || undefined} role="alert">
        <Icon size={20} aria-hidden />
        <div>
          <p className="strong">{failureTitle(failure.code, stage)}</p>
          <p className={classes.message}>{failure.message}</p>
          {isRefused && <p className={classes.why}>{WHY_REFUSED}</p>}
          {action !== null && <p className={classes.why}>{action}</p>}
        </div>
      </div>
      {table !== null && (
        <pre className={classes.table} tabIndex={0} aria-label={t`The differences, as a table`}>
          {table}
        </pre>
      )}
      {technical !== null && (
        <details className={classes.more}>
          <summary>
            <Trans>Technical part</Trans>
          </summary>
          <pre className={classes.table} tabIndex={0}>
            {technical}
          </pre>
        </details>
      )}
      <div className={classes.foot}>
        <Button variant="subtle" color="gray" onClick={() => clipboard.copy(report)}>
          {clipboard.copied ? t`Copied` : table === null ? t`Copy report` : t`Copy the table`}
        </Button>
        <span />
        <Button variant="default" onClick={askAgain}>
          <Trans>Back</Trans>
        </Button>
        {PASSING.includes(failure.code) ? (
          <Button onClick={() => void startImport()}>
            <Trans>Try again</Trans>
          </Button>
        ) : (
          <Button onClick={() => void chooseAnother()}>
            <Trans>Choose another file</Trans>
          </Button>
        )}
      </div>
    </div>
  )
}
