/** Finds runs among many. */
import { CloseButton, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { RunRecord } from '../../../shared/domain/run'
import { changeFilter, STATUS_FILTERS, type StatusFilter, usedNames, useRunList } from '../../state/run-list'
import { formatCount } from '../../ui/format'
import classes from './runs-screen.module.css'

const STATUS_NAMES: Readonly<Record<StatusFilter, string>> = { live: 'Live', queued: 'Queued', completed: 'Completed', stopped: 'Stopped', interrupted: 'Interrupted', failed: 'Failed', imported: 'Imported' }

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
        aria-label="Search runs"
        placeholder="Name, network, tag, note, dataset"
        className={classes.search}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={filter.search}
        onChange={(event) => changeFilter({ search: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Escape' && changeFilter({ search: '' })}
        rightSection={filter.search === '' ? null : <CloseButton size="xs" aria-label="Clear the search" onClick={() => changeFilter({ search: '' })} />}
      />
      <Select
        aria-label="State"
        placeholder="Any state"
        className={classes.choice}
        clearable
        data={STATUS_FILTERS.map((value) => ({ value, label: STATUS_NAMES[value] }))}
        value={filter.status}
        onChange={(value) => changeFilter({ status: isStatus(value) ? value : null })}
      />
      {(datasets.length > 1 || filter.dataset !== null) && (
        <Select aria-label="Dataset" placeholder="Any dataset" className={classes.choice} clearable searchable data={datasets} value={filter.dataset} onChange={(dataset) => changeFilter({ dataset })} />
      )}
      {(tags.length > 0 || filter.tag !== null) && (
        <Select aria-label="Tag" placeholder="Any tag" className={classes.choice} clearable searchable data={tags} value={filter.tag} onChange={(tag) => changeFilter({ tag })} />
      )}
      {archived > 0 && (
        <button type="button" className="link-button" aria-pressed={filter.isArchivedShown} onClick={() => changeFilter({ isArchivedShown: !filter.isArchivedShown })}>
          {filter.isArchivedShown ? `Hide ${formatCount(archived)} archived` : `Show ${formatCount(archived)} archived`}
        </button>
      )}
    </div>
  )
}
