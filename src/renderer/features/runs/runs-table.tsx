/** The runs as a table of which only what is seen is drawn. Marked by mouse or keyboard, as in a file manager. */
import { t } from '@lingui/core/macro'
import { useVirtualizer } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useMemo, useRef, type KeyboardEvent, type MouseEvent } from 'react'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import { chosen, extended, moved, nextRunOrder, type RunColumn, select, toggled, useRunList } from '../../state/run-list'
import { formatDate, formatDuration, formatShare } from '../../ui/format'
import { ProgressLine } from '../../ui/progress-line'
import { RunState } from '../../ui/run-status'
import { openRunScreen } from './open-run'
import { bestText, epochsText, lastText, startedText } from './run-words'
import classes from './runs-table.module.css'

const ROW_HEIGHT = 48
/** Of the table's head, which stays over the rows. */
const HEAD_HEIGHT = 32
const MOST_TAGS_IN_ROW = 3

interface Column {
  key: RunColumn
  label: string
  hint: string
  /** CSS's length; the name takes the rest. */
  width: string | undefined
}

const COLUMNS: readonly Column[] = [
  { key: 'name', label: t`Run`, hint: t`Name`, width: undefined },
  { key: 'status', label: t`State`, hint: t`State`, width: '100px' },
  { key: 'epochs', label: t`Epochs`, hint: t`Epochs done`, width: '66px' },
  { key: 'best', label: t`Best`, hint: t`Best value of the run’s metric on validation`, width: '64px' },
  { key: 'last', label: t`Last`, hint: t`The same metric after the newest epoch`, width: '64px' },
  { key: 'test', label: t`Test`, hint: t`Accuracy on the held-out test pictures`, width: '62px' },
  { key: 'time', label: t`Time`, hint: t`Time that training took`, width: '86px' },
  { key: 'started', label: t`Started`, hint: t`When training began`, width: '98px' },
]

const isNumber = (key: RunColumn): boolean => key !== 'name' && key !== 'status'

export function RunsTable(props: { runs: readonly RunRecord[] }) {
  const { runs } = props
  const selection = useRunList((list) => list.selection)
  const order = useRunList((list) => list.order)
  const ids = useMemo(() => runs.map((run) => run.run_id), [runs])
  const scroller = useRef<HTMLDivElement>(null)
  const body = useRef<HTMLTableSectionElement>(null)
  const isFocusWanted = useRef(false)
  const virtual = useVirtualizer({ count: runs.length, getScrollElement: () => scroller.current, estimateSize: () => ROW_HEIGHT, overscan: 6, scrollPaddingStart: HEAD_HEIGHT, scrollPaddingEnd: ROW_HEIGHT })
  const items = virtual.getVirtualItems()
  const above = items[0]?.start ?? 0
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0)
  const cursor = selection.cursor !== null && ids.includes(selection.cursor) ? selection.cursor : (ids[0] ?? null)

  // A row far away is drawn only after the table has scrolled there.
  useEffect(() => {
    if (!isFocusWanted.current || cursor === null) return
    const button = body.current?.querySelector<HTMLButtonElement>(`[data-run="${CSS.escape(cursor)}"]`)
    if (button === null || button === undefined) return
    isFocusWanted.current = false
    button.focus({ preventScroll: true })
  })

  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW_HEIGHT) / ROW_HEIGHT) - 2)
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -ids.length, End: ids.length }
    const step = steps[event.key]
    if (step !== undefined) {
      event.preventDefault()
      const next = moved({ ...selection, cursor }, ids, step)
      if (next === null) return
      isFocusWanted.current = true
      virtual.scrollToIndex(ids.indexOf(next))
      select((before) => (event.shiftKey ? extended({ ...before, cursor }, ids, next) : chosen(before, next)))
    } else if (event.key === ' ' && cursor !== null) {
      event.preventDefault()
      select((before) => toggled(before, cursor))
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      select((before) => ({ ...before, marked: new Set(ids) }))
    } else if (event.key === 'Escape' && selection.marked.size > 0) {
      select((before) => ({ ...before, marked: new Set() }))
    } else if (event.key === 'Enter' && cursor !== null) {
      const run = runs.find((entry) => entry.run_id === cursor)
      if (run === undefined) return
      event.preventDefault()
      openRunScreen(run)
    }
  }
  const shown = useRef(ids)
  shown.current = ids
  const onChoose = useCallback((runId: string, event: Pick<MouseEvent, 'shiftKey' | 'ctrlKey' | 'metaKey'>): void => {
    select((before) => (event.shiftKey ? extended(before, shown.current, runId) : event.ctrlKey || event.metaKey ? toggled(before, runId) : chosen(before, runId)))
  }, [])
  const onMark = useCallback((runId: string, isRange: boolean): void => {
    select((before) => (isRange ? extended(before, shown.current, runId) : toggled(before, runId)))
  }, [])
  const arrowOf = (key: RunColumn) => (
    <span className={classes.arrow} aria-hidden>
      {order.column === key ? (order.isDescending ? '↓' : '↑') : ''}
    </span>
  )
  const markedHere = ids.filter((id) => selection.marked.has(id)).length

  return (
    <div ref={scroller} className={classes.scroller}>
      <table className={`plain ${classes.table ?? ''}`} aria-label={t`Runs`} aria-rowcount={runs.length + 1}>
        <colgroup>
          <col style={{ width: '28px' }} />
          {COLUMNS.map(({ key, width }) => (
            <col key={key} {...(width === undefined ? {} : { style: { width } })} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col">
              <button
                type="button"
                role="checkbox"
                className={classes.mark}
                aria-label={t`Mark all that are shown`}
                title={t`Mark all that are shown`}
                aria-checked={markedHere === 0 ? false : markedHere === ids.length ? true : 'mixed'}
                onClick={() => select((before) => ({ ...before, marked: new Set(markedHere < ids.length ? [...before.marked, ...ids] : [...before.marked].filter((id) => !ids.includes(id))) }))}
              />
            </th>
            {COLUMNS.map(({ key, label, hint }) => (
              <th key={key} scope="col" className={isNumber(key) ? 'number' : undefined} aria-sort={order.column === key ? (order.isDescending ? 'descending' : 'ascending') : 'none'}>
                <button type="button" className={classes.sort} title={hint} onClick={() => useRunList.setState({ order: nextRunOrder(order, key) })}>
                  {/* Before what stands to the right, so that it ends where its numbers do. */}
                  {isNumber(key) && arrowOf(key)}
                  {label}
                  {!isNumber(key) && arrowOf(key)}
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={onKeyDown}>
          {above > 0 && <Gap height={above} />}
          {items.map(({ index }) => {
            const run = runs[index]
            return run === undefined ? null : (
              <RunRow key={run.run_id} run={run} index={index} isChosen={run.run_id === cursor} isMarked={selection.marked.has(run.run_id)} onChoose={onChoose} onMark={onMark} />
            )
          })}
          {below > 0 && <Gap height={below} />}
        </tbody>
      </table>
    </div>
  )
}

/** Stands for the rows that are not drawn. */
function Gap(props: { height: number }) {
  return (
    <tr aria-hidden className={classes.gap}>
      <td colSpan={COLUMNS.length + 1} style={{ height: props.height }} />
    </tr>
  )
}

const RunRow = memo(function RunRow(props: {
  run: RunRecord
  index: number
  isChosen: boolean
  isMarked: boolean
  onChoose: (runId: string, event: MouseEvent) => void
  onMark: (runId: string, isRange: boolean) => void
}) {
  const { run, index, isChosen, isMarked, onChoose, onMark } = props
  const what = [run.dataset_name === run.name ? '' : run.dataset_name, run.backbone, run.preset ?? ''].filter((part) => part !== '').join(' · ')
  const tags = run.tags.slice(0, MOST_TAGS_IN_ROW)
  return (
    <tr
      className={classes.row}
      aria-rowindex={index + 2}
      aria-label={`${run.name} ${what}`}
      data-chosen={isChosen || undefined}
      data-marked={isMarked || undefined}
      onClick={(event) => onChoose(run.run_id, event)}
      onDoubleClick={() => openRunScreen(run)}
    >
      <td>
        {/* An input would cost more than the rest of the row; the keyboard marks by Space from the name. */}
        <span
          role="checkbox"
          className={classes.mark}
          tabIndex={-1}
          aria-label={t`Mark ${{ name: run.name }}`}
          aria-checked={isMarked}
          onClick={(event) => {
            event.stopPropagation()
            onMark(run.run_id, event.shiftKey)
          }}
          onDoubleClick={(event) => event.stopPropagation()}
        />
      </td>
      <td className={classes.nameCell}>
        <button
          type="button"
          data-run={run.run_id}
          tabIndex={isChosen ? 0 : -1}
          className={classes.name}
          aria-pressed={isChosen}
          aria-description={isMarked ? t`marked` : undefined}
          title={run.name}
        >
          {run.name}
        </button>
        <div className={classes.under}>
          {run.archived && <span className={classes.tag}>{t`archived`}</span>}
          {tags.map((tag) => (
            <span key={tag} className={classes.tag} data-own>
              {tag}
            </span>
          ))}
          {run.tags.length > tags.length && <span className="meta">+{run.tags.length - tags.length}</span>}
          <span className="meta ellipsis" title={what}>
            {what}
          </span>
        </div>
      </td>
      <td>
        <RunState run={run} />
        {isLive(run.status) && (
          <div className={classes.line}>
            <ProgressLine label={t`Progress of ${{ name: run.name }}`} share={run.epochs_planned === 0 ? null : run.epochs_done / run.epochs_planned} />
          </div>
        )}
      </td>
      <td className="number">{epochsText(run)}</td>
      <td className="number">{bestText(run)}</td>
      <td className="number">{lastText(run)}</td>
      <td className="number">{formatShare(run.test_accuracy)}</td>
      <td className="number">{run.total_s > 0 ? formatDuration(run.total_s) : '–'}</td>
      <td className="number" title={formatDate(run.created_at)}>
        {startedText(run)}
      </td>
    </tr>
  )
})
