/** The one place where what was thrown becomes a message and an exit code. No stack trace reaches the person. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommanderError } from 'commander'
import { isCancellation, toFailure, type Failure } from '../../shared/domain/error'
import { EXIT_INTERRUPTED, EXIT_OK, EXIT_USAGE, exitCodeOf } from './exit-codes'
import { writeLine, type Terminal } from './terminal'

export interface FailureOptions {
  terminal: Terminal
  /** Also as an `error` event on stdout. */
  json: boolean
  /** Where the technical part of a defect is written. */
  logDirectory: () => string
}

/** Thrown to end the program with a code after everything has been said. */
export class ExitWithCode extends Error {
  constructor(readonly exitCode: number) {
    super(`exit ${exitCode}`)
    this.name = 'ExitWithCode'
  }
}

/** Says what went wrong and returns the exit code. */
export function reportFailure(error: unknown, options: FailureOptions): number {
  if (error instanceof ExitWithCode) return error.exitCode
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT_OK
    // Commander has written its sentence, through the output that the program gave it.
    if (options.json) writeErrorEvent(options.terminal, { code: 'BAD_INPUT', message: error.message.replace(/^error: /, '') })
    return EXIT_USAGE
  }
  if (isCancellation(error)) return EXIT_INTERRUPTED
  const failure = toFailure(error)
  if (options.json) writeErrorEvent(options.terminal, failure)
  sayFailure(failure, options)
  return exitCodeOf(failure.code)
}

export function writeErrorEvent(terminal: Terminal, failure: Failure): void {
  writeLine(terminal.stdout, JSON.stringify({ event: 'error', failure }))
}

/** The failure in words, on stderr. */
export function sayFailure(failure: Failure, options: Pick<FailureOptions, 'terminal' | 'logDirectory'>): void {
  const { stderr } = options.terminal
  writeLine(stderr, `error: ${failure.message}`)
  if (failure.action !== undefined) writeLine(stderr, `  ${failure.action}`)
  if (failure.code !== 'BUG' && failure.code !== 'CRASHED') return
  if (failure.detail === undefined) return
  const path = keepDetail(failure, options.logDirectory)
  if (path !== null) writeLine(stderr, `  The technical part is in ${path}`)
  else writeLine(stderr, failure.detail)
}

/** The path of the file that now holds the technical part, or null where it could not be written. */
function keepDetail(failure: Failure, logDirectory: () => string): string | null {
  try {
    const directory = logDirectory()
    mkdirSync(directory, { recursive: true })
    const path = join(directory, `failure-${new Date().toISOString().replaceAll(':', '-')}-${process.pid}.log`)
    const system = `graft on ${process.platform} ${process.arch}, Node ${process.version}`
    writeFileSync(path, `${system}\n${failure.code}: ${failure.message}\n\n${failure.detail ?? ''}\n`, { mode: 0o600 })
    return path
  } catch {
    // A full or read-only disk must not hide the failure itself: the caller shows the detail instead.
    return null
  }
}
