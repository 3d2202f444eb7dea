/** A confusion matrix of many classes as one picture, with a cursor that mouse and arrow keys move. */
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { cellColor, cellLabel, type Cell, type MatrixProps, type MatrixScale, steppedCell } from './matrix'
import classes from './confusion-matrix.module.css'
import type { MatrixColors } from './use-theme-colors'

export interface MatrixCanvasProps extends Omit<MatrixProps, 'order'> {
  side: number
  scale: MatrixScale
  colors: MatrixColors
  order: readonly number[]
  onActive: (cell: Cell | null) => void
}

export function MatrixCanvas(props: MatrixCanvasProps) {
  const { classNames, matrix, label, side, scale, colors, order, selected, onActive, onOpen } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  /** In places, not in classes: it stays where it is when the order changes. */
  const [cursor, setCursor] = useState<Cell>({ truth: 0, prediction: 0 })
  const [isRead, setIsRead] = useState(false)
  const [said, setSaid] = useState('')
  const count = classNames.length
  const cellSide = side / count

  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    const image = context.createImageData(count, count)
    for (let row = 0; row < count; row++) {
      const truth = order[row] ?? row
      for (let column = 0; column < count; column++) {
        const prediction = order[column] ?? column
        const [red, green, blue] = cellColor(matrix[truth]?.[prediction] ?? 0, { truth, prediction }, scale, colors)
        const at = (row * count + column) * 4
        image.data[at] = red
        image.data[at + 1] = green
        image.data[at + 2] = blue
        image.data[at + 3] = 255
      }
    }
    context.putImageData(image, 0, 0)
  }, [matrix, order, scale, colors, count])

  const cellOf = (place: Cell): Cell => ({ truth: order[place.truth] ?? 0, prediction: order[place.prediction] ?? 0 })
  const wordsOf = (cell: Cell): string => cellLabel(classNames, cell, matrix[cell.truth]?.[cell.prediction] ?? 0, scale)
  const show = (place: Cell): void => {
    if (isRead && place.truth === cursor.truth && place.prediction === cursor.prediction) return
    setIsRead(true)
    setCursor(place)
    onActive(cellOf(place))
  }
  const placeAt = (event: MouseEvent<HTMLElement>): Cell => {
    const box = event.currentTarget.getBoundingClientRect()
    const at = (offset: number): number => Math.min(count - 1, Math.max(0, Math.floor(offset / cellSide)))
    return { truth: at(event.clientY - box.top), prediction: at(event.clientX - box.left) }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = steppedCell(event.key, cursor, count)
    if (next === null) return
    event.preventDefault()
    show(next)
    setSaid(wordsOf(cellOf(next)))
  }
  const leave = (): void => {
    setIsRead(false)
    onActive(null)
  }
  const chosen = selected === null || selected === undefined ? null : { truth: order.indexOf(selected.truth), prediction: order.indexOf(selected.prediction) }
  const placed = (place: Cell) => ({ left: place.prediction * cellSide - 1, top: place.truth * cellSide - 1, width: cellSide + 2, height: cellSide + 2 })

  return (
    <div
      className={classes.canvasFrame}
      style={{ width: side, height: side }}
      role="group"
      aria-label={label}
      onMouseMove={(event) => show(placeAt(event))}
      onMouseLeave={leave}
      onClick={(event) => onOpen?.(cellOf(placeAt(event)))}
    >
      <canvas ref={canvas} width={count} height={count} className={classes.canvas} aria-hidden />
      {isRead && (
        <>
          <span className={classes.guide} style={{ top: placed(cursor).top, height: cellSide + 2, left: 0, width: '100%' }} aria-hidden />
          <span className={classes.guide} style={{ left: placed(cursor).left, width: cellSide + 2, top: 0, height: '100%' }} aria-hidden />
        </>
      )}
      {chosen !== null && <span className={classes.chosen} style={placed(chosen)} aria-hidden />}
      <button
        type="button"
        className={classes.cursor}
        style={placed(cursor)}
        data-cell={selected === null || selected === undefined ? undefined : `${selected.truth}-${selected.prediction}`}
        aria-label={wordsOf(cellOf(cursor))}
        onKeyDown={onKeyDown}
        onFocus={() => (setIsRead(true), onActive(cellOf(cursor)))}
        onBlur={leave}
        onClick={(event) => (event.stopPropagation(), onOpen?.(cellOf(cursor)))}
      />
      <span className="visually-hidden" aria-live="polite">
        {said}
      </span>
    </div>
  )
}
