/** Where the picture of a recipe has its lines and words: axes, bands, ends. Pure. */
import { t } from '@lingui/core/macro'
import { ratePoints, type RatePoint, type StageRates } from '../../../shared/domain/rate-plan'
import { formatSmall } from '../../ui/format'
import { METRIC_PHRASES } from './setting-tables'

export interface RateAxis {
  /** Powers of ten. */
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
}

/** Whole decades around all rates above zero, at most this many below the largest: a warm-up begins at nearly nothing. */
const MOST_DECADES = 7

/** A logarithmic axis whatever the rates are, so that it does not jump while one of them is typed. */
export function rateAxis(rates: readonly number[]): RateAxis {
  const positive = rates.filter((rate) => Number.isFinite(rate) && rate > 0)
  if (positive.length === 0) return { low: 1e-5, high: 1e-3, ticks: [1e-5, 1e-4, 1e-3] }
  const top = Math.ceil(Math.log10(Math.max(...positive)) - 1e-9)
  const bottom = Math.max(top - MOST_DECADES, Math.min(top - 1, Math.floor(Math.log10(Math.min(...positive)) + 1e-9)))
  const stride = Math.max(1, Math.ceil((top - bottom) / 4))
  const ticks: number[] = []
  for (let power = top; power >= bottom; power -= stride) ticks.unshift(Number(`1e${power}`))
  return { low: Number(`1e${bottom}`), high: Number(`1e${top}`), ticks }
}

/** Share of the height from the bottom; what is below the axis lies on it. */
export function rateShare(rate: number, { low, high }: RateAxis): number {
  if (rate <= low) return 0
  return Math.min(1, (Math.log10(rate) - Math.log10(low)) / (Math.log10(high) - Math.log10(low)))
}

export interface RecipeLine {
  readonly stage: number
  readonly group: string
  /** `main` is the head's or the only one; `deep` one of many by depth. */
  readonly kind: 'main' | 'backbone' | 'deep'
  readonly points: readonly RatePoint[]
  /** Level only because nobody knows when it falls. */
  readonly isOpen: boolean
}

export function recipeLines(plan: readonly StageRates[]): RecipeLine[] {
  return plan.flatMap((rates) =>
    rates.groups.map((group): RecipeLine => ({
      stage: rates.stage.index,
      group: group.name,
      kind: group.name === 'all' || group.name === 'head' ? 'main' : group.name === 'backbone' ? 'backbone' : 'deep',
      points: ratePoints(rates, group),
      isOpen: rates.fallsOn !== null,
    })),
  )
}

/** Rates that the axis has to hold: every epoch's. */
export function shownRates(plan: readonly StageRates[]): number[] {
  return plan.flatMap(({ groups }) => groups.flatMap(({ rates }) => rates))
}

const GROUP_WORDS: Readonly<Record<string, string>> = { all: t`all`, head: t`head`, backbone: t`backbone` }

/** What a group of parameters with a rate of its own is called; a part of the network has its own name. */
export function groupWords(name: string): string {
  return GROUP_WORDS[name] ?? name
}

/** `head 1e-3 · backbone 1e-4`; by depth the first and the last of many. */
export function ratesWords(groups: readonly { name: string; rate: number }[]): string {
  const said = (group: { name: string; rate: number }): string => (groups.length === 1 ? formatSmall(group.rate) : `${groupWords(group.name)} ${formatSmall(group.rate)}`)
  if (groups.length <= 3) return groups.map(said).join(' · ')
  const [head, first] = groups
  const last = groups.at(-1)
  return [head, first].flatMap((group) => (group === undefined ? [] : [said(group)])).join(' · ') + (last === undefined ? '' : ` … ${said(last)}`)
}

/** `× 0.5 when val loss has not gained for 3 ep.`: what a level line waits for. */
export function fallWords({ fallsOn }: Pick<StageRates, 'fallsOn'>): string | null {
  if (fallsOn === null) return null
  return t`× ${{ factor: formatSmall(fallsOn.factor) }} when ${{ metric: METRIC_PHRASES[fallsOn.metric] }} has not gained for ${{ epochs: fallsOn.patience }} ep.`
}

/** `may end after epoch 6` of a stage. */
export function stopWords({ stage, earliestEnd }: Pick<StageRates, 'stage' | 'earliestEnd'>): string | null {
  if (earliestEnd === null) return null
  return t`may end from epoch ${{ epoch: earliestEnd }} on, once ${{ metric: METRIC_PHRASES[stage.early_stopping_metric] }} has not gained for ${{ epochs: stage.early_stopping_patience }}`
}
