/** What a mistyped name was probably meant to be. */

/** Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other. */
export function editDistance(from: string, to: string): number {
  let before: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      let best = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (previous[column - 1] ?? 0) + (isSame ? 0 : 1))
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (isSwap) best = Math.min(best, (before[column - 2] ?? 0) + 1)
      current.push(best)
    }
    before = previous
    previous = current
  }
  return previous[to.length] ?? 0
}

/** The nearest of the names, or null where none is near enough to be worth proposing. */
export function nearestName(word: string, names: readonly string[]): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '_')
  const ranked = names.map((name) => ({ name, distance: editDistance(plain(word), plain(name)) })).sort((a, b) => a.distance - b.distance)
  const [best] = ranked
  if (best === undefined) return null
  const contained = names.find((name) => plain(word).length >= 3 && plain(name).includes(plain(word)))
  return best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.name : (contained ?? null)
}
