/** Parts of a dataset that take turns at being held out: each class spread evenly over them, what looks alike never in two. */
import { KeyedRandom } from '../../../shared/domain/random'

/**
 * The largest groups first, each to the fold that its classes are rarest in so far; among equals to the fold with the fewest pictures, in an order drawn by `seed`.
 *
 * @param groups for each picture its group's number; undefined where it is alone
 * @returns for each picture its fold, 0 … `folds` − 1
 */
export function groupFolds(labels: readonly number[], groups: readonly (number | undefined)[], folds: number, seed: number): Int32Array {
  const classes = labels.reduce((most, label) => Math.max(most, label + 1), 0)
  const random = new KeyedRandom(seed, 'split', 0xf01d)
  const order = random.shuffled(groupMembers(labels.map((_, picture) => picture), groups)).sort((a, b) => b.length - a.length)
  const totals = new Float64Array(classes)
  for (const label of labels) totals[label] = (totals[label] as number) + 1
  const held = Array.from({ length: folds }, () => new Float64Array(classes))
  const sizes = new Array<number>(folds).fill(0)
  const result = new Int32Array(labels.length)
  for (const pictures of order) {
    let best = 0
    let least = Infinity
    for (let fold = 0; fold < folds; fold++) {
      const have = held[fold] as Float64Array
      let cost = 0
      for (const picture of pictures) {
        const label = labels[picture] as number
        cost += (have[label] as number) / (totals[label] as number)
      }
      if (cost < least - 1e-12 || (Math.abs(cost - least) <= 1e-12 && (sizes[fold] as number) < (sizes[best] as number))) [best, least] = [fold, cost]
    }
    for (const picture of pictures) {
      const have = held[best] as Float64Array
      const label = labels[picture] as number
      have[label] = (have[label] as number) + 1
      result[picture] = best
    }
    sizes[best] = (sizes[best] as number) + pictures.length
  }
  return result
}

/** The pictures group by group; one without a group is a group of its own. */
export function groupMembers(pictures: readonly number[], groups: readonly (number | undefined)[]): number[][] {
  const members = new Map<string, number[]>()
  for (const picture of pictures) {
    const group = groups[picture]
    const key = group === undefined ? `alone ${picture}` : `group ${group}`
    const others = members.get(key)
    if (others === undefined) members.set(key, [picture])
    else others.push(picture)
  }
  return [...members.values()]
}
