/** Which pictures a list shows, and what it says of each. */
import { t } from '@lingui/core/macro'
import { type LookedAtPicture, ofGuess, ofLabel, probabilitiesOf, type SuspectsReport } from '../../../shared/domain/suspects'
import type { Prediction } from '../../../shared/domain/metrics'
import { formatShare } from '../../ui/format'

export const LISTS = ['suspects', 'hardest', 'typical', 'alike'] as const
export type ListName = (typeof LISTS)[number]

export const LIST_TITLES: Readonly<Record<ListName, string>> = { suspects: t`Suspected labels`, hardest: t`Hardest`, typical: t`Most typical`, alike: t`Look like one` }

/** What the list holds, in a sentence. */
export const LIST_WORDS: Readonly<Record<ListName, string>> = {
  suspects: t`Pictures that look confidently like another class than the one they are in, the most doubtful first.`,
  hardest: t`Pictures of the class that are least surely told, those with a suspected label left out.`,
  typical: t`Pictures that are told most surely and lie nearest to what the class looks like.`,
  alike: t`Pairs that a backbone can hardly tell apart and that no hash of their pixels brings together: cut, mirrored or moved copies. Alike ones in two splits make the score look better than it is.`,
}

export interface ListedPicture {
  readonly picture: LookedAtPicture
  /** Below the tile. */
  readonly words: string
}

/** @param classIndex whose hardest or most typical; nothing to the other lists */
export function listOf(report: SuspectsReport, list: ListName, classIndex: number): ListedPicture[] {
  const nameOf = (k: number): string => report.classes[k] ?? String(k)
  if (list === 'suspects') return report.suspects.map((picture) => ({ picture, words: t`looks like ${{ name: nameOf(picture.guess) }}, ${{ share: formatShare(ofGuess(picture)) }}` }))
  if (list === 'alike') return (report.alike?.pairs ?? []).flatMap(({ first, second, similarity }, pair) => [first, second].map((picture) => ({ picture, words: t`pair ${{ pair: pair + 1 }}, alike ${{ similarity: similarity.toFixed(3) }}, ${{ split: picture.split }}` })))
  const own = report.perClass[classIndex]
  if (list === 'typical') return (own?.typical ?? []).map((picture) => ({ picture, words: t`${{ sure: formatShare(ofLabel(picture)) }} sure` }))
  return (own?.hardest ?? []).map((picture) => ({ picture, words: picture.guess === picture.classIndex ? t`${{ sure: formatShare(ofLabel(picture)) }} sure` : t`taken for ${{ name: nameOf(picture.guess) }}, ${{ share: formatShare(ofGuess(picture)) }}` }))
}

/** For the large view. */
export const predictionOf = (picture: LookedAtPicture, classes: number): Prediction => ({ path: picture.path, truth: picture.classIndex, prediction: picture.guess, probabilities: probabilitiesOf(picture, classes) })
