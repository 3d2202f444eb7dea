/** The command line's composition root: the process's terminal, the services, the exit code. */
import { homedir } from 'node:os'
import { installedVersion } from '../installation'
import { createStudio } from '../services/studio'
import { logsDirectory } from '../storage/paths'
import { runProgram } from './program'
import { processTerminal } from './terminal'

const version = installedVersion()
// A reader that went away (head, a closed pager) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

process.exitCode = await runProgram(process.argv.slice(2), {
  terminal: processTerminal(),
  version,
  createStudio: (roots) => createStudio({ door: 'served', roots: roots === null ? null : roots.length > 0 ? roots : [homedir(), process.cwd()], version }),
  logDirectory: () => logsDirectory(),
})
