/** One row a class: how many, how split, what they look like. More than fifty are drawn only where they are seen. */
import { t } from '@lingui/core/macro'
import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { classColor } from '../../ui/class-colors'
import { pictureCount } from '../../ui/counts'
import { formatCount, formatShare } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { SplitBar, splitSentence } from '../../ui/split-bar'
import classes from './class-list.module.css'
import { usePictures } from './use-pictures'

const MOST_DRAWN = 50
const GAP = 4
/** Name and figures, the gap after them and the row's padding. */
const HEAD_WIDTH = 216
const ROW_PADDING = 24
const MOST_TILES = 48

/** Fewer classes get larger pictures, so that two classes fill the place as well as forty do. */
export function stripMeasures(classCount: number): { side: number; lines: number } {
  if (classCount <= 3) return { side: 80, lines: 2 }
  if (classCount <= 6) return { side: 72, lines: 1 }
  return { side: 48, lines: 1 }
}

interface ListProps {
  summary: DatasetSummary
  revision: string
  selected: number | null
  onSelect: (index: number) => void
}

export function ClassList(props: ListProps) {
  const { summary } = props
  const { ref, width } = useElementSize()
  const { side, lines } = stripMeasures(summary.classes.length)
  const perLine = Math.max(0, Math.floor((width - HEAD_WIDTH + GAP) / (side + GAP)))
  const shared = { ...props, side, tiles: Math.min(MOST_TILES, perLine * lines), height: side * lines + GAP * (lines - 1) + ROW_PADDING }
  return (
    <section ref={ref} aria-label={t`Classes`} className={classes.list} data-virtual={summary.classes.length > MOST_DRAWN || undefined}>
      {summary.classes.length > MOST_DRAWN ? (
        <VirtualRows {...shared} />
      ) : (
        <ul>
          {summary.classes.map((entry, index) => (
            <li key={entry.name}>
              <ClassRow {...shared} index={index} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface RowProps extends ListProps {
  side: number
  tiles: number
  height: number
}

function VirtualRows(props: RowProps) {
  const { summary, height } = props
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({ count: summary.classes.length, getScrollElement: () => scroller.current, estimateSize: () => height + 1, overscan: 4 })
  return (
    <div ref={scroller} className={classes.scroller}>
      <ul style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map((row) => (
          <li
            key={row.key}
            aria-setsize={summary.classes.length}
            aria-posinset={row.index + 1}
            style={{ position: 'absolute', top: 0, left: 0, width: '100%', transform: `translateY(${row.start}px)` }}
          >
            <ClassRow {...props} index={row.index} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function ClassRow(props: RowProps & { index: number }) {
  const { summary, revision, selected, onSelect, index, side, tiles, height } = props
  const entry = summary.classes[index]
  const largest = Math.max(...summary.classes.map((other) => other.pictures))
  const { pictures } = usePictures({ datasetId: summary.datasetId, classIndex: index, split: null, revision, pageSize: MOST_TILES })
  if (entry === undefined) return null
  const shown = Math.min(tiles, entry.pictures)
  return (
    <button
      type="button"
      className={classes.row}
      style={{ height }}
      aria-pressed={selected === index}
      aria-label={`${entry.name}: ${pictureCount(entry.pictures)}, ${splitSentence(entry.split)}`}
      onClick={() => onSelect(index)}
    >
      <span className={classes.head}>
        <span className={classes.name}>
          <span className={classes.swatch} style={{ background: classColor(index) }} />
          <span className="ellipsis strong" title={entry.name}>
            {entry.name}
          </span>
        </span>
        <span className={classes.count}>
          {formatCount(entry.pictures)} <span className="meta">{formatShare(summary.pictures === 0 ? null : entry.pictures / summary.pictures)}</span>
        </span>
        <SplitBar counts={entry.split} of={largest} />
      </span>
      <span className={classes.strip} style={{ gridTemplateColumns: `repeat(auto-fill, ${side}px)`, gap: GAP }} aria-hidden>
        {Array.from({ length: shown }, (_, at) => {
          const picture = pictures[at]
          return picture === undefined ? (
            <span key={at} className={classes.waiting} />
          ) : (
            <PictureTile key={at} url={pictureUrl({ datasetId: summary.datasetId }, picture.path, side > 64 ? 192 : 96)} alt="" />
          )
        })}
      </span>
    </button>
  )
}
