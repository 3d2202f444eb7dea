/** How a run is shown while it goes on: bars on a terminal, plain lines elsewhere, one JSON object a line with --json. */
import type { RunEvent } from '../../../shared/domain/run'
import type { Terminal } from '../terminal'
import { createBarsReporter } from './bars'
import { createJsonReporter } from './json'
import { createPlainReporter } from './plain'

export interface RunReporter {
  /** Takes the run's events in order. */
  onEvent(event: RunEvent): void
  /** Ends an open line or bar. Called once, whatever happened. */
  close(): void
}

/** The reporter for where the output goes. */
export function createRunReporter(terminal: Terminal, options: { json: boolean }): RunReporter {
  if (options.json) return createJsonReporter(terminal)
  return terminal.stdout.isTTY === true && terminal.environment['TERM'] !== 'dumb' ? createBarsReporter(terminal) : createPlainReporter(terminal)
}
