/** One export: how the check goes or went, and what is in its folder. */
import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { type ExportTask, dropOf, retryExport, useExport } from '../../state/export'
import { client, host } from '../../state/host'
import { report as reportError } from '../../state/machine'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount, formatDuration, formatPlural, formatShare } from '../../ui/format'
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
        {status === 'waiting' && <p className={classes.quiet}>It waits for its turn.</p>}
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
        <section aria-label="Export written">
          <p className="meta">
            Verified in {report.parity.runtime} on {formatPlural(report.parity.pictures, `${report.parity.splits.map((split) => SPLITS[split]).join(' and ')} picture`)}; timed one at a time, resized already, on this
            machine’s processor. {report.checkpoint === 'best' ? 'Best' : 'Latest'} checkpoint, {formatDuration(report.seconds)} in all.
          </p>
          <Place directory={report.directory} />
          <ReportTabs report={report} />
        </section>
      )}
    </article>
  )
}

const SPLITS = { train: 'training', val: 'validation', test: 'test' } as const

function AtWork({ task: { progress } }: { task: ExportTask }) {
  const share = progress === null || progress.total <= 1 ? null : progress.done / progress.total
  return (
    <div className={classes.atWork}>
      <p>
        <span role="status">{progress === null ? 'Starting the trainer' : progress.message}</span>
        <span className={classes.quiet}>{progress !== null && progress.total > 1 && ` · ${formatCount(progress.done)} of ${formatCount(progress.total)}`}</span>
      </p>
      <ProgressLine label="Export" share={share} isTall />
    </div>
  )
}

function Cancelled({ task }: { task: ExportTask }) {
  return (
    <div className={classes.again}>
      <p className={classes.quiet}>Cancelled. Nothing of it was left on the disk.</p>
      <Button variant="default" onClick={() => retryExport(task.id)}>
        Export it now
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
          {options.precision} costs {formatPoints(drop)} of accuracy here, so it was not kept
        </p>
        {soFar !== null && (
          <p>
            It is right for {formatShare(soFar.accuracy.exported)} of {formatPlural(soFar.pictures, 'picture')}, the original for {formatShare(soFar.accuracy.original)}. It gives the same answer on{' '}
            {formatCount(sameAnswers(soFar))} of them. float16 is twice as large and loses next to nothing.
          </p>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={() => retryExport(task.id, inPrecision(task, 'float16'))}>
            Export as float16 instead
          </Button>
          <Button variant="default" onClick={() => retryExport(task.id, { options: { ...options, accepted_accuracy_drop: drop } })}>
            Keep it with {formatPoints(drop)} less
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
    <FailurePanel title={`${formatTitle(task.options)} was not exported`} failure={task.failure}>
      {isTaken && <Button onClick={() => void another().catch(reportError)}>Use another folder beside it</Button>}
      <Button variant="default" onClick={() => retryExport(task.id)}>
        Try again
      </Button>
    </FailurePanel>
  )
}

/** Where it is: a folder to open in the window, a path to copy in a browser, whose folder may be on another machine. */
function Place({ directory }: { directory: string }) {
  const clipboard = useClipboard({ timeout: 1500 })
  return (
    <div className={classes.place}>
      <span className={`${classes.directory} mono`}>{directory}</span>
      <Button variant="default" onClick={() => clipboard.copy(directory)}>
        {clipboard.copied ? 'Copied' : 'Copy path'}
      </Button>
      {host().door === 'desktop' && (
        <Button variant="default" onClick={() => void client().files.reveal({ path: directory }).catch(reportError)}>
          Show in folder
        </Button>
      )}
    </div>
  )
}
