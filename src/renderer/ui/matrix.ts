/** What a confusion matrix is made of: its cells, their order, their colours and their words. */
import { plural, t } from '@lingui/core/macro'
import { clusterOrder } from './class-order-cluster'
import { mix, type Rgb } from './colors'
import { formatShare } from './format'
import type { MatrixColors } from './use-theme-colors'

/** Indexes of classes, whatever the order in which they are shown. */
export interface Cell {
  truth: number
  prediction: number
}

/** Counts; each row divided by its sum, so that the diagonal is the recall; each column, so that it is the precision. */
export const NORMALISATIONS = ['none', 'row', 'column'] as const
export type Normalisation = (typeof NORMALISATIONS)[number]

export const MATRIX_ORDERS = ['name', 'size', 'recall', 'cluster'] as const
export type MatrixOrder = (typeof MATRIX_ORDERS)[number]

export interface MatrixProps {
  classNames: readonly string[]
  /** Counts. */
  matrix: readonly (readonly number[])[]
  /** Left out: counts. */
  normalise?: Normalisation
  /** Indexes of the classes as they are shown, from the top and from the left; left out: as the model has them. */
  order?: readonly number[]
  /** Draws the grid without numbers: there are none yet. */
  isBlank?: boolean
  label: string
  /** Pixels that one cell may take at most. */
  largestCell?: number
  /** Pixels for the rows' names. */
  labelWidth?: number
  /** Height that the whole may take, in pixels. */
  height?: number
  selected?: Cell | null
  onOpen?: (cell: Cell) => void
}

export interface MatrixScale {
  readonly normalise: Normalisation
  readonly rowSums: readonly number[]
  readonly columnSums: readonly number[]
  readonly largestError: number
}

export function matrixScale(matrix: MatrixProps['matrix'], normalise: Normalisation): MatrixScale {
  const rowSums = matrix.map((row) => row.reduce((sum, value) => sum + value, 0))
  const columnSums = matrix.map(() => 0)
  for (const row of matrix) row.forEach((value, prediction) => (columnSums[prediction] = (columnSums[prediction] ?? 0) + value))
  const scale = { normalise, rowSums, columnSums }
  let largestError = 0
  matrix.forEach((row, truth) =>
    row.forEach((count, prediction) => {
      if (truth !== prediction) largestError = Math.max(largestError, normalise === 'none' ? count : shareOf(count, { truth, prediction }, scale))
    }),
  )
  return { ...scale, largestError }
}

/** Of the row or of the column, as the matrix is normalised; of the row where it is not. */
export function shareOf(count: number, cell: Cell, { normalise, rowSums, columnSums }: Pick<MatrixScale, 'normalise' | 'rowSums' | 'columnSums'>): number {
  return count / Math.max(1, (normalise === 'column' ? columnSums[cell.prediction] : rowSums[cell.truth]) ?? 1)
}

/** Square root, so that a single error is still seen beside many. */
export function cellColor(count: number, cell: Cell, scale: MatrixScale, colors: MatrixColors): Rgb {
  if (cell.truth === cell.prediction) return mix(colors.low, colors.right, shareOf(count, cell, scale))
  if (count === 0 || scale.largestError === 0) return colors.low
  return mix(colors.low, colors.high, 0.12 + 0.88 * Math.sqrt((scale.normalise === 'none' ? count : shareOf(count, cell, scale)) / scale.largestError))
}

export const nameOf = (classNames: readonly string[], index: number): string => classNames[index] ?? String(index)

/** `elm taken for oak` */
export function cellWords(classNames: readonly string[], { truth, prediction }: Cell): string {
  const [right, taken] = [nameOf(classNames, truth), nameOf(classNames, prediction)]
  return truth === prediction ? t`${{ truth: right }} recognised` : t`${{ truth: right }} taken for ${{ prediction: taken }}`
}

/** `12.5 % of oak`, or of what was taken for it. */
export function shareWords(classNames: readonly string[], cell: Cell, count: number, scale: MatrixScale): string {
  const share = formatShare(shareOf(count, cell, scale))
  return scale.normalise === 'column' ? t`${share} of all taken for ${{ prediction: nameOf(classNames, cell.prediction) }}` : t`${share} of ${{ truth: nameOf(classNames, cell.truth) }}`
}

/** @param scale for the share; left out: the number alone */
export function cellLabel(classNames: readonly string[], cell: Cell, count: number, scale?: MatrixScale): string {
  const [truth, prediction] = [nameOf(classNames, cell.truth), nameOf(classNames, cell.prediction)]
  const number = t`truth ${truth}, predicted ${prediction}: ${plural(count, { one: '# picture', other: '# pictures' })}`
  return scale === undefined ? number : `${number}, ${shareWords(classNames, cell, count, scale)}`
}

/** Where an arrow key leads, in places of the shown order; null for another key. */
export function steppedCell(key: string, { truth, prediction }: Cell, count: number): Cell | null {
  const steps: Record<string, Cell> = {
    ArrowUp: { truth: truth - 1, prediction },
    ArrowDown: { truth: truth + 1, prediction },
    ArrowLeft: { truth, prediction: prediction - 1 },
    ArrowRight: { truth, prediction: prediction + 1 },
    PageUp: { truth: truth - 10, prediction },
    PageDown: { truth: truth + 10, prediction },
    Home: { truth, prediction: 0 },
    End: { truth, prediction: count - 1 },
  }
  const next = steps[key]
  if (next === undefined) return null
  const within = (place: number): number => Math.min(count - 1, Math.max(0, place))
  return { truth: within(next.truth), prediction: within(next.prediction) }
}

const byName = new Intl.Collator('en', { numeric: true })

/** Indexes of the classes. Equal ones stay as the model has them; classes without pictures have no recall and come last. */
export function matrixOrder(matrix: MatrixProps['matrix'], classNames: readonly string[], order: MatrixOrder): number[] {
  const indexes = classNames.map((_, index) => index)
  const size = matrix.map((row) => row.reduce((sum, value) => sum + value, 0))
  const recall = (index: number): number => ((size[index] ?? 0) === 0 ? Infinity : (matrix[index]?.[index] ?? 0) / (size[index] ?? 1))
  const compared = (a: number, b: number): number => (a === b ? 0 : a - b)
  switch (order) {
    case 'name':
      return indexes.sort((a, b) => byName.compare(classNames[a] ?? '', classNames[b] ?? '') || a - b)
    case 'size':
      return indexes.sort((a, b) => compared(size[b] ?? 0, size[a] ?? 0) || a - b)
    case 'recall':
      return indexes.sort((a, b) => compared(recall(a), recall(b)) || a - b)
    case 'cluster':
      return clusterOrder(matrix)
  }
}

export interface WorstPair extends Cell {
  readonly count: number
}

/** What is confused, most first; by the share where the matrix is normalised, and of equal ones those with more pictures. */
export function worstPairs(matrix: MatrixProps['matrix'], scale: MatrixScale): WorstPair[] {
  const weight = (pair: WorstPair): number => (scale.normalise === 'none' ? pair.count : shareOf(pair.count, pair, scale))
  return matrix
    .flatMap((row, truth) => row.flatMap((count, prediction) => (truth === prediction || count === 0 ? [] : [{ truth, prediction, count }])))
    .sort((a, b) => weight(b) - weight(a) || b.count - a.count || a.truth - b.truth || a.prediction - b.prediction)
}
