/** Tags and a note, kept with the run. */
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
  // Shown at once; the host's answer comes with the next list.
  const [tags, setTags] = useState(run.tags)
  const [note, setNote] = useState(run.note)
  const changeTags = (wanted: string[]): void => {
    const next = wanted.map((tag) => tag.trim().slice(0, LONGEST_TAG)).filter((tag) => tag !== '')
    setTags(next)
    void markRuns([run], () => ({ tags: next }))
  }
  const saveNote = (): void => {
    if (note.trim() !== run.note) void markRuns([run], () => ({ note: note.trim() }))
  }
  return (
    <div className={classes.notes}>
      <TagsInput
        label="Tags"
        size="xs"
        placeholder={tags.length === 0 ? 'Words to find it by' : ''}
        data={known}
        maxTags={MOST_TAGS}
        splitChars={[',']}
        styles={{ pill: { fontSize: 'var(--text-meta)' } }}
        value={tags}
        onChange={changeTags}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <Textarea
        label="Note"
        size="xs"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4000}
        placeholder="What was tried, and why"
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        onBlur={saveNote}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) saveNote()
        }}
      />
    </div>
  )
}
