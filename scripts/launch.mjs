// What `npm start` does once Node is known to be new enough.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './setup/build.mjs'
import { createContext } from './setup/context.mjs'
import { dependencies } from './setup/dependencies.mjs'
import { electronBinary, electronProgram, hasDisplay } from './setup/electron-binary.mjs'
import { engine } from './setup/engine.mjs'
import { createReporter } from './setup/reporter.mjs'
import { explain, runSteps } from './setup/steps.mjs'
import { weights } from './setup/weights.mjs'

const everything = [dependencies, engine, weights, build]
// These say something even where the engine cannot be had.
const withoutEngine = new Set(['--help', '-h', 'help', '--version', '-V'])
const evenIfEngineFails = new Set(['doctor', 'inspect', 'runs', 'models'])
const earlyExitMs = 5000

/** Takes --engine out of the parameters: it is set-up's own. */
export function splitParameters(parameters) {
  const rest = []
  let engineSource
  for (let index = 0; index < parameters.length; index += 1) {
    const parameter = parameters[index]
    if (parameter === '--') {
      rest.push(...parameters.slice(index))
      break
    }
    if (parameter === '--engine') {
      index += 1
      engineSource = parameters[index]
    } else if (parameter.startsWith('--engine=')) engineSource = parameter.slice('--engine='.length)
    else rest.push(parameter)
  }
  return { rest, engineSource }
}

/** The set-up steps that a verb needs. Exported for its tests. */
export function stepsFor(verb) {
  if (withoutEngine.has(verb)) return [dependencies, build]
  if (evenIfEngineFails.has(verb)) return [dependencies, { ...engine, optional: true }, weights, build]
  return everything
}

/** @param {string[]} parameters what follows `npm start --` */
export async function start(parameters) {
  const { rest, engineSource } = splitParameters(parameters)
  const context = createContext({ engine: engineSource })
  const reporter = createReporter()
  const verb = rest[0]
  try {
    await runSteps(stepsFor(verb), reporter, context)
    if (verb === undefined) await openStudio(reporter, context)
    else await runVerb(rest, context)
  } catch (error) {
    explain(error, reporter)
    process.exitCode = 1
  }
}

// In this process, so that Ctrl-C, the exit code and stdout are the verb's own.
async function runVerb(parameters, context) {
  const program = join(context.root, 'out', 'main', 'cli.js')
  if (!existsSync(program)) {
    process.stderr.write(`The command line was not built: ${program} is missing. Expected src/main/cli/index.ts to build into it.\n`)
    process.exitCode = 1
    return
  }
  process.argv = [process.argv[0], program, ...parameters]
  await import(pathToFileURL(program).href)
}

async function openStudio(reporter, context) {
  if (await openElectron(reporter, context)) return
  await runVerb(['serve', '--open'], context)
}

/** True where Electron showed the window and has ended. */
async function openElectron(reporter, context) {
  const program = join(context.root, 'out', 'main', 'index.js')
  // Electron's sandbox does not work for root, and it does not run here without its sandbox.
  const root = process.platform === 'linux' && process.getuid?.() === 0
  if (!existsSync(program) || !hasDisplay(context.environment) || root) return false
  await runSteps([electronBinary], reporter, context)
  const electron = electronProgram(context)
  if (!electron) return false
  const startedAt = Date.now()
  const child = spawn(electron, [program], { cwd: context.root, stdio: 'inherit' })
  const forward = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward)
  const { code, signal } = await new Promise((resolve) => {
    child.on('error', () => resolve({ code: 127 }))
    child.on('close', (exitCode, exitSignal) => resolve({ code: exitCode, signal: exitSignal }))
  })
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward)
  if (code !== 0 && !['SIGINT', 'SIGTERM', 'SIGHUP'].includes(signal) && Date.now() - startedAt < earlyExitMs) {
    reporter.say(`Electron ended at once (${signal ?? `code ${code}`}); the studio opens in a browser instead.`)
    return false
  }
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  return true
}
