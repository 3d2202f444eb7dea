/** graft runs */
import { isFoundBy, type RunRecord } from '../../../shared/domain/run'
import { asItStands } from '../../services/run-owner'
import { runRegistryFile, runsDirectory } from '../../storage/paths'
import { discoverRuns } from '../../storage/run-registry'
import { formatDate, formatPlural, formatSeconds, formatShare, printable } from '../format'
import type { Verb } from '../program'
import { tableLines } from '../table'
import { writeLine } from '../terminal'

interface RunsOptions {
  search?: string
  tag?: string
  archived?: boolean
  all?: boolean
  json?: boolean
}

function isWanted(record: RunRecord, { search = '', tag }: RunsOptions): boolean {
  const lower = (text: string): string => text.toLocaleLowerCase('en')
  return isFoundBy(record, search) && (tag === undefined || record.tags.some((own) => lower(own) === lower(tag)))
}

export const runsVerb: Verb = {
  name: 'runs',
  define(command, { terminal }) {
    command
      .description('List all runs, newest first, those made with --out too')
      .option('--search <words>', 'those that have all of these words in name, network, dataset, preset, tags or note')
      .option('--tag <tag>', 'those with this tag')
      .option('--archived', 'only those that were archived')
      .option('--all', 'archived ones too')
      .option('--json', 'One object a line on stdout and nothing else')
      .action(async (options: RunsOptions) => {
        const { runs: found, unreadable } = await discoverRuns(runsDirectory(), runRegistryFile())
        const all = found.map(({ folder, record }) => ({ folder, record: asItStands(record) })).filter(({ record }) => isWanted(record, options))
        const runs = all.filter(({ record }) => options.all === true || record.archived === (options.archived === true))
        for (const { directory, failure } of unreadable) writeLine(terminal.stderr, printable(failure.code === 'CONFLICT' ? `Not listed: ${failure.message}` : `Cannot be read: ${directory}: ${failure.message}`))
        if (options.json === true) {
          for (const { record, folder } of runs) writeLine(terminal.stdout, JSON.stringify({ ...record, run_dir: folder.directory }))
          return
        }
        if (runs.length === 0) {
          writeLine(terminal.stdout, found.length === 0 ? 'There are no runs yet. Start one with: graft train FOLDER' : 'No run is like that; graft runs --all lists every one.')
          return
        }
        const rows = runs.map(({ record, folder }) => [
          record.run_id,
          record.name,
          record.status,
          record.backbone,
          `${record.epochs_done}/${record.epochs_planned}`,
          record.best_metric === null ? '' : `${record.monitor.replace('val_', '')} ${record.best_metric.toFixed(4)}`,
          record.test_accuracy === null ? '' : formatShare(record.test_accuracy),
          formatSeconds(record.total_s),
          formatDate(record.created_at),
          record.tags.join(', '),
          folder.directory,
        ])
        const columns = [
          { title: 'id' },
          { title: 'name' },
          { title: 'status' },
          { title: 'backbone' },
          { title: 'epochs', align: 'right' as const },
          { title: 'best on val' },
          { title: 'test', align: 'right' as const },
          { title: 'time', align: 'right' as const },
          { title: 'started' },
          { title: 'tags' },
          { title: 'folder' },
        ]
        for (const line of tableLines(columns, rows)) writeLine(terminal.stdout, line)
        const archived = options.archived === true ? 0 : all.length - runs.length
        if (archived > 0) writeLine(terminal.stdout, `${formatPlural(archived, 'archived run')} ${archived === 1 ? 'is' : 'are'} left out; --all lists ${archived === 1 ? 'it' : 'them'} too.`)
      })
  },
}
