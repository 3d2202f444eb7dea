/** Exports at work and done: the list of them, and what became of the one that is looked at. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconCircle, IconCircleCheck, IconCircleDashed, IconProgress } from '@tabler/icons-react'
import { useEffect, useRef, type ComponentType } from 'react'
import { cancelExports, type ExportBatch, type ExportStatus, type ExportTask, isAtWork, lookAtExport, shownTask } from '../../state/export'
import { ProgressLine } from '../../ui/progress-line'
import classes from './export-batch.module.css'
import { formatTitle } from './format-choice'
import { taskWords } from './parity-words'
import { TaskReport } from './task-report'

export function ExportBatchView({ batch, runName, onNew }: { batch: ExportBatch; runName: string; onNew: () => void }) {
  const shown = shownTask(batch)
  const isBusy = isAtWork(batch)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  const written = batch.tasks.filter(({ status }) => status === 'written').length
  const count = batch.tasks.length
  const words = written === count ? t`Written and checked` : written === 0 && !isBusy ? t`Nothing was written` : t`${written} of ${plural(count, { one: '# export', other: '# exports' })} written`
  return (
    <div className={classes.columns}>
      <section aria-labelledby="batch-title" className={classes.side}>
        <h2 id="batch-title" ref={title} tabIndex={-1} className={classes.title}>
          {isBusy ? t`Exporting` : written === 0 ? t`Not exported` : written === count ? t`Exported` : t`Exported in part`}
        </h2>
        <p className="meta" role="status">
          {words}
        </p>
        <ul className={classes.tasks}>
          {batch.tasks.map((task) => (
            <li key={task.id}>
              <TaskRow task={task} isShown={task.id === shown?.id} />
            </li>
          ))}
        </ul>
        {isBusy ? (
          <Button key="cancel" variant="default" onClick={cancelExports}>
            <Trans>Cancel</Trans>
          </Button>
        ) : (
          <Button key="new" variant="default" onClick={onNew}>
            <Trans>New export</Trans>
          </Button>
        )}
      </section>
      {shown !== null && <TaskReport key={shown.id} task={shown} runName={runName} />}
    </div>
  )
}

const MARKS: Readonly<Record<ExportStatus, ComponentType<{ size: number }>>> = {
  waiting: IconCircleDashed,
  busy: IconProgress,
  written: IconCircleCheck,
  declined: IconAlertTriangle,
  failed: IconAlertTriangle,
  cancelled: IconCircle,
}

function TaskRow({ task, isShown }: { task: ExportTask; isShown: boolean }) {
  const { id, status, options, progress } = task
  const Mark = MARKS[status]
  const share = progress === null || progress.total <= 1 ? null : progress.done / progress.total
  return (
    <button type="button" className={classes.task} aria-pressed={isShown} aria-label={formatTitle(options)} aria-describedby={`task-${id}`} onClick={() => lookAtExport(id)}>
      <span className={classes.mark} data-status={status} aria-hidden>
        <Mark size={16} />
      </span>
      <span className={classes.words}>
        <span className="strong ellipsis">{formatTitle(options)}</span>
        <span className="meta ellipsis" id={`task-${id}`}>
          {taskWords(task)}
        </span>
        <span className={classes.line}>{status === 'busy' && <ProgressLine label={t`Exporting ${{ format: formatTitle(options) }}`} share={share} />}</span>
      </span>
    </button>
  )
}
