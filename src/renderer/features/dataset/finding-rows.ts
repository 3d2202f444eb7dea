/** How the pictures of a finding stand in rows, so that only those in sight are drawn. */
import type { HealthItem, HealthPicture } from '../../../shared/domain/health'

export interface FindingRow {
  /** Of the item that the row is of; null for a row of single pictures. */
  item: number | null
  /** The first row of its item has a heading. */
  isFirst: boolean
  pictures: readonly HealthPicture[]
}

/** Single pictures fill their rows; a group begins its own, and goes on in as many as it needs. */
export function rowsOf(items: readonly HealthItem[], perRow: number): FindingRow[] {
  const rows: FindingRow[] = []
  let singles: HealthPicture[] = []
  const endSingles = (): void => {
    if (singles.length > 0) rows.push({ item: null, isFirst: false, pictures: singles })
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
    for (let from = 0; from < pictures.length; from += perRow) rows.push({ item, isFirst: from === 0, pictures: pictures.slice(from, from + perRow) })
  })
  endSingles()
  return rows
}

/** The other pictures of the groups that hold one of these. */
export function othersOf(items: readonly HealthItem[], kept: ReadonlySet<string>): string[] {
  return items.filter(({ pictures }) => pictures.some(({ path }) => kept.has(path))).flatMap(({ pictures }) => pictures.flatMap(({ path }) => (kept.has(path) ? [] : [path])))
}
