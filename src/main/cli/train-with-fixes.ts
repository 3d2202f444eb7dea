/** graft train --from RUN --with-fixes: a run once more, on its own split, with what was decided about its pictures since. */
import { resolve } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { fixesText, fixMeaning } from '../../shared/domain/fix-since'
import { RunFolder } from '../storage/run-folder'
import type { Studio } from '../services/studio'
import { printable } from './format'
import { followedRun, followRun } from './follow-run'
import { findRun } from './sources'
import { type Terminal, writeLine } from './terminal'

export interface TrainWithFixes {
  readonly from: string | undefined
  readonly name: string | null
  readonly out: string | null
  readonly json: boolean
  /** What else was asked for, by its option: nothing of it goes with this. */
  readonly others: Readonly<Record<string, unknown>>
}

/** @throws GraftError BAD_INPUT where no run is named, or settings are, which are the run's own; CONFLICT where nothing was decided */
export async function trainWithFixes(terminal: Terminal, studio: Studio, options: TrainWithFixes, logDirectory: () => string): Promise<void> {
  const { from, name, out, json, others } = options
  if (from === undefined) throw new GraftError('BAD_INPUT', '--with-fixes trains a run again, but no run was named.', { action: 'Add --from RUN; graft runs lists the runs.' })
  const given = Object.entries(others).filter(([, value]) => value !== undefined && value !== null)
  const [first] = given
  if (first !== undefined) {
    const what = first[0] === 'data' ? `the folder ${String(first[1])}` : `--${first[0].replaceAll('_', '-')}`
    throw new GraftError('BAD_INPUT', `--with-fixes takes the settings, the split and the pictures of the run, so ${what} does not go with it.`, {
      action: 'Leave it out, or leave --with-fixes out to begin a run with other settings.',
    })
  }
  const { folder } = await findRun(from, terminal.workingDirectory)
  const { runId, directory } = await studio.runFixes.retrainFolder(folder, { name, directory: out === null ? null : resolve(terminal.workingDirectory, out) })
  const { retrains } = await (await RunFolder.open(directory)).record()
  if (!json && retrains !== undefined) {
    writeLine(terminal.stdout, `${printable(retrains.name)} again with ${fixesText(retrains.fixes)}`)
    for (const line of fixMeaning(retrains.fixes)) writeLine(terminal.stdout, `  ${line}`)
  }
  await followRun(terminal, followedRun(studio, { runId, since: 0 }, logDirectory), { json })
  await studio.runs.finished(runId)
  if (!json) writeLine(terminal.stdout, `What changed: graft compare ${runId}`)
}
