/** What a confusion matrix is made of: its cells, their colours and their words. */
import { mix, type Rgb } from './colors'
import { formatPlural } from './format'
import type { MatrixColors } from './use-theme-colors'

export interface Cell {
  truth: number
  prediction: number
}

export interface MatrixProps {
  classNames: readonly string[]
  /** Counts. */
  matrix: readonly (readonly number[])[]
  isNormalized: boolean
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
  rowSums: number[]
  largestError: number
}

export function matrixScale(matrix: MatrixProps['matrix'], isNormalized: boolean): MatrixScale {
  const rowSums = matrix.map((row) => row.reduce((sum, value) => sum + value, 0))
  let largestError = 0
  matrix.forEach((row, truth) =>
    row.forEach((count, prediction) => {
      if (truth !== prediction) largestError = Math.max(largestError, isNormalized ? count / Math.max(1, rowSums[truth] ?? 1) : count)
    }),
  )
  return { rowSums, largestError }
}

/** Square root, so that a single error is still seen beside many. */
export function cellColor(count: number, cell: Cell, scale: MatrixScale, isNormalized: boolean, colors: MatrixColors): Rgb {
  const rowSum = Math.max(1, scale.rowSums[cell.truth] ?? 1)
  if (cell.truth === cell.prediction) return mix(colors.low, colors.right, count / rowSum)
  if (count === 0 || scale.largestError === 0) return colors.low
  return mix(colors.low, colors.high, 0.12 + 0.88 * Math.sqrt((isNormalized ? count / rowSum : count) / scale.largestError))
}

export function cellLabel(classNames: readonly string[], cell: Cell, count: number): string {
  return `truth ${classNames[cell.truth] ?? cell.truth}, predicted ${classNames[cell.prediction] ?? cell.prediction}: ${formatPlural(count, 'picture')}`
}
