/** What a run's pictures say of their own labels: from the run's folder where it is there, else found out by a trainer. */
import { toCsv } from '../../shared/domain/csv'
import { type LookedAtPicture, ofGuess, ofLabel, type SuspectsReport } from '../../shared/domain/suspects'
import { acquireMachineLock } from '../storage/machine-lock'
import type { RunFolder } from '../storage/run-folder'
import { keptSuspects } from '../storage/suspects-file'
import { runJob } from '../trainer/host'
import { lookerOf, suspectsKey } from '../trainer/suspects-key'
import type { Places } from './places'
import { progressStream, type ProgressStream, type Report } from './progress-stream'
import type { RunBook } from './run-book'

export interface LookOptions {
  /** The machine's lock. */
  readonly lock: string
  readonly trainerPath?: string | undefined
  readonly signal: AbortSignal
  readonly report: Report
}

/** The report on the pictures as the run has them. Looking waits for what has the machine, and says so. */
export async function suspectsOfRun(folder: RunFolder, { lock, trainerPath, signal, report }: LookOptions): Promise<SuspectsReport> {
  const kept = await keptOf(folder)
  if (kept !== null) return kept
  const onWait = ({ what }: { what: string }): void => report(0, 0, `Waiting for the ${what} to end`)
  const release = await acquireMachineLock('look at the labels', { path: lock, signal, onWait })
  try {
    return await runJob<'suspects'>({ kind: 'suspects', runDirectory: folder.directory }, { signal, trainerPath, onProgress: ({ message, done, total }) => report(done, total, message) }).result
  } finally {
    await release()
  }
}

async function keptOf(folder: RunFolder): Promise<SuspectsReport | null> {
  return keptSuspects(folder.directory, suspectsKey(await folder.manifest(), lookerOf(await folder.config())))
}

export class SuspectsService {
  constructor(
    private readonly places: Places,
    private readonly runs: RunBook,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  /** Null where nobody has looked yet and `mayLook` is false. */
  look({ runId, mayLook }: { runId: string; mayLook: boolean }, signal?: AbortSignal): ProgressStream<SuspectsReport | null> {
    return progressStream(async (report, inner) => {
      const folder = await this.runs.folder(runId)
      if (!mayLook) return keptOf(folder)
      return suspectsOfRun(folder, { lock: this.places.lock, trainerPath: this.options.trainerPath, signal: inner, report })
    }, signal)
  }
}

/** Every listed picture, list by list. Probabilities are those of its label and of what it looks like. */
export function suspectsCsv({ classes, suspects, perClass }: SuspectsReport): string {
  const nameOf = (k: number): string => classes[k] ?? String(k)
  const line = (list: string) => (picture: LookedAtPicture) => [list, picture.path, picture.split, nameOf(picture.classIndex), nameOf(picture.guess), ofLabel(picture), ofGuess(picture), picture.margin, picture.closeness]
  return toCsv([
    ['list', 'path', 'split', 'label', 'looks_like', 'probability_of_label', 'probability_of_looks_like', 'normalized_margin', 'closeness_to_class'],
    ...suspects.map(line('suspected')),
    ...perClass.flatMap(({ hardest }) => hardest.map(line('hardest'))),
    ...perClass.flatMap(({ typical }) => typical.map(line('typical'))),
  ])
}
