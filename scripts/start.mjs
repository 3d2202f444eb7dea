#!/usr/bin/env node
// `npm start`: sets up what is missing, then opens the studio, or runs a verb of the command line in this process.
import { nodeVersionProblem } from './setup/node-version.mjs'

const problem = nodeVersionProblem()
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}
// Imported late: these files use what an old Node does not have.
const { start } = await import('./launch.mjs')
await start(process.argv.slice(2))
