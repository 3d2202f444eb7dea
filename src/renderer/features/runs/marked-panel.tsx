/** Several runs at once: compare them, tag them, put them out of the way. */
import { Button, TagsInput } from '@mantine/core'
import { IconArchive, IconArchiveOff } from '@tabler/icons-react'
import { useState } from 'react'
import { MOST_COMPARED } from '../../../shared/domain/compare'
import type { RunRecord } from '../../../shared/domain/run'
import { select } from '../../state/run-list'
import { formatPlural } from '../../ui/format'
import { CompareButton } from './compare-button'
import { addTags, archive, type NotTrashed } from './run-marking'
import { useKnownTags } from './run-notes'
import classes from './run-panel.module.css'
import { DeleteForGood, TrashButton } from './trash-runs'

const MOST_NAMES = 12

export function MarkedPanel(props: { runs: readonly RunRecord[] }) {
  const { runs } = props
  const [refused, setRefused] = useState<NotTrashed | null>(null)
  const known = useKnownTags()
  const areArchived = runs.every((run) => run.archived)
  return (
    <aside className={classes.panel} aria-label="Marked runs">
      <div className={classes.title}>
        <h2>{formatPlural(runs.length, 'run')} marked</h2>
        <button type="button" className="link-button" onClick={() => select((before) => ({ ...before, marked: new Set() }))}>
          Unmark all
        </button>
      </div>
      {refused !== null ? (
        <DeleteForGood refused={refused} onEnd={() => setRefused(null)} />
      ) : (
        <div className={classes.buttons}>
          <CompareButton runs={runs} />
          <Button variant="default" leftSection={areArchived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />} onClick={() => void archive(runs, !areArchived)}>
            {areArchived ? 'Take out of the archive' : 'Archive'}
          </Button>
          <TrashButton runs={runs} onRefused={setRefused} />
        </div>
      )}
      {runs.length > MOST_COMPARED && <p className="meta">Up to {MOST_COMPARED} runs can be compared at a time.</p>}
      <TagsInput
        label="Add a tag to all of them"
        size="xs"
        data={known}
        splitChars={[',']}
        styles={{ pill: { fontSize: 'var(--text-meta)' } }}
        value={[]}
        onChange={(tags) => void addTags(runs, tags)}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <ul className={classes.names} aria-label="Marked">
        {runs.slice(0, MOST_NAMES).map((run) => (
          <li key={run.run_id} className="ellipsis" title={run.name}>
            {run.name}
          </li>
        ))}
        {runs.length > MOST_NAMES && <li className="meta">and {runs.length - MOST_NAMES} more</li>}
      </ul>
    </aside>
  )
}
