/** Two numbers of which the first is not larger: each bounds the other. */
import { t } from '@lingui/core/macro'
import { NumberField } from '../../ui/number-field'
import type { Bounds } from './setting-fields'
import classes from './setting-row.module.css'

interface RangeFieldProps {
  label: string
  value: readonly [number, number]
  bounds: Bounds
  step?: number
  isDisabled: boolean
  describedBy: string
  onChange: (value: [number, number]) => void
}

export function RangeField({ label, value: [from, to], bounds, step, isDisabled, describedBy, onChange }: RangeFieldProps) {
  const shared = { isLabelHidden: true, isDisabled, describedBy, ...(step === undefined ? {} : { step }) }
  return (
    <div className={classes.range} role="group" aria-label={label}>
      <NumberField {...shared} label={t`${{ setting: label }} from`} value={from} low={bounds.low} high={Math.min(bounds.high, to)} onChange={(next) => next !== null && onChange([next, to])} />
      <span aria-hidden>–</span>
      <NumberField {...shared} label={t`${{ setting: label }} to`} value={to} low={Math.max(bounds.low, from)} high={bounds.high} onChange={(next) => next !== null && onChange([from, next])} />
    </div>
  )
}
