/** Rows are the truth, columns the prediction. Errors carry the colour; the diagonal stays grey. */
import { useElementSize } from '@mantine/hooks'
import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { classColor } from './class-colors'
import { cssColor, inkOn } from './colors'
import classes from './confusion-matrix.module.css'
import { formatPlural, formatShare } from './format'
import { cellColor, cellLabel, matrixScale, type Cell, type MatrixProps } from './matrix'
import { MatrixCanvas } from './matrix-canvas'
import { useMatrixColors } from './use-theme-colors'

/** Above this the matrix is drawn as one picture with a movable cursor. */
const MOST_CELLS_AS_ELEMENTS = 24

/** Above this the noughts are left out, so that what is there is seen. */
const MOST_CLASSES_WITH_ZEROS = 8

export function ConfusionMatrix(props: MatrixProps) {
  const { classNames, matrix, isNormalized, isBlank = false, label, largestCell = 72, labelWidth = 96, height = Infinity, selected, onOpen } = props
  const { ref, width } = useElementSize()
  const colors = useMatrixColors()
  const count = classNames.length
  const scale = useMemo(() => matrixScale(matrix, isNormalized), [matrix, isNormalized])
  const [active, setActive] = useState<Cell | null>(null)
  const [focus, setFocus] = useState<Cell>({ truth: 0, prediction: 0 })
  const grid = useRef<HTMLDivElement>(null)
  const isLarge = count > MOST_CELLS_AS_ELEMENTS
  const headHeight = isLarge ? 0 : 26
  const readingHeight = 24
  const named = isLarge ? 0 : labelWidth
  const cellSide = Math.max(isLarge ? 1 : 12, Math.min(largestCell, (width - named - 22) / count, (height - headHeight - readingHeight - 22) / count))
  const side = isLarge ? cellSide : Math.floor(cellSide)
  const valueOf = (cell: Cell): number => matrix[cell.truth]?.[cell.prediction] ?? 0
  const read = active ?? (selected ?? null)

  const moveTo = (cell: Cell): void => {
    const next = { truth: Math.min(count - 1, Math.max(0, cell.truth)), prediction: Math.min(count - 1, Math.max(0, cell.prediction)) }
    setFocus(next)
    setActive(next)
    grid.current?.querySelector<HTMLElement>(`[data-cell="${next.truth}-${next.prediction}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const steps: Record<string, Cell> = {
      ArrowUp: { truth: focus.truth - 1, prediction: focus.prediction },
      ArrowDown: { truth: focus.truth + 1, prediction: focus.prediction },
      ArrowLeft: { truth: focus.truth, prediction: focus.prediction - 1 },
      ArrowRight: { truth: focus.truth, prediction: focus.prediction + 1 },
      Home: { truth: focus.truth, prediction: 0 },
      End: { truth: focus.truth, prediction: count - 1 },
    }
    const next = steps[event.key]
    if (next !== undefined) {
      event.preventDefault()
      moveTo(next)
    } else if ((event.key === 'Enter' || event.key === ' ') && onOpen !== undefined) {
      event.preventDefault()
      onOpen(focus)
    }
  }

  return (
    <div ref={ref} className={classes.root}>
      {width > 0 && (
        <div className={classes.frame} style={{ width: named + side * count + 22 }}>
          <div className={classes.columnsTitle} style={{ paddingLeft: named + 22 }} aria-hidden>
            Prediction
          </div>
          <div className={classes.middle}>
            <div className={classes.rowsTitle} style={isLarge ? undefined : { paddingTop: headHeight }} aria-hidden>
              <span>Truth</span>
            </div>
            {isLarge ? (
              <MatrixCanvas {...props} side={side * count} scale={scale} colors={colors} onActive={setActive} />
            ) : (
              <div ref={grid} role="grid" aria-label={label} aria-rowcount={count + 1} aria-colcount={count + 1} onKeyDown={onKeyDown}>
                <div role="row" className={classes.row} style={{ height: headHeight }}>
                  <span role="columnheader" style={{ width: named }}>
                    <span className="visually-hidden">Truth</span>
                  </span>
                  {classNames.map((name, index) => (
                    <span key={index} role="columnheader" className={classes.columnName} style={{ width: side }} title={name}>
                      {side < 40 && <span className={classes.swatch} style={{ background: classColor(index) }} aria-hidden />}
                      <span className={side < 40 ? 'visually-hidden' : 'ellipsis'}>{name}</span>
                    </span>
                  ))}
                </div>
                {classNames.map((name, truth) => (
                  <div key={truth} role="row" className={classes.row} style={{ height: side }}>
                    <span role="rowheader" className={classes.rowName} style={{ width: named }} title={name}>
                      <span className="ellipsis">{name}</span>
                      <span className={classes.swatch} style={{ background: classColor(truth) }} aria-hidden />
                    </span>
                    {classNames.map((_, prediction) => {
                      const cell = { truth, prediction }
                      const value = valueOf(cell)
                      const background = cellColor(value, cell, scale, isNormalized, colors)
                      const isFocus = focus.truth === truth && focus.prediction === prediction
                      const isSelected = selected?.truth === truth && selected.prediction === prediction
                      return (
                        <span
                          key={prediction}
                          role="gridcell"
                          tabIndex={isFocus ? 0 : -1}
                          data-cell={`${truth}-${prediction}`}
                          data-selected={isSelected || undefined}
                          data-open={onOpen !== undefined || undefined}
                          aria-label={cellLabel(classNames, cell, value)}
                          className={classes.cell}
                          style={{ width: side, height: side, background: cssColor(background), color: value === 0 ? 'var(--ink-3)' : inkOn(background) }}
                          onFocus={() => (setFocus(cell), setActive(cell))}
                          onBlur={() => setActive(null)}
                          onMouseEnter={() => setActive(cell)}
                          onMouseLeave={() => setActive(null)}
                          onClick={() => (setFocus(cell), onOpen?.(cell))}
                        >
                          {isBlank || side < 20 || (value === 0 && count > MOST_CLASSES_WITH_ZEROS) ? '' : cellText(value, scale.rowSums[truth] ?? 0, isNormalized, side)}
                        </span>
                      )
                    })}
                  </div>
                ))}
              </div>
            )}
          </div>
        </div>
      )}
      <p className={classes.reading} style={{ height: readingHeight }}>
        {read === null ? (
          <span className="meta">{onOpen === undefined ? 'Rows are the truth, columns the prediction.' : 'Choose a cell to see its pictures.'}</span>
        ) : (
          <>
            <span className="strong">{formatPlural(valueOf(read), 'picture')}</span> of {classNames[read.truth]} {read.truth === read.prediction ? 'recognised' : `taken for ${classNames[read.prediction] ?? ''}`}
            <span className="meta"> · {formatShare(valueOf(read) / Math.max(1, scale.rowSums[read.truth] ?? 1))} of the row</span>
          </>
        )}
      </p>
    </div>
  )
}

function cellText(value: number, rowSum: number, isNormalized: boolean, side: number): string {
  if (!isNormalized) return value >= 1000 && side < 34 ? `${Math.round(value / 1000)}k` : String(value)
  if (value === 0) return '0'
  const percent = (value / Math.max(1, rowSum)) * 100
  return side >= 40 ? `${percent.toFixed(percent < 10 ? 1 : 0)} %` : percent < 1 ? '<1' : percent.toFixed(0)
}
