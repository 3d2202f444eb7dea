/** graft explain RUN PATH... --out DIR */
import { Option } from 'commander'
import { resolve } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import type { Explanations } from '../../../shared/domain/explanation'
import { nearestName } from '../../../shared/domain/nearest-name'
import { shownList } from '../../../shared/domain/shown'
import { type WrittenHeatmap, writeExplanations } from '../../services/explanation-files'
import type { CheckpointName } from '../../services/model-jobs'
import { parseNumber } from '../config-options'
import { EXIT_FAILED } from '../exit-codes'
import { ExitWithCode } from '../failure'
import { formatPlural, formatShare, printable } from '../format'
import { runTrainerJob } from '../job'
import { listPictures } from '../picture-paths'
import { createProgressLine } from '../progress-line'
import type { Verb } from '../program'
import { findModel } from '../sources'
import { type Terminal, writeLine } from '../terminal'

interface ExplainOptions {
  out: string
  checkpoint: CheckpointName
  class?: string[]
  neighbours: number
  json?: boolean
}

export const explainVerb: Verb = {
  name: 'explain',
  define(command, { terminal }) {
    command
      .description('Show where a model looked: a heatmap over each picture for what it says and for the truth, and the training pictures most alike')
      .argument('<run>', "the id, name or folder of a run, or one of its checkpoints' folders")
      .argument('<path...>', 'pictures, and folders that are walked for pictures; of pictures of the run the truth is known')
      .requiredOption('--out <folder>', 'where to: a PNG for each heatmap, and explanations.json with all numbers; files of the same names are replaced')
      .option('--class <name...>', 'heatmaps for these classes as well')
      .addOption(new Option('--neighbours <n>', 'how many training pictures to name; 0 looks at none').default(6, '6').argParser(parseNeighbours))
      .addOption(new Option('--checkpoint <name>', 'which checkpoint of the run').choices(['best', 'latest']).default('best'))
      .option('--json', 'One object on stdout and nothing else')
      .action(async (reference: string, paths: string[], options: ExplainOptions) => {
        const { source, run } = await findModel(reference, terminal.workingDirectory, options.checkpoint)
        if (source.kind === 'export' || run === null) {
          throw new GraftError('BAD_INPUT', `A run was expected, but ${source.directory} is an export: it gives answers, and not what they are made of.`, { action: 'Give a run; graft runs lists them.' })
        }
        const classes = (options.class ?? []).map((name) => classIndexOf(name, run.record.classes))
        const files = await listPictures(paths, terminal.workingDirectory)
        const pictures = files.map((path) => ({ path, isOfRun: false, classes }))
        const quiet = options.json === true
        const explanations = await runTrainerJob(
          terminal,
          { kind: 'explain', runDirectory: source.directory, checkpoint: source.checkpoint, pictures, neighbours: options.neighbours, busyWith: null },
          { quiet },
        )
        const progress = createProgressLine(terminal, { quiet })
        const { heatmaps, numbers } = await writeExplanations(resolve(terminal.workingDirectory, options.out), explanations, (done, total) => {
          progress.show('Drawing heatmaps', done, total)
        }).finally(() => {
          progress.close()
        })
        if (quiet) writeLine(terminal.stdout, JSON.stringify({ ...explanations, files: heatmaps, numbers }))
        else writeWords(terminal, explanations, heatmaps, numbers)
        const failed = explanations.pictures.filter(({ failure }) => failure !== null)
        for (const { path, failure } of failed) writeLine(terminal.stderr, `Cannot be read: ${printable(path)}: ${failure?.message ?? ''}`)
        if (failed.length === explanations.pictures.length) throw new ExitWithCode(EXIT_FAILED)
      })
  },
}

function parseNeighbours(text: string): number {
  const value = parseNumber(text)
  if (value === undefined || !Number.isInteger(value) || value < 0 || value > 100) {
    throw new GraftError('BAD_INPUT', `--neighbours expects a whole number from 0 to 100, but "${text}" came.`, { action: 'For example --neighbours 6.' })
  }
  return value
}

function classIndexOf(name: string, classes: readonly string[]): number {
  const index = classes.indexOf(name)
  if (index >= 0) return index
  const hint = nearestName(name, [...classes])
  throw new GraftError('BAD_INPUT', `The run has no class "${name}"; it has ${shownList(classes)}.`, { action: hint === null ? 'Give one of them.' : `Did you mean "${hint}"?` })
}

const MISSING: Readonly<Record<NonNullable<Explanations['neighboursMissing']>, string | null>> = {
  'not asked': null,
  'no training pictures': 'The run has no training pictures to compare with.',
  busy: 'The training pictures are not looked at while something else has the machine.',
  unreadable: 'None of the training pictures can be read: is their folder still there?',
}

function writeWords(terminal: Terminal, explanations: Explanations, heatmaps: readonly WrittenHeatmap[], numbers: string): void {
  const { labels, neighboursMissing, temperature } = explanations
  const nameOf = (index: number): string => printable(labels[index] ?? String(index))
  for (const { path, truth, prediction, probabilities, neighbours, failure, heatmaps: maps } of explanations.pictures) {
    if (failure !== null) continue
    const said = truth === null ? '' : truth === prediction ? ', which is right' : `; the truth is ${nameOf(truth)}, ${formatShare(probabilities[truth] ?? 0, 2)}`
    writeLine(terminal.stdout, `${printable(path)}  ${nameOf(prediction)} ${formatShare(probabilities[prediction] ?? 0, 2)}${said}`)
    for (const { label, file } of heatmaps.filter((heatmap) => heatmap.path === path)) writeLine(terminal.stdout, `  heatmap for ${printable(label)}: ${printable(file)}`)
    for (const { classIndex } of maps.filter(({ isSpokenFor }) => !isSpokenFor)) writeLine(terminal.stdout, `  nothing in it speaks for ${nameOf(classIndex)}: that heatmap is empty`)
    for (const { path: other, classIndex, similarity } of neighbours ?? []) writeLine(terminal.stdout, `  alike ${similarity.toFixed(3)}  ${nameOf(classIndex)}  ${printable(other)}`)
  }
  if (temperature !== null) writeLine(terminal.stdout, `Probabilities are at the run’s temperature, ${temperature.toFixed(3)}.`)
  const missing = neighboursMissing === null ? null : MISSING[neighboursMissing]
  if (missing !== null) writeLine(terminal.stdout, missing)
  writeLine(terminal.stdout, `${formatPlural(heatmaps.length, 'heatmap')} and ${printable(numbers)}`)
}
