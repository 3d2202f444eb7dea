/** What all rows of the screen share: the values, where they came from, what is to be said of them, and what open ones became before. */
import { plural, t } from '@lingui/core/macro'
import type { ConfigProblem } from '../../../shared/domain/config-problems'
import { meaningOf } from '../../../shared/domain/config-meaning'
import { isLive, type RunRecord } from '../../../shared/domain/run'
import type { RunConfig } from '../../../shared/domain/run-config'
import { STAGE_SETTINGS } from '../../../shared/domain/stages'
import type { DraftSource } from '../../state/draft-origin'
import { formatSmall } from '../../ui/format'
import { ownKeys } from './stage-edits'

export interface SettingForm {
  readonly config: RunConfig
  /** What the preset has. */
  readonly base: RunConfig
  readonly sourceOf: (path: string) => DraftSource
  readonly problemAt: (path: string) => ConfigProblem | null
  /** The newest ended run on these pictures with this network, in which open settings became something. */
  readonly lastRun: Pick<RunRecord, 'name' | 'resolved'> | null
}

/** The newest ended run that a person would compare with. */
export function comparableRun(runs: readonly RunRecord[] | null, root: string, backbone: string): RunRecord | null {
  return runs?.find((run) => run.origin === 'trained' && !isLive(run.status) && run.dataset_root === root && run.backbone === backbone && Object.keys(run.resolved).length > 0) ?? null
}

/** What a value that is left open means, and what it became the last time: `the largest that fits in memory; 32 in oak`. Null where the value speaks for itself. */
export function openWords({ config, lastRun }: Pick<SettingForm, 'config' | 'lastRun'>, path: string): string | null {
  const meaning = meaningOf(config, path)
  if (meaning === null) return null
  const became = lastRun?.resolved[path]
  if (became === undefined || lastRun === null) return meaning
  return `${meaning} · ${t`measured: ${{ value: typeof became === 'number' ? formatSmall(became) : String(became) }} in ${{ run: lastRun.name }}`}`
}

function owners({ stages }: RunConfig, key: string): { names: string; count: number; isAll: boolean } | null {
  if (!STAGE_SETTINGS.some((name) => name === key)) return null
  const own = stages.flatMap((stage, index) => (ownKeys(stage).has(key) ? [stage.name ?? t`stage ${{ number: index + 1 }}`] : []))
  if (own.length === 0) return null
  return { names: own.reduce((before, name) => t`${before} and ${name}`), count: own.length, isAll: own.length === stages.length }
}

/** Which stages have a setting of their own; null where the run's counts for all of them. */
export function ownStages(config: RunConfig, key: string): { words: string; isAll: boolean } | null {
  const own = owners(config, key)
  if (own === null) return null
  const { names, count, isAll } = own
  return { words: isAll ? t`Every stage has its own` : plural(count, { one: `${names} has its own`, other: `${names} have their own` }), isAll }
}

/** The same of what is frozen, as the run's own freezing says it, below the stages. */
export function ownFreezing(config: RunConfig): { words: string; isAll: boolean } | null {
  const own = owners(config, 'freeze')
  if (own === null) return null
  const { names, count, isAll } = own
  const some = plural(count, { one: `${names} has its own freezing, above; this is for the others`, other: `${names} have their own freezing, above; this is for the others` })
  return { words: isAll ? t`Every stage has its own freezing, above` : some, isAll }
}
