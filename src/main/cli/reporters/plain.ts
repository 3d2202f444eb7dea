/** Lines for a file or a pipe: a phase's progress every few seconds, one line an epoch. */
import type { RunEvent } from '../../../shared/domain/run'
import { formatCount, formatSeconds } from '../format'
import { writeLine, type Terminal } from '../terminal'
import { createNarrator, PHASE_TITLES } from './lines'
import type { RunReporter } from './reporter'

const PREPARE_INTERVAL_MS = 2000
const PROGRESS_INTERVAL_MS = 15_000

export function createPlainReporter(terminal: Terminal, now: () => number = performance.now.bind(performance)): RunReporter {
  const narrator = createNarrator('best')
  let phase = ''
  let shownAt = now()
  const write = (text: string) => writeLine(terminal.stdout, text)

  return {
    onEvent(event: RunEvent) {
      switch (event.event) {
        case 'prepare': {
          const begins = event.phase !== phase
          const ends = event.done >= event.total
          if (!begins && !ends && now() - shownAt < PREPARE_INTERVAL_MS) return
          phase = event.phase
          shownAt = now()
          write(`${PHASE_TITLES[event.phase]}${event.total > 1 ? `: ${formatCount(event.done)} of ${formatCount(event.total)}` : ends ? ': done' : ''}`)
          return
        }
        case 'progress':
          if (now() - shownAt < PROGRESS_INTERVAL_MS) return
          shownAt = now()
          write(
            `  epoch ${event.epoch} ${event.phase}: ${event.done} of ${event.total}, ${formatCount(event.images_per_second)} images/s` +
              (event.time_left_s === null ? '' : `, ${formatSeconds(event.time_left_s)} left`),
          )
          return
        default:
          if (event.event === 'epoch') shownAt = now()
          for (const line of narrator.lines(event)) write(line)
      }
    },
    close() {},
  }
}
