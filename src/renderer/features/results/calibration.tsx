/** Whether the model is right as often as it says: the reliability diagram, as it is and at its temperature. */
import type { Calibration, ReliabilityReport } from '../../../shared/domain/metrics'
import { formatPlural, formatShare } from '../../ui/format'
import classes from './calibration.module.css'

const SIDE = 200
const TICKS = [0, 0.5, 1]

function Diagram({ title, side }: { title: string; side: ReliabilityReport }) {
  const at = (value: number): number => (1 - value) * SIDE
  return (
    <figure className={classes.diagram}>
      <figcaption>
        <span className="strong">{title}</span>
        <span className="meta">off by {formatShare(side.expected_calibration_error)} on average</span>
      </figcaption>
      <svg viewBox={`-42 -6 ${SIDE + 50} ${SIDE + 42}`} width={SIDE + 50} height={SIDE + 42} role="img" aria-label={`Reliability diagram, ${title}`}>
        {TICKS.map((tick) => (
          <g key={tick} className={classes.axis}>
            <line x1={0} x2={SIDE} y1={at(tick)} y2={at(tick)} />
            <text x={-6} y={at(tick)} dy="0.32em" textAnchor="end">
              {tick * 100} %
            </text>
            <text x={tick * SIDE} y={SIDE + 16} textAnchor={tick === 0 ? 'start' : tick === 1 ? 'end' : 'middle'}>
              {tick * 100} %
            </text>
          </g>
        ))}
        {side.bins
          .filter(({ count }) => count > 0)
          .map(({ low, high, count, accuracy, confidence }) => {
            const [x, width] = [low * SIDE + 0.5, (high - low) * SIDE - 1]
            const [lower, upper] = [Math.min(accuracy, confidence), Math.max(accuracy, confidence)]
            return (
              <g key={low}>
                <title>{`${formatPlural(count, 'picture')}: ${formatShare(confidence)} sure, ${formatShare(accuracy)} right`}</title>
                <rect className={classes.right} x={x} width={width} y={at(lower)} height={lower * SIDE} />
                <rect className={classes.gap} x={x} width={width} y={at(upper)} height={(upper - lower) * SIDE} />
                <line className={classes.accuracy} x1={x} x2={x + width} y1={at(accuracy)} y2={at(accuracy)} />
              </g>
            )
          })}
        <line className={classes.ideal} x1={0} y1={SIDE} x2={SIDE} y2={0} />
        <text className={classes.title} x={SIDE / 2} y={SIDE + 32} textAnchor="middle">
          sure
        </text>
      </svg>
    </figure>
  )
}

const MISSING: Readonly<Record<NonNullable<Calibration['temperature_missing']>, string>> = {
  'no validation pictures': 'There is no temperature: it would be fitted on validation pictures, and there are none.',
  'every answer is right': 'There is no temperature: with every validation picture right, any lower one would be better still.',
  'no better than chance': 'There is no temperature: the answers are no better than chance.',
}

export function CalibrationView({ calibration }: { calibration: Calibration }) {
  const { before, after, temperature, temperature_missing: missing } = calibration
  return (
    <div className={classes.frame}>
      <Diagram title="As it answers" side={before} />
      {after !== null && temperature !== null && <Diagram title={`At temperature ${temperature.toFixed(2)}`} side={after} />}
      <div className={classes.words}>
        <p>On the dashed line a model is right as often as it says. Orange shows how far it is off.</p>
        {after !== null && temperature !== null ? (
          <p>
            {temperature > 1 ? 'It is surer than it is right.' : 'It is less sure than it is right.'} Dividing its logits by {temperature.toFixed(3)}, which is fitted on the validation pictures, brings the error from{' '}
            {formatShare(before.expected_calibration_error)} to {formatShare(after.expected_calibration_error)}. Which class is the likeliest never changes.
          </p>
        ) : (
          <p>{missing === null ? '' : MISSING[missing]}</p>
        )}
      </div>
    </div>
  )
}
