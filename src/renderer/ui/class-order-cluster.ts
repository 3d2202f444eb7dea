/**
 * Classes that are confused with each other, side by side: average linkage (Sokal and Michener 1958) on how often they are taken for one another, and of
 * the orders that the tree allows the one with the least distance between neighbours (Bar-Joseph, Gifford and Jaakkola, ISMB 2001; in O(n³) as Brandes,
 * "Optimal leaf ordering of complete binary trees", 2007). As scipy's `linkage(method='average')` with `optimal_leaf_ordering`.
 */

/** Above this the tree's own order is taken: the best one would hold up the window. */
const MOST_ORDERED = 260

interface Node {
  readonly leaves: readonly number[]
  readonly children: readonly [Node, Node] | null
}

/** 1 less the mean share of either class's pictures that is taken for the other. @param matrix counts, rows are the truth */
export function confusionDistances(matrix: readonly (readonly number[])[]): Float64Array {
  const count = matrix.length
  const sums = matrix.map((row) => Math.max(1, row.reduce((sum, value) => sum + value, 0)))
  const share = (truth: number, prediction: number): number => (matrix[truth]?.[prediction] ?? 0) / (sums[truth] ?? 1)
  const distances = new Float64Array(count * count)
  for (let a = 0; a < count; a++) for (let b = 0; b < count; b++) distances[a * count + b] = a === b ? 0 : 1 - (share(a, b) + share(b, a)) / 2
  return distances
}

/** Average linkage by the nearest-neighbour chain (Murtagh 1983): O(n²) altogether. */
function tree(distances: Float64Array, count: number): Node {
  const between = Float64Array.from(distances)
  const nodes: (Node | null)[] = Array.from({ length: count }, (_, leaf) => ({ leaves: [leaf], children: null }))
  const chain: number[] = []
  for (let merges = 0; merges < count - 1; ) {
    if (chain.length === 0) chain.push(nodes.findIndex((node) => node !== null))
    const top = chain.at(-1) ?? 0
    const before = chain.at(-2)
    // The one before wins a tie, or the chain would never end.
    let nearest = before ?? -1
    let least = before === undefined ? Infinity : (between[top * count + before] ?? Infinity)
    for (let other = 0; other < count; other++) {
      if (other === top || nodes[other] === null) continue
      const distance = between[top * count + other] ?? Infinity
      if (distance < least) [nearest, least] = [other, distance]
    }
    if (nearest !== before) {
      chain.push(nearest)
      continue
    }
    chain.length -= 2
    const [into, from] = [Math.min(top, nearest), Math.max(top, nearest)]
    const [a, b] = [nodes[into], nodes[from]]
    if (a === null || a === undefined || b === null || b === undefined) throw new Error('A merged class was merged again')
    for (let other = 0; other < count; other++) {
      if (nodes[other] === null || other === into || other === from) continue
      const mean = ((between[into * count + other] ?? 0) * a.leaves.length + (between[from * count + other] ?? 0) * b.leaves.length) / (a.leaves.length + b.leaves.length)
      between[into * count + other] = mean
      between[other * count + into] = mean
    }
    nodes[into] = { leaves: [...a.leaves, ...b.leaves], children: [a, b] }
    nodes[from] = null
    merges++
  }
  const root = nodes.find((node) => node !== null)
  if (root === null || root === undefined) throw new Error('There is no class')
  return root
}

/** With which leaves an order of the node may end when it begins with these: those of the other child. */
function halves({ leaves, children }: Node): (readonly [outer: readonly number[], inner: readonly number[]])[] {
  if (children === null) return [[leaves, leaves]]
  const [a, b] = children
  return [[a.leaves, b.leaves], [b.leaves, a.leaves]] // prettier-ignore
}

/** Fills `best`, the least sum over orders of a node that begin with u and end with w, for the node's pairs of outer leaves; its children's before. */
function* fill(node: Node, best: Float64Array, distances: Float64Array, count: number): Generator<undefined, void> {
  if (node.children === null) return
  const [left, right] = node.children
  yield* fill(left, best, distances, count)
  yield* fill(right, best, distances, count)
  const toRight = new Float64Array(count)
  for (const [outerLeft, innerLeft] of halves(left)) {
    for (const u of outerLeft) {
      yield
      // From u through the left child to each leaf of the right one.
      for (const k of right.leaves) {
        let least = Infinity
        for (const m of innerLeft) least = Math.min(least, (best[u * count + m] ?? 0) + (distances[k * count + m] ?? 0))
        toRight[k] = least
      }
      for (const [outerRight, innerRight] of halves(right)) {
        for (const w of outerRight) {
          let least = Infinity
          for (const k of innerRight) least = Math.min(least, (toRight[k] ?? 0) + (best[w * count + k] ?? 0))
          best[u * count + w] = least
          best[w * count + u] = least
        }
      }
    }
  }
}

/** The leaves of the node in the order that `best` has the sum of. */
function orderFrom(node: Node, first: number, last: number, best: Float64Array, distances: Float64Array, count: number): number[] {
  if (node.children === null) return [first]
  const [left, right] = node.children[0].leaves.includes(first) ? node.children : [node.children[1], node.children[0]]
  const innerOf = (child: Node, outer: number): readonly number[] => halves(child).find(([leaves]) => leaves.includes(outer))?.[1] ?? []
  let [endOfLeft, startOfRight, least] = [first, last, Infinity]
  for (const m of innerOf(left, first)) {
    for (const k of innerOf(right, last)) {
      const sum = (best[first * count + m] ?? 0) + (distances[m * count + k] ?? 0) + (best[k * count + last] ?? 0)
      if (sum < least) [endOfLeft, startOfRight, least] = [m, k, sum]
    }
  }
  return [...orderFrom(left, first, endOfLeft, best, distances, count), ...orderFrom(right, startOfRight, last, best, distances, count)]
}

/** The work in small pieces: below a millisecond each for a few hundred classes. */
function* ordering(matrix: readonly (readonly number[])[]): Generator<undefined, number[]> {
  const count = matrix.length
  if (count < 3) return matrix.map((_, index) => index)
  const distances = confusionDistances(matrix)
  yield
  const root = tree(distances, count)
  if (root.children === null || count > MOST_ORDERED) return [...root.leaves]
  const best = new Float64Array(count * count)
  yield* fill(root, best, distances, count)
  let [first, last, least] = [0, 0, Infinity]
  for (const u of root.children[0].leaves) {
    for (const w of root.children[1].leaves) {
      const sum = best[u * count + w] ?? Infinity
      if (sum < least) [first, last, least] = [u, w, sum]
    }
  }
  yield
  const order = orderFrom(root, first, last, best, distances, count)
  return (order[0] ?? 0) <= (order.at(-1) ?? 0) ? order : order.reverse()
}

/** Indexes of the classes in their order; of the two directions the one that begins with the smaller index. */
export function clusterOrder(matrix: readonly (readonly number[])[]): number[] {
  const work = ordering(matrix)
  for (;;) {
    const step = work.next()
    if (step.done === true) return step.value
  }
}

const PIECE_MS = 8

/** The same without holding up the window. @returns null where `signal` was given up */
export async function clusterOrderInPieces(matrix: readonly (readonly number[])[], signal: AbortSignal): Promise<number[] | null> {
  const work = ordering(matrix)
  while (!signal.aborted) {
    const until = performance.now() + PIECE_MS
    while (performance.now() < until) {
      const step = work.next()
      if (step.done === true) return step.value
    }
    await new Promise((resolve) => setTimeout(resolve))
  }
  return null
}
