/** The stages of a run as a list of bands: added, copied, moved and removed by mouse and keyboard, each open to its own settings. */
import { plural, t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useEffect, useRef, useState, type PointerEvent } from 'react'
import type { BackboneCard, Forecast, FreezePlan } from '../../../shared/domain/model'
import type { StageRates } from '../../../shared/domain/rate-plan'
import { type Stage, totalEpochs } from '../../../shared/domain/stages'
import { resetSetting, setStages } from '../../state/draft'
import { stageCount } from '../../ui/counts'
import type { SettingForm } from './setting-form'
import { inThree, withAnother, withCopy, withEpochs, withMoved, withoutStage } from './stage-edits'
import { StageBand } from './stage-band'
import classes from './stages-editor.module.css'

interface StagesEditorProps {
  form: SettingForm
  plan: readonly StageRates[]
  frozen: readonly (FreezePlan | null)[]
  card: BackboneCard | null
  classNames: number
  forecast: Forecast | null
  open: number | null
  onOpen: (index: number | null) => void
}

const MOST_STAGES = 20

export function StagesEditor(props: StagesEditorProps) {
  const { form, plan, frozen, open, onOpen, forecast } = props
  const { config } = form
  const { stages } = config
  const epochs = totalEpochs(config)
  const list = useRef<HTMLOListElement>(null)
  const [said, setSaid] = useState('')
  const [dragged, setDragged] = useState<number | null>(null)
  /** The handle to go back to after a move, once the list is drawn anew. */
  const focused = useRef<number | null>(null)
  useEffect(() => {
    if (focused.current === null) return
    list.current?.querySelectorAll<HTMLElement>('[data-handle]').item(focused.current)?.focus()
    focused.current = null
  })

  const move = (from: number, to: number): void => {
    const place = Math.min(stages.length - 1, Math.max(0, to))
    if (place === from) return
    setStages(withMoved(stages, from, place))
    if (open === from) onOpen(place)
    else if (open !== null && open > from && open <= place) onOpen(open - 1)
    else if (open !== null && open < from && open >= place) onOpen(open + 1)
    focused.current = place
    setSaid(t`${{ stage: plan[from]?.stage.name ?? t`The stage` }} is now stage ${{ number: place + 1 }} of ${{ all: stages.length }}`)
  }
  /** The stage that is dragged changes places on the way, so the list follows the pointer, not its band. */
  const follow = (event: PointerEvent): void => {
    if (dragged === null) return
    const heads = [...(list.current?.querySelectorAll('[data-band-head]') ?? [])]
    const place = Math.min(stages.length - 1, heads.filter((head) => head.getBoundingClientRect().bottom < event.clientY).length)
    if (place === dragged) return
    move(dragged, place)
    setDragged(place)
  }
  const drop = (): void => setDragged(null)
  const change = (next: readonly Stage[], words: string): void => {
    setStages(next, next.length === 0 ? totalEpochs(config) : undefined)
    setSaid(words)
  }
  return (
    <section className={classes.stages} aria-label={t`Stages`}>
      <div className={classes.head}>
        <h2>{stages.length === 0 ? t`One stage` : stageCount(stages.length)}</h2>
        <span className="meta">{stages.length === 0 ? plural(epochs, { one: '# epoch with the settings below', other: '# epochs with the settings below' }) : plural(epochs, { one: '# epoch together', other: '# epochs together' })}</span>
        <span className={classes.ways}>
          {stages.length === 0 && (
            <Button variant="default" size="compact-xs" onClick={() => change(inThree(config), t`Three stages: head, late layers, all layers`)}>
              <Trans>Head, late layers, all</Trans>
            </Button>
          )}
          {stages.length > 0 && (
            <Button
              variant="default"
              size="compact-xs"
              onClick={() => {
                change([], t`One stage`)
                onOpen(null)
              }}
            >
              <Trans>One stage again</Trans>
            </Button>
          )}
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={stages.length >= MOST_STAGES}
            onClick={() => {
              const next = withAnother(config)
              change(next, t`Stage ${{ number: next.length }} was added`)
              onOpen(next.length - 1)
            }}
          >
            <Trans>Add a stage</Trans>
          </Button>
        </span>
      </div>
      {form.problemAt('epochs') !== null && stages.length > 0 && <TypedEpochs typed={config.epochs} stages={stages} />}
      {stages.length > 0 && (
        <ol className={classes.list} ref={list} onPointerMove={follow} onPointerUp={drop} onPointerCancel={drop}>
          {stages.map((stage, index) => {
            const rates = plan[index]
            if (rates === undefined) return null
            return (
              <StageBand
                key={index}
                index={index}
                stage={stage}
                stages={stages}
                rates={rates}
                frozen={frozen[index] ?? null}
                form={form}
                card={props.card}
                classNames={props.classNames}
                seconds={forecast?.stages[index]?.seconds ?? null}
                isOpen={open === index}
                onToggle={() => onOpen(open === index ? null : index)}
                onMove={move}
                isDragged={dragged === index}
                onGrab={(event) => {
                  if (event.button !== 0) return
                  list.current?.setPointerCapture(event.pointerId)
                  setDragged(index)
                }}
                onCopy={() => {
                  change(withCopy(stages, index), t`${{ stage: rates.stage.name }} was copied`)
                  onOpen(null)
                }}
                onRemove={() => {
                  change(withoutStage(stages, index), t`${{ stage: rates.stage.name }} was removed`)
                  onOpen(null)
                }}
              />
            )
          })}
        </ol>
      )}
      <p className="visually-hidden" aria-live="polite">
        {said}
      </p>
    </section>
  )
}

/** Epochs that were typed before there were stages: either they are shared out, or the stages' own stand. */
function TypedEpochs({ typed, stages }: { typed: number; stages: readonly Stage[] }) {
  const own = stages.reduce((sum, stage) => sum + stage.epochs, 0)
  return (
    <div className={classes.typed} role="note">
      <p>
        <Trans>
          <span className="strong">
            <Plural value={typed} one="# epoch was typed," other="# epochs were typed," />
          </span>{' '}
          and the stages have {own} together.
        </Trans>
      </p>
      <Button size="compact-xs" onClick={() => setStages(withEpochs(stages, typed))}>
        <Trans>Share {typed} among the stages</Trans>
      </Button>
      <Button size="compact-xs" variant="default" onClick={() => resetSetting('epochs')}>
        <Trans>Keep {own}</Trans>
      </Button>
    </div>
  )
}
