/** Comparing runs, for whoever asks by their ids. */
import type { ChangedPicture, ChangeKind, ComparedRun, RunComparison } from '../../shared/domain/compare'
import type { Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { changedPictures, comparedRun, compareRuns, type RunToCompare } from './compare-runs'
import type { RunBook } from './run-book'

export interface ChangesRequest {
  baseId: string
  otherId: string
  split: Split
  kind?: ChangeKind | null
  cell?: { truth: number; prediction: number } | null
  offset?: number
  limit?: number
}

export class ComparisonsService {
  /** The last list of changed pictures: its pages are asked for one after the other. */
  private last: { key: string; pictures: Promise<ChangedPicture[]> } | null = null

  constructor(private readonly allRuns: RunBook) {}

  /** Settings and curves, in the order asked for. A run that is gone does not keep the others from being shown. */
  async runs({ runIds }: { runIds: readonly string[] }): Promise<{ runs: ComparedRun[]; missing: string[] }> {
    const found = await Promise.all(
      runIds.map(async (runId) => {
        try {
          return await comparedRun(await this.run(runId))
        } catch (error) {
          if (error instanceof GraftError && error.code === 'NOT_FOUND') return runId
          throw error
        }
      }),
    )
    return { runs: found.filter((entry) => typeof entry !== 'string'), missing: found.filter((entry) => typeof entry === 'string') }
  }

  async paired({ runIds, split }: { runIds: readonly string[]; split: Split }): Promise<RunComparison> {
    return compareRuns(await Promise.all(runIds.map((runId) => this.run(runId))), split)
  }

  async changes(input: ChangesRequest): Promise<{ total: number; pictures: ChangedPicture[] }> {
    const { split, kind = null, cell = null, offset = 0, limit = 100 } = input
    const [base, other] = await Promise.all([this.run(input.baseId), this.run(input.otherId)])
    const key = JSON.stringify([base.record.run_id, base.record.updated_at, other.record.run_id, other.record.updated_at, split, kind, cell])
    if (this.last?.key !== key || offset === 0) this.last = { key, pictures: changedPictures(base, other, split, { kind, cell }) }
    const pictures = await this.last.pictures
    return { total: pictures.length, pictures: pictures.slice(offset, offset + limit) }
  }

  private async run(runId: string): Promise<RunToCompare> {
    const folder = await this.allRuns.folder(runId)
    return { folder, record: await folder.record() }
  }
}
