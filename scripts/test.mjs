// `npm test`: the same set-up as `npm start`, then every check; the last line is `N passed, N failed, N skipped`.
import { nodeVersionProblem } from './setup/node-version.mjs'

const problem = nodeVersionProblem()
if (problem) {
  process.stderr.write(`${problem}\n`)
  process.exit(1)
}
const { test } = await import('./check.mjs')
process.exitCode = await test(process.argv.slice(2))
