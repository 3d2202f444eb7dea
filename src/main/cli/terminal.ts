/** The world outside the command line: its streams, environment and signals. Tests pass their own. */
import { createInterface } from 'node:readline'

export interface OutputStream {
  write(text: string): boolean
  isTTY?: boolean
  columns?: number
}

export interface Terminal {
  /** The answer of a verb; with --json nothing but JSON. */
  stdout: OutputStream
  /** Messages to people. */
  stderr: OutputStream
  environment: NodeJS.ProcessEnv
  workingDirectory: string
  /** Calls back on Ctrl-C and on SIGTERM until the returned function is called. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void
  /** Asks a person and resolves with the line typed, empty where the input ends. Left out where nobody can answer. */
  ask?: (question: string) => Promise<string>
  /** Ends the process at once. */
  exit(code: number): void
}

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

export function processTerminal(): Terminal {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    workingDirectory: process.cwd(),
    onSignal(listener) {
      for (const signal of SIGNALS) process.on(signal, listener)
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener)
      }
    },
    exit: (code) => process.exit(code),
    ...(process.stdin.isTTY && process.stderr.isTTY ? { ask: askOnTerminal } : {}),
  }
}

/** The terminal keeps its own ways, so that Ctrl-C ends the program as everywhere else. */
async function askOnTerminal(question: string): Promise<string> {
  process.stderr.write(question)
  const lines = createInterface({ input: process.stdin, terminal: false })
  try {
    for await (const line of lines) return line
    process.stderr.write('\n')
    return ''
  } finally {
    lines.close()
    process.stdin.pause()
  }
}

/** Writes a line of the answer. */
export function writeLine(stream: OutputStream, text = ''): void {
  stream.write(`${text}\n`)
}

/** True where colours and characters beyond ASCII may be used. */
export function isRich(stream: OutputStream, environment: NodeJS.ProcessEnv): boolean {
  if (stream.isTTY !== true || environment['TERM'] === 'dumb') return false
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  return /utf-?8/i.test(locale) || environment['WT_SESSION'] !== undefined || process.platform === 'darwin'
}
