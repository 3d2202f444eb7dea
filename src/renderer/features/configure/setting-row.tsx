/** One setting: its name, a line of help with the range, the control, and a way back to the preset's value. */
import { ActionIcon, Select, Switch } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useId, type ReactNode } from 'react'
import type { Augmentation, RunConfig } from '../../../shared/domain/run-config'
import { formatSmall } from '../../ui/format'
import { NumberField } from '../../ui/number-field'
import { fieldBounds, helpOf, rangeWords, type Setting } from './setting-fields'
import classes from './setting-row.module.css'

export function Row(props: { label: string; help: string; helpId?: string; reset: { words: string; onReset: () => void } | null; idle?: string | null; isWide?: boolean; children: ReactNode }) {
  const { label, help, helpId, reset, idle, isWide, children } = props
  return (
    <div className={classes.row} data-changed={reset !== null || undefined} data-wide={isWide === true || undefined}>
      <div className={classes.text}>
        <div className={classes.label}>
          <span>{label}</span>
          {reset !== null && (
            <ActionIcon size={20} className={classes.reset ?? ''} aria-label={`Reset ${label} to ${reset.words}`} title={`Back to ${reset.words}`} onClick={reset.onReset}>
              <IconArrowBackUp size={14} aria-hidden />
            </ActionIcon>
          )}
        </div>
        <p className="meta" id={helpId}>
          {idle ?? help}
        </p>
      </div>
      <div className={classes.control}>{children}</div>
    </div>
  )
}

interface SettingRowProps<K extends keyof RunConfig | keyof Augmentation> {
  setting: Setting<K>
  value: unknown
  base: unknown
  config: RunConfig
  onChange: (value: never) => void
  onReset: () => void
}

function words(value: unknown, options: readonly { value: string; label: string }[]): string {
  if (value === null) return 'empty'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : formatSmall(value)
  return options.find((option) => option.value === value)?.label ?? (typeof value === 'string' ? value : '')
}

export function SettingRow<K extends keyof RunConfig | keyof Augmentation>(props: SettingRowProps<K>) {
  const { setting, value, base, config, onChange, onReset } = props
  const helpId = useId()
  const idle = setting.idle?.(config) ?? null
  const options = setting.kind === 'choice' ? setting.options : []
  const bounds = fieldBounds(setting.key)
  const range = setting.kind === 'number' ? rangeWords(bounds) : ''
  const help = range === '' ? helpOf(setting.key) : `${helpOf(setting.key)} · ${range}`
  const set: (next: unknown) => void = onChange as (next: unknown) => void
  return (
    <Row label={setting.label} help={help} helpId={helpId} idle={idle} reset={value === base ? null : { words: words(base, options), onReset }}>
      {setting.kind === 'number' && (
        <NumberField
          label={setting.label}
          isLabelHidden
          value={typeof value === 'number' ? value : null}
          {...bounds}
          isDisabled={idle !== null}
          describedBy={helpId}
          {...(setting.step === undefined ? {} : { step: setting.step })}
          {...(setting.unit === undefined ? {} : { unit: setting.unit })}
          {...(setting.placeholder === undefined ? {} : { placeholder: setting.placeholder(config) })}
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
    </Row>
  )
}
