/** A run's settings as it was started with them: value, where it came from, and what an open one became. Pure. */
import { t } from '@lingui/core/macro'
import { configPaths, configValue } from '../../../shared/domain/config-fields'
import type { RunRecord } from '../../../shared/domain/run'
import type { RunConfig } from '../../../shared/domain/run-config'
import { knownPreset, presetConfig, sameValue } from '../../state/draft'
import { type DraftSource, originOf } from '../../state/draft-origin'
import { formatSmall } from '../../ui/format'
import { valueWords } from '../configure/setting-fields'
import { labelOf, settingAt } from '../configure/setting-tables'

export interface SettingRow {
  path: string
  label: string
  value: string
  /** `measured` once the run has made something of an open value. */
  source: DraftSource | 'measured'
  /** What an open value became; null where the value speaks for itself. */
  became: string | null
}

const OF_STAGES = /^stages\.\d+\.name$/

function words(path: string, value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).map(([name, number]) => `${name} ${String(number)}`).join(', ') // prettier-ignore
  }
  if (path === 'stages' && Array.isArray(value)) return t`one`
  return value === null ? t`open` : valueWords(settingAt(path), value)
}

export function settingRows(config: RunConfig, { preset, resolved }: Pick<RunRecord, 'preset' | 'resolved'>): SettingRow[] {
  const known = knownPreset(preset)
  const base = presetConfig(known)
  const { sourceOf } = originOf({ preset: known, changes: {} }, null)
  return configPaths(config)
    .filter((path) => !OF_STAGES.test(path))
    .map((path): SettingRow => {
      const value = configValue(config, path)
      const became = resolved[path]
      const source = sameValue(value, configValue(base, path)) ? sourceOf(path) : 'changed'
      return {
        path,
        label: labelOf(path),
        value: words(path, value),
        source: became === undefined ? source : 'measured',
        became: became === undefined ? null : typeof became === 'number' ? formatSmall(became) : String(became),
      }
    })
}
