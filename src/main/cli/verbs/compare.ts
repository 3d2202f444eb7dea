/** graft compare RUN RUN… */
import { Option } from 'commander'
import { CHANGE_KINDS, type ChangedPicture, FEWEST_COMPARED, MOST_COMPARED, pairWords, type RunComparison } from '../../../shared/domain/compare'
import { SPLITS, type Split } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import { changedPictures, compareRuns } from '../../services/compare-runs'
import { formatShare, printable } from '../format'
import type { Verb } from '../program'
import { findRun, type NamedRun } from '../sources'
import { tableLines, type Column } from '../table'
import { writeLine, type Terminal } from '../terminal'

export const compareVerb: Verb = {
  name: 'compare',
  define(command, { terminal }) {
    command
      .description('Compare runs on the pictures that they were both measured on: the first is the base, the others are held against it')
      .argument('<runs...>', `${FEWEST_COMPARED} to ${MOST_COMPARED} runs, each by its id, name or folder; a run alone that was trained again with fixes is held against the one it came from`)
      .addOption(new Option('--split <split>', 'which pictures; without it test, or val where a run has no test split').choices(SPLITS))
      .option('--pictures', 'every picture that the runs answer differently, with both answers')
      .option('--json', 'The whole comparison as one object on stdout and nothing else')
      .action(async (references: string[], options: { split?: Split; pictures?: boolean; json?: boolean }) => {
        const runs: NamedRun[] = []
        for (const reference of references) runs.push(await findRun(reference, terminal.workingDirectory))
        const [only] = runs
        if (runs.length === 1 && only?.record.retrains !== undefined) runs.unshift(await findRun(only.record.retrains.run_id, terminal.workingDirectory))
        const ids = new Set(runs.map(({ record }) => record.run_id))
        if (ids.size !== runs.length || runs.length < FEWEST_COMPARED || runs.length > MOST_COMPARED) {
          throw new GraftError('BAD_INPUT', `${FEWEST_COMPARED} to ${MOST_COMPARED} different runs were expected, but ${ids.size} came.`, { action: 'Name each run once; graft runs lists them.' })
        }
        const split = options.split ?? (runs.every(({ record }) => record.counts.test > 0) ? 'test' : 'val')
        const comparison = await compareRuns(runs, split)
        const changes = options.pictures === true ? await Promise.all(runs.slice(1).map((other) => changesFrom(runs[0], other, split))) : null
        if (options.json === true) writeLine(terminal.stdout, JSON.stringify(changes === null ? comparison : { ...comparison, changes }))
        else {
          writeComparison(terminal, runs, comparison)
          for (const change of changes ?? []) writeChanges(terminal, change, comparison)
        }
      })
  },
}

interface Changes {
  readonly other_id: string
  readonly pictures: readonly ChangedPicture[]
}

async function changesFrom(base: NamedRun | undefined, other: NamedRun, split: Split): Promise<Changes> {
  return { other_id: other.record.run_id, pictures: base === undefined ? [] : await changedPictures(base, other, split, { kind: null, cell: null }) }
}

/** `right to wrong: 2`, then the pictures, what the other run is surest of first. */
function writeChanges(terminal: Terminal, { other_id: otherId, pictures }: Changes, { pairs }: RunComparison): void {
  const classes = pairs.find((pair) => pair.other_id === otherId)?.classes ?? []
  const answer = ({ prediction, probability }: ChangedPicture['base']): string => `${printable(classes[prediction] ?? '')} ${formatShare(probability)}`
  for (const kind of CHANGE_KINDS) {
    const own = pictures.filter((picture) => picture.kind === kind)
    if (own.length === 0) continue
    writeLine(terminal.stdout, '')
    writeLine(terminal.stdout, `${kind.charAt(0).toUpperCase()}${kind.slice(1)}: ${own.length}`)
    for (const { path, base, other } of own) writeLine(terminal.stdout, `  ${printable(path)}  ${answer(base)} → ${answer(other)}`)
  }
}

const letter = (index: number): string => 'ABCDEFGH'.charAt(index)

function writeComparison(terminal: Terminal, runs: readonly NamedRun[], comparison: RunComparison): void {
  const write = (text = '') => writeLine(terminal.stdout, text)
  const letterOf = (runId: string) => letter(runs.findIndex(({ record }) => record.run_id === runId))
  write(`Runs on their ${comparison.split} pictures, best checkpoints`)
  const right: Omit<Column, 'title'> = { align: 'right' }
  const columns: Column[] = [{ title: '' }, { title: 'run' }, { title: 'pictures', ...right }, { title: 'accuracy', ...right }, { title: '95 % interval' }, { title: 'macro F1', ...right }, { title: 'id' }]
  const rows = runs.map(({ record }, index) => {
    const figures = comparison.measured.find(({ run_id: id }) => id === record.run_id)
    const interval = figures?.accuracy_interval ?? null
    return [
      letter(index),
      record.name,
      figures === undefined ? '' : String(figures.count),
      figures === undefined ? '' : formatShare(figures.accuracy),
      interval === null ? '' : `${formatShare(interval.low)} to ${formatShare(interval.high)}`,
      figures === undefined ? '' : formatShare(figures.macro_f1),
      record.run_id,
    ]
  })
  for (const line of tableLines(columns, rows)) write(line)
  for (const pair of comparison.pairs) {
    const { verdict, basis, notes } = pairWords(pair, { base: letterOf(pair.base_id), other: letterOf(pair.other_id) })
    write()
    write(verdict)
    for (const line of [basis, ...notes]) write(`  ${line}`)
    const cells = pair.changed_cells.slice(0, 3).map((cell) => {
      const name = (index: number) => printable(pair.classes[index] ?? '')
      return `${cell.truth === cell.prediction ? `${name(cell.truth)} recognised` : `${name(cell.truth)} taken for ${name(cell.prediction)}`} ${cell.base} → ${cell.other}`
    })
    if (cells.length > 0) write(`  Most changed: ${cells.join(', ')}.`)
  }
  for (const { run_id: runId, reason } of comparison.unmeasured) {
    write()
    const base = runId === comparison.base_id ? ', and the others are compared with it' : ''
    write(`${letterOf(runId)} was not measured on its ${comparison.split} pictures${base}. ${reason ?? `Measure it: graft evaluate ${runId} --split ${comparison.split}`}`)
  }
}
