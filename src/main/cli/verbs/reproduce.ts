/** graft reproduce RUN */
import { resolve } from 'node:path'
import { RunFolder } from '../../storage/run-folder'
import { beginReproduction, compareRuns, type ReproductionReport } from '../../services/reproduction'
import { EXIT_DIFFERENT } from '../exit-codes'
import { ExitWithCode } from '../failure'
import { followedRun, followRun } from '../follow-run'
import type { Verb } from '../program'
import { findRun } from '../sources'
import { type Terminal, writeLine } from '../terminal'

interface ReproduceOptions {
  out?: string
  name?: string
  json?: boolean
}

export const reproduceVerb: Verb = {
  name: 'reproduce',
  define(command, { terminal, studio, logDirectory }) {
    command
      .description('Train a run again from its own settings and split, and say whether it came out equal')
      .argument('<run>', 'the id, name or folder of a run that is complete')
      .option('--out <folder>', "the new run's own folder, new or empty")
      .option('--name <name>', 'what the new run is called')
      .option('--json', 'One object a line on stdout: the events of the run, then the comparison')
      .action(async (reference: string, options: ReproduceOptions) => {
        const json = options.json === true
        const { folder: original } = await findRun(reference, terminal.workingDirectory)
        const directory = options.out === undefined ? null : resolve(terminal.workingDirectory, options.out)
        const begun = await beginReproduction(studio().runs, original, { name: options.name ?? null, directory })
        await followRun(terminal, followedRun(studio(), { runId: begun.runId, since: 0 }, logDirectory), { json })
        await studio().runs.finished(begun.runId)
        const report = await compareRuns(original, await RunFolder.open(begun.directory))
        if (json) writeLine(terminal.stdout, JSON.stringify({ event: 'comparison', equal: report.isEqual, differences: report.differences, changed_environment: report.changedEnvironment }))
        else writeReport(terminal, report)
        if (!report.isEqual) throw new ExitWithCode(EXIT_DIFFERENT)
      })
  },
}

function writeReport(terminal: Terminal, { isEqual, differences, changedEnvironment }: ReproductionReport): void {
  if (isEqual) writeLine(terminal.stdout, 'Equal: every number of every epoch, and the weights of both checkpoints to the last bit.')
  else {
    writeLine(terminal.stdout, 'Not equal:')
    for (const difference of differences) writeLine(terminal.stdout, `  ${difference}`)
  }
  if (changedEnvironment.length === 0) return
  writeLine(terminal.stdout, isEqual ? 'Though it ran in other surroundings:' : 'It ran in other surroundings, which the last bits depend on:')
  for (const change of changedEnvironment) writeLine(terminal.stdout, `  ${change}`)
}
