/** The confusion matrix of one run less that of another, on the pictures that both answered. A cell opens the pictures that came into it or left it. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useElementSize } from '@mantine/hooks'
import { useMemo, useState, type KeyboardEvent, type RefObject } from 'react'
import type { RunPair } from '../../../shared/domain/compare'
import { cssColor, inkOn } from '../../ui/colors'
import { fitted } from '../../ui/charts/line-panel'
import type { Cell } from '../../ui/matrix'
import classes from './changes.module.css'
import { differenceColor, signed, useDifferenceColors } from './difference-colors'

const NAME_WIDTH = 96
const HEAD_HEIGHT = 24
const LARGEST_CELL = 96

export interface DifferenceMatrixProps {
  pair: RunPair
  /** Letters of base and other. */
  names: { base: string; other: string }
  selected: Cell | null
  onOpen: (cell: Cell) => void
  box: RefObject<HTMLDivElement | null>
}

export function DifferenceMatrix(props: DifferenceMatrixProps) {
  const { pair, names, selected, onOpen, box } = props
  const { ref, width } = useElementSize()
  const colors = useDifferenceColors()
  const [focus, setFocus] = useState<Cell>({ truth: 0, prediction: 0 })
  const [active, setActive] = useState<Cell | null>(null)
  const count = pair.classes.length
  const cells = useMemo(() => new Map(pair.changed_cells.map((cell) => [cell.truth * count + cell.prediction, cell])), [pair, count])
  const largest = Math.max(0, ...pair.changed_cells.map((cell) => Math.abs(cell.other - cell.base)))
  const side = Math.max(14, Math.min(LARGEST_CELL, Math.floor((width - NAME_WIDTH - 2) / count)))
  const of = ({ truth, prediction }: Cell) => cells.get(truth * count + prediction) ?? null
  const name = (index: number): string => pair.classes[index] ?? ''
  const words = (cell: Cell): string => {
    const counts = of(cell)
    const where = cell.truth === cell.prediction ? t`${{ truth: name(cell.truth) }} recognised` : t`${{ truth: name(cell.truth) }} taken for ${{ answer: name(cell.prediction) }}`
    return counts === null
      ? t`${where}: as often in both`
      : t`${where}: ${{ baseCount: counts.base }} in ${{ base: names.base }}, ${{ otherCount: counts.other }} in ${{ other: names.other }} (${{ difference: signed(counts.other - counts.base) }})`
  }
  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>): void => {
    const moves: Record<string, readonly [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }
    const move = moves[event.key]
    if (move !== undefined) {
      event.preventDefault()
      const at = (value: number): number => Math.min(count - 1, Math.max(0, value))
      const next = { truth: at(focus.truth + move[0]), prediction: at(focus.prediction + move[1]) }
      setFocus(next)
      event.currentTarget.querySelector<SVGElement>(`[data-cell="${next.truth}-${next.prediction}"]`)?.focus()
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      onOpen(focus)
    }
  }
  const read = active ?? selected
  return (
    <div ref={ref}>
      <div ref={box}>
        {width > 0 && (
          <svg
            width={NAME_WIDTH + side * count + 2}
            height={HEAD_HEIGHT + side * count + 2}
            role="grid"
            aria-label={t`Confusion of ${{ other: names.other }} less that of ${{ base: names.base }}`}
            fontSize={12}
            className={classes.matrix}
            onKeyDown={onKeyDown}
          >
            <g role="row">
              <text role="columnheader" aria-label={t`Truth`} x={NAME_WIDTH - 8} y={HEAD_HEIGHT - 8} textAnchor="end" fill="var(--ink-3)">
                <Trans>truth ↓ said →</Trans>
              </text>
              {pair.classes.map((label, prediction) => (
                <text key={label} role="columnheader" aria-label={label} x={NAME_WIDTH + (prediction + 0.5) * side} y={HEAD_HEIGHT - 8} textAnchor="middle" fill="var(--ink-2)">
                  {fitted(label, side)}
                </text>
              ))}
            </g>
            {pair.classes.map((label, truth) => (
              <g key={label} role="row">
                <text role="rowheader" aria-label={label} x={NAME_WIDTH - 8} y={HEAD_HEIGHT + (truth + 0.5) * side} dy="0.35em" textAnchor="end" fill="var(--ink-2)">
                  {fitted(label, NAME_WIDTH)}
                </text>
                {pair.classes.map((_, prediction) => {
                  const cell = { truth, prediction }
                  const counts = of(cell)
                  const difference = counts === null ? 0 : counts.other - counts.base
                  const background = differenceColor(difference, largest, colors)
                  return (
                    <g
                      key={prediction}
                      role="gridcell"
                      tabIndex={focus.truth === truth && focus.prediction === prediction ? 0 : -1}
                      data-cell={`${truth}-${prediction}`}
                      data-selected={(selected?.truth === truth && selected.prediction === prediction) || undefined}
                      aria-label={words(cell)}
                      className={classes.cell}
                      onFocus={() => (setFocus(cell), setActive(cell))}
                      onBlur={() => setActive(null)}
                      onMouseEnter={() => setActive(cell)}
                      onMouseLeave={() => setActive(null)}
                      onClick={() => onOpen(cell)}
                    >
                      <rect
                        x={NAME_WIDTH + prediction * side + 1}
                        y={HEAD_HEIGHT + truth * side + 1}
                        width={side - 2}
                        height={side - 2}
                        rx={2}
                        fill={cssColor(background)}
                        stroke={truth === prediction ? 'var(--line-strong)' : 'none'}
                      />
                      {side >= 20 && (
                        <text x={NAME_WIDTH + (prediction + 0.5) * side} y={HEAD_HEIGHT + (truth + 0.5) * side} dy="0.35em" textAnchor="middle" fill={difference === 0 ? 'var(--ink-3)' : inkOn(background)}>
                          {signed(difference)}
                        </text>
                      )}
                    </g>
                  )
                })}
              </g>
            ))}
          </svg>
        )}
      </div>
      <p className={classes.reading}>{read === null ? <span className="meta">{t`Choose a cell to see the pictures that came into it or left it.`}</span> : words(read)}</p>
    </div>
  )
}

const MOST_LISTED = 40

/** In place of a matrix of many classes: the cells that changed most. */
export function ChangedCellList(props: Omit<DifferenceMatrixProps, 'box'>) {
  const { pair, names, selected, onOpen } = props
  const name = (index: number): string => pair.classes[index] ?? ''
  const listed = pair.changed_cells.slice(0, MOST_LISTED)
  return (
    <div className={classes.list}>
      <table className="plain" aria-label={t`What changed most from ${{ base: names.base }} to ${{ other: names.other }}`}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Truth</Trans>
            </th>
            <th scope="col">
              <Trans>Said</Trans>
            </th>
            <th scope="col" className="number">
              {names.base}
            </th>
            <th scope="col" className="number">
              {names.other}
            </th>
            <th scope="col" className="number">
              <Trans context="how many more or fewer">Change</Trans>
            </th>
          </tr>
        </thead>
        <tbody>
          {listed.map((cell) => (
            <tr key={`${cell.truth} ${cell.prediction}`} data-selected={(selected?.truth === cell.truth && selected.prediction === cell.prediction) || undefined}>
              <td>
                <button type="button" className="link-button" onClick={() => onOpen(cell)}>
                  {name(cell.truth)}
                </button>
              </td>
              <td>{name(cell.prediction)}</td>
              <td className="number">{cell.base}</td>
              <td className="number">{cell.other}</td>
              <td className="number">{signed(cell.other - cell.base)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {pair.changed_cells.length > listed.length && <p className="meta">{plural({ count: pair.changed_cells.length - listed.length }, { one: '# more cell changed less', other: '# more cells changed less' })}</p>}
    </div>
  )
}
