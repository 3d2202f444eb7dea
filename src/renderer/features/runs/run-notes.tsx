/** Tags and a note, kept with the run. */
import { t } from '@lingui/core/macro'
import { TagsInput, Textarea } from '@mantine/core'
import { useMemo, useState } from 'react'
import { MOST_TAGS, type RunRecord } from '../../../shared/domain/run'
import { useMachine } from '../../state/machine'
import { usedNames } from '../../state/run-list'
import { markRuns } from './run-marking'
import classes from './run-panel.module.css'

const LONGEST_TAG = 40

export function useKnownTags(): string[] {
  const runs = useMachine((machine) => machine.runs)
  return useMemo(() => usedNames(runs ?? [], ({ tags }) => tags), [runs])
}

export function RunNotes(props: { run: RunRecord }) {
  const { run } = props
  const known = useKnownTags()
  // Shown until the list has them; else what the run has, which another window may change.
  const [ownTags, setOwnTags] = useState<string[] | null>(null)
  const [draft, setDraft] = useState<string | null>(null)
  const tags = ownTags ?? run.tags
  const changeTags = (wanted: string[]): void => {
    const next = wanted.map((tag) => tag.trim().slice(0, LONGEST_TAG)).filter((tag) => tag !== '')
    setOwnTags(next)
    void markRuns([run], () => ({ tags: next })).then(() => setOwnTags((now) => (now === next ? null : now)))
  }
  const saveNote = (): void => {
    if (draft === null) return
    const saved = draft.trim() === run.note ? Promise.resolve(true) : markRuns([run], () => ({ note: draft.trim() }))
    // What could not be saved stays, to be tried again.
    void saved.then((isSaved) => isSaved && setDraft((now) => (now === draft ? null : now)))
  }
  return (
    <div className={classes.notes}>
      <TagsInput
        label={t`Tags`}
        size="xs"
        placeholder={tags.length === 0 ? t`Words to find it by` : ''}
        data={known}
        maxTags={MOST_TAGS}
        splitChars={[',']}
        styles={{ pill: { fontSize: 'var(--text-meta)' } }}
        value={tags}
        onChange={changeTags}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <Textarea
        label={t`Note`}
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4000}
        placeholder={t`What was tried, and why`}
        value={draft ?? run.note}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onBlur={saveNote}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) saveNote()
        }}
      />
    </div>
  )
}
