/** What a learning curve comes to, in words. */
import { t } from '@lingui/core/macro'
import type { ClassCurve, LearningCurve } from './suspects'

/** Below this a gain cannot be told from none when it is rounded to a tenth of a point. */
const LEAST_POINTS = 0.05

/** `1.2`, `−0.3`, `0`. */
function points(share: number): string {
  const text = (share * 100).toFixed(1)
  return Number(text) === 0 ? '0' : text.replace('-', '−')
}

/** `+1.2 points of recall, between 0 and 2.5`, or that none is to be seen. */
export function gainWords(curve: ClassCurve): string {
  if (curve.gain === null) return t`too few pictures to say`
  const { estimate, low, high } = curve.gain
  if (estimate * 100 < LEAST_POINTS) return high * 100 < LEAST_POINTS ? t`no gain to be seen` : t`no gain to be seen, at most ${{ most: points(high) }} points`
  return t`+${{ gain: points(estimate) }} points of recall, between ${{ low: points(low) }} and ${{ high: points(high) }}`
}

/** One line a class: `40 more of dandelion: +1.2 points of recall, between 0 and 2.5`. */
export function learningWords(curve: LearningCurve, classNames: readonly string[]): string[] {
  return curve.classes.map((one, k) => t`${{ count: curve.more }} more of ${{ name: classNames[k] ?? k }}: ${{ gain: one === null ? t`too few pictures to say` : gainWords(one) }}`)
}
