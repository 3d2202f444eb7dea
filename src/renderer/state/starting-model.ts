/** The file of a run's best weights: where it lies, and which run a file of weights is of. */
import type { RunRecord } from '../../shared/domain/run'

const BEST_WEIGHTS = /^(?<run>.*[/\\])checkpoints[/\\](best|latest)[/\\]weights\.safetensors$/

/** In the manner of the folder's own system. */
export function bestWeightsPath(runDirectory: string): string {
  const separator = runDirectory.includes('\\') && !runDirectory.includes('/') ? '\\' : '/'
  return [runDirectory, 'checkpoints', 'best', 'weights.safetensors'].join(separator)
}

/** The run whose weights these are; its record where it is among `runs`, else only its folder's name. Null where they are no run's. */
export function runOfWeights(weights: string, runs: readonly RunRecord[] | null): { folder: string; record: RunRecord | null } | null {
  const directory = BEST_WEIGHTS.exec(weights)?.groups?.['run']
  const folder = directory?.split(/[/\\]/).filter((part) => part !== '').at(-1)
  if (folder === undefined) return null
  return { folder, record: runs?.find((run) => run.run_id === folder) ?? null }
}
