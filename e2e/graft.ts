/** Starts the real command line, as a person would: `npm start -- VERB …` without npm's own words. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** GRAFT_E2E_PROGRAM names the cli.js of another build to try. */
const START = process.env['GRAFT_E2E_PROGRAM'] ?? resolve(import.meta.dirname, '../scripts/start.mjs')
/** The command line without set-up before it: for a cache folder that set-up must not fill. */
export const COMMAND_LINE = resolve(import.meta.dirname, '../out/main/cli.js')

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** Lines of stdout that are JSON objects. */
  events: Record<string, unknown>[]
}

export interface Started {
  child: ChildProcess
  ended: Promise<Ended>
  /** Resolves with the first line of stdout for which `is` holds. */
  line(is: (line: string) => boolean): Promise<string>
}

/** A user data folder of its own, so that specs neither see nor leave runs. */
export class Person {
  readonly home = mkdtempSync(join(tmpdir(), 'graft-e2e-'))

  constructor(private readonly program = START) {}

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Started {
    const child = spawn(process.execPath, [this.program, ...args], {
      env: { ...process.env, GRAFT_DATA_DIR: join(this.home, 'data'), GRAFT_PICTURE_CACHE_DIR: join(this.home, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(this.home, 'features'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    const waiting: { is: (line: string) => boolean; resolve: (line: string) => void }[] = []
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString()
    })
    child.stdout.on('data', (data: Buffer) => {
      stdout += data.toString()
      for (const line of stdout.split('\n').slice(0, -1)) for (const entry of waiting) if (entry.is(line)) entry.resolve(line)
    })
    const ended = new Promise<Ended>((done) => {
      child.on('close', (code) => {
        const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
        done({ code, stdout, stderr, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>) })
      })
    })
    const line = (is: (line: string) => boolean) =>
      Promise.race([
        new Promise<string>((found) => {
          waiting.push({ is, resolve: found })
        }),
        ended.then(({ stderr: said }) => {
          throw new Error(`It ended before that line came. stderr: ${said}`)
        }),
      ])
    return { child, ended, line }
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    return this.start(args, env).ended
  }

  leave(): void {
    rmSync(this.home, { recursive: true, force: true })
  }
}
