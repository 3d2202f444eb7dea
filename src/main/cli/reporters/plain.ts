/** Lines for a file or a pipe: a phase's progress every few seconds, one line an epoch. */
import { assertNever } from '../../../shared/domain/error'
import type { RunEvent } from '../../../shared/domain/run'
import { formatCount, formatSeconds, printable } from '../format'
import { writeLine, type Terminal } from '../terminal'
import { doneLines, epochLine, PHASE_TITLES, startLines } from './lines'
import type { RunReporter } from './reporter'

const PREPARE_INTERVAL_MS = 2000
const PROGRESS_INTERVAL_MS = 15_000

export function createPlainReporter(terminal: Terminal, now: () => number = performance.now.bind(performance)): RunReporter {
  let epochs = 0
  let monitor = ''
  let phase = ''
  let shownAt = now()
  const write = (text: string) => writeLine(terminal.stdout, text)

  return {
    onEvent(event: RunEvent) {
      switch (event.event) {
        case 'start':
          epochs = event.config.epochs
          monitor = event.config.monitor
          for (const line of startLines(event)) write(line)
          return
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
        case 'epoch':
          shownAt = now()
          write(epochLine(event, epochs, 'best'))
          return
        case 'set_aside':
          write(`Set aside: ${printable(event.path)}: ${printable(event.message)}`)
          return
        case 'log':
          write(printable(event.message))
          return
        case 'status':
          if (event.message !== null) write(printable(event.message))
          return
        case 'done':
          for (const line of doneLines(event, monitor)) write(line)
          return
        case 'error':
          // Said once, by whoever ends the program.
          return
        default:
          assertNever(event, 'run event')
      }
    },
    close() {},
  }
}
