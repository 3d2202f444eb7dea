/**
 * What can be decided about one picture of a run: another label, leave it out, it is fine; each with a key, each taken back by undo. Used by the large
 * picture and by whatever suggests pictures to look at. The keys are in force while it is shown.
 */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button, Select, Tooltip } from '@mantine/core'
import { IconArrowBackUp, IconArrowForwardUp } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import type { PictureMark } from '../../../shared/domain/fix-since'
import classes from './picture-actions.module.css'
import { PictureMarkBadge } from './picture-mark'
import type { RunFixesView } from './run-fixes'

/** Where letters are typed. */
export const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.closest('input:not([type="radio"]), textarea, [role="listbox"]') !== null

export interface ActedPicture {
  readonly path: string
  /** The name of its class in the run. */
  readonly label: string
  /** The class that it may belong to instead; null: none is nearer than another. */
  readonly suggestion: string | null
}

/** The class that R relabels as: the one suggested, or the only other one. */
function targetOf({ label, suggestion }: ActedPicture, classNames: readonly string[]): string | null {
  if (suggestion !== null && suggestion !== label) return suggestion
  const others = classNames.filter((name) => name !== label)
  return others.length === 1 ? (others[0] ?? null) : null
}

export function PictureActions(props: {
  view: RunFixesView
  picture: ActedPicture
  classNames: readonly string[]
  /** After a decision: on to the next picture. */
  onDecided: () => void
  /** After one was taken back or made again: to its pictures. */
  onTurned: (paths: readonly string[]) => void
}) {
  const { view, picture, classNames, onDecided, onTurned } = props
  const { fixes, marks, lost, hindrance, isDeciding, failure, said, dismiss } = view
  const { path } = picture
  const [isChoosing, setIsChoosing] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const mark = marks.get(path) ?? null
  const isLost = lost.has(path)
  const [toUndo, toRedo] = [fixes?.undo ?? null, fixes?.redo ?? null]
  const canDecide = fixes !== null && hindrance === null && !isLost
  const isExcluded = mark?.mark === 'excluded'
  const target = targetOf(picture, classNames)
  const hasChooser = classNames.length > 2
  const canRelabel = canDecide && !isExcluded
  const canTake = canRelabel && mark?.toClass !== target
  const canBeFine = canDecide && mark?.mark !== 'fine'
  // What was refused of one picture is not said of another.
  useEffect(() => dismiss(), [path, dismiss])

  const decided = (work: Promise<boolean>): void => void work.then((isDone) => isDone && onDecided())
  const relabel = (toClass: string): void => decided(view.fix(toClass === picture.label ? { kind: 'fine', paths: [path] } : { kind: 'relabel', paths: [path], toClass }))
  const exclude = (): void => decided(view.fix({ kind: 'exclude', paths: [path] }))
  const fine = (): void => decided(view.fix({ kind: 'fine', paths: [path] }))
  const turned = (work: Promise<readonly string[] | null>): void => void work.then((paths) => paths !== null && onTurned(paths))
  const undo = (): void => turned(view.undo())
  const redo = (): void => turned(view.redo())
  const choose = (): void => {
    setIsChoosing(true)
    chooser.current?.focus()
  }

  const keys = useRef((_: KeyboardEvent): (() => void) | undefined => undefined)
  keys.current = (event) => {
    if (event.altKey || isTyping(event.target)) return undefined
    const key = event.key.toLowerCase()
    if (event.ctrlKey || event.metaKey) {
      if (key === 'y' || (key === 'z' && event.shiftKey)) return redo
      return key === 'z' ? undo : undefined
    }
    if (key === 'r' && target === null && canRelabel) return choose
    if (key === 'r' && target !== null && canTake) return () => relabel(target)
    if (key === 'c' && canRelabel && hasChooser) return choose
    if ((key === 'x' || key === 'delete') && canDecide && !isExcluded) return exclude
    return key === 'f' && canBeFine ? fine : undefined
  }
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const action = event.repeat ? undefined : keys.current(event)
      if (action === undefined) return
      event.preventDefault()
      action()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])

  return (
    <section className={classes.actions} aria-label={t`Decide about this picture`}>
      <div className={classes.state}>
        {mark === null ? <span className="meta">{fixes === null && failure === null ? t`Looking at what was decided` : t`Nothing decided yet`}</span> : <DecidedWords mark={mark} label={picture.label} />}
        <span className={classes.turns}>
          <Tooltip label={toUndo === null ? t`Nothing to undo` : t`Undo: ${{ title: toUndo.title }} (Ctrl Z)`}>
            <ActionIcon aria-label={t`Undo`} disabled={toUndo === null || isDeciding} onClick={undo}>
              <IconArrowBackUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={toRedo === null ? t`Nothing to redo` : t`Redo: ${{ title: toRedo.title }} (Ctrl Shift Z)`}>
            <ActionIcon aria-label={t`Redo`} disabled={toRedo === null || isDeciding} onClick={redo}>
              <IconArrowForwardUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </span>
      </div>
      {target !== null && (
        <Action keyName="R" name={t`Relabel as ${target}`} isDisabled={!canTake} onClick={() => relabel(target)} />
      )}
      {hasChooser && (
        <Select
          ref={chooser}
          aria-label={t`Relabel as another class`}
          placeholder={target === null ? t`Relabel as (R)` : t`Relabel as another (C)`}
          data={classNames.filter((name) => name !== picture.label)}
          value={null}
          searchable
          disabled={!canRelabel}
          dropdownOpened={isChoosing}
          onDropdownOpen={() => setIsChoosing(true)}
          onDropdownClose={() => setIsChoosing(false)}
          nothingFoundMessage={t`No such class`}
          onKeyDown={(event) => {
            if (event.key === 'Escape') {
              // Closes the list, not the picture.
              event.stopPropagation()
              event.currentTarget.blur()
            }
          }}
          onChange={(name) => {
            if (name === null) return
            chooser.current?.blur()
            relabel(name)
          }}
        />
      )}
      <Action keyName="X" name={t`Exclude`} isDisabled={!canDecide || isExcluded} onClick={exclude} />
      <Action keyName="F" name={isExcluded ? t`Take in again: this is fine` : t`This is fine`} isDisabled={!canBeFine} onClick={fine} />
      {hindrance !== null && <p className={classes.hindrance}>{hindrance}</p>}
      {hindrance === null && isLost && (
        <p className={classes.hindrance}>
          <Trans>This file is gone, or is not the one that the run has answered. Nothing can be decided about it.</Trans>
        </p>
      )}
      {failure !== null && (
        <p className={classes.hindrance} role="alert">
          {failure.message} {failure.action}
        </p>
      )}
      <p className="visually-hidden" role="status">
        {said}
      </p>
    </section>
  )
}

function DecidedWords({ mark, label }: { mark: PictureMark; label: string }) {
  return (
    <span className={classes.decided}>
      <PictureMarkBadge mark={mark} />
      {mark.mark === 'fine' && (
        <span className="meta">
          <Trans>as {label}</Trans>
        </span>
      )}
    </span>
  )
}

function Action(props: { keyName: string; name: string; isDisabled: boolean; onClick: () => void }) {
  const { keyName, name, isDisabled, onClick } = props
  return (
    <Button variant="default" justify="space-between" fullWidth disabled={isDisabled} aria-keyshortcuts={keyName} rightSection={<kbd className={classes.key} aria-hidden>{keyName}</kbd>} title={name} onClick={onClick}>
      {name}
    </Button>
  )
}

/** For a gallery: how the run's folder stands, where that keeps pictures from being decided about or some are lost. */
export function FolderNote({ view }: { view: RunFixesView }) {
  const { hindrance, fixes } = view
  if (hindrance !== null) return <p className={classes.hindrance}>{hindrance}</p>
  if (fixes === null || fixes.folder.kind !== 'changed') return null
  return (
    <p className="meta">
      {plural(
        { count: fixes.folder.lostCount },
        { one: '# picture of this run is gone from the folder or not as it was.', other: '# pictures of this run are gone from the folder or not as they were.' },
      )}
    </p>
  )
}
