/** graft answers RUN [--epoch N] [--truth CLASS --answer CLASS] */
import { CHANGE_KINDS, type ChangeKind } from '../../../shared/domain/compare'
import type { AnsweredPicture, EpochPictures } from '../../../shared/domain/epoch-answers'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import { EpochAnswersService } from '../../services/epoch-answers'
import type { Verb } from '../program'
import { findRun } from '../sources'
import { tableLines } from '../table'
import { writeLine } from '../terminal'

interface AnswersOptions {
  epoch?: string
  kind?: string
  truth?: string
  answer?: string
  json?: boolean
}

export const answersVerb: Verb = {
  name: 'answers',
  define(command, { terminal }) {
    command
      .description('The validation pictures whose answer an epoch changed, or those that it took for a class; while the run trains, too')
      .argument('<run>', 'the id, name or folder of the run')
      .option('--epoch <number>', 'of the run; without it the newest')
      .option('--kind <kind>', `only changes of one kind: ${CHANGE_KINDS.map((kind) => `"${kind}"`).join(', ')}`)
      .option('--truth <class>', 'with --answer: the pictures of this class that were taken for that one, changed or not')
      .option('--answer <class>', 'see --truth')
      .option('--json', 'One object a picture on stdout and nothing else')
      .action(async (reference: string, options: AnswersOptions) => {
        const { folder, record } = await findRun(reference, terminal.workingDirectory)
        const kind = kindOf(options.kind)
        const cell = cellOf(options, record.classes)
        const epoch = epochOf(options.epoch, record.epochs_done)
        const found = await new EpochAnswersService({ folder: () => Promise.resolve(folder) }).pictures({ runId: record.run_id, epoch, kind, cell, limit: Infinity })
        if (!found.is_known) {
          throw new GraftError('NOT_FOUND', `What epoch ${epoch} of ${record.name} answered is not there: the run has ${record.epochs_done} epochs, and versions before this one did not keep answers.`, { action: 'Choose another epoch.' })
        }
        const told = found.pictures.map((picture) => named(picture, record.classes))
        if (options.json === true) for (const picture of told) writeLine(terminal.stdout, JSON.stringify({ epoch, ...picture }))
        else for (const line of said(epoch, found, told)) writeLine(terminal.stdout, line)
      })
  },
}

function epochOf(text: string | undefined, newest: number): number {
  const epoch = text === undefined ? newest : Number(text)
  if (Number.isInteger(epoch) && epoch >= 1) return epoch
  if (text === undefined) throw new GraftError('NOT_FOUND', 'The run has no epoch yet.', { action: 'Wait for the end of its first.' })
  throw new GraftError('BAD_INPUT', `"${text}" is no epoch: a whole number from 1 on was expected.`, { action: newest < 1 ? 'Wait for the end of the first.' : `Choose one from 1 to ${newest}.` })
}

function kindOf(text: string | undefined): ChangeKind | null {
  if (text === undefined) return null
  const kind = CHANGE_KINDS.find((known) => known === text)
  if (kind !== undefined) return kind
  const hint = nearestName(text, [...CHANGE_KINDS])
  throw new GraftError('BAD_INPUT', `"${text}" is no kind of change: ${CHANGE_KINDS.join(', ')} were expected.`, { action: hint === null ? 'Give one of them, in quotes.' : `Did you mean "${hint}"?` })
}

function cellOf({ truth, answer }: AnswersOptions, classes: readonly string[]): { truth: number; prediction: number } | null {
  if (truth === undefined && answer === undefined) return null
  const indexOf = (name: string | undefined): number => {
    const index = name === undefined ? -1 : classes.indexOf(name)
    if (index !== -1) return index
    if (name === undefined) throw new GraftError('BAD_INPUT', '--truth and --answer were expected together.', { action: 'Give both, or neither.' })
    const hint = nearestName(name, [...classes])
    throw new GraftError('BAD_INPUT', `The run has no class "${name}".`, { action: hint === null ? `Its classes: ${classes.slice(0, 8).join(', ')}.` : `Did you mean "${hint}"?` })
  }
  return { truth: indexOf(truth), prediction: indexOf(answer) }
}

interface NamedAnswer {
  path: string
  truth: string
  before: string | null
  now: string
  probability: number
  kind: ChangeKind | null
}

function named({ path, truth, before, now, kind }: AnsweredPicture, classes: readonly string[]): NamedAnswer {
  const name = (index: number): string => classes[index] ?? String(index)
  return { path, truth: name(truth), before: before === null ? null : name(before.prediction), now: name(now.prediction), probability: Number(now.probability.toFixed(4)), kind }
}

function said(epoch: number, { changes, total }: Pick<EpochPictures, 'changes' | 'total'>, pictures: readonly NamedAnswer[]): string[] {
  const counted = changes === null ? 'the epoch before is not known' : `${changes.wrong_to_right} now right, ${changes.right_to_wrong} now wrong, ${changes.wrong_otherwise} wrong otherwise`
  const head = `Epoch ${epoch}: ${counted}. ${total} shown.`
  if (pictures.length === 0) return [head]
  const columns = [{ title: 'picture' }, { title: 'truth' }, { title: 'before' }, { title: 'now' }, { title: 'sure', align: 'right' as const }]
  return [head, ...tableLines(columns, pictures.map(({ path, truth, before, now, probability }) => [path, truth, before ?? '', now, `${(probability * 100).toFixed(1)} %`]))]
}
