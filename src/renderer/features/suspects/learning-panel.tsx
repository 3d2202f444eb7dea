/** What more pictures of a class would bring: a line of words for each class, and the curve of the one chosen. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import type { ClassCurve, LearningCurve } from '../../../shared/domain/suspects'
import { gainWords } from '../../../shared/domain/suspects-words'
import { classColor } from '../../ui/class-colors'
import { rangeOfShares } from '../../ui/charts/axis'
import { formatShare } from '../../ui/format'
import classes from './suspects.module.css'

const MOST_CLASSES = 40

export function LearningPanel({ curve, classNames }: { curve: LearningCurve; classNames: readonly string[] }) {
  // The largest gain first: that is where pictures are worth their trouble.
  const order = curve.classes.map((one, k) => ({ one, k })).sort((a, b) => (b.one?.gain?.estimate ?? -1) - (a.one?.gain?.estimate ?? -1))
  const [chosen, setChosen] = useState(order[0]?.k ?? 0)
  const shown = curve.classes[chosen] ?? null
  return (
    <section className={classes.learning} aria-labelledby="learning-title">
      <div>
        <h3 id="learning-title">{plural({ count: curve.more }, { one: 'What # more picture would bring', other: 'What # more pictures would bring' })}</h3>
        <ul className={classes.gains}>
          {order.slice(0, MOST_CLASSES).map(({ one, k }) => (
            <li key={k}>
              <button type="button" className={classes.gain} aria-pressed={k === chosen} onClick={() => setChosen(k)}>
                <span className={classes.swatch} style={{ background: classColor(k) }} aria-hidden />
                <span className={classes.gainWords}>
                  <span className="strong">
                    <Trans>
                      {{ count: curve.more }} more of {{ name: classNames[k] ?? '' }}
                    </Trans>
                  </span>
                  <span>{one === null ? t`too few pictures to say` : gainWords(one)}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
        <p className="meta">
          <Trans>The same head on the same features, with pictures of one class left out; the shaded band holds 95&nbsp;% of the redrawn curves. A network that trains its backbone may gain more.</Trans>
        </p>
      </div>
      {shown !== null && <Curve curve={shown} name={classNames[chosen] ?? ''} color={classColor(chosen)} more={curve.more} />}
    </section>
  )
}

const WIDTH = 420
const HEIGHT = 220
const [LEFT, RIGHT, TOP, BOTTOM] = [48, 24, 14, 40]

function Curve({ curve, name, color, more }: { curve: ClassCurve; name: string; color: string; more: number }) {
  const { points, law } = curve
  const [first, last] = [law[0]?.pictures ?? 1, law.at(-1)?.pictures ?? 2]
  const measured = points.at(-1)?.pictures ?? last
  const range = rangeOfShares([...points.map(({ recall }) => recall), ...law.map(({ low }) => low)])
  const x = (pictures: number): number => LEFT + (Math.log(pictures / first) / Math.log(last / first)) * (WIDTH - LEFT - RIGHT)
  const y = (recall: number): number => TOP + (1 - (Math.max(range.low, recall) - range.low) / (range.high - range.low)) * (HEIGHT - TOP - BOTTOM)
  const lineOf = (part: readonly (typeof law)[number][]): string => part.map((at) => `${x(at.pictures).toFixed(1)},${y(at.recall).toFixed(1)}`).join(' ')
  const band = [...law.map((at) => `${x(at.pictures).toFixed(1)},${y(at.high).toFixed(1)}`), ...[...law].reverse().map((at) => `${x(at.pictures).toFixed(1)},${y(at.low).toFixed(1)}`)].join(' ')
  const shares = points.map(({ pictures, recall }) => t`${{ share: formatShare(recall) }} from ${pictures}`).join(', ')
  return (
    <figure className={classes.curve}>
      <figcaption className="meta">
        <Trans>Share of held-out {name} that is recognised</Trans>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={t`Share of ${name} that is recognised: ${{ shares }}`}>
        {range.ticks.map((tick) => (
          <g key={tick} className={classes.axis}>
            <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 8} y={y(tick)} dy="0.32em" textAnchor="end">
              {Math.round(tick * 100)} %
            </text>
          </g>
        ))}
        <polygon points={band} fill={color} fillOpacity={0.18} />
        <polyline points={lineOf(law.filter(({ pictures }) => pictures <= measured))} fill="none" stroke={color} strokeWidth={2} />
        <polyline points={lineOf(law.filter(({ pictures }, i) => (law[i + 1]?.pictures ?? pictures) > measured))} fill="none" stroke={color} strokeWidth={2} strokeDasharray="4 3" />
        {points.map(({ pictures, recall }) => (
          <g key={pictures} className={classes.axis}>
            <circle cx={x(pictures)} cy={y(recall)} r={3.5} fill={color} />
            <text x={x(pictures)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
              {pictures}
            </text>
          </g>
        ))}
        <text className={classes.axisTitle} x={x(last)} y={HEIGHT - BOTTOM + 16} textAnchor="middle">
          {measured + more}
        </text>
        <text className={classes.axisTitle} x={WIDTH - RIGHT} y={HEIGHT - 6} textAnchor="end">
          <Trans>pictures learned from; dashed: {more} more</Trans>
        </text>
      </svg>
    </figure>
  )
}
