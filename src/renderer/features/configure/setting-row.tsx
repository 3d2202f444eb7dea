/** One setting: its name, where its value came from, a line of help with the range, the control, and a way back. */
import { t } from '@lingui/core/macro'
import { ActionIcon, Select, Switch } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useId, type ReactNode } from 'react'
import { type ConfigProblem, problemMessage } from '../../../shared/domain/config-problems'
import type { RunConfig } from '../../../shared/domain/run-config'
import type { DraftSource } from '../../state/draft-origin'
import { NumberField } from '../../ui/number-field'
import { RangeField } from './range-field'
import { SettingSlider } from './setting-slider'
import { type Bounds, fieldBounds, helpOf, type NumberSetting, rangeWords, type Setting, valueWords } from './setting-fields'
import classes from './setting-row.module.css'

/** `inherited`: a stage goes by the run's value. */
export type RowSource = DraftSource | 'inherited'

const SOURCE_WORDS: Readonly<Record<RowSource, string>> = { default: t`default`, preset: t`preset`, changed: t`changed`, policy: t`policy`, inherited: t`as the run` }

interface RowProps {
  label: string
  help: string
  helpId?: string
  source?: RowSource
  reset: { words: string; onReset: () => void } | null
  idle?: string | null
  /** What an open value means. */
  note?: string | null
  problem?: ConfigProblem | null
  isWide?: boolean
  children: ReactNode
}

export function Row(props: RowProps) {
  const { label, help, helpId, source, reset, idle, note, problem, isWide, children } = props
  return (
    <div className={classes.row} data-changed={reset !== null || undefined} data-wide={isWide === true || undefined} data-problem={problem?.severity}>
      <div className={classes.text}>
        <div className={classes.label}>
          <span>{label}</span>
          {source !== undefined && (
            <span className={classes.source} data-source={source}>
              {SOURCE_WORDS[source]}
            </span>
          )}
          {reset !== null && (
            <ActionIcon size={20} className={classes.reset ?? ''} aria-label={t`Reset ${label} to ${{ value: reset.words }}`} title={t`Back to ${{ value: reset.words }}`} onClick={reset.onReset}>
              <IconArrowBackUp size={14} aria-hidden />
            </ActionIcon>
          )}
        </div>
        <p className="meta" id={helpId}>
          {idle ?? help}
        </p>
        {note !== null && note !== undefined && <p className={classes.note}>{note}</p>}
        {problem !== null && problem !== undefined && (
          <p className={classes.problem} data-severity={problem.severity}>
            {problemMessage(problem, label)} {problem.action}
          </p>
        )}
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  )
}

interface SettingRowProps<K> {
  setting: Setting<K>
  value: unknown
  /** What the way back leads to, in the setting's own words; null where nothing was changed. */
  base: { value: unknown; words?: string } | null
  config: RunConfig
  source: RowSource
  help?: string
  idle?: string | null
  note?: string | null
  problem?: ConfigProblem | null
  /** A slider below the field, where it is a number or a range. */
  hasSlider?: boolean
  onChange: (value: never) => void
  onReset: () => void
}

export function SettingRow<K extends string>(props: SettingRowProps<K>) {
  const { setting, value, base, config, source, note, problem, hasSlider = false, onChange, onReset } = props
  const helpId = useId()
  const idle = props.idle === undefined ? (setting.idle?.(config) ?? null) : props.idle
  const bounds = fieldBounds(setting.key)
  const range = setting.kind === 'number' || setting.kind === 'range' ? rangeWords(bounds) : ''
  const words = props.help ?? helpOf(setting.key)
  const help = range === '' ? words : `${words} · ${range}`
  const set: (next: unknown) => void = onChange as (next: unknown) => void
  const reset = base === null ? null : { words: base.words ?? (base.value === null ? t`empty` : valueWords(setting, base.value)), onReset }
  return (
    <Row label={setting.label} help={help} helpId={helpId} source={source} idle={idle} note={note ?? null} problem={problem ?? null} reset={reset}>
      {setting.kind === 'number' && <NumberControl setting={setting} value={value} bounds={bounds} config={config} isDisabled={idle !== null} describedBy={helpId} onChange={set} />}
      {setting.kind === 'range' && (
        <RangeField
          label={setting.label}
          value={Array.isArray(value) ? [Number(value[0]), Number(value[1])] : [0, 0]}
          bounds={bounds}
          isDisabled={idle !== null}
          describedBy={helpId}
          {...(setting.step === undefined ? {} : { step: setting.step })}
          onChange={set}
        />
      )}
      {setting.kind === 'choice' && (
        <Select
          aria-label={setting.label}
          aria-describedby={helpId}
          data={[...setting.options]}
          value={typeof value === 'string' ? value : null}
          allowDeselect={false}
          disabled={idle !== null}
          onChange={(next) => next !== null && set(next)}
        />
      )}
      {setting.kind === 'switch' && (
        <Switch aria-label={setting.label} aria-describedby={helpId} checked={value === true} disabled={idle !== null} onChange={(event) => set(event.currentTarget.checked)} />
      )}
      {hasSlider && (setting.kind === 'number' || setting.kind === 'range') && <SettingSlider setting={setting} value={value} bounds={bounds} isDisabled={idle !== null} onChange={set} />}
    </Row>
  )
}

interface NumberControlProps {
  setting: NumberSetting<string>
  value: unknown
  bounds: Bounds
  config: RunConfig
  isDisabled: boolean
  describedBy: string
  onChange: (value: unknown) => void
}

/** What a number goes back to when its word is switched off and none was there before. */
const FORMER_NUMBER = 16

function NumberControl({ setting, value, bounds, config, isDisabled, describedBy, onChange }: NumberControlProps) {
  const { word } = setting
  const isWord = word !== undefined && value === word.value
  const field = (
    <NumberField
      label={setting.label}
      isLabelHidden
      value={typeof value === 'number' ? value : null}
      {...bounds}
      isDisabled={isDisabled || isWord}
      describedBy={describedBy}
      {...(setting.step === undefined ? {} : { step: setting.step })}
      {...(setting.unit === undefined ? {} : { unit: setting.unit })}
      {...(isWord ? { placeholder: word.value } : setting.placeholder === undefined ? {} : { placeholder: setting.placeholder(config) })}
      onChange={onChange}
    />
  )
  if (word === undefined) return field
  return (
    <div className={classes.withWord}>
      <Switch
        size="xs"
        label={word.label}
        aria-label={`${setting.label} ${word.label.toLowerCase()}`}
        checked={isWord}
        disabled={isDisabled}
        onChange={(event) => onChange(event.currentTarget.checked ? word.value : FORMER_NUMBER)}
      />
      {field}
    </div>
  )
}
