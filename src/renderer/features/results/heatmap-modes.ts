/** What the large picture is shown with: nothing, or where the model looked for the truth, for its answer, or for both. */
import { t } from '@lingui/core/macro'
import type { Explanation, Heatmap } from '../../../shared/domain/explanation'
import { heatmapPlace } from '../../../shared/domain/heatmap'

export type HeatmapMode = 'picture' | 'truth' | 'prediction' | 'both'

/** Where truth and answer are one, there is one heatmap. The key of a mode is its place, from 1. */
export function modesOf(truth: number, prediction: number): readonly HeatmapMode[] {
  return truth === prediction ? ['picture', 'prediction'] : ['picture', 'truth', 'prediction', 'both']
}

/** A mode that the picture has, the nearest to the one chosen for another. */
export function modeFor(chosen: HeatmapMode, modes: readonly HeatmapMode[]): HeatmapMode {
  return modes.includes(chosen) ? chosen : 'prediction'
}

/** Which heatmaps are shown side by side; null: the picture alone. */
export function classesShown(mode: HeatmapMode, truth: number, prediction: number): readonly (number | null)[] {
  return mode === 'picture' ? [null] : mode === 'truth' ? [truth] : mode === 'prediction' ? [prediction] : [truth, prediction]
}

export function heatmapOf(explanation: Explanation | null, classIndex: number): Heatmap | null {
  return explanation?.heatmaps.find((map) => map.classIndex === classIndex) ?? null
}

/** For those who cannot see it. */
export function heatmapWords(map: Heatmap, className: string): string {
  const place = heatmapPlace(map)
  return place === null ? t`nothing in it speaks for ${className}` : t`for ${className} the model looked mostly at the ${place}`
}
