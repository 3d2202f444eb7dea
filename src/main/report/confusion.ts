/** The confusion matrix, of pictures or of shares of each row, with its names up to 142 classes. */
import type { TopLevelSpec } from 'vega-lite'
import type { Palette } from './palette'
import type { Layer } from './spec-parts'

export interface ConfusionContent {
  readonly title: string
  readonly subtitle: string
  readonly classes: readonly string[]
  /** Counts; rows are the truth, columns the prediction. */
  readonly matrix: readonly (readonly number[])[]
  readonly isNormalized: boolean
}

/** Sides of a cell in pixels, by the number of classes up to which it holds. */
const CELL_SIDES: readonly (readonly [classes: number, side: number])[] = [[3, 104], [6, 72], [10, 52], [16, 40], [24, 30], [40, 21], [60, 15]] // prettier-ignore
const SMALLEST_CELL = 10
/** The picture grows no further than this; more classes make smaller cells. */
const LARGEST_SIDE = 1000
/** Above so many classes only cells with pictures are drawn, in a frame: the empty ones would be most of the file. */
const MOST_WITH_GRID = 60
/** Names in smaller cells would run into each other. */
const SMALLEST_WITH_NAMES = 7
/** Numbers are left out of smaller cells. */
const SMALLEST_WITH_NUMBERS = 20
/** Noughts are left out of more classes, so that what is there is seen. */
const MOST_WITH_ZEROS = 8
const LONGEST_NAME = 22
/** The darkest that a recognised cell becomes: the errors are what one looks for. */
const DARKEST_RIGHT = 0.34
/** Opacity of an error from which on numbers on it take the other colour. */
const DARK_FROM = 0.55

function cellSide(classes: number): number {
  return CELL_SIDES.find(([most]) => classes <= most)?.[1] ?? Math.min(SMALLEST_CELL, LARGEST_SIDE / classes)
}

/** Long names keep their beginning and their end, which is where they differ. */
export function shortened(name: string): string {
  const letters = [...name]
  if (letters.length <= LONGEST_NAME) return name
  return `${letters.slice(0, 12).join('')}…${letters.slice(-9).join('')}`
}

/** Three figures at most: 7, 42, 980, 1.2k, 34k. */
function shortCount(value: number): string {
  if (value < 1000) return String(value)
  return value < 9950 ? `${(value / 1000).toFixed(1)}k` : `${Math.round(value / 1000)}k`
}

function cellText(count: number, share: number, isNormalized: boolean, isSmall: boolean): string {
  if (!isNormalized) return shortCount(count)
  const percent = share * 100
  if (count > 0 && percent < 0.5) return '<1'
  return isSmall || percent === 100 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1)
}

export function confusionSpec(content: ConfusionContent, palette: Palette): TopLevelSpec {
  const { classes, matrix, isNormalized } = content
  const side = cellSide(classes.length)
  const hasNumbers = side >= SMALLEST_WITH_NUMBERS
  const sums = matrix.map((row) => row.reduce((a, b) => a + b, 0))
  const shareOf = (truth: number, prediction: number) => (matrix[truth]?.[prediction] ?? 0) / Math.max(1, sums[truth] ?? 0)
  const errors = matrix.flatMap((row, truth) => row.map((count, prediction) => (truth === prediction ? 0 : isNormalized ? shareOf(truth, prediction) : count)))
  const largestError = Math.max(0, ...errors)
  const hasGrid = classes.length <= MOST_WITH_GRID
  const hasNames = side >= SMALLEST_WITH_NAMES
  const cells = matrix.flatMap((row, truth) =>
    row.flatMap((count, prediction) => {
      if (!hasGrid && count === 0) return []
      const share = shareOf(truth, prediction)
      const isRight = truth === prediction
      // The square root lets a single error be seen beside many.
      const weight = isRight ? DARKEST_RIGHT * share : count === 0 ? 0 : 0.14 + 0.86 * Math.sqrt((isNormalized ? share : count) / largestError)
      return {
        truth,
        prediction,
        fill: isRight ? palette.right : palette.error,
        weight,
        ink: !isRight && weight >= DARK_FROM ? palette.onError : count === 0 ? palette.quiet : palette.ink,
        text: count === 0 && classes.length > MOST_WITH_ZEROS ? '' : cellText(count, share, isNormalized, side < 40),
      }
    }),
  )
  const size = side * classes.length
  const nameSize = Math.max(7, Math.min(12, side * 0.72))
  // Class names are data: they are looked up by number, and never become part of an expression.
  const names = { params: [{ name: 'classNames', value: classes.map(shortened) }] }
  const axis = { labelExpr: 'classNames[datum.value]', labelFontSize: nameSize, labelColor: palette.ink, labelLimit: 200, labels: hasNames, labelOverlap: false, ticks: false, domain: false, grid: false, titleFontSize: 12 } as const
  const areNamesLong = classes.some((name) => shortened(name).length * nameSize * 0.6 > side - 8)
  const order = classes.map((_, index) => index)
  const x = { field: 'prediction', type: 'ordinal', title: 'Prediction', scale: { domain: order, padding: 0 }, axis: { ...axis, orient: 'bottom', labelAngle: areNamesLong ? -90 : 0 } } as const
  const y = { field: 'truth', type: 'ordinal', title: 'Truth', scale: { domain: order, padding: 0 }, axis } as const
  const layer: Layer[] = [
    {
      mark: hasGrid ? { type: 'rect', stroke: palette.grid, strokeWidth: 1 } : { type: 'rect' },
      encoding: { fill: { field: 'fill', type: 'nominal', scale: null }, fillOpacity: { field: 'weight', type: 'quantitative', scale: null, legend: null } },
    },
    ...(hasNumbers
      ? [
          {
            transform: [{ filter: "datum.text !== ''" }],
            mark: { type: 'text' as const, fontSize: Math.max(7.5, Math.min(16, side * 0.3)), baseline: 'middle' as const },
            encoding: { text: { field: 'text' }, fill: { field: 'ink', type: 'nominal' as const, scale: null } },
          },
        ]
      : []),
  ]
  return {
    ...names,
    title: { text: content.title, subtitle: [content.subtitle, legendText(isNormalized, hasNames)], fontSize: 16, subtitleFontSize: 12, subtitleLineHeight: 18, offset: 20, limit: 2000 },
    data: { values: cells },
    width: size,
    height: size,
    encoding: { x, y },
    layer,
    view: { stroke: hasGrid ? null : palette.line },
  }
}

function legendText(isNormalized: boolean, hasNames: boolean): string {
  return `Grey: recognised. Orange: taken for another class.${isNormalized ? ' Percent of the row.' : ''}${hasNames ? '' : ' The CSV beside it has the names.'}`
}
