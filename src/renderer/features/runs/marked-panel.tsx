/** Several runs at once: compare them, tag them, put them out of the way. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, TagsInput } from '@mantine/core'
import { IconArchive, IconArchiveOff } from '@tabler/icons-react'
import { useState } from 'react'
import { MOST_COMPARED } from '../../../shared/domain/compare'
import type { RunRecord } from '../../../shared/domain/run'
import { select } from '../../state/run-list'
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
    <aside className={classes.panel} aria-label={t`Marked runs`}>
      <div className={classes.title}>
        <h2>{plural({ count: runs.length }, { one: '# run marked', other: '# runs marked' })}</h2>
        <button type="button" className="link-button" onClick={() => select((before) => ({ ...before, marked: new Set() }))}>
          <Trans>Unmark all</Trans>
        </button>
      </div>
      {refused !== null ? (
        <DeleteForGood refused={refused} onEnd={() => setRefused(null)} />
      ) : (
        <div className={classes.buttons}>
          <CompareButton runs={runs} />
          <Button variant="default" leftSection={areArchived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />} onClick={() => void archive(runs, !areArchived)}>
            {areArchived ? t`Take out of the archive` : t`Archive`}
          </Button>
          <TrashButton runs={runs} onRefused={setRefused} />
        </div>
      )}
      {runs.length > MOST_COMPARED && (
        <p className="meta">
          <Trans>Up to {{ most: MOST_COMPARED }} runs can be compared at a time.</Trans>
        </p>
      )}
      <TagsInput
        label={t`Add a tag to all of them`}
        size="xs"
        data={known}
        splitChars={[',']}
        styles={{ pill: { fontSize: 'var(--text-meta)' } }}
        value={[]}
        onChange={(tags) => void addTags(runs, tags)}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <ul className={classes.names} aria-label={t`Marked`}>
        {runs.slice(0, MOST_NAMES).map((run) => (
          <li key={run.run_id} className="ellipsis" title={run.name}>
            {run.name}
          </li>
        ))}
        {runs.length > MOST_NAMES && (
          <li className="meta">
            <Trans>and {{ count: runs.length - MOST_NAMES }} more</Trans>
          </li>
        )}
      </ul>
    </aside>
  )
}
