/** Curves without their noise. */
import type { Point } from './lttb'

/**
 * Exponential moving average as TensorBoard draws it, with its start corrected as Adam corrects its moments (Kingma and Ba 2015, section 3): the first point stays where
 * it is. @param weight of what came before, from 0 (the points themselves) to below 1
 */
export function smoothed(points: readonly Point[], weight: number): Point[] {
  let sum = 0
  let share = 0
  return points.map(({ x, y }) => {
    sum = weight * sum + (1 - weight) * y
    share = weight * share + (1 - weight)
    return { x, y: sum / share }
  })
}
