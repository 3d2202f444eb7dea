#!/usr/bin/env node
// `npm run dist`: packages for this system. Goes as far as the network allows and says where it stopped.
// `npm run dist -- --stage` stops before electron-builder; everything else is handed to it, such as `--dir` or `--linux deb`.
import { join } from 'node:path'
import { stageEngine, stageLicences, stageWeights } from './packaging/staging.mjs'
import { build } from './setup/build.mjs'
import { createContext } from './setup/context.mjs'
import { dependencies } from './setup/dependencies.mjs'
import { engine } from './setup/engine.mjs'
import { lastLines, runProgram } from './setup/process.mjs'
import { createReporter, formatBytes } from './setup/reporter.mjs'
import { explain, runSteps } from './setup/steps.mjs'
import { weights } from './setup/weights.mjs'

// What it fetches (Electron, the makers of AppImage and deb) can be large; a dead network is told much sooner.
const builderTimeoutMs = 60 * 60 * 1000

/** Its complaint without the stack of calls behind it; all of it has been shown already. */
function saidLast(output) {
  return lastLines(
    output
      .split('\n')
      .filter((line) => !/^\s+at /.test(line))
      .join('\n'),
    4,
  )
}

async function dist(parameters) {
  const context = createContext()
  const reporter = createReporter()
  const staging = join(context.root, 'dist', 'staging')
  await runSteps([dependencies, engine, { ...weights, optional: false }, build], reporter, context)

  reporter.start('Staging: engine, starter weights, licences')
  const engineBytes = await stageEngine(context, join(staging, 'engine'))
  const weightsBytes = await stageWeights(context, join(staging, 'weights'))
  const packages = await stageLicences(context, join(staging, 'licences'))
  reporter.done(`engine ${formatBytes(engineBytes)}, weights ${formatBytes(weightsBytes)}, licences of ${packages} packages`)
  if (parameters.includes('--stage')) return 0

  reporter.start('Packages: electron-builder')
  const program = join(context.root, 'node_modules', 'electron-builder', 'cli.js')
  const { code, output, timedOut } = await runProgram(
    process.execPath,
    [program, '--config', 'electron-builder.yml', '--publish', 'never', ...parameters],
    {
      cwd: context.root,
      environment: context.environment,
      timeoutMs: builderTimeoutMs,
      onOutput: (text) => process.stderr.write(text),
    },
  )
  if (code === 0) {
    reporter.done('they are in dist/packages')
    return 0
  }
  reporter.fail(timedOut ? 'electron-builder took more than an hour.' : `electron-builder ended with code ${code}. Its last words:\n${saidLast(output)}`)
  reporter.say('Got as far as: the build (out/) and what a package carries besides it (dist/staging) are complete.')
  reporter.say("Not done: Electron's program or a package maker could not be fetched or run. Run npm run dist again where github.com can be reached.")
  return 1
}

try {
  process.exitCode = await dist(process.argv.slice(2))
} catch (error) {
  explain(error, createReporter())
  process.exitCode = 1
}
