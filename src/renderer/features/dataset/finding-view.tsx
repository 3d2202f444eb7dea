/** The pictures of one finding, and what can be done about them: chosen ones, a group, or all at once. */
import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { HealthFinding, HealthPicture } from '../../../shared/domain/health'
import { fix, undoFix, useHealth } from '../../state/health'
import { FailurePanel } from '../../ui/failure-panel'
import { formatPlural } from '../../ui/format'
import { FindingGallery } from './finding-gallery'
import { othersOf } from './finding-rows'
import classes from './finding-view.module.css'
import { useFindingItems } from './use-finding-items'

export function FindingView(props: { summary: DatasetSummary; finding: HealthFinding; isGone: boolean; onClose: () => void }) {
  const { summary, finding, isGone, onClose } = props
  const { kind, fixes } = finding
  const { revision, isDeciding, said, journal } = useHealth()
  const { items, total, failure, more } = useFindingItems(summary.datasetId, kind, revision)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [isLarge, setIsLarge] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
  }, [])
  // What was decided about is gone from the finding, or is to be looked at anew.
  useEffect(() => setChosen(new Set()), [revision, kind])

  const isGrouped = items.some(({ pictures }) => pictures.length > 1)
  const pictures = useMemo(() => items.flatMap((item) => item.pictures), [items])
  const has = (wanted: (typeof fixes)[number]): boolean => fixes.includes(wanted)
  const toggle = (path: string): void => setChosen((before) => new Set(before.has(path) ? [...before].filter((other) => other !== path) : [...before, path]))
  const exclude = (paths: readonly string[]): void => void (paths.length > 0 && fix({ kind: 'exclude', finding: kind, paths: [...paths] }))
  const fine = (paths: readonly string[] | null): void => void ((paths === null || paths.length > 0) && fix({ kind: 'fine', finding: kind, paths: paths === null ? null : [...paths] }))
  const keepOnly = (kept: readonly string[]): void => {
    const others = othersOf(items, new Set(kept))
    if (others.length > 0) void fix({ kind: 'exclude', finding: kind, paths: others, keeping: [...kept] })
  }

  const onKey = (event: KeyboardEvent, focused: HealthPicture | null): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const meant = chosen.size > 0 ? [...chosen] : focused === null ? [] : [focused.path]
    const actions: Record<string, () => void> = {
      x: () => has('exclude') && exclude(meant),
      Delete: () => has('exclude') && exclude(meant),
      k: () => isGrouped && keepOnly(meant),
      f: () => has('fine') && fine(meant),
    }
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key]
    if (action === undefined || fixes.length === 0) return
    event.preventDefault()
    action()
  }

  return (
    <section className={classes.view} aria-label={finding.title}>
      <div className={classes.head}>
        <div className={classes.words}>
          <h2 ref={heading} tabIndex={-1} className={classes.heading}>
            {isGone ? 'Nothing left of this finding' : finding.title}
          </h2>
          <p className={classes.why}>{isGone ? 'Every picture of it was decided about. Undo brings the last decision back.' : `${finding.why} ${finding.action}`}</p>
        </div>
        <SegmentedControl aria-label="Size of the pictures" data={['Small', 'Large']} value={isLarge ? 'Large' : 'Small'} onChange={(value) => setIsLarge(value === 'Large')} />
        <ActionIcon aria-label="Back to the classes" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      {fixes.length > 0 && !isGone && (
        <div className={classes.actions} role="group" aria-label={chosen.size > 0 ? `${formatPlural(chosen.size, 'picture')} chosen` : 'All pictures of the finding'}>
          {chosen.size > 0 ? (
            <>
              {has('exclude') && (
                <Button onClick={() => exclude([...chosen])} disabled={isDeciding}>
                  Exclude {formatPlural(chosen.size, 'picture')}
                </Button>
              )}
              {isGrouped && (
                <Button variant="default" onClick={() => keepOnly([...chosen])} disabled={isDeciding}>
                  Keep only {chosen.size === 1 ? 'this' : 'these'}
                </Button>
              )}
              <MoveTo classNames={summary.classes.map(({ name }) => name)} isDisabled={isDeciding} onMove={(toClass) => void fix({ kind: 'move', finding: kind, paths: [...chosen], toClass })} />
              {has('fine') && (
                <Button variant="default" onClick={() => fine([...chosen])} disabled={isDeciding}>
                  {chosen.size === 1 ? 'This is fine' : 'These are fine'}
                </Button>
              )}
              <button type="button" className="link-button" onClick={() => setChosen(new Set())}>
                Clear choice
              </button>
            </>
          ) : (
            <>
              {has('keep-largest') && (
                <Button onClick={() => void fix({ kind: 'keep-largest', finding: kind, paths: null })} disabled={isDeciding}>
                  Keep the largest of each group
                </Button>
              )}
              {has('exclude') && !isGrouped && (
                <Button onClick={() => void fix({ kind: 'exclude-all', finding: kind })} disabled={isDeciding}>
                  Exclude all {formatPlural(finding.count, 'picture')}
                </Button>
              )}
              {has('fine') && (
                <Button variant="default" onClick={() => fine(null)} disabled={isDeciding}>
                  All are fine
                </Button>
              )}
              <span className="meta">or choose some below</span>
            </>
          )}
        </div>
      )}
      {failure !== null && <FailurePanel failure={failure} />}
      <FindingGallery
        summary={summary}
        kind={kind}
        items={items}
        total={total}
        isLarge={isLarge}
        chosen={chosen}
        canDecide={fixes.length > 0 && !isDeciding}
        onToggle={toggle}
        onKey={onKey}
        onMore={more}
      />
      <div className={classes.foot}>
        {fixes.length > 0 && pictures.length > 0 && (
          <p className={`meta ${classes.keys}`}>
            <kbd>Space</kbd> chooses · <kbd>X</kbd> excludes · {isGrouped && (<><kbd>K</kbd> keeps only this · </>)}<kbd>F</kbd> is fine · <kbd>Ctrl Z</kbd> undoes
          </p>
        )}
        {said !== '' && (
          <p className={classes.said}>
            <span aria-hidden>{said}</span>
            {journal !== null && journal.undo !== null && (
              <button type="button" className="link-button" aria-label="Undo the last decision" onClick={undoFix} disabled={isDeciding}>
                Undo
              </button>
            )}
          </p>
        )}
      </div>
    </section>
  )
}

function MoveTo(props: { classNames: readonly string[]; isDisabled: boolean; onMove: (toClass: string) => void }) {
  const { classNames, isDisabled, onMove } = props
  return (
    <Select
      aria-label="Move to class"
      placeholder="Move to class"
      data={[...classNames]}
      value={null}
      searchable={classNames.length > 8}
      disabled={isDisabled}
      className={classes.move}
      onChange={(name) => {
        if (name !== null) onMove(name)
      }}
    />
  )
}
