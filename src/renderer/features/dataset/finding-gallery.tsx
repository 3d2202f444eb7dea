/** The pictures of a finding in rows, of which only those in sight are drawn; arrow keys move over all of them. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { HealthItem, HealthKind, HealthPicture } from '../../../shared/domain/health'
import { fix } from '../../state/health'
import { classColor } from '../../ui/class-colors'
import { formatCount } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { SPLIT_SHORT_WORDS } from '../../ui/split-bar'
import classes from './finding-gallery.module.css'
import { rowsOf, type FindingRow, type Segment } from './finding-rows'

const SIDES = { small: 120, large: 264 } as const
const GAP = 8
const GROUP_GAP = 32
const CAPTION_HEIGHT = 42
const HEADING_HEIGHT = 32
/** Rows before the end at which the next page is asked for. */
const AHEAD = 8

interface GalleryProps {
  summary: DatasetSummary
  kind: HealthKind
  items: readonly HealthItem[]
  total: number | null
  isLarge: boolean
  chosen: ReadonlySet<string>
  canDecide: boolean
  onToggle: (path: string) => void
  onKey: (event: KeyboardEvent, focused: HealthPicture | null) => void
  onMore: () => void
}

interface Cursor {
  row: number
  column: number
}

export function FindingGallery(props: GalleryProps) {
  const { summary, items, total, isLarge, chosen, onToggle, onKey, onMore } = props
  const { ref: sizer, width } = useElementSize()
  const scroller = useRef<HTMLDivElement>(null)
  const side = isLarge ? SIDES.large : SIDES.small
  const rows = useMemo(() => rowsOf(items, { width, side, gap: GAP, groupGap: GROUP_GAP }), [items, width, side])
  const [cursor, setCursor] = useState<Cursor>({ row: 0, column: 0 })
  const wantsFocus = useRef(false)
  const heightOf = (index: number): number => side + CAPTION_HEIGHT + GAP + (rows[index]?.segments.some(({ isFirst }) => isFirst) === true ? HEADING_HEIGHT : 0)
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: heightOf, overscan: 3 })
  const drawn = virtual.getVirtualItems()
  const lastDrawn = drawn.at(-1)?.index ?? 0
  useEffect(() => virtual.measure(), [virtual, rows, side])
  useEffect(() => {
    if (total !== null && items.length < total && lastDrawn >= rows.length - AHEAD) onMore()
  }, [lastDrawn, rows.length, items.length, total, onMore])
  // After a decision the cursor may stand behind the end.
  const row = Math.min(cursor.row, Math.max(0, rows.length - 1))
  const column = Math.min(cursor.column, Math.max(0, (rows[row]?.pictures.length ?? 1) - 1))
  const focused = rows[row]?.pictures[column] ?? null
  useEffect(() => {
    if (!wantsFocus.current || focused === null) return
    const tile = [...(scroller.current?.querySelectorAll<HTMLElement>('[data-path]') ?? [])].find((candidate) => candidate.dataset['path'] === focused.path)
    if (tile === undefined) return
    wantsFocus.current = false
    tile.focus({ preventScroll: true })
  })

  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, () => Cursor> = {
      ArrowRight: () => (column + 1 < (rows[row]?.pictures.length ?? 0) ? { row, column: column + 1 } : { row: row + 1, column: 0 }),
      ArrowLeft: () => (column > 0 ? { row, column: column - 1 } : { row: row - 1, column: Number.MAX_SAFE_INTEGER }),
      ArrowDown: () => ({ row: row + 1, column }),
      ArrowUp: () => ({ row: row - 1, column }),
      Home: () => ({ row: 0, column: 0 }),
      End: () => ({ row: rows.length - 1, column: Number.MAX_SAFE_INTEGER }),
    }
    const move = moves[event.key]
    if (move === undefined || !(event.target instanceof HTMLElement) || event.target.dataset['path'] === undefined) {
      if (event.target instanceof HTMLElement && event.target.dataset['path'] !== undefined) {
        // Where the tile that has the focus is decided away, its neighbour takes it.
        wantsFocus.current = ['x', 'k', 'f', 'Delete'].includes(event.key)
        onKey(event, focused)
      }
      return
    }
    event.preventDefault()
    const next = move()
    if (next.row < 0 || next.row >= rows.length) return
    wantsFocus.current = true
    setCursor(next)
    virtual.scrollToIndex(next.row)
  }

  if (total === 0) return <p className={classes.empty}><Trans>No pictures here.</Trans></p>
  return (
    <div ref={scroller} className={classes.scroller} onKeyDown={onKeyDown}>
      <div ref={sizer} />
      <ul style={{ height: virtual.getTotalSize(), position: 'relative' }} aria-label={plural({ count: total ?? 0 }, { one: '# entry of the finding', other: '# entries of the finding' })}>
        {drawn.map(({ index, start }) => {
          const shown = rows[index]
          if (shown === undefined) return null
          return (
            <li key={index} aria-setsize={rows.length} aria-posinset={index + 1} className={classes.row} style={{ transform: `translateY(${start}px)`, gap: GROUP_GAP }}>
              {segmentsOf(shown).map(({ segment, from }) => (
                <div key={from} style={{ width: segment.pictures.length * (side + GAP) - GAP }}>
                  {segment.isFirst && segment.item !== null && <GroupHead {...props} number={segment.item + 1} item={items[segment.item]} />}
                  <div className={classes.tiles} style={{ gridTemplateColumns: `repeat(${segment.pictures.length}, ${side}px)`, gap: GAP }}>
                    {segment.pictures.map((picture, at) => (
                      <Tile
                        key={picture.path}
                        summary={summary}
                        picture={picture}
                        side={side}
                        isChosen={chosen.has(picture.path)}
                        isCursor={index === row && from + at === column}
                        onFocus={() => setCursor({ row: index, column: from + at })}
                        onToggle={() => onToggle(picture.path)}
                      />
                    ))}
                  </div>
                </div>
              ))}
            </li>
          )
        })}
      </ul>
    </div>
  )
}

/** With the place of each segment's first picture in the row. */
function segmentsOf({ segments }: FindingRow): { segment: Segment; from: number }[] {
  let from = 0
  return segments.map((segment) => {
    const placed = { segment, from }
    from += segment.pictures.length
    return placed
  })
}

const MOST_CLASSES = 3

function GroupHead({ summary, kind, total, canDecide, number, item }: GalleryProps & { number: number; item: HealthItem | undefined }) {
  const pictures = item?.pictures ?? []
  const [largest] = pictures
  const inClasses = [...new Set(pictures.map(({ classIndex }) => classIndex))]
  if (largest === undefined) return null
  const place = formatCount(number)
  return (
    <div className={classes.group} style={{ height: HEADING_HEIGHT }}>
      <span className={classes.number}>
        {t`${{ done: place }} of ${{ total: formatCount(total ?? 0) }}`}
      </span>
      {canDecide && inClasses.length > 1 && inClasses.length <= MOST_CLASSES && inClasses.map((classIndex) => {
        const name = summary.classes[classIndex]?.name ?? ''
        const paths = pictures.flatMap((picture) => (picture.classIndex === classIndex ? [] : [picture.path]))
        return (
          <button key={classIndex} type="button" className="link-button ellipsis" title={t`All are ${name}`} aria-label={t`Group ${place}: all are ${name}`} onClick={() => void fix({ kind: 'move', finding: kind, paths, toClass: name })}>
            <Trans>All are {name}</Trans>
          </button>
        )
      })}
      {canDecide && inClasses.length === 1 && (
        <button type="button" className="link-button" aria-label={t`Group ${place}: keep the largest`} onClick={() => void fix({ kind: 'keep-largest', finding: kind, paths: [largest.path] })}>
          <Trans>Keep the largest</Trans>
        </button>
      )}
      {canDecide && (
        <button type="button" className="link-button" aria-label={t`Group ${place}: fine`} onClick={() => void fix({ kind: 'fine', finding: kind, paths: pictures.map(({ path }) => path) })}>
          <Trans>Fine</Trans>
        </button>
      )}
    </div>
  )
}

interface TileProps {
  summary: DatasetSummary
  picture: HealthPicture
  side: number
  isChosen: boolean
  isCursor: boolean
  onFocus: () => void
  onToggle: () => void
}

function Tile({ summary, picture, side, isChosen, isCursor, onFocus, onToggle }: TileProps) {
  const { path, classIndex, width, height, split } = picture
  const name = summary.classes[classIndex]?.name ?? ''
  const facts = `${width} × ${height}${split === null ? '' : ` · ${SPLIT_SHORT_WORDS[split]}`}`
  return (
    <button
      type="button"
      className={classes.tile}
      style={{ width: side }}
      data-path={path}
      tabIndex={isCursor ? 0 : -1}
      aria-pressed={isChosen}
      aria-label={`${path}, ${name}, ${facts}`}
      title={path}
      onFocus={onFocus}
      onClick={onToggle}
    >
      <PictureTile url={pictureUrl({ datasetId: summary.datasetId }, path, side > SIDES.small ? 768 : 192)} alt="" />
      <span className={classes.caption} aria-hidden>
        <span className={`ellipsis ${classes.name}`}>
          <span className={classes.swatch} style={{ background: classColor(classIndex) }} />
          {name}
        </span>
        <span className="meta ellipsis">{facts}</span>
      </span>
    </button>
  )
}
