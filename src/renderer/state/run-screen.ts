/** Where a run is best looked at. */
import { hasHeldOutPictures, hasModel, type RunRecord } from '../../shared/domain/run'

/** Results where there are some; a model without pictures has only what is known of it, on the Train screen. */
export function screenOf(run: RunRecord): 'train' | 'results' {
  return hasModel(run) && hasHeldOutPictures(run) ? 'results' : 'train'
}
