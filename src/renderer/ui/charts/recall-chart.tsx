/** The recall of each class over the epochs: all of a few classes, of many the worst and those that one chooses. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TextInput } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { CLASS_HUES, classColor } from '../class-colors'
import { formatCount, formatShare } from '../format'
import { rangeOfShares } from './axis'
import { within } from './epoch-window'
import { type Band, LinePanel, type Series, type SharedView } from './line-panel'
import classes from './recall-chart.module.css'
import { recallPoints, recallsOf, worstFirst } from './recalls'

/** So many lines can be told apart and named at their ends. */
const MOST_LINES = 12
const WORST = 6
const DASHES = [undefined, '6 3', '2 3'] as const
/** Rows of the list, drawn anew with each epoch; a search finds the others. */
const MOST_ROWS = 50

interface RecallChartProps {
  epochs: readonly EpochRecord[]
  classNames: readonly string[]
  planned: number
  bestEpoch: number | null
  bands: readonly Band[]
  view: SharedView
}

export function RecallChart({ epochs, classNames, planned, bestEpoch, bands, view }: RecallChartProps) {
  const [chosen, setChosen] = useState<ReadonlySet<number> | null>(null)
  const [search, setSearch] = useState('')
  const isMany = classNames.length > MOST_LINES
  const newest = epochs.at(-1)
  const { order, hold, release } = useHeldOrder(newest, classNames.length, isMany)
  const worst = useMemo(() => (newest === undefined ? [] : worstFirst(recallsOf(newest), classNames.length).slice(0, WORST)), [newest, classNames.length])
  const shown = useMemo(() => (chosen !== null ? [...chosen] : isMany ? worst : classNames.map((_, index) => index)).slice(0, MOST_LINES).sort((a, b) => a - b), [chosen, isMany, worst, classNames])
  const series = useMemo(
    () =>
      shown.map((index): Series => {
        // Of lines of one hue, each is drawn in another way; the names at their ends say the rest.
        const dash = DASHES[shown.filter((other) => other < index && other % CLASS_HUES === index % CLASS_HUES).length % DASHES.length]
        return { label: classNames[index] ?? '', kind: 'class', color: classColor(index), ...(dash === undefined ? {} : { dash }), points: recallPoints(epochs, index) }
      }),
    [epochs, shown, classNames],
  )
  const range = useMemo(() => rangeOfShares(series.flatMap(({ points }) => within(points, view.window).map(({ y }) => y))), [series, view.window])
  const at = epochs.find(({ epoch }) => epoch === view.hoverEpoch) ?? (view.window === null ? newest : (epochs.findLast(({ epoch }) => epoch <= (view.window?.last ?? epoch)) ?? newest))
  const recalls = at === undefined ? [] : recallsOf(at)
  const found = order.filter((index) => (classNames[index] ?? '').toLocaleLowerCase('en').includes(search.trim().toLocaleLowerCase('en')))
  const toggle = (index: number): void => {
    const next = new Set(shown)
    if (!next.delete(index)) next.add(index)
    setChosen(next)
  }
  return (
    <div className={classes.root}>
      <LinePanel
        {...view}
        title={t`Recall`}
        unit={`${t`by class, validation`}${isMany && chosen === null ? ` · ${t`the worst ${{ count: WORST }} of ${{ classes: formatCount(classNames.length) }}`}` : ''}`}
        series={series}
        range={range}
        format={formatShare}
        formatTick={wholeShare}
        epochs={planned}
        bestEpoch={bestEpoch}
        bands={bands}
        hasOwnValues
      />
      <section className={classes.side} aria-label={t`Recall by class`} onMouseEnter={hold} onMouseLeave={release} onFocus={hold} onBlur={release}>
        <div className={classes.sideHead}>
          <span className="meta">{at === undefined ? t`Class` : t`epoch ${{ epoch: at.epoch }}`}</span>
          {chosen !== null && (
            <Button variant="subtle" size="compact-xs" onClick={() => setChosen(null)}>
              {isMany ? t`Worst ${{ count: WORST }}` : t`All`}
            </Button>
          )}
        </div>
        {isMany && <TextInput size="xs" aria-label={t`Search classes`} placeholder={t`Search classes`} value={search} onChange={(event) => setSearch(event.currentTarget.value)} />}
        <ul className={classes.list} aria-label={t`Classes in the chart`}>
          {found.slice(0, MOST_ROWS).map((index) => {
            const isShown = shown.includes(index)
            return (
              <li key={index}>
                <button type="button" className={classes.row} aria-pressed={isShown} disabled={!isShown && shown.length >= MOST_LINES} title={classNames[index]} onClick={() => toggle(index)}>
                  <span className={classes.swatch} style={{ background: isShown ? classColor(index) : 'transparent', borderColor: classColor(index) }} aria-hidden />
                  <span className="ellipsis">{classNames[index]}</span>
                  <span className={classes.value}>{formatShare(recalls[index] ?? null, 0)}</span>
                </button>
              </li>
            )
          })}
        </ul>
        {found.length > MOST_ROWS && <p className="meta"><Trans>{{ count: formatCount(found.length - MOST_ROWS) }} more: search for them</Trans></p>}
        {found.length === 0 && <p className="meta"><Trans>No class is called that.</Trans></p>}
      </section>
    </div>
  )
}

const wholeShare = (value: number): string => formatShare(value, 0)

/** A list of many has the worst first, and stays as it is while somebody is in it. */
function useHeldOrder(newest: EpochRecord | undefined, count: number, isMany: boolean): { order: readonly number[]; hold: () => void; release: () => void } {
  const [isHeld, setIsHeld] = useState(false)
  const kept = useRef<readonly number[]>([])
  const order = useMemo(() => {
    if (isHeld && kept.current.length === count) return kept.current
    return isMany && newest !== undefined ? worstFirst(recallsOf(newest), count) : Array.from({ length: count }, (_, index) => index)
  }, [newest, count, isMany, isHeld])
  kept.current = order
  return { order, hold: () => setIsHeld(true), release: () => setIsHeld(false) }
}
