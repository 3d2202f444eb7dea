/** The program: a table of verbs, one converter of failures, one place that sets the exit code. */
import { Command } from 'commander'
import type { Studio } from '../services/studio'
import { EXIT_CODES, EXIT_OK } from './exit-codes'
import { reportFailure } from './failure'
import type { Terminal } from './terminal'
import { compareVerb } from './verbs/compare'
import { configVerb } from './verbs/config'
import { doctorVerb } from './verbs/doctor'
import { evaluateVerb } from './verbs/evaluate'
import { explainVerb } from './verbs/explain'
import { exportVerb } from './verbs/export'
import { findRateVerb } from './verbs/find-rate'
import { fixVerb } from './verbs/fix'
import { healthVerb } from './verbs/health'
import { importVerb } from './verbs/import'
import { inspectVerb } from './verbs/inspect'
import { answersVerb } from './verbs/answers'
import { markVerb } from './verbs/mark'
import { modelsVerb } from './verbs/models'
import { predictVerb } from './verbs/predict'
import { queueVerb } from './verbs/queue'
import { reproduceVerb } from './verbs/reproduce'
import { reportVerb } from './verbs/report'
import { resumeVerb } from './verbs/resume'
import { runsVerb } from './verbs/runs'
import { serveVerb } from './verbs/serve'
import { suspectsVerb } from './verbs/suspects'
import { thresholdsVerb } from './verbs/thresholds'
import { trainVerb } from './verbs/train'

export interface CommandContext {
  terminal: Terminal
  version: string
  /** The services, made when first asked for. `roots`: folders that may be looked into; null, as for verbs: all. */
  studio: (roots?: readonly string[] | null) => Studio
  /** Where the technical part of a failure is kept. */
  logDirectory: () => string
}

export interface Verb {
  name: string
  /** Adds options, arguments and the action to the verb's own command. */
  define(command: Command, context: CommandContext): void
}

/** All verbs, in the order of the help. */
export const VERBS: readonly Verb[] = [
  trainVerb,
  resumeVerb,
  queueVerb,
  reproduceVerb,
  configVerb,
  findRateVerb,
  evaluateVerb,
  compareVerb,
  reportVerb,
  answersVerb,
  thresholdsVerb,
  predictVerb,
  explainVerb,
  suspectsVerb,
  exportVerb,
  importVerb,
  inspectVerb,
  healthVerb,
  fixVerb,
  modelsVerb,
  runsVerb,
  markVerb,
  serveVerb,
  doctorVerb,
]

export interface ProgramOptions {
  terminal: Terminal
  version: string
  createStudio: (roots: readonly string[] | null) => Studio
  logDirectory: () => string
}

/** The program without its parameters: what the help is made from. */
export function createProgram(context: CommandContext): Command {
  const { terminal } = context
  const program = new Command('graft')
  const quiet = (command: Command) =>
    command
      .exitOverride()
      .showHelpAfterError(`Run graft ${command === program ? '' : `${command.name()} `}--help to see what there is.`)
      .configureHelp({ helpWidth: Math.min(terminal.stdout.columns ?? 100, 120), showGlobalOptions: false })
      .configureOutput({
        writeOut: (text) => terminal.stdout.write(text),
        writeErr: (text) => terminal.stderr.write(text),
      })
  quiet(program)
    .description('Trains image classifiers on folders of pictures. Without a verb, npm start opens the studio.')
    .version(context.version, '-V, --version', 'Show the version')
    .helpOption('-h, --help', 'Show what there is')
    .helpCommand('help [verb]', 'Show what a verb does')
    .addHelpText('after', `\nExit codes:\n${EXIT_CODES.map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`).join('\n')}\n`)
  for (const verb of VERBS) verb.define(quiet(program.command(verb.name).helpOption('-h, --help', 'Show this')), context)
  return program
}

/** Runs the program. Resolves with the exit code; never rejects. */
export async function runProgram(parameters: readonly string[], options: ProgramOptions): Promise<number> {
  const { terminal } = options
  let studio: Studio | null = null
  const context: CommandContext = {
    terminal,
    version: options.version,
    studio: (roots = null) => (studio ??= options.createStudio(roots)),
    logDirectory: options.logDirectory,
  }
  const optionsEnd = parameters.indexOf('--')
  const json = (optionsEnd < 0 ? parameters : parameters.slice(0, optionsEnd)).includes('--json')
  try {
    await createProgram(context).parseAsync([...parameters], { from: 'user' })
    return EXIT_OK
  } catch (error) {
    return reportFailure(error, { terminal, json, logDirectory: options.logDirectory })
  } finally {
    // Assigned in a closure, which the compiler's flow does not see.
    await (studio as Studio | null)?.close()
  }
}
