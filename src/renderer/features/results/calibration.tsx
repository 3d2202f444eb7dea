/** Whether the model is right as often as it says: the reliability diagram, as it is and at its temperature. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import type { Calibration, Prediction, ReliabilityReport } from '../../../shared/domain/metrics'
import { formatCount, formatShare } from '../../ui/format'
import { equalCountReliability } from './calibration-bins'
import classes from './calibration.module.css'

const SIDE = 200
const TICKS = [0, 0.5, 1]
/** Height of the counts below the diagram. */
const COUNTS = 32
const COUNTS_TOP = SIDE + 6
const AXIS = COUNTS_TOP + COUNTS

type Side = Pick<ReliabilityReport, 'bins' | 'expected_calibration_error'>

function Diagram({ title, side }: { title: string; side: Side }) {
  const most = Math.max(1, ...side.bins.map(({ count }) => count))
  const at = (value: number): number => (1 - value) * SIDE
  return (
    <figure className={classes.diagram}>
      <figcaption>
        <span className="strong">{title}</span>
        <span className="meta">
          <Trans>off by {{ error: formatShare(side.expected_calibration_error) }} on average</Trans>
        </span>
      </figcaption>
      <svg viewBox={`-46 -6 ${SIDE + 54} ${AXIS + 42}`} width={SIDE + 54} height={AXIS + 42} role="img" aria-label={t`Reliability diagram, ${title}`}>
        {TICKS.map((tick) => (
          <g key={tick} className={classes.axis}>
            <line x1={0} x2={SIDE} y1={at(tick)} y2={at(tick)} />
            <text x={-6} y={at(tick)} dy="0.32em" textAnchor="end">
              {tick * 100} %
            </text>
            <text x={tick * SIDE} y={AXIS + 16} textAnchor={tick === 0 ? 'start' : tick === 1 ? 'end' : 'middle'}>
              {tick * 100} %
            </text>
          </g>
        ))}
        {side.bins
          .filter(({ count }) => count > 0)
          .map(({ low, high, count, accuracy, confidence }) => {
            const [x, width] = [low * SIDE + 0.5, Math.max(1, (high - low) * SIDE - 1)]
            const [lower, upper] = [Math.min(accuracy, confidence), Math.max(accuracy, confidence)]
            return (
              <g key={`${low} ${high} ${confidence}`}>
                <title>{t`${plural(count, { one: '# picture', other: '# pictures' })}: ${{ confidence: formatShare(confidence) }} sure, ${{ accuracy: formatShare(accuracy) }} right`}</title>
                <rect className={classes.right} x={x} width={width} y={at(lower)} height={lower * SIDE} />
                <rect className={classes.gap} x={x} width={width} y={at(upper)} height={(upper - lower) * SIDE} />
                <rect className={classes.count} x={x} width={width} y={AXIS - Math.max(1, (count / most) * COUNTS)} height={Math.max(1, (count / most) * COUNTS)} />
                <line className={classes.accuracy} x1={x} x2={x + width} y1={at(accuracy)} y2={at(accuracy)} />
              </g>
            )
          })}
        <line className={classes.base} x1={0} x2={SIDE} y1={AXIS} y2={AXIS} />
        <text className={classes.title} x={-6} y={COUNTS_TOP + COUNTS / 2} dy="0.32em" textAnchor="end">
          {formatCount(most)}
        </text>
        <line className={classes.ideal} x1={0} y1={SIDE} x2={SIDE} y2={0} />
        <text className={classes.title} x={SIDE / 2} y={AXIS + 32} textAnchor="middle">
          <Trans>sure</Trans>
        </text>
      </svg>
    </figure>
  )
}

const MISSING: Readonly<Record<NonNullable<Calibration['temperature_missing']>, string>> = {
  'no validation pictures': t`There is no temperature: it would be fitted on validation pictures, and there are none.`,
  'every answer is right': t`There is no temperature: with every validation picture right, any lower one would be better still.`,
  'no better than chance': t`There is no temperature: the answers are no better than chance.`,
}

export function CalibrationView({ calibration, predictions }: { calibration: Calibration; predictions: readonly Prediction[] }) {
  const [isEqualCount, setIsEqualCount] = useState(false)
  const { temperature, temperature_missing: missing } = calibration
  const sides = useMemo(() => {
    if (!isEqualCount) return { before: calibration.before, after: calibration.after }
    return { before: equalCountReliability(predictions, null), after: calibration.temperature === null ? null : equalCountReliability(predictions, calibration.temperature) }
  }, [isEqualCount, calibration, predictions])
  const { before, after } = sides
  return (
    <div className={classes.frame}>
      <Diagram title={t`As it answers`} side={before} />
      {after !== null && temperature !== null && <Diagram title={t`At temperature ${{ temperature: temperature.toFixed(2) }}`} side={after} />}
      <div className={classes.words}>
        <SegmentedControl
          className={classes.bins ?? ''}
          aria-label={t`Bins of the diagram`}
          value={isEqualCount ? 'count' : 'width'}
          onChange={(value) => setIsEqualCount(value === 'count')}
          data={[
            { value: 'width', label: t`Equal widths` },
            { value: 'count', label: t`Equal counts` },
          ]}
        />
        <p>
          <Trans>On the dashed line a model is right as often as it says. Orange shows how far it is off, the bars below how many pictures each answer rests on.</Trans>
          {isEqualCount ? ` ${t`Each bar holds as many pictures, so that none rests on a few.`}` : ''}
        </p>
        <p>
          <Trans>
            Expected calibration error: {{ error: formatShare(before.expected_calibration_error) }}. So far is how sure it is from how often it is right, on average over the pictures. At 0 it could be taken at its word.
          </Trans>
        </p>
        {after !== null && temperature !== null ? (
          <p>
            {temperature > 1 ? t`It is surer than it is right.` : t`It is less sure than it is right.`}{' '}
            <Trans>
              Dividing its logits by {{ temperature: temperature.toFixed(3) }}, which is fitted on the validation pictures, brings the error from{' '}
              {{ before: formatShare(before.expected_calibration_error) }} to {{ after: formatShare(after.expected_calibration_error) }}. Which class is the likeliest never changes.
            </Trans>
          </p>
        ) : (
          <p>{missing === null ? '' : MISSING[missing]}</p>
        )}
      </div>
    </div>
  )
}
