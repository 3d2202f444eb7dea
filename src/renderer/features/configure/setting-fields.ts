/** What a setting of a run is on the screen: its words, its bounds as the schema has them, and when it has no effect. */
import { t } from '@lingui/core/macro'
import { type Accepted, configField, mayBeNothing } from '../../../shared/domain/config-fields'
import type { Augmentation, RunConfig } from '../../../shared/domain/run-config'
import { formatSmall } from '../../ui/format'

interface FieldBase<K> {
  key: K
  label: string
  /** Why the setting has no effect now; null when it has. */
  idle?: (config: RunConfig) => string | null
}

export type NumberSetting<K> = FieldBase<K> & {
  kind: 'number'
  unit?: string
  step?: number | 'tenfold'
  /** Has a slider as well, from here to there where not over all it takes. */
  slide?: readonly [number, number]
  /** What an empty field stands for. */
  placeholder?: (config: RunConfig) => string
  /** A word that may stand in place of a number, and what its switch is called. */
  word?: { value: 'auto'; label: string }
}
export type ChoiceSetting<K> = FieldBase<K> & { kind: 'choice'; options: readonly { value: string; label: string }[] }
export type SwitchSetting<K> = FieldBase<K> & { kind: 'switch' }
/** Two numbers, the smaller first. */
export type RangeSetting<K> = FieldBase<K> & { kind: 'range'; step?: number; slide?: readonly [number, number] }
export type Setting<K> = NumberSetting<K> | ChoiceSetting<K> | SwitchSetting<K> | RangeSetting<K>

export type RunSetting = Setting<keyof RunConfig>
export type AugmentationSetting = Setting<keyof Augmentation>

export interface Bounds {
  low: number
  high: number
  isWhole: boolean
  isOptional: boolean
  isLowExcluded?: true
  isHighExcluded?: true
}

/** A part of the augmentation is named alone too. */
function fieldOf(path: string) {
  return configField(path) ?? configField(`augmentation.${path}`)
}

/** The schema's own line of help. */
export function helpOf(path: string): string {
  return fieldOf(path)?.help ?? ''
}

function numberAmong(accepts: readonly Accepted[]): Extract<Accepted, { kind: 'number' }> | null {
  for (const accepted of accepts) {
    if (accepted.kind === 'number') return accepted
    if (accepted.kind === 'list' || accepted.kind === 'by_name') {
      const inner = numberAmong(accepted.of)
      if (inner !== null) return inner
    }
  }
  return null
}

/** Bounds of a number, of the numbers of a range, or of those by class. */
export function fieldBounds(path: string): Bounds {
  const field = fieldOf(path)
  const isOptional = field !== null && mayBeNothing(field)
  const number = numberAmong(field?.accepts ?? [])
  if (number === null) return { low: -Infinity, high: Infinity, isWhole: false, isOptional }
  const { low, high, isWhole } = number
  return {
    low: low?.value ?? -Infinity,
    high: high?.value ?? Infinity,
    isWhole,
    isOptional,
    ...(low?.isExcluded === true ? { isLowExcluded: true } : {}),
    ...(high?.isExcluded === true ? { isHighExcluded: true } : {}),
  }
}

/** `0 to 1`, `1 or more`, `above 0 and below 1`; empty where there are no bounds worth saying. */
export function rangeWords({ low, high, isLowExcluded, isHighExcluded }: Bounds): string {
  if (!Number.isFinite(low)) return ''
  const bottom = formatSmall(low)
  const top = high >= 1000 ? high.toLocaleString('en') : formatSmall(high)
  if (high >= Number.MAX_SAFE_INTEGER) return isLowExcluded === true ? t`above ${bottom}` : t`${bottom} or more`
  if (isLowExcluded === true) return isHighExcluded === true ? t`above ${bottom}, below ${top}` : t`above ${bottom}, at most ${top}`
  return isHighExcluded === true ? t`${bottom} to below ${top}` : t`${bottom} to ${top}`
}

/** A value as a person reads it in a list of changes. */
export function valueWords(setting: Setting<string> | null, value: unknown): string {
  if (setting?.kind === 'choice') return setting.options.find((option) => option.value === value)?.label ?? String(value)
  if (typeof value === 'boolean') return value ? t`on` : t`off`
  if (value === null) return t`by itself`
  if (Array.isArray(value)) return value.every((part) => typeof part === 'number') ? value.map(formatSmall).join(' – ') : value.map(String).join(', ')
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatSmall(value)
  return typeof value === 'string' ? value : t`changed`
}
