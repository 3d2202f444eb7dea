/** What the fault specs share. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** `npm run test:faults` tries everything; `npm test` a quick part. */
export const isWhole = process.env['GRAFT_FAULTS'] === 'whole'

/** True where the program is here and ends well. */
export function canSync(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** True where nothing is thrown. */
export function mayRun(work: () => unknown): boolean {
  try {
    work()
    return true
  } catch {
    return false
  }
}

/** A folder for a spec file, deleted at its end by `leave`. */
export function scratchSync(): { path: string; leave: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'graft-faults-'))
  return { path, leave: () => rmSync(path, { recursive: true, force: true }) }
}

