/** One export: how the check goes or went, and what is in its folder. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import type { ExportParity } from '../../../shared/domain/export'
import { type ExportTask, dropOf, retryExport, useExport } from '../../state/export'
import { client, host } from '../../state/host'
import { report as reportError } from '../../state/machine'
import { useCopy } from '../../ui/copy-text'
import { FailurePanel } from '../../ui/failure-panel'
import { pictureCount } from '../../ui/counts'
import { formatCount, formatDuration, formatShare } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { parentOf } from './export-folder'
import { formatFolderName, formatTitle } from './format-choice'
import { freeFolder } from './free-folder'
import { ParityFigures } from './parity-figures'
import { formatPoints, sameAnswers, verdict } from './parity-words'
import { inPrecision } from './plan'
import { ReportTabs } from './report-tabs'
import classes from './task-report.module.css'

export function TaskReport({ task, runName }: { task: ExportTask; runName: string }) {
  const { status, report, options } = task
  const heading = useRef<HTMLHeadingElement>(null)
  // A button that was pressed goes with what it stood in; the keyboard stays here.
  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus()
  }, [status])
  return (
    <article className={classes.report} aria-labelledby="task-title">
      <h2 id="task-title" ref={heading} tabIndex={-1} className={classes.title}>
        {formatTitle(options)}
      </h2>
      <div className={classes.outcome}>
        {status === 'waiting' && <p className={classes.quiet}>{t`It waits for its turn.`}</p>}
        {status === 'busy' && <AtWork task={task} />}
        {status === 'cancelled' && <Cancelled task={task} />}
        {status === 'written' && report !== null && (
          <p className={classes.verdict}>
            <IconCircleCheck size={18} aria-hidden />
            <span>{verdict(report.parity)}</span>
          </p>
        )}
        {status === 'declined' && <Declined task={task} />}
        {status === 'failed' && <Failed task={task} runName={runName} />}
      </div>
      {(status === 'busy' || status === 'waiting' || status === 'written' || task.soFar !== null) && (
        <ParityFigures parity={report?.parity ?? null} soFar={task.soFar} isEnded={status === 'declined' || status === 'failed'} />
      )}
      {report !== null && (
        <section aria-label={t`Export written`}>
          <p className="meta">
            <Trans>
              Verified in {{ runtime: report.parity.runtime }} on {{ pictures: checkedOn(report.parity) }}; timed one at a time, resized already, on this machine’s processor.
            </Trans>{' '}
            {report.checkpoint === 'best' ? t`Best checkpoint, ${{ time: formatDuration(report.seconds) }} in all.` : t`Latest checkpoint, ${{ time: formatDuration(report.seconds) }} in all.`}
          </p>
          <Place directory={report.directory} />
          <ReportTabs report={report} />
        </section>
      )}
    </article>
  )
}

/** The check takes those of the test, those of validation too where there are few, and none of the training. */
function checkedOn({ pictures, splits }: Pick<ExportParity, 'pictures' | 'splits'>): string {
  if (!splits.includes('val')) return plural(pictures, { one: '# test picture', other: '# test pictures' })
  if (!splits.includes('test')) return plural(pictures, { one: '# validation picture', other: '# validation pictures' })
  return plural(pictures, { one: '# test and validation picture', other: '# test and validation pictures' })
}

function AtWork({ task: { progress } }: { task: ExportTask }) {
  const share = progress === null || progress.total <= 1 ? null : progress.done / progress.total
  return (
    <div className={classes.atWork}>
      <p>
        <span role="status">{progress === null ? t`Starting the trainer` : progress.message}</span>
        <span className={classes.quiet}>{progress !== null && progress.total > 1 && ` · ${t`${{ done: formatCount(progress.done) }} of ${{ total: formatCount(progress.total) }}`}`}</span>
      </p>
      <ProgressLine label={t`Export`} share={share} isTall />
    </div>
  )
}

function Cancelled({ task }: { task: ExportTask }) {
  return (
    <div className={classes.again}>
      <p className={classes.quiet}>
        <Trans>Cancelled. Nothing of it was left on the disk.</Trans>
      </p>
      <Button variant="default" onClick={() => retryExport(task.id)}>
        <Trans>Export it now</Trans>
      </Button>
    </div>
  )
}

/** It is right less often than the original: whether to keep it is the person's to say. */
function Declined({ task }: { task: ExportTask }) {
  const { options, soFar, failure } = task
  const drop = dropOf(failure) ?? 0
  return (
    <div className={classes.declined} role="alert">
      <IconAlertTriangle size={18} aria-hidden />
      <div>
        <p className="strong">
          <Trans>
            {{ precision: options.precision }} costs {{ points: formatPoints(drop) }} of accuracy here, so it was not kept
          </Trans>
        </p>
        {soFar !== null && (
          <p>
            <Trans>
              It is right for {{ exported: formatShare(soFar.accuracy.exported) }} of {{ pictures: pictureCount(soFar.pictures) }}, the original for {{ original: formatShare(soFar.accuracy.original) }}. It gives the same
              answer on {{ agreeing: formatCount(sameAnswers(soFar)) }} of them. float16 is twice as large and loses next to nothing.
            </Trans>
          </p>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => retryExport(task.id, inPrecision(task, 'float16'))}>
            <Trans>Export as float16 instead</Trans>
          </Button>
          <Button variant="default" onClick={() => retryExport(task.id, { options: { ...options, accepted_accuracy_drop: drop } })}>
            <Trans>Keep it with {{ points: formatPoints(drop) }} less</Trans>
          </Button>
        </div>
      </div>
    </div>
  )
}

function Failed({ task, runName }: { task: ExportTask; runName: string }) {
  const isAlone = useExport(({ batch }) => batch?.tasks.length === 1)
  if (task.failure === null) return null
  const isTaken = task.failure.code === 'CONFLICT'
  const another = async (): Promise<void> => retryExport(task.id, { directory: await freeFolder(parentOf(task.directory), isAlone ? runName : formatFolderName(task.options)) })
  return (
    <FailurePanel title={t`${{ format: formatTitle(task.options) }} was not exported`} failure={task.failure}>
      {isTaken && <Button onClick={() => void another().catch(reportError)}>{t`Use another folder beside it`}</Button>}
      <Button variant="default" onClick={() => retryExport(task.id)}>
        <Trans>Try again</Trans>
      </Button>
    </FailurePanel>
  )
}

/** Where it is: a folder to open in the window, a path to copy in a browser, whose folder may be on another machine. */
function Place({ directory }: { directory: string }) {
  const clipboard = useCopy()
  return (
    <div className={classes.place}>
      <span className={`${classes.directory} mono`}>{directory}</span>
      <Button variant="default" onClick={() => clipboard.copy(directory)}>
        {clipboard.copied ? t`Copied` : t`Copy path`}
      </Button>
      {host().door === 'desktop' && (
        <Button variant="default" onClick={() => void client().files.reveal({ path: directory }).catch(reportError)}>
          <Trans>Show in folder</Trans>
        </Button>
      )}
    </div>
  )
}
