/** The world outside the command line: its streams, environment and signals. Tests pass their own. */

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
