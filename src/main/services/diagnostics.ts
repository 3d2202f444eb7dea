/** What one can send along with a question: machine, installation, how runs ended. Nothing in it says who one is or what lies where. */
import { cpus, release, totalmem } from 'node:os'
import type { RunRecord } from '../../shared/domain/run'
import { availableCoresSync } from '../trainer/available-cores'
import { type DoctorSurroundings, quickChecks } from './doctor'
import type { RunBook } from './run-book'
import type { SettingsService } from './settings'
import type { Door, SystemService } from './system'
import { type KnownPlaces, withoutNames } from './without-names'

/** Newest first. */
const MOST_FAILURES = 5
/** The technical part of a failure may be a whole log. */
const DETAIL_LINES = 12

const gibibytes = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`

/** @param plain what may be handed on of a text */
function failureLines({ created_at: at, backbone, resolved, status, failure }: RunRecord, plain: (text: string) => string): string[] {
  if (failure === null) return []
  const precision = resolved['precision']
  const detail = (failure.detail ?? '').split('\n').filter((line) => line.trim() !== '').slice(0, DETAIL_LINES)
  const head = `  ${at.slice(0, 10)}  ${backbone}${precision === undefined ? '' : `, ${String(precision)}`}, ${status}, ${failure.code}`
  return [`${head}: ${plain(failure.message.replaceAll(/\s+/g, ' '))}`, ...detail.map((line) => `      ${plain(line.trim())}`)]
}

export class DiagnosticsService {
  constructor(
    private readonly where: DoctorSurroundings & { readonly door: Door },
    private readonly system: Pick<SystemService, 'info'>,
    private readonly settings: Pick<SettingsService, 'get'>,
    private readonly runs: Pick<RunBook, 'list'>,
  ) {}

  async text(): Promise<{ text: string }> {
    const { places, root, version, door } = this.where
    const { device } = await this.system.info()
    const settings = await this.settings.get()
    const { runs } = await this.runs.list()
    const statuses = [...new Set(runs.map(({ status }) => status))]
    const failures = runs.filter(({ failure }) => failure !== null).sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
    const known: KnownPlaces = { '<runs>': places.runs, '<data>': places.data, '<cache>': places.cache, '<graft>': root }
    const names = [...settings.recentDatasets.map(({ name }) => name), ...runs.flatMap(({ name, dataset_name: dataset, classes }) => [name, dataset, ...classes])]
    // Only what others have put into words: a name that a check or setting is called by is no secret, and taking it out would make nonsense of the rest.
    const plain = (text: string): string => withoutNames(text, known, names)
    const lines = [
      `Graft ${version}, ${door === 'desktop' ? 'in its own window' : 'served or on the command line'}`,
      `System     ${process.platform} ${process.arch} ${release()}, Node ${process.versions.node}${process.versions['electron'] === undefined ? '' : `, Electron ${process.versions['electron']}`}`,
      `Processor  ${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableCoresSync()} cores`,
      `Memory     ${gibibytes(totalmem())}`,
      `Device     ${device === null ? 'not looked at yet' : `${device.name}, TensorFlow ${device.tensorflowVersion}`}`,
      `Settings   theme ${settings.theme}, background ${settings.background ? 'on' : 'off'}`,
      `Runs       ${runs.length === 0 ? 'none' : statuses.map((status) => `${runs.filter((run) => run.status === status).length} ${status}`).join(', ')}`,
      'Checks',
      ...(await quickChecks(this.where)).map(({ status, name, value, action }) => `  ${status}  ${name}: ${plain(value)}${action === null ? '' : ` (${plain(action)})`}`),
      ...(failures.length === 0 ? [] : ['Last failures', ...failures.slice(0, MOST_FAILURES).flatMap((run) => failureLines(run, plain))]),
    ]
    return { text: `${lines.join('\n')}\n` }
  }
}
