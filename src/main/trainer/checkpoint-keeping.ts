/** What a run writes of itself on the way, as one piece of work that a thread can be given. */
import type { EpochAnswers } from '../../shared/domain/epoch-answers'
import type { EpochRecord } from '../../shared/domain/metrics'
import type { CheckpointContent } from '../storage/checkpoint-folder'
import type { RunFolder } from '../storage/run-folder'

export interface Keepsake {
  readonly checkpoint: CheckpointContent
  /** Of a whole epoch; null within one, or where a stage begins. */
  readonly epoch: {
    readonly record: EpochRecord
    readonly history: readonly EpochRecord[]
    /** Of the validation pictures. */
    readonly paths: readonly string[]
    readonly answers: EpochAnswers
  } | null
}

export type KeepingFolder = Pick<RunFolder, 'writeCheckpoint' | 'writeTrainingHistory' | 'writeEpochAnswers'>

/** `latest` is written last, so that it never counts an epoch whose best, answers, or line in the history, are lost. */
export async function keep(folder: KeepingFolder, { checkpoint, epoch }: Keepsake): Promise<void> {
  if (epoch !== null) {
    if (epoch.record.is_best) await folder.writeCheckpoint('best', checkpoint)
    await folder.writeTrainingHistory(epoch.history)
    await folder.writeEpochAnswers(epoch.paths, epoch.record.epoch, epoch.answers)
  }
  await folder.writeCheckpoint('latest', checkpoint)
}

/** Writes one keepsake after the other, beside what else is done. */
export class Keeper {
  private writing: Promise<void> = Promise.resolve()
  private problem: { readonly error: unknown } | null = null

  /** @param write resolves when all of it is on the disk */
  constructor(private readonly write: (keepsake: Keepsake) => Promise<void>) {}

  /** Waits for what was begun before, begins this, and calls `written` once it is on the disk. @throws what the one before, or `written` after it, threw */
  async begin(keepsake: Keepsake, written: () => Promise<void> = async () => undefined): Promise<void> {
    await this.settled()
    this.writing = this.write(keepsake)
      .then(written)
      .catch((error: unknown) => {
        this.problem = { error }
      })
  }

  /** @throws what has gone wrong up to now */
  check(): void {
    if (this.problem === null) return
    const { error } = this.problem
    this.problem = null
    throw error
  }

  /** Nothing is being written any more. @throws as `check` */
  async settled(): Promise<void> {
    await this.writing
    this.check()
  }

  /** Nothing is being written any more; what went wrong is told by `check`. */
  async idle(): Promise<void> {
    await this.writing
  }
}
