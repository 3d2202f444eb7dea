/** One stage in the list: what it is at a glance, and its settings when it is open. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Menu } from '@mantine/core'
import { IconChevronRight, IconDots, IconGripVertical } from '@tabler/icons-react'
import type { KeyboardEvent, PointerEvent } from 'react'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import type { StageRates } from '../../../shared/domain/rate-plan'
import type { Stage } from '../../../shared/domain/stages'
import { setStages } from '../../state/draft'
import { NumberField } from '../../ui/number-field'
import { aboutSeconds } from './freeze-figures'
import { ratesWords, stopWords } from './recipe-layout'
import type { SettingForm } from './setting-form'
import { SCHEDULER_PHRASES } from './setting-tables'
import { withValue } from './stage-edits'
import { StageFields } from './stage-fields'
import classes from './stages-editor.module.css'

interface StageBandProps {
  index: number
  stage: Stage
  stages: readonly Stage[]
  rates: StageRates
  frozen: FreezePlan | null
  form: SettingForm
  card: BackboneCard | null
  classNames: number
  /** As measured; null until it is. */
  seconds: number | null
  isOpen: boolean
  onToggle: () => void
  onMove: (from: number, to: number) => void
  isDragged: boolean
  onGrab: (event: PointerEvent) => void
  onCopy: () => void
  onRemove: () => void
}

/** `all frozen`, `34 of 49 frozen`, `nothing frozen`. */
export function frozenWords(plan: FreezePlan | null): string {
  if (plan === null) return '…'
  if (plan.frozenLayers === 0) return t`nothing frozen`
  if (plan.frozenLayers === plan.layers) return t`backbone frozen`
  return t`${{ frozen: plan.frozenLayers }} of ${{ layers: plan.layers }} frozen`
}

export function StageBand(props: StageBandProps) {
  const { index, stage, stages, rates, frozen, isOpen, isDragged, onGrab, onToggle, onMove, seconds } = props
  const planned = rates.stage
  const onKeyDown = (event: KeyboardEvent): void => {
    const places: Record<string, number | undefined> = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: stages.length - 1 }
    const place = places[event.key]
    if (place === undefined) return
    event.preventDefault()
    onMove(index, place)
  }
  const firstRates = rates.groups.map(({ name, rates: all }) => ({ name, rate: all[0] ?? 0 }))
  const stops = stopWords(rates)
  const schedule = SCHEDULER_PHRASES[planned.scheduler]
  return (
    <li className={classes.band} data-open={isOpen || undefined} data-dragged={isDragged || undefined}>
      <div className={classes.row} data-band-head>
        <button
          type="button"
          data-handle
          className={classes.handle}
          aria-label={t`Move ${{ stage: planned.name }}`}
          title={t`Drag, or move it with the arrow keys`}
          onKeyDown={onKeyDown}
          onPointerDown={onGrab}
        >
          <IconGripVertical size={14} aria-hidden />
          {index + 1}
        </button>
        <button type="button" className={classes.toggle} aria-expanded={isOpen} aria-label={planned.name} onClick={onToggle}>
          <span className={`${classes.name} ellipsis`} title={planned.name}>
            {planned.name}
          </span>
          <span className={classes.cell}>{frozenWords(frozen)}</span>
          <span className={`${classes.cell} ellipsis`} title={ratesWords(firstRates)}>
            {ratesWords(firstRates)}
          </span>
          <span className={`${classes.cell} ellipsis`} title={stops ?? undefined}>
            {planned.warmup_steps > 0 ? t`${schedule}, warm-up` : schedule}
          </span>
          <span className={classes.time}>{seconds === null ? '–' : aboutSeconds(seconds)}</span>
          <IconChevronRight size={14} aria-hidden className={classes.chevron} />
        </button>
        <div className={classes.epochs}>
          <NumberField label={t`Epochs of ${{ stage: planned.name }}`} isLabelHidden value={stage.epochs} low={1} high={10_000} isWhole unit={t`ep.`} onChange={(value) => value !== null && setStages(withValue(stages, index, 'epochs', value))} />
        </div>
        <Menu>
          <Menu.Target>
            <ActionIcon aria-label={t`More for ${{ stage: planned.name }}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item onClick={props.onCopy}>
              <Trans>Duplicate</Trans>
            </Menu.Item>
            <Menu.Item disabled={index === 0} onClick={() => onMove(index, index - 1)}>
              <Trans>Move up</Trans>
            </Menu.Item>
            <Menu.Item disabled={index === stages.length - 1} onClick={() => onMove(index, index + 1)}>
              <Trans>Move down</Trans>
            </Menu.Item>
            <Menu.Item onClick={props.onRemove}>
              <Trans>Remove</Trans>
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      {isOpen && <StageFields {...props} planned={planned} />}
    </li>
  )
}
