/** Jobs about a model rather than about a run in the list: any checkpoint or export, by folder. For the command line. */
import { runJob } from '../trainer/host'
import type { JobProgress } from '../trainer/host'
import type { Job, JobKind, JobResults } from '../trainer/messages'

export { findingLine, findingsOfRun } from '../trainer/run-findings'
export type { CheckpointName, ModelSource, PredictedPicture } from '../trainer/messages'
export type ModelJobKind = Extract<JobKind, 'evaluate' | 'predict' | 'explain' | 'export' | 'report'>
export type ModelJob<Kind extends ModelJobKind> = Extract<Job, { kind: Kind }>

/** Runs the job in a trainer of its own. Aborting the signal ends it; then it rejects with Cancelled. */
export function runModelJob<Kind extends ModelJobKind>(
  job: ModelJob<Kind>,
  options: { signal: AbortSignal; onProgress: (progress: JobProgress) => void; onNote?: (message: string) => void },
): Promise<JobResults[Kind]> {
  return runJob<Kind>(job, options).result
}
