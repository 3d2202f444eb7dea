/** A confusion matrix of many classes as one picture, with a cursor that mouse and arrow keys move. */
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { cellColor, cellLabel, type Cell, type MatrixProps, type MatrixScale } from './matrix'
import classes from './confusion-matrix.module.css'
import type { MatrixColors } from './use-theme-colors'

export function MatrixCanvas(
  props: MatrixProps & { side: number; scale: MatrixScale; colors: MatrixColors; onActive: (cell: Cell | null) => void },
) {
  const { classNames, matrix, isNormalized, label, side, scale, colors, onActive, onOpen } = props
  const canvas = useRef<HTMLCanvasElement>(null)
  const [cursor, setCursor] = useState<Cell>({ truth: 0, prediction: 0 })
  const count = classNames.length
  const cellSide = side / count

  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    const image = context.createImageData(count, count)
    for (let truth = 0; truth < count; truth++) {
      for (let prediction = 0; prediction < count; prediction++) {
        const color = cellColor(matrix[truth]?.[prediction] ?? 0, { truth, prediction }, scale, isNormalized, colors)
        image.data.set([...color, 255], (truth * count + prediction) * 4)
      }
    }
    context.putImageData(image, 0, 0)
  }, [matrix, isNormalized, scale, colors, count])

  const show = (cell: Cell): void => {
    setCursor(cell)
    onActive(cell)
  }
  const cellAt = (event: MouseEvent<HTMLElement>): Cell => {
    const box = event.currentTarget.getBoundingClientRect()
    const at = (offset: number): number => Math.min(count - 1, Math.max(0, Math.floor(offset / cellSide)))
    return { truth: at(event.clientY - box.top), prediction: at(event.clientX - box.left) }
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
    const move = moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    const at = (value: number): number => Math.min(count - 1, Math.max(0, value))
    show({ truth: at(cursor.truth + move[0]), prediction: at(cursor.prediction + move[1]) })
  }

  return (
    <div
      className={classes.canvasFrame}
      style={{ width: side, height: side }}
      role="group"
      aria-label={label}
      onMouseMove={(event) => show(cellAt(event))}
      onMouseLeave={() => onActive(null)}
      onClick={(event) => onOpen?.(cellAt(event))}
    >
      <canvas ref={canvas} width={count} height={count} className={classes.canvas} aria-hidden />
      <button
        type="button"
        className={classes.cursor}
        style={{ left: cursor.prediction * cellSide - 1, top: cursor.truth * cellSide - 1, width: cellSide + 2, height: cellSide + 2 }}
        aria-label={cellLabel(classNames, cursor, matrix[cursor.truth]?.[cursor.prediction] ?? 0)}
        onKeyDown={onKeyDown}
        onFocus={() => onActive(cursor)}
        onClick={(event) => (event.stopPropagation(), onOpen?.(cursor))}
      />
    </div>
  )
}
