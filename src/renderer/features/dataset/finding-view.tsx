/** The pictures of one finding, and what can be done about them: chosen ones, a group, or all at once. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button, SegmentedControl, Select } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import type { HealthFinding, HealthPicture } from '../../../shared/domain/health'
import { fix, undoFix, useHealth } from '../../state/health'
import { FailurePanel } from '../../ui/failure-panel'
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
            {isGone ? t`Nothing left of this finding` : finding.title}
          </h2>
          <p className={classes.why}>{isGone ? t`Every picture of it was decided about. Undo brings the last decision back.` : `${finding.why} ${finding.action}`}</p>
        </div>
        <SegmentedControl
          aria-label={t`Size of the pictures`}
          data={[
            { value: 'small', label: t`Small` },
            { value: 'large', label: t`Large` },
          ]}
          value={isLarge ? 'large' : 'small'}
          onChange={(value) => setIsLarge(value === 'large')}
        />
        <ActionIcon aria-label={t`Back to the classes`} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      {fixes.length > 0 && !isGone && (
        <div className={classes.actions} role="group" aria-label={chosen.size > 0 ? plural({ count: chosen.size }, { one: '# picture chosen', other: '# pictures chosen' }) : t`All pictures of the finding`}>
          {chosen.size > 0 ? (
            <>
              {has('exclude') && (
                <Button onClick={() => exclude([...chosen])} disabled={isDeciding}>
                  {plural({ count: chosen.size }, { one: 'Exclude # picture', other: 'Exclude # pictures' })}
                </Button>
              )}
              {isGrouped && (
                <Button variant="default" onClick={() => keepOnly([...chosen])} disabled={isDeciding}>
                  {chosen.size === 1 ? t`Keep only this` : t`Keep only these`}
                </Button>
              )}
              <MoveTo classNames={summary.classes.map(({ name }) => name)} isDisabled={isDeciding} onMove={(toClass) => void fix({ kind: 'move', finding: kind, paths: [...chosen], toClass })} />
              {has('fine') && (
                <Button variant="default" onClick={() => fine([...chosen])} disabled={isDeciding}>
                  {chosen.size === 1 ? t`This is fine` : t`These are fine`}
                </Button>
              )}
              <button type="button" className="link-button" onClick={() => setChosen(new Set())}>
                <Trans>Clear choice</Trans>
              </button>
            </>
          ) : (
            <>
              {has('keep-largest') && (
                <Button onClick={() => void fix({ kind: 'keep-largest', finding: kind, paths: null })} disabled={isDeciding}>
                  <Trans>Keep the largest of each group</Trans>
                </Button>
              )}
              {has('exclude') && !isGrouped && (
                <Button onClick={() => void fix({ kind: 'exclude-all', finding: kind })} disabled={isDeciding}>
                  {plural({ count: finding.count }, { one: 'Exclude all # picture', other: 'Exclude all # pictures' })}
                </Button>
              )}
              {has('fine') && (
                <Button variant="default" onClick={() => fine(null)} disabled={isDeciding}>
                  <Trans>All are fine</Trans>
                </Button>
              )}
              <span className="meta">
                <Trans>or choose some below</Trans>
              </span>
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
            <Trans><kbd>Space</kbd> chooses</Trans> · <Trans><kbd>X</kbd> excludes</Trans> · {isGrouped && (<><Trans><kbd>K</kbd> keeps only this</Trans> · </>)}<Trans><kbd>F</kbd> is fine</Trans> · <Trans><kbd>Ctrl Z</kbd> undoes</Trans>
          </p>
        )}
        {said !== '' && (
          <p className={classes.said}>
            <span aria-hidden>{said}</span>
            {journal !== null && journal.undo !== null && (
              <button type="button" className="link-button" aria-label={t`Undo the last decision`} onClick={undoFix} disabled={isDeciding}>
                <Trans>Undo</Trans>
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
      aria-label={t`Move to class`}
      placeholder={t`Move to class`}
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
