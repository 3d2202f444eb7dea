/** What an opened export answers, cut into a row of probabilities for each picture. */
import { GraftError } from '../../../shared/domain/error'

/**
 * @param values of `count` pictures after each other
 * @returns probabilities [count][classes]
 * @throws GraftError MISMATCH where the model has another number of classes than its folder says
 */
export function answerRows(values: ArrayLike<number>, count: number, classes: number, file: string): number[][] {
  if (values.length !== count * classes) {
    throw new GraftError('MISMATCH', `${file} tells ${values.length / count} classes apart, but model_info.json says ${classes}.`, {
      action: 'Put back the model_info.json that was exported with it, or export the model again.',
    })
  }
  return Array.from({ length: count }, (_, row) => Array.from({ length: classes }, (_class, c) => values[row * classes + c] ?? NaN))
}
