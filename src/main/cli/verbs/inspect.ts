/** graft inspect DATA */
import { resolve } from 'node:path'
import type { DatasetSummary, Finding } from '../../../shared/domain/dataset'
import { formatBytes, formatCount, formatPlural, formatSeconds, printable } from '../format'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { tableLines } from '../table'
import { writeLine, type Terminal } from '../terminal'

const SEVERITIES: Readonly<Record<Finding['severity'], string>> = { stop: 'Stops training', look: 'Worth a look', note: 'Note' }
const PATHS_SHOWN = 5

export const inspectVerb: Verb = {
  name: 'inspect',
  define(command, { terminal, studio }) {
    command
      .description('Look at a folder of pictures: classes, split, and what may be wrong; nothing is changed')
      .argument('<data>', 'a folder with a folder per class, or with train/, val/ and perhaps test/')
      .option('--json', 'The summary as one object on stdout and nothing else')
      .action(async (data: string, options: { json?: boolean }) => {
        const path = resolve(terminal.workingDirectory, data)
        const summary = await finishStream(terminal, { quiet: options.json === true }, (signal) => studio().datasets.open({ path }, signal))
        if (options.json === true) writeLine(terminal.stdout, JSON.stringify(summary))
        else writeSummary(terminal, summary)
      })
  },
}

function writeSummary(terminal: Terminal, summary: DatasetSummary): void {
  const write = (text = '') => writeLine(terminal.stdout, text)
  const layout = summary.layout === 'split-folders' ? 'split by its folders' : 'a folder per class'
  write(`${printable(summary.root)}: ${layout}`)
  write(`${formatPlural(summary.pictures, 'picture')} in ${formatPlural(summary.classes.length, 'class', 'classes')}, ${formatBytes(summary.sizeBytes)}, looked at in ${formatSeconds(summary.durationMs / 1000)}`)
  write()
  const row = (name: string, pictures: number, split: DatasetSummary['split']) => [name, ...[pictures, split.train, split.val, split.test].map(formatCount)]
  const number = { align: 'right' as const }
  const columns = [{ title: 'class' }, { title: 'pictures', ...number }, { title: 'train', ...number }, { title: 'val', ...number }, { title: 'test', ...number }]
  const rows = [...summary.classes.map((item) => row(item.name, item.pictures, item.split)), row('total', summary.pictures, summary.split)]
  for (const line of tableLines(columns, rows)) write(line)
  write()
  if (summary.findings.length === 0) write('Nothing was found to be wrong.')
  for (const finding of summary.findings) {
    write(`${SEVERITIES[finding.severity]}: ${printable(finding.title)}`)
    write(`  ${printable(finding.why)}`)
    write(`  ${printable(finding.action)}`)
    for (const path of finding.paths.slice(0, PATHS_SHOWN)) write(`    ${printable(path)}`)
    if (finding.paths.length > PATHS_SHOWN) write(`    and ${formatCount(finding.count - PATHS_SHOWN)} more; --json lists them`)
  }
}
