/** A slider below a number or a range, for what one finds by eye. The field beside it takes what lies beyond its ends. */
import { t } from '@lingui/core/macro'
import { RangeSlider, Slider } from '@mantine/core'
import type { Bounds, NumberSetting, RangeSetting } from './setting-fields'
import classes from './setting-row.module.css'

interface SettingSliderProps {
  setting: NumberSetting<string> | RangeSetting<string>
  value: unknown
  bounds: Bounds
  isDisabled: boolean
  onChange: (value: unknown) => void
}

/** What the slider spans: what the setting says, else its bounds. */
export function slideSpan(setting: Pick<NumberSetting<string>, 'slide'>, { low, high }: Pick<Bounds, 'low' | 'high'>): readonly [number, number] {
  return setting.slide ?? [low, high]
}

/** A step that reaches both ends, a tenth of the field's at most: by eye one goes finer than by arrow key. */
export function slideStep([low, high]: readonly [number, number], isWhole: boolean): number {
  if (isWhole) return 1
  return high - low > 30 ? 1 : 0.01
}

const exact = (value: number): number => Number(value.toPrecision(10))

export function SettingSlider({ setting, value, bounds, isDisabled, onChange }: SettingSliderProps) {
  const span = slideSpan(setting, bounds)
  const [min, max] = span
  const within = (number: unknown): number => Math.min(max, Math.max(min, Number(number)))
  const shared = { className: classes.slider ?? '', size: 'xs', thumbSize: 12, label: null, min, max, step: slideStep(span, bounds.isWhole), disabled: isDisabled } as const
  if (setting.kind === 'number') return <Slider {...shared} thumbLabel={t`${{ setting: setting.label }} by slider`} value={within(value)} onChange={(next) => onChange(exact(next))} />
  const [from, to] = Array.isArray(value) ? [within(value[0]), within(value[1])] : [min, max]
  return (
    <RangeSlider
      {...shared}
      minRange={0}
      thumbFromLabel={t`${{ setting: setting.label }} from, by slider`}
      thumbToLabel={t`${{ setting: setting.label }} to, by slider`}
      value={[from, to]}
      onChange={([low, high]) => onChange([exact(low), exact(high)])}
    />
  )
}
