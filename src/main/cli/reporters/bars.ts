/** A bar for each phase and each part of an epoch, replaced by one line when it is through. */
import { SingleBar } from 'cli-progress'
import type { RunEvent } from '../../../shared/domain/run'
import { formatCount, formatSeconds, formatShare } from '../format'
import { isRich, writeLine, type OutputStream, type Terminal } from '../terminal'
import { createNarrator, PHASE_TITLES } from './lines'
import type { RunReporter } from './reporter'

const PART_TITLES = { features: 'features', train: 'train', val: 'validation' } as const

export function createBarsReporter(terminal: Terminal): RunReporter {
  const rich = isRich(terminal.stdout, terminal.environment)
  const colours = rich && (terminal.environment['NO_COLOR'] ?? '') === ''
  const mark = rich ? (colours ? '\u001b[32m\u2605 best\u001b[39m' : '\u2605 best') : '* best'
  const write = (text: string) => writeLine(terminal.stdout, text)
  const narrator = createNarrator(mark)
  let bar: { key: string; single: SingleBar } | null = null

  const closeBar = () => {
    bar?.single.stop()
    bar = null
  }

  const show = (key: string, title: string, done: number, total: number, note: string) => {
    if (bar?.key !== key) {
      closeBar()
      const single = new SingleBar({
        format: '{title} {bar} {percentage} % {value}/{total}{note}',
        barCompleteChar: rich ? '\u2588' : '#',
        barIncompleteChar: rich ? '\u2591' : '-',
        barsize: 24,
        fps: 8,
        // What follows stands in its place, so that finished bars do not fill the screen.
        clearOnComplete: true,
        hideCursor: true,
        gracefulExit: false,
        stream: asStream(terminal.stdout),
      })
      bar = { key, single }
      single.start(Math.max(total, 1), done, { title, note })
    } else {
      bar.single.setTotal(Math.max(total, 1))
      bar.single.update(done, { title, note })
    }
  }

  return {
    onEvent(event: RunEvent) {
      switch (event.event) {
        case 'prepare':
          show(event.phase, PHASE_TITLES[event.phase], event.done, event.total, '')
          return
        case 'progress':
          show(
            `${event.epoch} ${event.phase}`,
            `Epoch ${String(event.epoch).padStart(String(narrator.epochs).length)}/${narrator.epochs} ${PART_TITLES[event.phase]}`,
            event.done,
            event.total,
            progressNote(event),
          )
          return
        default:
          closeBar()
          for (const line of narrator.lines(event)) write(line)
      }
    },
    close: closeBar,
  }
}

function progressNote(event: Extract<RunEvent, { event: 'progress' }>): string {
  const parts = [
    event.loss === null ? null : `loss ${event.loss.toFixed(4)}`,
    event.accuracy === null ? null : `accuracy ${formatShare(event.accuracy)}`,
    `${formatCount(event.images_per_second)} images/s`,
    event.time_left_s === null ? null : `${formatSeconds(event.time_left_s)} left`,
  ].filter((part) => part !== null)
  return `  ${parts.join('  ')}`
}

/** cli-progress asks for a whole stream but only writes to it and looks at its width. */
function asStream(stream: OutputStream): NodeJS.WritableStream {
  return stream as OutputStream & NodeJS.WritableStream
}
