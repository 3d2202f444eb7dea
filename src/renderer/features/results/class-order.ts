/** The order of the classes in the report. */
import type { ClassificationReport } from '../../../shared/domain/metrics'

export type ClassColumn = 'name' | 'precision' | 'recall' | 'f1' | 'support'
type Row = ClassificationReport['classes'][number]

export interface ClassOrder {
  /** Null: as the model has them. */
  column: ClassColumn | null
  isDescending: boolean
}

/** Rows with their class index, which colours hang on. Equal rows keep the model's order. */
export function sortClasses(rows: readonly Row[], order: ClassOrder): { index: number; row: Row }[] {
  const indexed = rows.map((row, index) => ({ index, row }))
  const { column, isDescending } = order
  if (column === null) return indexed
  const sign = isDescending ? -1 : 1
  return indexed.sort((a, b) => {
    const difference = column === 'name' ? a.row.name.localeCompare(b.row.name, 'en', { numeric: true }) : a.row[column] - b.row[column]
    return sign * difference || a.index - b.index
  })
}
