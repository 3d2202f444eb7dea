/** graft thresholds RUN */
import { Option } from 'commander'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import { type ChosenThresholds, countOf, LARGEST_MISS_COST, SMALLEST_MISS_COST } from '../../../shared/domain/thresholds'
import type { ToldThreshold } from '../../../shared/domain/thresholds-told'
import { answerThreshold, dropThresholds, keepThreshold, measuredRun, type ThresholdAnswer, ThresholdsService } from '../../services/thresholds'
import { parseNumber } from '../config-options'
import { formatShare, printable } from '../format'
import type { Verb } from '../program'
import { findRun, type NamedRun } from '../sources'
import { type Column, tableLines } from '../table'
import { writeLine, type Terminal } from '../terminal'

interface ThresholdsOptions {
  class?: string
  missCost?: number
  at?: number
  bayes?: boolean
  save?: boolean
  clear?: boolean
  json?: boolean
}

export const thresholdsVerb: Verb = {
  name: 'thresholds',
  define(command, { terminal }) {
    command
      .description('From which probability on a picture is said to be of a class, where a missed one costs another amount than a false alarm')
      .argument('<run>', 'its id, name or folder')
      .option('--class <name>', 'the class; without it, show what was chosen')
      .addOption(new Option('--miss-cost <n>', 'how many false alarms a missed picture of the class costs').default(1, '1').argParser(parseCost))
      .addOption(new Option('--at <probability>', 'tell of this threshold instead of the cheapest on the validation pictures').argParser(parseProbability))
      .option('--bayes', 'tell of 1 / (1 + cost), the cheapest for calibrated probabilities')
      .option('--save', 'keep it with the run: predict, the test pane and exports then use it')
      .option('--clear', 'take away what was kept, of the class or of all')
      .option('--json', 'One object on stdout and nothing else')
      .action(async (reference: string, options: ThresholdsOptions) => {
        if (options.at !== undefined && options.bayes === true) throw new GraftError('BAD_INPUT', '--at and --bayes came together.', { action: 'Leave one of them out.' })
        if (options.save === true && (options.class === undefined || options.clear === true)) throw new GraftError('BAD_INPUT', '--save keeps the threshold of one class.', { action: 'Name it with --class, without --clear.' })
        const run = await findRun(reference, terminal.workingDirectory)
        if (options.clear === true || options.class === undefined) await list(terminal, run, options)
        else await tell(terminal, run, options.class, options)
      })
  },
}

async function list(terminal: Terminal, run: NamedRun, options: ThresholdsOptions): Promise<void> {
  if (options.clear === true) await dropThresholds(run.folder, options.class ?? null)
  const { chosen, isCurrent } = await new ThresholdsService({ folder: () => Promise.resolve(run.folder) }).chosen({ runId: run.record.run_id })
  if (options.json === true) {
    writeLine(terminal.stdout, JSON.stringify({ run_id: run.record.run_id, is_current: isCurrent, chosen }))
    return
  }
  if (chosen === null) {
    writeLine(terminal.stdout, 'No thresholds were chosen; pictures are said to be of their likeliest class.')
    return
  }
  for (const line of chosenLines(chosen)) writeLine(terminal.stdout, line)
  if (!isCurrent) writeLine(terminal.stdout, `They were chosen for epoch ${chosen.checkpoint_epoch}, and the run has a better one since: they are not used. Choose them again.`)
}

function chosenLines({ classes, temperature }: ChosenThresholds): string[] {
  const words = { validation: 'cheapest on validation', bayes: 'Bayes', set: 'set by hand' }
  const number: Omit<Column, 'title'> = { align: 'right' }
  const columns: Column[] = [{ title: 'class' }, { title: 'threshold', ...number }, { title: 'a miss costs', ...number }, { title: 'how' }]
  const lines = tableLines(columns, classes.map(({ name, threshold, miss_cost: cost, source }) => [name, threshold.toFixed(4), String(cost), words[source]]))
  return [...lines, temperature === null ? "Probabilities are the model's own: it has no temperature." : `Probabilities at temperature ${temperature.toFixed(3)}.`]
}

async function tell(terminal: Terminal, run: NamedRun, name: string, options: ThresholdsOptions): Promise<void> {
  const measured = await measuredRun(run.folder)
  const classIndex = measured.classes.indexOf(name)
  if (classIndex === -1) {
    const hint = nearestName(name, [...measured.classes])
    throw new GraftError('BAD_INPUT', `${run.record.name} has no class "${printable(name)}".`, { action: hint === null ? `It has: ${measured.classes.slice(0, 20).join(', ')}.` : `Did you mean "${hint}"?` })
  }
  const answer = await answerThreshold(measured, { classIndex, missCost: options.missCost ?? 1, threshold: options.at ?? (options.bayes === true ? 'bayes' : 'validation') })
  if (options.save === true) await keepThreshold(measured, { name, threshold: answer.threshold, miss_cost: answer.miss_cost, source: answer.source })
  if (options.json === true) writeLine(terminal.stdout, JSON.stringify({ run_id: run.record.run_id, ...answer, is_saved: options.save === true }))
  else for (const line of answerLines(answer, options.save === true)) writeLine(terminal.stdout, line)
}

function answerLines(answer: ThresholdAnswer, isSaved: boolean): string[] {
  const { name, miss_cost: missCost, bayes, cheapest, threshold, temperature, on_validation: validation, on_test: test } = answer
  const range = cheapest === null ? null : `${cheapest.low.toFixed(4)} to ${cheapest.high.toFixed(4)}`
  return [
    `A missed ${printable(name)} costs ${missCost} times a false alarm.`,
    `Threshold ${threshold.toFixed(4)}, ${{ validation: 'the cheapest on the validation pictures', bayes: "Bayes'", set: 'as given' }[answer.source]}`,
    `  Bayes' for calibrated probabilities: ${bayes.toFixed(4)}`,
    range === null ? '  Cheapest on the validation pictures: cannot be told' : `  Cheapest on the validation pictures: ${range}, cost ${cost(cheapest?.cost ?? 0)}`,
    temperature === null ? "  Probabilities are the model's own: it has no temperature, so Bayes' threshold may be far off." : `  Probabilities at temperature ${temperature.toFixed(3)}, fitted on the validation pictures`,
    '',
    ...tableLines(
      [{ title: '' }, ...['pictures', 'missed', 'false alarms', 'precision', 'recall', 'cost', '95 %', 'by the likeliest class'].map((title): Column => ({ title, align: 'right' }))],
      [row('validation, where it was chosen', validation), ...(test === null ? [] : [row('test', test)])],
    ),
    test === null ? 'There is no test split: these are the pictures that it was chosen on, which flatters it.' : "Chosen on the validation pictures, told on the test pictures. The intervals are the test's, at this threshold.",
    ...(isSaved ? ['Kept with the run: predict, the test pane and exports use it from now on.'] : []),
  ]
}

const cost = (value: number): string => String(Number(value.toFixed(2)))

function row(title: string, { outcomes, precision, recall, cost: total, intervals, likeliest }: ToldThreshold): string[] {
  const between = intervals.cost === null ? 'no mistake' : `${cost(intervals.cost.low)} to ${cost(intervals.cost.high)}`
  return [title, String(countOf(outcomes)), String(outcomes.missed), String(outcomes.false_alarms), formatShare(precision), formatShare(recall), cost(total), between, cost(likeliest.cost)]
}

function parseCost(text: string): number {
  const value = parseNumber(text)
  if (value === undefined || value < SMALLEST_MISS_COST || value > LARGEST_MISS_COST) {
    throw new GraftError('BAD_INPUT', `--miss-cost expects a number from ${SMALLEST_MISS_COST} to ${LARGEST_MISS_COST}, but "${text}" came.`, { action: 'For example --miss-cost 5: a missed one costs five false alarms.' })
  }
  return value
}

function parseProbability(text: string): number {
  const value = parseNumber(text)
  if (value === undefined || value < 0 || value > 1) throw new GraftError('BAD_INPUT', `--at expects a probability from 0 to 1, but "${text}" came.`, { action: 'For example --at 0.2.' })
  return value
}
