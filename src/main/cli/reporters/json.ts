/** One object a line on stdout and nothing else; what people may want to know besides goes to stderr. */
import { assertNever } from '../../../shared/domain/error'
import type { RunEvent } from '../../../shared/domain/run'
import { printable } from '../format'
import { writeLine, type Terminal } from '../terminal'
import type { RunReporter } from './reporter'

const PREPARE_INTERVAL_MS = 300

type PrepareEvent = Extract<RunEvent, { event: 'prepare' }>

export function createJsonReporter(terminal: Terminal, now: () => number = performance.now.bind(performance)): RunReporter {
  let shownAt = -Infinity
  let held: PrepareEvent | null = null
  const write = (value: object) => writeLine(terminal.stdout, JSON.stringify(value))

  // The last event of a phase is never lost: it is held until the next one replaces it or something else follows.
  const flush = () => {
    if (held !== null) write(held)
    held = null
  }
  const prepare = (event: PrepareEvent) => {
    if (held !== null && held.phase !== event.phase) flush()
    held = event
    if (event.done >= event.total || now() - shownAt >= PREPARE_INTERVAL_MS) {
      shownAt = now()
      flush()
    }
  }

  return {
    onEvent(event) {
      if (event.event === 'prepare') {
        prepare(event)
        return
      }
      if (event.event !== 'progress') flush()
      switch (event.event) {
        case 'start':
        case 'stage':
        case 'error':
        case 'done':
          write(event)
          return
        case 'epoch': {
          const { confusion_matrix: _, ...line } = event
          write(line)
          return
        }
        case 'log':
          writeLine(terminal.stderr, printable(event.message))
          return
        case 'set_aside':
          writeLine(terminal.stderr, `Set aside: ${printable(event.path)}: ${printable(event.message)}`)
          return
        case 'status':
          if (event.message !== null) writeLine(terminal.stderr, printable(event.message))
          return
        case 'progress':
          return
        default:
          assertNever(event, 'run event')
      }
    },
    close: flush,
  }
}
