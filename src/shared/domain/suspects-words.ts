/** What a learning curve comes to, in words. */
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
  if (curve.gain === null) return 'too few pictures to say'
  const { estimate, low, high } = curve.gain
  if (estimate * 100 < LEAST_POINTS) return high * 100 < LEAST_POINTS ? 'no gain to be seen' : `no gain to be seen, at most ${points(high)} points`
  return `+${points(estimate)} points of recall, between ${points(low)} and ${points(high)}`
}

/** One line a class: `40 more of dandelion: +1.2 points of recall, between 0 and 2.5`. */
export function learningWords(curve: LearningCurve, classNames: readonly string[]): string[] {
  return curve.classes.map((one, k) => `${curve.more} more of ${classNames[k] ?? k}: ${one === null ? 'too few pictures to say' : gainWords(one)}`)
}
