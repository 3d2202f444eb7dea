/** graft resume RUN */
import { finishProfile, PROFILE_HELP } from '../finish-profile'
import { followedRun, followRun } from '../follow-run'
import type { Verb } from '../program'
import { findRun } from '../sources'

export const resumeVerb: Verb = {
  name: 'resume',
  define(command, { terminal, studio, logDirectory }) {
    command
      .description('Go on with a stopped, interrupted or failed run, to the numbers of a run that was never interrupted')
      .argument('<run>', 'the id, name or folder of the run')
      .option('--profile', PROFILE_HELP)
      .option('--json', 'One object a line on stdout and nothing else: start, prepare, epoch, error, done, profile')
      .action(async (reference: string, options: { profile?: boolean; json?: boolean }) => {
        const profile = options.profile === true ? { startedAt: performance.timeOrigin } : undefined
        const { folder, record } = await findRun(reference, terminal.workingDirectory)
        const events = await folder.events()
        await studio().runs.resume({ runId: record.run_id, directory: folder.directory, profile })
        const at = { runId: record.run_id, since: (events.at(-1)?.sequence ?? -1) + 1 }
        await followRun(terminal, followedRun(studio(), at, logDirectory), { json: options.json === true })
        await studio().runs.finished(record.run_id)
        if (profile !== undefined) await finishProfile(terminal, studio(), folder.directory, { json: options.json === true })
      })
  },
}
