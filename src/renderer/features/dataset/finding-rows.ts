/** How the pictures of a finding stand in rows, so that only those in sight are drawn. */
import type { HealthItem, HealthPicture } from '../../../shared/domain/health'

/** Pictures beside each other in a row: single ones, or those of one group. */
export interface Segment {
  /** Of the group; null for single pictures. */
  item: number | null
  /** The first segment of a group has its heading. */
  isFirst: boolean
  pictures: readonly HealthPicture[]
}

export interface FindingRow {
  segments: readonly Segment[]
  /** Of all segments. */
  pictures: readonly HealthPicture[]
}

export interface RowMeasures {
  /** All in pixels. */
  width: number
  side: number
  /** Between pictures, and between groups. */
  gap: number
  groupGap: number
}

/** Single pictures fill their rows. Groups stand beside each other where they fit whole; one that is wider than a row goes on in as many as it needs. */
export function rowsOf(items: readonly HealthItem[], { width, side, gap, groupGap }: RowMeasures): FindingRow[] {
  const perRow = Math.max(1, Math.floor((width + gap) / (side + gap)))
  const rows: FindingRow[] = []
  let segments: Segment[] = []
  let usedWidth = 0
  const endRow = (): void => {
    if (segments.length > 0) rows.push({ segments, pictures: segments.flatMap(({ pictures }) => pictures) })
    segments = []
    usedWidth = 0
  }
  const put = (segment: Segment): void => {
    const ownWidth = segment.pictures.length * (side + gap) - gap
    if (segments.length > 0 && usedWidth + groupGap + ownWidth > width) endRow()
    usedWidth += (segments.length > 0 ? groupGap : 0) + ownWidth
    segments.push(segment)
  }
  let singles: HealthPicture[] = []
  const endSingles = (): void => {
    if (singles.length === 0) return
    endRow()
    put({ item: null, isFirst: false, pictures: singles })
    endRow()
    singles = []
  }
  items.forEach(({ pictures }, item) => {
    const [only] = pictures
    if (pictures.length === 1 && only !== undefined) {
      singles.push(only)
      if (singles.length === perRow) endSingles()
      return
    }
    endSingles()
    for (let from = 0; from < pictures.length; from += perRow) put({ item, isFirst: from === 0, pictures: pictures.slice(from, from + perRow) })
    if (pictures.length > perRow) endRow()
  })
  endSingles()
  endRow()
  return rows
}

/** The other pictures of the groups that hold one of these. */
export function othersOf(items: readonly HealthItem[], kept: ReadonlySet<string>): string[] {
  return items.filter(({ pictures }) => pictures.some(({ path }) => kept.has(path))).flatMap(({ pictures }) => pictures.flatMap(({ path }) => (kept.has(path) ? [] : [path])))
}
