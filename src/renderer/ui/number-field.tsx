/** A number as it is written by hand: exponents too, arrow keys step, nothing changes before Enter or leaving the field. */
import { t } from '@lingui/core/macro'
import { TextInput } from '@mantine/core'
import { useState, type KeyboardEvent, type ReactNode } from 'react'
import { formatSmall } from './format'

export interface NumberFieldProps {
  label: string
  isLabelHidden?: boolean
  value: number | null
  /** Bounds, both included unless said otherwise. */
  low: number
  high: number
  isLowExcluded?: boolean
  isHighExcluded?: boolean
  isWhole?: boolean
  /** May be left empty, which is null; `placeholder` then says what is used instead. */
  isOptional?: boolean
  placeholder?: string
  step?: number | 'tenfold'
  unit?: ReactNode
  isDisabled?: boolean
  describedBy?: string
  onChange: (value: number | null) => void
}

function written(value: number | null): string {
  if (value === null) return ''
  return Number.isInteger(value) ? String(value) : formatSmall(value)
}

/** What is wrong with a text as a number of the field, in plain words; else the number. */
export function readNumber(text: string, field: Pick<NumberFieldProps, 'low' | 'high' | 'isLowExcluded' | 'isHighExcluded' | 'isWhole' | 'isOptional'>): { value: number | null } | { problem: string } {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return field.isOptional === true ? { value: null } : { problem: t`Expected a number` }
  const value = Number(trimmed)
  if (!Number.isFinite(value)) return { problem: t`Expected a number` }
  if (field.isWhole === true && !Number.isInteger(value)) return { problem: t`Expected a whole number` }
  if (value < field.low || value > field.high) {
    return { problem: field.high >= Number.MAX_SAFE_INTEGER ? t`Expected ${{ low: written(field.low) }} or more` : t`Expected ${{ low: written(field.low) }} to ${{ high: written(field.high) }}` }
  }
  if (field.isLowExcluded === true && value === field.low) return { problem: t`Expected more than ${{ low: written(field.low) }}` }
  if (field.isHighExcluded === true && value === field.high) return { problem: t`Expected less than ${{ high: written(field.high) }}` }
  return { value }
}

/** The next number up or down; `tenfold` steps go 1, 2, 5, 10 as one thinks of learning rates. */
export function stepped(value: number, direction: 1 | -1, step: number | 'tenfold'): number {
  if (step !== 'tenfold') return Number((value + direction * step).toPrecision(10))
  if (value <= 0) return direction === 1 ? 1e-6 : 0
  const marks = [1, 2, 5, 10]
  const power = 10 ** Math.floor(Math.log10(value) + 1e-9)
  const mantissa = value / power
  if (direction === 1) return Number(((marks.find((mark) => mark > mantissa + 1e-6) ?? 10) * power).toPrecision(3))
  const lower = marks.findLast((mark) => mark < mantissa - 1e-6)
  return Number((lower === undefined ? 0.5 * power : lower * power).toPrecision(3))
}

export function NumberField(props: NumberFieldProps) {
  const { label, isLabelHidden, value, low, high, placeholder, step = 1, unit, isDisabled, describedBy, onChange } = props
  const [text, setText] = useState<string | null>(null)
  const [problem, setProblem] = useState<string | null>(null)

  const take = (typed: string): void => {
    const read = readNumber(typed, props)
    if ('problem' in read) {
      setProblem(read.problem)
      return
    }
    setProblem(null)
    setText(null)
    if (read.value !== value) onChange(read.value)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && text !== null) take(text)
    else if (event.key === 'Escape' && text !== null) {
      setText(null)
      setProblem(null)
    } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      event.preventDefault()
      const read = readNumber(text ?? written(value), props)
      const from = 'value' in read && read.value !== null ? read.value : low
      take(written(Math.min(high, Math.max(low, stepped(from, event.key === 'ArrowUp' ? 1 : -1, step)))))
    }
  }

  return (
    <TextInput
      {...(isLabelHidden === true ? { 'aria-label': label } : { label })}
      inputMode="decimal"
      autoComplete="off"
      value={text ?? written(value)}
      {...(placeholder === undefined ? {} : { placeholder })}
      error={problem}
      disabled={isDisabled === true}
      {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
      {...(unit === undefined ? {} : { rightSection: <span className="meta">{unit}</span>, rightSectionWidth: 32, rightSectionPointerEvents: 'none' as const })}
      onChange={(event) => {
        setText(event.currentTarget.value)
        if (problem !== null) setProblem(null)
      }}
      onBlur={() => text !== null && take(text)}
      onKeyDown={onKeyDown}
    />
  )
}
