/** An evaluation with all its figures, and with its files in the run's folder. */
import type { Evaluation } from '../../shared/domain/metrics'
import type { RunFolder } from '../storage/run-folder'
import { withFigures } from './measure'

/**
 * @param folder null: nothing is written, as for an export
 * @param fitting the same checkpoint on the validation pictures; null where the evaluation is that one, or where there are none
 * @param seed of the bootstrap
 */
export async function keepEvaluation(folder: RunFolder | null, evaluation: Evaluation, fitting: Evaluation | null, seed: number): Promise<Evaluation> {
  const complete = withFigures(evaluation, evaluation.split === 'val' ? evaluation : fitting, seed)
  if (folder === null) return complete
  await folder.writeEvaluation(complete)
  return complete
}
