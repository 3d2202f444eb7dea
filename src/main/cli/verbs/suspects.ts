/** graft suspects RUN */
import { Option } from 'commander'
import { GraftError } from '../../../shared/domain/error'
import { type LookedAtPicture, ofGuess, ofLabel, type SuspectsReport } from '../../../shared/domain/suspects'
import { learningWords } from '../../../shared/domain/suspects-words'
import { suspectsCsv, suspectsOfRun } from '../../services/suspects'
import { parseNumber } from '../config-options'
import { formatCount, formatPlural, formatShare, printable } from '../format'
import { followWork } from '../job'
import type { Verb } from '../program'
import { findRun } from '../sources'
import { type Terminal, writeLine } from '../terminal'

interface SuspectsOptions {
  json?: boolean
  csv?: boolean
  count: number
}

export const suspectsVerb: Verb = {
  name: 'suspects',
  define(command, { terminal, studio }) {
    command
      .description('Tell which labels of a run’s pictures are probably wrong, and which pictures are the hardest and the most typical; nothing is changed')
      .argument('<run>', 'the id, name or folder of a run')
      .addOption(new Option('--count <n>', 'pictures of each list that are printed; the files and --json hold more').default(10, '10').argParser(parseCount))
      .addOption(new Option('--csv', 'every listed picture as a line of CSV on stdout and nothing else').conflicts('json'))
      .option('--json', 'One object on stdout and nothing else')
      .action(async (reference: string, options: SuspectsOptions) => {
        const { folder } = await findRun(reference, terminal.workingDirectory)
        const quiet = options.json === true || options.csv === true
        const { lock } = studio().places
        const found = await followWork(terminal, { quiet }, (signal, show) => suspectsOfRun(folder, { lock, signal, report: (done, total, message) => show(message, done, total) }))
        if (options.json === true) writeLine(terminal.stdout, JSON.stringify(found))
        else if (options.csv === true) terminal.stdout.write(suspectsCsv(found))
        else writeReport(terminal, found, options.count)
      })
  },
}

function parseCount(text: string): number {
  const value = parseNumber(text)
  if (value === undefined || !Number.isInteger(value) || value < 1) {
    throw new GraftError('BAD_INPUT', `--count expects a whole number from 1 on, but "${text}" came.`, { action: 'For example --count 10.' })
  }
  return value
}

/** What is not printed; of many suspects only the most doubtful are kept. */
function moreSuspects({ suspected, suspects }: SuspectsReport, count: number): string {
  const [more, isKept] = [formatCount(suspected - Math.min(count, suspects.length)), suspects.length > count]
  if (!isKept) return `${more} more, of which only the number is kept: mend these first, then look again`
  return `${more} more; --count prints ${suspects.length === suspected ? 'more of them' : `up to ${formatCount(suspects.length)}`}`
}

function writeReport(terminal: Terminal, found: SuspectsReport, count: number): void {
  const { classes, suspected, suspects, perClass, alike, curve } = found
  const write = (text = '') => writeLine(terminal.stdout, text)
  const nameOf = (k: number): string => printable(classes[k] ?? String(k))
  write(`${formatPlural(found.pictures, 'picture')} seen by ${found.backbone} (${found.weights}), each asked about by a head that has not learned from it: ${formatShare(found.accuracy)} right`)
  if (found.unread > 0) write(`${formatPlural(found.unread, 'picture')} could not be read and took no part`)
  write()
  write(suspected === 0 ? 'No label is suspected to be wrong.' : `${formatPlural(suspected, 'label')} suspected to be wrong, the most doubtful first:`)
  for (const picture of suspects.slice(0, count)) write(`  ${printable(picture.path)}  labelled ${nameOf(picture.classIndex)} ${formatShare(ofLabel(picture))}, looks like ${nameOf(picture.guess)} ${formatShare(ofGuess(picture))}`)
  if (suspected > count) write(`  and ${moreSuspects(found, count)}`)
  const list = (title: string, pictures: readonly LookedAtPicture[]) => {
    if (pictures.length > 0) write(`  ${title}: ${pictures.slice(0, Math.min(count, 5)).map(({ path }) => printable(path)).join('  ')}`)
  }
  perClass.forEach(({ pictures, recall, hardest, typical }, k) => {
    write()
    write(`${nameOf(k)}: ${formatPlural(pictures, 'picture')}${recall === null ? '' : `, ${formatShare(recall)} recognised`}`)
    list('hardest', hardest)
    list('most typical', typical)
  })
  if (alike !== null && alike.found > 0) {
    write()
    write(`${formatPlural(alike.found, 'pair')} of pictures that look like one and that no hash brings together:`)
    for (const { first, second, similarity } of alike.pairs.slice(0, count)) write(`  ${similarity.toFixed(3)}  ${printable(first.path)} (${nameOf(first.classIndex)}, ${first.split})  ${printable(second.path)} (${nameOf(second.classIndex)}, ${second.split})`)
  }
  if (curve !== null) {
    write()
    for (const line of learningWords(curve, classes.map(printable))) write(line)
  }
}
