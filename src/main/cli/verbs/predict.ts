/** graft predict RUN|EXPORT PATH... */
import { Option } from 'commander'
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { csvLine } from '../../../shared/domain/csv'
import { GraftError } from '../../../shared/domain/error'
import { parseNumber } from '../config-options'
import { EXIT_FAILED } from '../exit-codes'
import { ExitWithCode } from '../failure'
import { formatPlural, formatShare, printable } from '../format'
import { followWork, runTrainerJob } from '../job'
import { listPictures } from '../picture-paths'
import type { Verb } from '../program'
import { findModel } from '../sources'
import { writeLine, type Terminal } from '../terminal'
import { decided, type DecidedPicture, thresholdsOfModel } from '../../services/thresholds-decided'
import { type CalibratedAnswers, calibratedAnswers, type CalibratedPicture } from '../../services/calibrated-answers'
import type { CheckpointName, ModelSource, PredictedPicture } from '../../services/model-jobs'

interface PredictOptions {
  top: number
  checkpoint: CheckpointName
  calibrated?: boolean
  csv?: string
  json?: boolean
}

export const predictVerb: Verb = {
  name: 'predict',
  define(command, { terminal }) {
    command
      .description('Say what is in pictures: the likeliest classes with their probabilities')
      .argument('<model>', "a run's id, name or folder; a checkpoint's folder; the folder of an export")
      .argument('<path...>', 'pictures, and folders that are walked for pictures')
      .addOption(new Option('--top <n>', 'how many classes to name').default(3, '3').argParser(parseTop))
      .addOption(new Option('--checkpoint <name>', 'which checkpoint of the run').choices(['best', 'latest']).default('best'))
      .option('--calibrated', "as the studio's test pane answers: probabilities at the run's temperature, and \"none of these\" for what is like none of its training pictures")
      .option('--csv <file>', 'write a table with the probability of every class; - for stdout')
      .option('--json', 'One object a picture on stdout and nothing else')
      .action(async (reference: string, paths: string[], options: PredictOptions) => {
        if (options.json === true && options.csv === '-') {
          throw new GraftError('BAD_INPUT', '--json and --csv - both want stdout for themselves.', { action: 'Leave one of them out.' })
        }
        const { source } = await findModel(reference, terminal.workingDirectory, options.checkpoint)
        const pictures = await listPictures(paths, terminal.workingDirectory)
        const quiet = options.json === true
        const everyClass = options.csv !== undefined
        const chosen = options.calibrated === true ? null : await thresholdsOfModel(source)
        const topK = everyClass || chosen !== null ? Number.MAX_SAFE_INTEGER : options.top
        const answered = options.calibrated === true ? await askCalibrated(terminal, source, pictures, { quiet, topK }) : await runTrainerJob(terminal, { kind: 'predict', source, paths: pictures, topK }, { quiet })
        const result = chosen === null ? answered : decided(answered, chosen)
        if (chosen !== null && !quiet) writeLine(terminal.stderr, `Thresholds chosen for ${chosen.classes.map(({ name, threshold }) => `${printable(name)} (from ${threshold.toFixed(3)} on)`).join(', ')} decide.`)
        if (options.csv !== undefined) await writeCsv(terminal, options.csv, result)
        if (quiet) for (const picture of result.pictures) writeLine(terminal.stdout, JSON.stringify({ ...picture, top: picture.top.slice(0, options.top) }))
        else if (options.csv !== '-') writePredictions(terminal, result.pictures, options.top)
        const failed = result.pictures.filter(({ failure }) => failure !== null)
        for (const { path, failure } of failed) writeLine(terminal.stderr, `Cannot be read: ${printable(path)}: ${failure?.message ?? ''}`)
        if (failed.length > 0 && failed.length === result.pictures.length) throw new ExitWithCode(EXIT_FAILED)
      })
  },
}

function parseTop(text: string): number {
  const value = parseNumber(text)
  if (value === undefined || !Number.isInteger(value) || value < 1) {
    throw new GraftError('BAD_INPUT', `--top expects a whole number of 1 or more, but "${text}" came.`, { action: 'For example --top 3.' })
  }
  return value
}

async function askCalibrated(terminal: Terminal, source: ModelSource, paths: readonly string[], options: { quiet: boolean; topK: number }): Promise<CalibratedAnswers> {
  if (source.kind !== 'run' || source.checkpoint !== 'best') {
    throw new GraftError('BAD_INPUT', '--calibrated is for the best checkpoint of a run: the training pictures that it compares with are the run’s.', { action: 'Name the run, or leave --calibrated out.' })
  }
  const answers = await followWork(terminal, options, (signal, show) =>
    calibratedAnswers(source.directory, paths, { topK: options.topK, signal, onProgress: (done, total) => show('Predicting', done, total) }),
  )
  const { calibration, noneOfThese } = answers.model
  if (!options.quiet && calibration.kind === 'impossible') writeLine(terminal.stderr, `Not calibrated: ${calibration.why}.`)
  if (!options.quiet && noneOfThese.kind === 'impossible') writeLine(terminal.stderr, `"None of these" cannot be told: ${noneOfThese.why}`)
  return answers
}

/** In front of the classes, where they are not the answer. */
const VERDICTS: Readonly<Record<string, string>> = { none: 'none of these; likeliest ', unsure: 'not sure; likeliest ' }

type AnsweredPicture = PredictedPicture | CalibratedPicture | DecidedPicture

function verdictOf(picture: AnsweredPicture): string {
  if ('verdict' in picture && picture.verdict !== 'class') return VERDICTS[picture.verdict ?? ''] ?? ''
  if (!('answer' in picture)) return ''
  if (picture.answer === null || picture.answer === undefined) return VERDICTS['unsure'] ?? ''
  return picture.answer === picture.top[0]?.label ? '' : `${printable(picture.answer)}, by the chosen thresholds; likeliest `
}

/** What it is said to be; empty where no class is. */
const saidOf = (picture: AnsweredPicture): string => ('answer' in picture ? (picture.answer ?? '') : (picture.top[0]?.label ?? ''))

function writePredictions(terminal: Terminal, pictures: readonly AnsweredPicture[], top: number): void {
  const read = pictures.filter(({ failure }) => failure === null)
  for (const picture of read) {
    const answers = picture.top.slice(0, top).map(({ label, probability }) => `${printable(label)} ${formatShare(probability, 2)}`)
    writeLine(terminal.stdout, `${printable(picture.path)}  ${verdictOf(picture)}${answers.join('  ')}`)
  }
  if (read.length > 1 && terminal.stderr.isTTY === true) writeLine(terminal.stderr, formatPlural(read.length, 'picture'))
}

/** path, prediction, its probability (and the verdict, where there is one), then a column for each class. Probabilities in full, so that they can be compared. */
async function writeCsv(terminal: Terminal, file: string, result: { labels: string[]; pictures: readonly AnsweredPicture[] }): Promise<void> {
  const hasVerdicts = result.pictures.some((picture) => 'verdict' in picture)
  const lines = [csvLine(['path', 'prediction', 'probability', ...(hasVerdicts ? ['verdict'] : []), ...result.labels])]
  for (const picture of result.pictures) {
    const { path, top, failure } = picture
    if (failure !== null) continue
    const byLabel = new Map(top.map(({ label, probability }) => [label, probability]))
    const said = saidOf(picture)
    lines.push(csvLine([path, said, String(byLabel.get(said) ?? ''), ...('verdict' in picture ? [picture.verdict ?? ''] : []), ...result.labels.map((label) => String(byLabel.get(label) ?? ''))]))
  }
  const text = `${lines.join('\n')}\n`
  if (file === '-') terminal.stdout.write(text)
  else await writeFile(resolve(terminal.workingDirectory, file), text)
}
