/** Why a run's model answered as it did for some of its pictures: a trainer of its own, which leaves a training beside it most of the machine. */
import { GraftError } from '../../shared/domain/error'
import type { Explanations } from '../../shared/domain/explanation'
import { acquireMachineLock, machineLockOwner } from '../storage/machine-lock'
import type { RunCheckpointName } from '../storage/run-folder'
import { runJob } from '../trainer/host'
import type { Places } from './places'
import { progressStream, type ProgressStream, type Report } from './progress-stream'
import type { RunBook } from './run-book'

export interface ExplainRequest {
  runId: string
  checkpoint?: RunCheckpointName
  /** Relative to the dataset's root. */
  paths: string[]
  /** For each picture; 0: none. */
  neighbours?: number
}

export class ExplanationsService {
  /** What was left and has not ended yet. */
  private readonly leaving = new Set<Promise<Explanations>>()

  constructor(
    private readonly places: Places,
    private readonly runs: RunBook,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  /**
   * Heatmaps come as `soFar`, the nearest training pictures with the result. A few pictures are looked at beside a training, and it is said
   * that this is so; looking at all training pictures is not, unless that was done before: then they are missing as `busy`.
   */
  explain(input: ExplainRequest, signal?: AbortSignal): ProgressStream<Explanations> {
    return progressStream(async (report, inner) => {
      const { runId, checkpoint = 'best', paths, neighbours = 6 } = input
      const folder = await this.runs.folder(runId)
      if ((await folder.checkpointState(checkpoint)) === null) {
        throw new GraftError('NOT_FOUND', `The run has no ${checkpoint} checkpoint yet.`, { action: 'Wait for the end of the first epoch.' })
      }
      // Who asked before and has left keeps the machine until the trainer has ended; that is nothing to be told of.
      await Promise.allSettled(this.leaving)
      const work = this.look(folder.directory, { checkpoint, paths, neighbours }, report, inner)
      const leave = (): void => void this.leaving.add(work)
      inner.addEventListener('abort', leave, { once: true })
      try {
        return await work
      } finally {
        inner.removeEventListener('abort', leave)
        this.leaving.delete(work)
      }
    }, signal)
  }

  private async look(runDirectory: string, asked: Required<Omit<ExplainRequest, 'runId'>>, report: Report, signal: AbortSignal): Promise<Explanations> {
    const { checkpoint, paths, neighbours } = asked
    const owner = await machineLockOwner(this.places.lock)
    if (owner !== null) report(0, paths.length, `Looking at the pictures beside the ${owner.what}`)
    // A training that begins meanwhile waits until this has ended, and says so.
    const onWait = ({ what }: { what: string }): void => report(0, paths.length, `Waiting for the ${what} to end`)
    const release = owner === null ? await acquireMachineLock('comparison with training pictures', { path: this.places.lock, signal, onWait }) : null
    try {
      const pictures = paths.map((path) => ({ path, isOfRun: true, classes: [] }))
      const job = runJob<'explain'>(
        { kind: 'explain', runDirectory, checkpoint, pictures, neighbours, busyWith: owner?.what ?? null },
        { signal, trainerPath: this.options.trainerPath, onProgress: ({ message, done, total, soFar }) => report(done, total, message, soFar) },
      )
      return await job.result
    } finally {
      await release?.()
    }
  }
}
