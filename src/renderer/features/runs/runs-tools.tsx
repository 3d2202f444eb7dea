/** Finds runs among many. */
import { t } from '@lingui/core/macro'
import { CloseButton, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { RunRecord } from '../../../shared/domain/run'
import { changeFilter, STATUS_FILTERS, type StatusFilter, usedNames, useRunList } from '../../state/run-list'
import { formatCount } from '../../ui/format'
import classes from './runs-screen.module.css'

const STATUS_NAMES: Readonly<Record<StatusFilter, string>> = { live: t`Live`, queued: t`Queued`, completed: t`Completed`, stopped: t`Stopped`, interrupted: t`Interrupted`, failed: t`Failed`, imported: t`Imported` }

const isStatus = (value: string | null): value is StatusFilter => STATUS_FILTERS.some((status) => status === value)

export function RunsTools(props: { runs: readonly RunRecord[] }) {
  const { runs } = props
  const filter = useRunList((list) => list.filter)
  const datasets = useMemo(() => usedNames(runs, (run) => [run.dataset_name]), [runs])
  const tags = useMemo(() => usedNames(runs, (run) => run.tags), [runs])
  const archived = useMemo(() => runs.filter((run) => run.archived).length, [runs])
  return (
    <div className={classes.tools} role="search">
      <TextInput
        aria-label={t`Search runs`}
        placeholder={t`Name, network, tag, note, dataset`}
        className={classes.search}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={filter.search}
        onChange={(event) => changeFilter({ search: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && changeFilter({ search: '' })}
        rightSection={filter.search === '' ? null : <CloseButton size="xs" aria-label={t`Clear the search`} onClick={() => changeFilter({ search: '' })} />}
      />
      <Select
        aria-label={t`State`}
        placeholder={t`Any state`}
        className={classes.choice}
        clearable
        data={STATUS_FILTERS.map((value) => ({ value, label: STATUS_NAMES[value] }))}
        value={filter.status}
        onChange={(value) => changeFilter({ status: isStatus(value) ? value : null })}
      />
      {(datasets.length > 1 || filter.dataset !== null) && (
        <Select aria-label={t`Dataset`} placeholder={t`Any dataset`} className={classes.choice} clearable searchable data={datasets} value={filter.dataset} onChange={(dataset) => changeFilter({ dataset })} />
      )}
      {(tags.length > 0 || filter.tag !== null) && (
        <Select aria-label={t`Tag`} placeholder={t`Any tag`} className={classes.choice} clearable searchable data={tags} value={filter.tag} onChange={(tag) => changeFilter({ tag })} />
      )}
      {archived > 0 && (
        <button type="button" className="link-button" aria-pressed={filter.isArchivedShown} onClick={() => changeFilter({ isArchivedShown: !filter.isArchivedShown })}>
          {filter.isArchivedShown ? t`Hide ${{ count: formatCount(archived) }} archived` : t`Show ${{ count: formatCount(archived) }} archived`}
        </button>
      )}
    </div>
  )
}
