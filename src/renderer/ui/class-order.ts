/** The order of a table of classes. */

export interface OrderedColumn<Row> {
  readonly key: string
  /** Null: of this row it cannot be told; such rows come last. */
  readonly value: (row: Row) => string | number | null
  /** The direction in which the column tells most at the first press. */
  readonly isFirstDescending?: boolean
}

export interface ClassOrder {
  /** Null: as the model has them. */
  readonly column: string | null
  readonly isDescending: boolean
}

export function nextOrder<Row>(before: ClassOrder, column: OrderedColumn<Row>): ClassOrder {
  return { column: column.key, isDescending: before.column === column.key ? !before.isDescending : column.isFirstDescending === true }
}

/** Rows with their class index, which colours hang on. Equal rows keep the model's order, in both directions. */
export function sortClasses<Row>(rows: readonly Row[], columns: readonly OrderedColumn<Row>[], { column, isDescending }: ClassOrder): { index: number; row: Row }[] {
  const indexed = rows.map((row, index) => ({ index, row }))
  const by = columns.find(({ key }) => key === column)
  if (by === undefined) return indexed
  const sign = isDescending ? -1 : 1
  return indexed.sort((a, b) => {
    const [left, right] = [by.value(a.row), by.value(b.row)]
    if (left === null || right === null) return left === right ? a.index - b.index : left === null ? 1 : -1
    const difference = typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right), 'en', { numeric: true })
    return sign * difference || a.index - b.index
  })
}
