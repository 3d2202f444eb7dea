/** Settings of runs side by side, each compared with the base's. Pure. */
import { t } from '@lingui/core/macro'
import type { ComparedRun } from '../../../shared/domain/compare'
import { classCount } from '../../ui/counts'
import { formatCount } from '../../ui/format'
import { settingRows, type SettingRow } from '../train/setting-rows'

export interface SettingCell {
  readonly value: string
  /** What an open value became. */
  readonly became: string | null
  /** Null of what is no setting. */
  readonly source: SettingRow['source'] | null
  /** From the base's. */
  readonly differs: boolean
}

export interface ComparedSetting {
  /** Of what is no setting: `run` and a word, so that no setting has the same. */
  readonly path: string
  readonly label: string
  /** One a run. */
  readonly cells: readonly SettingCell[]
  readonly isDifferent: boolean
}

type Plain = Omit<SettingCell, 'differs'>

const ABSENT: Plain = { value: '–', became: null, source: null }

function compared(path: string, label: string, cells: readonly Plain[]): ComparedSetting {
  const [base] = cells
  const marked = cells.map((cell): SettingCell => ({ ...cell, differs: cell.value !== base?.value || cell.became !== base.became }))
  return { path, label, cells: marked, isDifferent: marked.some((cell) => cell.differs) }
}

const fact = (value: string): Plain => ({ value, became: null, source: null })

const splitWords = ({ train, val, test }: ComparedRun['run']['counts']): string =>
  [t`${{ count: formatCount(train) }} train`, t`${{ count: formatCount(val) }} val`, t`${{ count: formatCount(test) }} test`].join(' · ')

/** What was trained on and where, then every setting, in the order of the configuration. */
export function comparedSettings(runs: readonly ComparedRun[]): ComparedSetting[] {
  const records = runs.map(({ run }) => run)
  const tables = runs.map(({ run, config }) => new Map(settingRows(config, run).map((row) => [row.path, row])))
  // A setting that only some runs have (of a third stage) stands where the first that has it has it.
  const labels = new Map(tables.flatMap((table) => [...table.values()].map(({ path, label }) => [path, label] as const)))
  return [
    compared('run dataset', t`Dataset`, records.map((run) => fact(run.dataset_name === '' ? t`none` : run.dataset_name))),
    compared('run folder', t`Folder`, records.map((run) => fact(run.dataset_root === '' ? t`none` : run.dataset_root))),
    compared('run classes', t`Classes`, records.map((run) => fact(classCount(run.classes.length)))),
    compared('run pictures', t`Pictures`, records.map(({ counts }) => fact(splitWords(counts)))),
    compared('run preset', t`Preset`, records.map((run) => fact(run.preset ?? t`none`))),
    compared('run device', t`Computed on`, records.map((run) => fact(run.device ?? '–'))),
    ...[...labels].map(([path, label]) =>
      compared(
        path,
        label,
        tables.map((table) => {
          const row = table.get(path)
          return row === undefined ? ABSENT : { value: row.value, became: row.became, source: row.source }
        }),
      ),
    ),
  ]
}
