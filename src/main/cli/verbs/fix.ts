/** graft fix DATA */
import { resolve } from 'node:path'
import { Option } from 'commander'
import { GraftError } from '../../../shared/domain/error'
import type { Fixed, FixRequest } from '../../../shared/domain/fix'
import type { Journal } from '../../../shared/domain/fix-journal'
import { HEALTH_KINDS, type HealthKind } from '../../../shared/domain/health'
import { datasetIdOf } from '../../storage/fix-journals'
import { formatDate, formatPlural, printable } from '../format'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { writeLine } from '../terminal'
import { lookAt } from './health'

interface FixOptions {
  exclude?: string[]
  move?: string[]
  to?: string
  keep?: string[]
  excludeAll?: HealthKind
  keepLargest?: HealthKind
  fine?: HealthKind
  undo?: boolean
  redo?: boolean
  json?: boolean
}

const KIND_OPTIONS = ['excludeAll', 'keepLargest', 'fine'] as const

export const fixVerb: Verb = {
  name: 'fix',
  define(command, { terminal, studio }) {
    const finding = (flags: string, description: string) => command.addOption(new Option(flags, description).choices(HEALTH_KINDS))
    command
      .description('Decide about pictures of a folder: leave them out, move them to another class, keep one of each group. Files never change; decisions can be taken back')
      .argument('<data>', 'the folder')
      .option('--exclude <path...>', 'leave these pictures out; paths below the folder')
      .option('--move <path...>', 'count these pictures as of the class that --to names')
      .option('--to <class>', 'the class, for --move')
    command.option('--keep <path...>', 'these pictures and their labels are right as they are: what was left out takes part again, and nothing suggests them any more')
    finding('--exclude-all <finding>', 'leave out every picture of a finding of graft health')
    finding('--keep-largest <finding>', 'of each group of the finding, keep the largest picture and leave out the others')
    finding('--fine <finding>', 'the pictures that the finding has now are fine; it is not told of them again')
    command
      .option('--undo', 'take the last decision back')
      .option('--redo', 'make the decision that was taken back last again')
      .option('--json', 'The decisions as one object on stdout and nothing else')
      .addHelpText('after', '\nWithout an option it lists what was decided. A run says in its manifest.json which decisions it was made with.\ngraft train --from RUN --with-fixes trains a run again with what was decided since.\n')
      .action(async (data: string, options: FixOptions) => {
        const quiet = options.json === true
        const asked = requestOf(options)
        const { health, datasets } = studio()
        const { datasetId, isTurned } = await opened(data, asked, quiet)
        const fixed = await (asked === null || isTurned ? null : asked === 'undo' ? health.undo({ datasetId }) : asked === 'redo' ? health.redo({ datasetId }) : health.fix({ datasetId, fix: asked }))
        const journal = fixed?.journal ?? (await health.journal({ datasetId }))
        if (quiet) writeLine(terminal.stdout, JSON.stringify(journal))
        else for (const line of [...journalLines(journal), ...(asked === null ? [] : ['', leftLine(fixed?.summary ?? (await datasets.get({ datasetId })))])]) writeLine(terminal.stdout, line)
      })

    /** With what was decided a folder that has lost pictures may have too few of a class to be opened; then a decision is taken back first. */
    async function opened(data: string, asked: Asked | null, quiet: boolean): Promise<{ datasetId: string; isTurned: boolean }> {
      try {
        return { datasetId: await open(data, asked, quiet), isTurned: false }
      } catch (error) {
        if ((asked !== 'undo' && asked !== 'redo') || !(error instanceof GraftError) || error.code !== 'BAD_INPUT') throw error
        const root = await studio().files.confine(resolve(terminal.workingDirectory, data))
        await studio().health.turn(datasetIdOf(root), asked).catch(() => {
          throw error
        })
        return { datasetId: await open(data, asked, quiet), isTurned: true }
      }
    }

    async function open(data: string, asked: Asked | null, quiet: boolean): Promise<string> {
      if (asked !== null && typeof asked === 'object' && needsLook(asked)) return (await lookAt(terminal, studio(), data, quiet)).datasetId
      const path = resolve(terminal.workingDirectory, data)
      return (await finishStream(terminal, { quiet }, (signal) => studio().datasets.open({ path }, signal))).datasetId
    }
  },
}

const needsLook = ({ kind }: FixRequest): boolean => kind !== 'exclude' && kind !== 'move' && kind !== 'keep'

type Asked = FixRequest | 'undo' | 'redo'

/** Null: nothing is asked but the list. @throws GraftError BAD_INPUT where more than one thing is */
function requestOf(options: FixOptions): Asked | null {
  const asked: Asked[] = []
  if (options.exclude !== undefined) asked.push({ kind: 'exclude', finding: null, paths: options.exclude })
  if (options.move !== undefined) {
    if (options.to === undefined) throw new GraftError('BAD_INPUT', '--move expects --to with the name of a class, but there is none.', { action: 'Add --to CLASS.' })
    asked.push({ kind: 'move', finding: null, paths: options.move, toClass: options.to })
  }
  if (options.keep !== undefined) asked.push({ kind: 'keep', finding: null, paths: options.keep })
  for (const name of KIND_OPTIONS) {
    const finding = options[name]
    if (finding === undefined) continue
    if (name === 'excludeAll') asked.push({ kind: 'exclude-all', finding })
    else if (name === 'keepLargest') asked.push({ kind: 'keep-largest', finding, paths: null })
    else asked.push({ kind: 'fine', finding, paths: null })
  }
  if (options.undo === true) asked.push('undo')
  if (options.redo === true) asked.push('redo')
  if (asked.length > 1) throw new GraftError('BAD_INPUT', `One decision at a time was expected, but ${asked.length} came.`, { action: 'Run graft fix once for each.' })
  return asked[0] ?? null
}

function journalLines({ entries, damagedLines }: Journal): string[] {
  const lines = entries.map(({ id, at, title, isApplied, paths }) => `${String(id).padStart(3)}  ${formatDate(at)}  ${printable(title)}${isApplied ? '' : ' (taken back)'}  ${printable(paths[0] ?? '')}${paths.length > 1 ? ' …' : ''}`)
  if (damagedLines > 0) lines.push(`${formatPlural(damagedLines, 'line')} of the journal cannot be read and ${damagedLines === 1 ? 'counts' : 'count'} for nothing.`)
  return lines.length === 0 ? ['Nothing was decided yet.'] : lines
}

function leftLine({ pictures, excluded = 0, split }: Fixed['summary']): string {
  return `${formatPlural(pictures, 'picture')} left${excluded === 0 ? '' : `, ${formatPlural(excluded, 'picture')} left out`}: ${split.train} train, ${split.val} val, ${split.test} test`
}
