/** What was decided about the pictures of the run that is looked at, and deciding more: one for the large picture, the gallery and whatever suggests pictures. */
import { plural, t } from '@lingui/core/macro'
import { useEffect, useMemo } from 'react'
import { create } from 'zustand'
import type { Failure } from '../../../shared/domain/error'
import { folderHindrance, type PictureFix, type RunFixes } from '../../../shared/domain/fix-run'
import type { PictureMark } from '../../../shared/domain/fix-since'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'

interface FixesState {
  runId: string | null
  /** Null until it is known how the pictures stand. */
  fixes: RunFixes | null
  /** Why it is not known, or why the last decision was refused. */
  failure: Failure | null
  isDeciding: boolean
  /** What was decided last, to be shown and read out. */
  said: string
}

const NOTHING: FixesState = { runId: null, fixes: null, failure: null, isDeciding: false, said: '' }

const useStore = create<FixesState>(() => NOTHING)

async function load(runId: string): Promise<void> {
  const isSame = useStore.getState().runId === runId
  useStore.setState(isSame ? { failure: null } : { ...NOTHING, runId })
  try {
    const fixes = await client().runFixes.get({ runId })
    if (useStore.getState().runId === runId) useStore.setState({ fixes })
  } catch (error) {
    if (useStore.getState().runId === runId) useStore.setState({ failure: failureOf(error) })
  }
}

async function decide(runId: string, call: () => Promise<RunFixes>, said: string): Promise<boolean> {
  if (useStore.getState().isDeciding) return false
  useStore.setState({ isDeciding: true, failure: null })
  try {
    const fixes = await call()
    if (useStore.getState().runId === runId) useStore.setState({ fixes, said })
    return true
  } catch (error) {
    if (useStore.getState().runId === runId) useStore.setState({ failure: failureOf(error), said: '' })
    return false
  } finally {
    useStore.setState({ isDeciding: false })
  }
}

const words = ({ kind, paths }: PictureFix, toClass: string | null): string => {
  const [name, count, label] = [paths[0]?.split('/').at(-1) ?? '', paths.length, toClass ?? '']
  if (count === 1) return kind === 'exclude' ? t`Excluded ${name}` : kind === 'relabel' ? t`Relabelled ${name} as ${label}` : t`${name} is fine`
  if (kind === 'exclude') return plural(count, { one: 'Excluded # picture', other: 'Excluded # pictures' })
  if (kind === 'relabel') return plural(count, { one: `Relabelled # picture as ${label}`, other: `Relabelled # pictures as ${label}` })
  return plural(count, { one: '# picture is fine', other: '# pictures are fine' })
}

export interface RunFixesView extends Omit<FixesState, 'runId'> {
  /** By path. */
  marks: ReadonlyMap<string, PictureMark>
  /** Pictures of the run that are gone or not as they were. */
  lost: ReadonlySet<string>
  /** Why nothing can be decided; null where it can. */
  hindrance: string | null
  /** False where it was refused; `failure` says why. */
  fix: (fix: PictureFix) => Promise<boolean>
  /** The pictures that the decision was about; null where there is none to take back, or it was refused. */
  undo: () => Promise<readonly string[] | null>
  redo: () => Promise<readonly string[] | null>
  /** Takes the words of a refused decision away. */
  dismiss: () => void
  reload: () => void
}

function dismiss(): void {
  useStore.setState(({ fixes, failure }) => ({ failure: fixes === null ? failure : null }))
}

/** Looks at the journal and at the run's folder when the run comes up; decisions keep it as it is from then on. */
export function useRunFixes(runId: string): RunFixesView {
  const state = useStore()
  useEffect(() => void load(runId), [runId])
  const { fixes, failure, isDeciding, said } = state.runId === runId ? state : NOTHING
  const marks = useMemo(() => new Map(fixes?.marks.map((mark) => [mark.path, mark])), [fixes])
  const lost = useMemo(() => new Set(fixes?.folder.lost), [fixes])
  const turn = async (kind: 'undo' | 'redo'): Promise<readonly string[] | null> => {
    const last = fixes?.[kind]
    if (last === null || last === undefined) return null
    const title = kind === 'undo' ? t`Taken back: ${{ title: last.title }}` : t`Again: ${{ title: last.title }}`
    return (await decide(runId, () => client().runFixes[kind]({ runId }), title)) ? last.paths : null
  }
  return {
    fixes,
    failure,
    isDeciding,
    said,
    marks,
    lost,
    hindrance: fixes === null ? null : folderHindrance(fixes.folder),
    fix: (fix) => decide(runId, () => client().runFixes.fix({ runId, fix }), words(fix, fix.kind === 'relabel' ? fix.toClass : null)),
    undo: () => turn('undo'),
    redo: () => turn('redo'),
    dismiss,
    reload: () => void load(runId),
  }
}
