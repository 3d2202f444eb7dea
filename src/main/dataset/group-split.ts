/** Who is in train, val and test where some pictures belong together: copies and near-copies never straddle the split. */
import type { Picture, Split, SplitCounts, SplitRatios } from '../../shared/domain/dataset'
import { SPLITS } from '../../shared/domain/dataset'
import { KeyedRandom } from '../../shared/domain/random'

/** The pictures of one class that are to be divided, in the scan's order, and how many go where. */
export interface FreeClass {
  readonly pictures: readonly Picture[]
  readonly counts: SplitCounts
}

interface Group {
  readonly pictures: readonly Picture[]
  /** Pictures of each class that it touches. */
  readonly perClass: ReadonlyMap<number, number>
}

/**
 * Draws the split. Groups go first, the largest before the others, each whole to a split that has room for it in all its classes; single
 * pictures then fill what is left, in the order that `seed` and class give, so that without groups this is the plain stratified split.
 * A group that takes more than a split's share leaves the other splits short by what it took.
 *
 * Where a class would have nothing to train or to validate on, its groups are taken apart, the largest first, into exact copies and then pictures.
 *
 * @param groupOf number of the group by path; a picture without one is alone
 */
export function drawByGroups(classes: readonly FreeClass[], ratios: SplitRatios, seed: number, groupOf: ReadonlyMap<string, number>): Map<string, Split> {
  let groups = groupsOf(classes, ({ path }) => groupOf.get(path)?.toString())
  for (;;) {
    const drawn = draw(classes, ratios, seed, groups)
    // Those of all classes at once: a folder of a thousand films would else be drawn a thousand times.
    const apart = new Set<Group>()
    classes.forEach(({ pictures }, classIndex) => {
      const largest = hasAll(pictures, drawn) ? undefined : groups.find((group) => group.perClass.has(classIndex))
      if (largest !== undefined) apart.add(largest)
    })
    if (apart.size === 0) return drawn
    groups = bySize(groups.flatMap((group) => (apart.has(group) ? takenApart(group) : [group])))
  }
}

function hasAll(pictures: readonly Picture[], drawn: ReadonlyMap<string, Split>): boolean {
  return pictures.length === 0 || (['train', 'val'] as const).every((split) => pictures.some(({ path }) => drawn.get(path) === split))
}

function takenApart(group: Group): Group[] {
  const copies = groupsOf([group], ({ sha256 }) => sha256)
  // All of one content: then picture by picture.
  return copies.length === 1 && copies[0]?.pictures.length === group.pictures.length ? [] : copies
}

function groupsOf(classes: readonly Pick<FreeClass, 'pictures'>[], keyOf: (picture: Picture) => string | undefined): Group[] {
  const byKey = new Map<string, Picture[]>()
  for (const { pictures } of classes) {
    for (const picture of pictures) {
      const key = keyOf(picture)
      if (key === undefined) continue
      const group = byKey.get(key)
      if (group === undefined) byKey.set(key, [picture])
      else group.push(picture)
    }
  }
  const groups = [...byKey.values()].filter((pictures) => pictures.length > 1)
  return bySize(groups.map((pictures) => ({ pictures, perClass: countsByClass(pictures) })))
}

function countsByClass(pictures: readonly Picture[]): Map<number, number> {
  const counts = new Map<number, number>()
  for (const { classIndex } of pictures) counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1)
  return counts
}

/** The largest first; of the same size, by their first path. */
function bySize(groups: Group[]): Group[] {
  const first = ({ pictures }: Group): string => pictures[0]?.path ?? ''
  return groups.sort((a, b) => b.pictures.length - a.pictures.length || (first(a) < first(b) ? -1 : 1))
}

function draw(classes: readonly FreeClass[], ratios: SplitRatios, seed: number, groups: readonly Group[]): Map<string, Split> {
  const drawn = new Map<string, Split>()
  const room = classes.map(({ counts }) => ({ ...counts }))
  const isServed = classes.map(() => new Set<Split>())
  groups.forEach((group, place) => {
    const [firstClass = 0] = group.perClass.keys()
    const split = placeFor(group, room, isServed, ratios, new KeyedRandom(seed, 'split', firstClass, place + 1))
    for (const [classIndex, count] of group.perClass) {
      const left = room[classIndex]
      if (left !== undefined) left[split] -= count
      isServed[classIndex]?.add(split)
    }
    for (const { path } of group.pictures) drawn.set(path, split)
  })
  classes.forEach(({ pictures }, classIndex) => {
    const order = new KeyedRandom(seed, 'split', classIndex).shuffled(pictures).filter(({ path }) => !drawn.has(path))
    const counts = shareOut(order.length, room[classIndex] ?? { train: 0, val: 0, test: 0 })
    order.forEach(({ path }, position) => {
      drawn.set(path, position < counts.train ? 'train' : position < counts.train + counts.val ? 'val' : 'test')
    })
  })
  return drawn
}

/** Among splits with room, by chance in proportion to the room; else where least is too much, first where a class has nothing yet. */
function placeFor(group: Group, room: readonly SplitCounts[], isServed: readonly ReadonlySet<Split>[], ratios: SplitRatios, random: KeyedRandom): Split {
  const wanted = SPLITS.filter((split) => ratios[split] > 0)
  const spare = (split: Split): number => Math.min(...[...group.perClass].map(([classIndex, count]) => (room[classIndex]?.[split] ?? 0) - count))
  const fitting = wanted.filter((split) => spare(split) >= 0)
  if (fitting.length > 0) {
    const roomOf = (split: Split): number => [...group.perClass.keys()].reduce((sum, classIndex) => sum + (room[classIndex]?.[split] ?? 0), 0)
    let at = random.below(fitting.reduce((sum, split) => sum + roomOf(split), 0))
    return fitting.find((split) => (at -= roomOf(split)) < 0) ?? 'train'
  }
  const needs = (split: Split): number => (split === 'test' ? 0 : [...group.perClass.keys()].filter((classIndex) => isServed[classIndex]?.has(split) === false && isServed[classIndex].size > 0).length)
  return wanted.reduce((best, split) => (needs(split) > needs(best) || (needs(split) === needs(best) && spare(split) > spare(best)) ? split : best))
}

/** `count` pictures over what room is left, by largest remainder where groups took more than their split's share. */
function shareOut(count: number, room: SplitCounts): SplitCounts {
  const left = SPLITS.map((split) => Math.max(0, room[split]))
  const total = left.reduce((sum, part) => sum + part, 0)
  const exact = left.map((part) => (total === 0 ? 0 : (count * part) / total))
  const parts = exact.map((value) => Math.floor(value + 1e-9))
  const order = [0, 1, 2].sort((a, b) => (exact[b] ?? 0) - (parts[b] ?? 0) - ((exact[a] ?? 0) - (parts[a] ?? 0)) || a - b)
  const missing = count - parts.reduce((sum, part) => sum + part, 0)
  for (let i = 0; i < missing; i++) {
    const index = order[i % 3] ?? 0
    parts[index] = (parts[index] ?? 0) + 1
  }
  return { train: parts[0] ?? 0, val: parts[1] ?? 0, test: parts[2] ?? 0 }
}
