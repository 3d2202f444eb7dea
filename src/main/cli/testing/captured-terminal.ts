/** A terminal that keeps what is written to it and whose Ctrl-C a test can press. */
import type { Terminal } from '../terminal'

export interface CapturedTerminal extends Terminal {
  out(): string
  err(): string
  press(signal?: NodeJS.Signals): void
  exits: number[]
}

export function capturedTerminal(options: { isTTY?: boolean; environment?: NodeJS.ProcessEnv; workingDirectory?: string } = {}): CapturedTerminal {
  const written = { out: '', err: '' }
  const listeners = new Set<(signal: NodeJS.Signals) => void>()
  const exits: number[] = []
  const stream = (name: 'out' | 'err') => ({
    isTTY: options.isTTY ?? false,
    columns: 120,
    write(text: string) {
      written[name] += text
      return true
    },
  })
  return {
    stdout: stream('out'),
    stderr: stream('err'),
    environment: options.environment ?? {},
    workingDirectory: options.workingDirectory ?? process.cwd(),
    onSignal(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    exit: (code) => exits.push(code),
    out: () => written.out,
    err: () => written.err,
    press(signal = 'SIGINT') {
      for (const listener of [...listeners]) listener(signal)
    },
    exits,
  }
}
