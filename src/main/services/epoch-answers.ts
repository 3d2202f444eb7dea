/** The validation pictures of a run as they were answered after each epoch, while it trains and afterwards. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestEntry } from '../../shared/domain/dataset'
import type { ChangeKind } from '../../shared/domain/compare'
import { answeredPictures, type EpochPictures } from '../../shared/domain/epoch-answers'
import type { RunFolder } from '../storage/run-folder'
import type { RunBook } from './run-book'

export interface EpochPicturesRequest {
  runId: string
  epoch: number
  kind?: ChangeKind | null
  cell?: { truth: number; prediction: number } | null
  offset?: number
  limit?: number
}

interface ValPictures {
  readonly directory: string
  /** When the manifest was last written. */
  readonly writtenAtMs: number
  readonly entries: readonly ManifestEntry[]
}

export class EpochAnswersService {
  /** Of the run that was asked about last: a manifest may name a hundred thousand pictures, and epochs are asked for one after the other. */
  private last: ValPictures | null = null

  constructor(private readonly runs: Pick<RunBook, 'folder'>) {}

  /** @throws GraftError NOT_FOUND where there is no such run */
  async pictures(input: EpochPicturesRequest): Promise<EpochPictures> {
    const { runId, epoch, kind = null, cell = null, offset = 0, limit = 100 } = input
    const folder = await this.runs.folder(runId)
    const entries = await this.valPictures(folder)
    const paths = entries.map(({ path }) => path)
    const [now, before] = await Promise.all([folder.readEpochAnswers(paths, epoch), epoch === 1 ? null : folder.readEpochAnswers(paths, epoch - 1)])
    if (now === null) return { is_known: false, changes: null, total: 0, pictures: [] }
    const { changes, total, pictures } = answeredPictures(entries, now, before, { kind, cell })
    return { is_known: true, changes, total, pictures: pictures.slice(offset, offset + limit) }
  }

  private async valPictures(folder: RunFolder): Promise<readonly ManifestEntry[]> {
    const { directory } = folder
    const { mtimeMs: writtenAtMs } = await stat(join(directory, 'manifest.json'))
    if (this.last?.directory !== directory || this.last.writtenAtMs !== writtenAtMs) {
      this.last = { directory, writtenAtMs, entries: (await folder.manifest()).pictures.filter(({ split }) => split === 'val') }
    }
    return this.last.entries
  }
}
