/** Rows are the truth, columns the prediction. Errors carry the colour; the diagonal stays grey. */
import { t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import { useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { classColor } from './class-colors'
import { cssColor, inkOn } from './colors'
import classes from './confusion-matrix.module.css'
import { cellColor, cellLabel, matrixScale, nameOf, shareOf, shareWords, steppedCell, type Cell, type MatrixProps, type MatrixScale } from './matrix'
import { MatrixCanvas } from './matrix-canvas'
import { useMatrixColors } from './use-theme-colors'

/** Above this the matrix is drawn as one picture with a movable cursor. */
const MOST_CELLS_AS_ELEMENTS = 24

/** Above this the noughts are left out, so that what is there is seen. */
const MOST_CLASSES_WITH_ZEROS = 8

export function ConfusionMatrix(props: MatrixProps) {
  const { classNames, matrix, normalise = 'none', order: given, isBlank = false, label, largestCell = 72, labelWidth = 96, height = Infinity, selected, onOpen } = props
  const { ref, width } = useElementSize()
  const colors = useMatrixColors()
  const count = classNames.length
  const scale = useMemo(() => matrixScale(matrix, normalise), [matrix, normalise])
  const order = useMemo(() => given ?? classNames.map((_, index) => index), [given, classNames])
  const [active, setActive] = useState<Cell | null>(null)
  /** In places, not in classes: it stays where it is when the order changes. */
  const [focus, setFocus] = useState<Cell>({ truth: 0, prediction: 0 })
  const grid = useRef<HTMLDivElement>(null)
  const isLarge = count > MOST_CELLS_AS_ELEMENTS
  // Once for a matrix: a sentence a cell is too much for each step of the mouse.
  const labels = useMemo(
    () => (isLarge ? [] : classNames.map((_, truth) => classNames.map((__, prediction) => cellLabel(classNames, { truth, prediction }, matrix[truth]?.[prediction] ?? 0, scale)))),
    [isLarge, matrix, classNames, scale],
  )
  const headHeight = isLarge ? 0 : 26
  const readingHeight = 24
  const named = isLarge ? 0 : labelWidth
  const cellSide = Math.max(isLarge ? 1 : 12, Math.min(largestCell, (width - named - 22) / count, (height - headHeight - readingHeight - 22) / count))
  const side = isLarge ? cellSide : Math.floor(cellSide)
  const valueOf = (cell: Cell): number => matrix[cell.truth]?.[cell.prediction] ?? 0
  const read = active ?? (selected ?? null)

  const cellOf = (place: Cell): Cell => ({ truth: order[place.truth] ?? 0, prediction: order[place.prediction] ?? 0 })
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = steppedCell(event.key, focus, count)
    if (next !== null) {
      event.preventDefault()
      setFocus(next)
      const cell = cellOf(next)
      grid.current?.querySelector<HTMLElement>(`[data-cell="${cell.truth}-${cell.prediction}"]`)?.focus()
    } else if ((event.key === 'Enter' || event.key === ' ') && onOpen !== undefined) {
      event.preventDefault()
      onOpen(cellOf(focus))
    }
  }

  return (
    <div ref={ref} className={classes.root}>
      {width > 0 && (
        <div className={classes.frame} style={{ width: named + side * count + 22 }}>
          <div className={classes.columnsTitle} style={{ paddingLeft: named + 22 }} aria-hidden>
            <Trans>Prediction</Trans>
          </div>
          <div className={classes.middle}>
            <div className={classes.rowsTitle} style={isLarge ? undefined : { paddingTop: headHeight }} aria-hidden>
              <span>
                <Trans>Truth</Trans>
              </span>
            </div>
            {isLarge ? (
              <MatrixCanvas {...props} order={order} side={side * count} scale={scale} colors={colors} onActive={setActive} />
            ) : (
              <div ref={grid} role="grid" aria-label={label} aria-rowcount={count + 1} aria-colcount={count + 1} onKeyDown={onKeyDown}>
                <div role="row" className={classes.row} style={{ height: headHeight }}>
                  <span role="columnheader" style={{ width: named }}>
                    <span className="visually-hidden">{t`Truth`}</span>
                  </span>
                  {order.map((index) => (
                    <span key={index} role="columnheader" className={classes.columnName} style={{ width: side }} title={classNames[index]}>
                      {side < 40 && <span className={classes.swatch} style={{ background: classColor(index) }} aria-hidden />}
                      <span className={side < 40 ? 'visually-hidden' : 'ellipsis'}>{classNames[index]}</span>
                    </span>
                  ))}
                </div>
                {order.map((truth, row) => (
                  <div key={truth} role="row" className={classes.row} style={{ height: side }}>
                    <span role="rowheader" className={classes.rowName} style={{ width: named }} title={classNames[truth]}>
                      <span className="ellipsis">{classNames[truth]}</span>
                      <span className={classes.swatch} style={{ background: classColor(truth) }} aria-hidden />
                    </span>
                    {order.map((prediction, column) => {
                      const cell = { truth, prediction }
                      const value = valueOf(cell)
                      const background = cellColor(value, cell, scale, colors)
                      const isFocus = focus.truth === row && focus.prediction === column
                      const isSelected = selected?.truth === truth && selected.prediction === prediction
                      return (
                        <span
                          key={prediction}
                          role="gridcell"
                          tabIndex={isFocus ? 0 : -1}
                          data-cell={`${truth}-${prediction}`}
                          data-selected={isSelected || undefined}
                          data-open={onOpen !== undefined || undefined}
                          aria-label={labels[truth]?.[prediction]}
                          className={classes.cell}
                          style={{ width: side, height: side, background: cssColor(background), color: value === 0 ? 'var(--ink-3)' : inkOn(background) }}
                          onFocus={() => (setFocus({ truth: row, prediction: column }), setActive(cell))}
                          onBlur={() => setActive(null)}
                          onMouseEnter={() => setActive(cell)}
                          onMouseLeave={() => setActive(null)}
                          onClick={() => (setFocus({ truth: row, prediction: column }), onOpen?.(cell))}
                        >
                          {isBlank || side < 20 || (value === 0 && count > MOST_CLASSES_WITH_ZEROS) ? '' : cellText(value, cell, scale, side)}
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
          <span className="meta">{onOpen === undefined ? t`Rows are the truth, columns the prediction.` : t`Choose a cell to see its pictures.`}</span>
        ) : (
          <>
            <Reading truth={nameOf(classNames, read.truth)} prediction={nameOf(classNames, read.prediction)} count={valueOf(read)} />
            <span className="meta"> · {shareWords(classNames, read, valueOf(read), scale)}</span>
          </>
        )}
      </p>
    </div>
  )
}

/** So many pictures of `elm taken for oak`. */
function Reading({ truth, prediction, count }: { truth: string; prediction: string; count: number }) {
  return truth === prediction ? (
    <Trans>
      <span className="strong">
        <Plural value={count} one="# picture" other="# pictures" />
      </span>{' '}
      of {truth} recognised
    </Trans>
  ) : (
    <Trans>
      <span className="strong">
        <Plural value={count} one="# picture" other="# pictures" />
      </span>{' '}
      of {truth} taken for {prediction}
    </Trans>
  )
}

function cellText(value: number, cell: Cell, scale: MatrixScale, side: number): string {
  if (scale.normalise === 'none') return value >= 1000 && side < 34 ? `${Math.round(value / 1000)}k` : String(value)
  if (value === 0) return '0'
  const percent = shareOf(value, cell, scale) * 100
  return side >= 40 ? `${percent.toFixed(percent < 10 ? 1 : 0)} %` : percent < 1 ? '<1' : percent.toFixed(0)
}
