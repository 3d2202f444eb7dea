/** graft runs */
import { asItStands } from '../../services/run-owner'
import { runRegistryFile, runsDirectory } from '../../storage/paths'
import { discoverRuns } from '../../storage/run-registry'
import { formatDate, formatSeconds, formatShare, printable } from '../format'
import type { Verb } from '../program'
import { tableLines } from '../table'
import { writeLine } from '../terminal'

export const runsVerb: Verb = {
  name: 'runs',
  define(command, { terminal }) {
    command
      .description('List all runs, newest first, those made with --out too')
      .option('--json', 'One object a line on stdout and nothing else')
      .action(async (options: { json?: boolean }) => {
        const { runs: found, unreadable } = await discoverRuns(runsDirectory(), runRegistryFile())
        const runs = found.map(({ folder, record }) => ({ folder, record: asItStands(record) }))
        for (const { directory, failure } of unreadable) writeLine(terminal.stderr, `Cannot be read: ${printable(directory)}: ${printable(failure.message)}`)
        if (options.json === true) {
          for (const { record, folder } of runs) writeLine(terminal.stdout, JSON.stringify({ ...record, run_dir: folder.directory }))
          return
        }
        if (runs.length === 0) {
          writeLine(terminal.stdout, 'There are no runs yet. Start one with: graft train FOLDER')
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
          { title: 'folder' },
        ]
        for (const line of tableLines(columns, rows)) writeLine(terminal.stdout, line)
      })
  },
}
