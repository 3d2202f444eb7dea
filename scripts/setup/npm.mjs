// Runs npm with the Node at hand, whatever way npm was installed.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findProgram } from './context.mjs'

/** npm's own program file, or undefined: the one that runs this, the one beside Node, or the one on PATH. */
export function findNpmProgram(environment = process.env) {
  const execFolder = dirname(realpathSync(process.execPath))
  const onPath = findProgram('npm', environment)
  const candidates = [
    environment.npm_execpath?.endsWith('npm-cli.js') ? environment.npm_execpath : undefined,
    join(execFolder, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(execFolder, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    onPath && realpathSync(onPath).endsWith('.js') ? realpathSync(onPath) : undefined,
  ]
  return candidates.find((candidate) => candidate && existsSync(candidate))
}
