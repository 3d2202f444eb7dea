/** Names at the ends of lines, moved apart where they would lie over one another. */
const LABEL_HEIGHT = 14
/** A label's middle may lie so far above the plot. */
const ABOVE = 3

/**
 * Each label's shift in pixels, downwards: labels that would overlap form a block around the middle of their places, and a block that would reach below
 * the axis at `bottom` is moved up, one that would reach above the drawing down.
 */
export function labelShifts(tops: readonly number[], bottom = Infinity): number[] {
  const order = tops.map((top, index) => ({ top, index })).sort((a, b) => a.top - b.top)
  const middleOf = (labels: typeof order): number => {
    const middle = labels.reduce((sum, { top }) => sum + top, 0) / labels.length
    const half = ((labels.length - 1) * LABEL_HEIGHT) / 2
    return Math.max(half - ABOVE, Math.min(middle, bottom - LABEL_HEIGHT / 2 - half))
  }
  const blocks: { labels: typeof order; middle: number }[] = []
  for (const label of order) {
    let block = { labels: [label], middle: middleOf([label]) }
    for (let above = blocks.at(-1); above !== undefined; above = blocks.at(-1)) {
      const room = ((above.labels.length + block.labels.length) / 2) * LABEL_HEIGHT
      if (block.middle - above.middle >= room) break
      blocks.pop()
      const labels = [...above.labels, ...block.labels]
      block = { labels, middle: middleOf(labels) }
    }
    blocks.push(block)
  }
  const shifts = tops.map(() => 0)
  for (const { labels, middle } of blocks) {
    labels.forEach(({ top, index }, place) => {
      shifts[index] = middle + (place - (labels.length - 1) / 2) * LABEL_HEIGHT - top
    })
  }
  return shifts
}
