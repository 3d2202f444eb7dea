/** The order of the classes in the report of the check. */
import type { ExportParity } from '../../../shared/domain/export'

export type ClassRow = ExportParity['classes'][number]
export type ClassColumn = keyof ClassRow

export interface ClassOrder {
  /** Null: as the model has them. */
  readonly column: ClassColumn | null
  readonly isDescending: boolean
}

/** The direction in which a column tells most at the first press: the largest difference, the lowest agreement first. */
const FIRST_DESCENDING: Readonly<Record<ClassColumn, boolean>> = { label: false, pictures: true, agreement: false, largestDifference: true }

export function nextOrder(before: ClassOrder, column: ClassColumn): ClassOrder {
  return { column, isDescending: before.column === column ? !before.isDescending : FIRST_DESCENDING[column] }
}

/** Rows with their class index, which colours hang on. Equal rows keep the model's order; classes without a picture come last. */
export function sortClasses(rows: readonly ClassRow[], { column, isDescending }: ClassOrder): { index: number; row: ClassRow }[] {
  const indexed = rows.map((row, index) => ({ index, row }))
  if (column === null) return indexed
  const sign = isDescending ? -1 : 1
  const isMeasure = column === 'agreement' || column === 'largestDifference'
  return indexed.sort((a, b) => {
    const [noneA, noneB] = [isMeasure && a.row.pictures === 0, isMeasure && b.row.pictures === 0]
    if (noneA !== noneB) return noneA ? 1 : -1
    const difference = column === 'label' ? a.row.label.localeCompare(b.row.label, 'en', { numeric: true }) : a.row[column] - b.row[column]
    return sign * difference || a.index - b.index
  })
}
