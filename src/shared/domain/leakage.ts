/** How much of a score is memory: pictures that were measured on, and a copy of which, or nearly one, was trained on. */
import { t } from '@lingui/core/macro'
import type { Finding } from './advice'
import type { Manifest, Split } from './dataset'
import type { Prediction } from './metrics'

export interface ScoredPictures {
  readonly pictures: number
  readonly right: number
  /** Null where there are none. */
  readonly accuracy: number | null
}

export interface Leakage {
  /** Those with a copy, near-copy or shot of the same moment in train. */
  readonly leaked: ScoredPictures
  readonly clean: ScoredPictures
  readonly all: ScoredPictures
  /** Accuracy of all less that of the clean ones: what the leak adds to the score. Null where no picture is clean. */
  readonly gained: number | null
}

function scored(predictions: readonly Prediction[]): ScoredPictures {
  const right = predictions.filter(({ truth, prediction }) => truth === prediction).length
  return { pictures: predictions.length, right, accuracy: predictions.length === 0 ? null : right / predictions.length }
}

/**
 * Null where nothing leaks: every split that Graft draws itself, since groups never straddle it, unless a class consists of one group.
 *
 * @param manifest the run's own, which says what belongs together; one of an older version does not, and then nothing is told
 * @param predictions of one split of that run, other than train
 */
export function leakageOf(manifest: Pick<Manifest, 'pictures'>, predictions: readonly Prediction[]): Leakage | null {
  const trained = new Set(manifest.pictures.flatMap(({ group, split }) => (group === undefined || split !== 'train' ? [] : [group])))
  const leakedPaths = new Set(manifest.pictures.flatMap(({ path, group, split }) => (group !== undefined && split !== 'train' && trained.has(group) ? [path] : [])))
  const leaked = scored(predictions.filter(({ path }) => leakedPaths.has(path)))
  if (leaked.pictures === 0) return null
  const clean = scored(predictions.filter(({ path }) => !leakedPaths.has(path)))
  const all = scored(predictions)
  return { leaked, clean, all, gained: clean.accuracy === null || all.accuracy === null ? null : all.accuracy - clean.accuracy }
}

/** Ours: a score that owes this much to the leak is another score. */
const SIGNIFICANT_GAIN = 0.02

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

/** The same in words, among what is said of a run. */
export function leakageFinding({ leaked, clean, all, gained }: Leakage, split: Split): Finding {
  const right = percent(leaked.accuracy ?? 0)
  const what =
    clean.accuracy === null
      ? t`${{ leaked: leaked.pictures }} of ${{ all: all.pictures }} ${split} pictures were, the same or nearly, also trained on: ${right} of these are right. There are no others to measure on.`
      : t`${{ leaked: leaked.pictures }} of ${{ all: all.pictures }} ${split} pictures were, the same or nearly, also trained on: ${right} of these are right, and ${{ rest: percent(clean.accuracy) }} of the other ${{ clean: clean.pictures }}, which is the figure to trust.`
  const sum = gained === null || gained <= 0 ? '' : ` ${t`The leak adds ${{ points: (gained * 100).toFixed(1) }} points to the accuracy.`}`
  return {
    kind: 'leakage',
    severity: gained === null || gained >= SIGNIFICANT_GAIN ? 'significant' : 'mild',
    headline: `${what}${sum}`,
    tries: [t`keeping one of each on the Dataset screen (graft fix --keep-largest leak)`, t`a split that Graft draws: it keeps together what looks alike`],
  }
}
