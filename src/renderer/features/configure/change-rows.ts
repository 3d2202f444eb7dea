/** What was changed from the preset, one line each. Pure. */
import { t } from '@lingui/core/macro'
import { augmentationSchema, type Augmentation, type RunConfig, runConfigSchema } from '../../../shared/domain/run-config'
import { baseAugmentation, type Draft, presetConfig } from '../../state/draft'
import { stageCount } from '../../ui/counts'
import { valueWords } from './setting-fields'
import { labelOf, settingAt } from './setting-tables'

export interface ChangeRow {
  path: string
  label: string
  /** `15 → 40` */
  words: string
  key: keyof RunConfig
  /** The part of the augmentation; null for a setting of the run. */
  part: keyof Augmentation | null
}

const isKey = (key: string): key is keyof RunConfig => Object.hasOwn(runConfigSchema.shape, key)
const isPart = (key: string): key is keyof Augmentation => Object.hasOwn(augmentationSchema.shape, key)

const FREEZE_WORDS: Readonly<Record<string, string>> = { ratio: t`by ratio`, stage: t`by stage`, all: t`all`, none: t`nothing` }

function plain(path: string, value: unknown): string {
  if (path === 'freeze') return Array.isArray(value) ? value.join(', ') : (FREEZE_WORDS[String(value)] ?? String(value))
  if (path === 'stages' && Array.isArray(value)) return value.length === 0 ? t`one stage` : stageCount(value.length)
  if ((path === 'class_weights' || path === 'focal_alpha') && typeof value === 'object' && value !== null) return t`by class`
  return valueWords(settingAt(path), value)
}

/** `3 stages → 3 stages` says nothing; what changed in them is told where they are. */
function changeWords(path: string, before: unknown, after: unknown): string {
  const [from, to] = [plain(path, before), plain(path, after)]
  return from === to ? t`${{ value: to }}, changed` : `${from} → ${to}`
}

export function changeRows(draft: Pick<Draft, 'preset' | 'changes'>): ChangeRow[] {
  const base = presetConfig(draft.preset)
  const amounts = baseAugmentation(draft)
  const { augmentation = {}, ...keys } = draft.changes
  const rows = Object.entries(keys).flatMap(([key, value]): ChangeRow[] => (isKey(key) ? [{ path: key, label: labelOf(key), words: changeWords(key, base[key], value), key, part: null }] : []))
  const parts = Object.entries(augmentation).flatMap(([part, value]): ChangeRow[] => {
    if (!isPart(part)) return []
    const path = `augmentation.${part}`
    return [{ path, label: labelOf(path), words: changeWords(path, amounts[part], value), key: 'augmentation', part }]
  })
  return [...rows, ...parts]
}
