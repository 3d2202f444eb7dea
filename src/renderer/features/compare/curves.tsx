/** How the runs learned, one metric at a time, and what each had at an epoch. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl, Switch } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import type { ComparedRun } from '../../../shared/domain/compare'
import { toCsv } from '../../../shared/domain/csv'
import { formatCount } from '../../ui/format'
import { CompareSection } from './compare-section'
import { letterOf, runColor } from './compared-names'
import classes from './curves.module.css'
import { CURVE_METRICS, curveLines, extremes, valueAt } from './curve-lines'
import { OverlayChart } from './overlay-chart'

export function Curves(props: { runs: readonly ComparedRun[] }) {
  const { runs } = props
  const [metricKey, setMetricKey] = useState('accuracy')
  const [isTrainShown, setTrainShown] = useState(true)
  const [hoverEpoch, setHoverEpoch] = useState<number | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const metric = CURVE_METRICS.find(({ key }) => key === metricKey) ?? CURVE_METRICS[0]
  const { lines, range } = useMemo(() => {
    const drawn = metric === undefined ? [] : curveLines(runs, metric, isTrainShown)
    const range = metric?.range(extremes(drawn))
    return { lines: drawn, range }
  }, [runs, metric, isTrainShown])
  const boundaries = useMemo(() => runs.flatMap(({ stages }, index) => stages.filter(({ first_epoch: epoch }) => epoch > 1).map(({ first_epoch: epoch }) => ({ index, epoch }))), [runs])
  if (metric === undefined || range === undefined) return null
  const epochs = Math.max(1, ...lines.map((line) => line.points.at(-1)?.x ?? 0))
  const hasCurves = lines.some((line) => line.points.length > 0)
  const read = (index: number, isTrain: boolean): string => {
    const line = lines.find((entry) => entry.index === index && entry.isTrain === isTrain)
    // Where the pointer is nowhere: the best epoch, whose weights are kept.
    const epoch = hoverEpoch ?? runs[index]?.run.best_epoch ?? null
    const value = line === undefined || epoch === null ? null : valueAt(line.points, epoch)
    return value === null ? '–' : metric.format(value)
  }
  const said = hoverEpoch === null ? t`best epochs` : t`epoch ${{ epoch: hoverEpoch }}: ${{ values: runs.map((_, index) => `${letterOf(index)} ${read(index, false)}`).join(', ') }}`
  const hasTrain = metric.train !== null && isTrainShown
  const csv = (): string => {
    const all = [...new Set(lines.flatMap((line) => line.points.map((point) => point.x)))].sort((a, b) => a - b)
    return toCsv([['epoch', ...lines.map((line) => `${runs[line.index]?.run.name ?? ''} ${line.isTrain ? 'train' : 'validation'}`)], ...all.map((epoch) => [epoch, ...lines.map((line) => valueAt(line.points, epoch) ?? '')])])
  }
  return (
    <CompareSection
      title={t`Curves`}
      beside={
        <>
          <SegmentedControl aria-label={t`Metric`} data={CURVE_METRICS.map(({ key, label }) => ({ value: key, label }))} value={metricKey} onChange={setMetricKey} />
          {metric.train !== null && <Switch label={t`Training too`} checked={isTrainShown} onChange={(event) => setTrainShown(event.currentTarget.checked)} />}
        </>
      }
      takeAway={{ title: metric.title, csv, box }}
    >
      {hasCurves ? (
        <div className={classes.body}>
          <OverlayChart
            label={metric.chart}
            lines={lines}
            range={range}
            formatTick={metric.formatTick}
            epochs={epochs}
            boundaries={boundaries}
            hoverEpoch={hoverEpoch}
            onHover={setHoverEpoch}
            said={said}
            box={box}
          />
          <table className={`plain ${classes.reading ?? ''}`} aria-label={t`Values at the epoch`}>
            <thead>
              <tr>
                <th scope="col">{hoverEpoch === null ? t`Best epoch` : t`Epoch ${{ epoch: formatCount(hoverEpoch) }}`}</th>
                {hasTrain && (
                  <th scope="col" className="number">
                    <span className={classes.key} data-kind="train" aria-hidden /> <Trans>train</Trans>
                  </th>
                )}
                <th scope="col" className="number">
                  <span className={classes.key} aria-hidden /> {metric.train === null ? t`value` : t`val`}
                </th>
              </tr>
            </thead>
            <tbody>
              {runs.map(({ run }, index) => (
                <tr key={run.run_id}>
                  <th scope="row" title={run.name}>
                    <span className={classes.name}>
                      <span className={classes.letter} style={{ color: runColor(index) }}>
                        {letterOf(index)}
                      </span>
                      <span className="ellipsis">{hoverEpoch === null && run.best_epoch !== null ? formatCount(run.best_epoch) : run.name}</span>
                    </span>
                  </th>
                  {hasTrain && <td className="number">{read(index, true)}</td>}
                  <td className="number strong">{read(index, false)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="meta">
          <Trans>None of these runs has an epoch to draw: they were trained elsewhere, or have just begun.</Trans>
        </p>
      )}
    </CompareSection>
  )
}
