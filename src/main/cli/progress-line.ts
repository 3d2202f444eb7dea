/** One line on stderr that says how far a call is. Nothing where stderr is not a terminal. */
import type { Terminal } from './terminal'
import { formatCount, printable } from './format'

export interface ProgressLine {
  show(message: string, done: number, total: number): void
  close(): void
}

/** How far it is, in words. */
export type DescribeProgress = (message: string, done: number, total: number) => string

const INTERVAL_MS = 100

const counted: DescribeProgress = (message, done, total) => `${message}${total > 1 ? `: ${formatCount(done)} of ${formatCount(total)}` : ''}`

export function createProgressLine({ stderr }: Terminal, options: { quiet: boolean; describe?: DescribeProgress }): ProgressLine {
  if (options.quiet || stderr.isTTY !== true) return { show() {}, close() {} }
  let open = false
  let shownAt = -Infinity
  return {
    show(message, done, total) {
      if (performance.now() - shownAt < INTERVAL_MS) return
      shownAt = performance.now()
      const text = (options.describe ?? counted)(printable(message), done, total)
      stderr.write(`\r\u001b[2K${text.slice(0, (stderr.columns ?? 80) - 1)}`)
      open = true
    },
    close() {
      if (open) stderr.write('\r\u001b[2K')
      open = false
    },
  }
}
