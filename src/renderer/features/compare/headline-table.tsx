/** The runs and their figures, which is the legend of everything below as well. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { FEWEST_COMPARED, type ComparedRun, type MeasuredRun, type RunComparison } from '../../../shared/domain/compare'
import { toCsv } from '../../../shared/domain/csv'
import type { Split } from '../../../shared/domain/dataset'
import { go, usePlace } from '../../state/place'
import { screenOf } from '../../state/run-screen'
import { formatCount, formatDuration, formatShare } from '../../ui/format'
import { letterOf, runColor } from './compared-names'
import classes from './compare-screen.module.css'
import { TakeAwayMenu } from './take-away-menu'
import { whiskerScale } from './whisker-scale'

const WHISKER_WIDTH = 132
const WHISKER_HEIGHT = 16

const intervalWords = (interval: MeasuredRun['accuracy_interval']): string =>
  interval === null ? t`no interval` : t`${{ low: formatShare(interval.low) }} to ${{ high: formatShare(interval.high) }}`

export function HeadlineTable(props: { runs: readonly ComparedRun[]; comparison: RunComparison | null; split: Split }) {
  const { runs, comparison, split } = props
  const ids = usePlace((place) => place.comparedIds)
  const measured = useMemo(() => comparison?.measured ?? [], [comparison])
  const scale = useMemo(() => whiskerScale(measured), [measured])
  const of = (runId: string): MeasuredRun | null => measured.find((entry) => entry.run_id === runId) ?? null
  const makeBase = (runId: string): void => usePlace.setState({ comparedIds: [runId, ...ids.filter((id) => id !== runId)] })
  const drop = (runId: string): void => usePlace.setState({ comparedIds: ids.filter((id) => id !== runId) })
  const csv = (): string =>
    toCsv([
      ['run', 'name', 'pictures', 'accuracy', 'accuracy_low', 'accuracy_high', 'macro_f1', 'macro_f1_low', 'macro_f1_high', 'best_epoch', 'seconds'],
      ...runs.map(({ run }, index) => {
        const figures = of(run.run_id)
        const between = (interval: MeasuredRun['accuracy_interval'] | undefined): (string | number)[] => [interval?.low ?? '', interval?.high ?? '']
        return [letterOf(index), run.name, figures?.count ?? '', figures?.accuracy ?? '', ...between(figures?.accuracy_interval), figures?.macro_f1 ?? '', ...between(figures?.macro_f1_interval), run.best_epoch ?? '', run.total_s]
      }),
    ])
  return (
    <section aria-label={t`Figures`} className={classes.headline}>
      <table className="plain" aria-label={t`Runs side by side`}>
        <thead>
          <tr>
            <th scope="col">
              <Trans>Run</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Accuracy</Trans>
            </th>
            <th scope="col">
              <span className={classes.scale} style={{ width: WHISKER_WIDTH }} aria-hidden>
                <span>{measured.length === 0 ? '' : formatShare(scale.low, 0)}</span>
                <span>{measured.length === 0 ? '' : formatShare(scale.high, 0)}</span>
              </span>
              <Trans>95 % interval</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Macro-F1</Trans>
            </th>
            <th scope="col" className="number">
              {split === 'val' ? t`Validation pictures` : t`Test pictures`}
            </th>
            <th scope="col" className="number">
              <Trans>Best epoch</Trans>
            </th>
            <th scope="col" className="number">
              <Trans>Time</Trans>
            </th>
            <th scope="col">
              <TakeAwayMenu title={t`Figures of the runs`} csv={csv} />
            </th>
          </tr>
        </thead>
        <tbody>
          {runs.map(({ run }, index) => {
            const figures = of(run.run_id)
            return (
              <tr key={run.run_id}>
                <th scope="row" className={classes.runCell}>
                  <span className={classes.runName}>
                    <span className={classes.letter} style={{ background: runColor(index) }}>
                      {letterOf(index)}
                    </span>
                    <button type="button" className={`link-button ellipsis ${classes.open ?? ''}`} title={t`Open ${{ name: run.name }}`} onClick={() => go(screenOf(run), { runId: run.run_id })}>
                      {run.name}
                    </button>
                    {index === 0 ? (
                      <span className={classes.badge}>{t`base`}</span>
                    ) : (
                      <button type="button" className={`link-button ${classes.makeBase ?? ''}`} aria-label={t`Compare the others with ${{ name: run.name }}`} onClick={() => makeBase(run.run_id)}>
                        <Trans>make base</Trans>
                      </button>
                    )}
                  </span>
                </th>
                <td className="number strong">{formatShare(figures?.accuracy)}</td>
                <td>
                  <span className={classes.whisker}>
                    {figures === null ? <span className="meta">{t`not measured`}</span> : <Whisker figures={figures} scale={scale} color={runColor(index)} />}
                    {figures !== null && <span className="meta">{intervalWords(figures.accuracy_interval)}</span>}
                  </span>
                </td>
                <td className="number" title={figures === null ? undefined : intervalWords(figures.macro_f1_interval)}>
                  {formatShare(figures?.macro_f1)}
                </td>
                <td className="number">{figures === null ? '–' : formatCount(figures.count)}</td>
                <td className="number">
                  {run.best_epoch ?? '–'}
                  {run.best_epoch !== null && <span className="meta"> {t`of ${{ count: formatCount(run.epochs_done) }}`}</span>}
                </td>
                <td className="number">{run.total_s > 0 ? formatDuration(run.total_s) : '–'}</td>
                <td className={classes.dropCell}>
                  {runs.length > FEWEST_COMPARED && (
                    <ActionIcon aria-label={t`Leave out ${{ name: run.name }}`} size={24} onClick={() => drop(run.run_id)}>
                      <IconX size={14} aria-hidden />
                    </ActionIcon>
                  )}
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

function Whisker(props: { figures: MeasuredRun; scale: { low: number; high: number }; color: string }) {
  const { figures, scale, color } = props
  const at = (share: number): number => 4 + ((share - scale.low) / (scale.high - scale.low)) * (WHISKER_WIDTH - 8)
  const middle = WHISKER_HEIGHT / 2
  const { accuracy, accuracy_interval: interval } = figures
  return (
    <svg width={WHISKER_WIDTH} height={WHISKER_HEIGHT} aria-hidden className={classes.plot}>
      <line x1={4} x2={WHISKER_WIDTH - 4} y1={middle} y2={middle} stroke="var(--chart-grid)" />
      {interval !== null && <line x1={at(interval.low)} x2={at(interval.high)} y1={middle} y2={middle} stroke={color} strokeWidth={2} />}
      {interval !== null && [interval.low, interval.high].map((end) => <line key={end} x1={at(end)} x2={at(end)} y1={middle - 4} y2={middle + 4} stroke={color} strokeWidth={1.5} />)}
      <circle cx={at(accuracy)} cy={middle} r={3.5} fill={color} stroke="var(--paper)" />
    </svg>
  )
}
