/** graft health DATA */
import { resolve } from 'node:path'
import { HEALTH_KINDS, type HealthFinding, type HealthItem, type HealthKind, type HealthReport } from '../../../shared/domain/health'
import { Option } from 'commander'
import type { Studio } from '../../services/studio'
import { formatCount, formatPlural, formatSeconds, printable } from '../format'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { writeLine, type Terminal } from '../terminal'

const SEVERITIES: Readonly<Record<HealthFinding['severity'], string>> = { stop: 'Stops training', look: 'Worth a look', note: 'Note' }
const PATHS_SHOWN = 5
const ITEMS_A_PAGE = 500

export const healthVerb: Verb = {
  name: 'health',
  define(command, { terminal, studio }) {
    command
      .description('Look at every picture of a folder: blurred, dark, nearly the same, in two classes, in two splits; nothing is changed')
      .argument('<data>', 'a folder with a folder per class, or with train/, val/ and perhaps test/')
      .addOption(new Option('--finding <kind>', 'list every picture of one finding, those together on a line that belong together').choices(HEALTH_KINDS))
      .option('--json', 'The report as one object on stdout and nothing else; with --finding, one object for each group of pictures')
      .action(async (data: string, options: { json?: boolean; finding?: HealthKind }) => {
        const quiet = options.json === true
        const { datasetId, report } = await lookAt(terminal, studio(), data, quiet)
        const write = (text = '') => writeLine(terminal.stdout, text)
        if (options.finding !== undefined) {
          for await (const { pictures } of allItems(studio(), datasetId, options.finding)) {
            write(quiet ? JSON.stringify({ pictures }) : pictures.map(({ path }) => printable(path)).join('  '))
          }
        } else if (quiet) write(JSON.stringify(report))
        else writeReport(report, write)
      })
  },
}

/** Opens the folder and looks at its pictures. */
export async function lookAt(terminal: Terminal, studio: Studio, data: string, quiet: boolean): Promise<{ datasetId: string; report: HealthReport }> {
  const path = resolve(terminal.workingDirectory, data)
  const { datasetId } = await finishStream(terminal, { quiet }, (signal) => studio.datasets.open({ path }, signal))
  return { datasetId, report: await finishStream(terminal, { quiet }, (signal) => studio.health.report({ datasetId }, signal)) }
}

async function* allItems(studio: Studio, datasetId: string, kind: HealthKind): AsyncGenerator<HealthItem> {
  for (let offset = 0; ; offset += ITEMS_A_PAGE) {
    const { total, items } = await studio.health.items({ datasetId, kind, offset, limit: ITEMS_A_PAGE })
    yield* items
    if (offset + ITEMS_A_PAGE >= total) return
  }
}

function writeReport(report: HealthReport, write: (text?: string) => void): void {
  const unread = report.unmeasured === 0 ? '' : `; ${formatCount(report.unmeasured)} could not be decoded`
  write(`${formatPlural(report.measured, 'picture')} looked at in ${formatSeconds(report.durationMs / 1000)}${unread}`)
  const isKept = !report.findings.some(({ kind }) => kind === 'leak')
  if (report.groups > 0) write(`${formatPlural(report.groupedPictures, 'picture')} in ${formatPlural(report.groups, 'group')} ${isKept ? 'that the split keeps together' : 'of pictures that look alike'}`)
  write()
  if (report.findings.length === 0) write('Nothing was found to be wrong.')
  for (const { severity, kind, title, why, action, sample, count, fixes } of report.findings) {
    write(`${SEVERITIES[severity]}: ${printable(title)} [${kind}]`)
    write(`  ${why}`)
    write(`  ${action}${fixes.includes('keep-largest') ? ` graft fix DATA --keep-largest ${kind}` : fixes.includes('exclude') ? ` graft fix DATA --exclude-all ${kind}` : ''}`)
    for (const path of sample.slice(0, PATHS_SHOWN)) write(`    ${printable(path)}`)
    if (sample.length > 0 && count > PATHS_SHOWN) write(`    and ${formatCount(count - Math.min(PATHS_SHOWN, sample.length))} more; --finding ${kind} lists them`)
  }
}
