/** Numbers as the studio writes them. */
import { t } from '@lingui/core/macro'
import { dateLanguage } from '../../shared/words/words'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export function formatCount(value: number): string {
  return whole.format(value)
}

/** Three significant digits with a decimal unit: `1.30 M`, `912`. */
export function formatShort(value: number): string {
  for (const [unit, size] of [['G', 1e9], ['M', 1e6], ['k', 1e3]] as const) {
    // What rounds up to a thousand of the smaller unit is one of the larger.
    if (Math.abs(value) >= size * 0.9995) return `${(value / size).toPrecision(3)} ${unit}`
  }
  return formatCount(value)
}

/** Binary sizes with their common names, three digits at most: `1.4 GB`, `912 kB`, `0 B`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `94.2 %`; a dash for what is not known. */
export function formatShare(value: number | null | undefined, digits = 1): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : `${(value * 100).toFixed(digits)} %`
}

export function formatLoss(value: number | null | undefined): string {
  return value === null || value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(3)
}

/** A learning rate or other small constant: `0.0005`, `1e-7`. */
export function formatSmall(value: number): string {
  if (value === 0) return '0'
  return Math.abs(value) < 1e-4 ? value.toExponential(value.toExponential().length > 6 ? 1 : 0) : String(Number(value.toPrecision(3)))
}

/** `850 ms`, `12 s`, `4 min 05 s`, `2 h 10 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  const total = Math.round(seconds)
  if (total < 60) return `${total} s`
  if (total < 3600) return `${Math.floor(total / 60)} min ${String(total % 60).padStart(2, '0')} s`
  const minutes = Math.round(total / 60)
  return `${formatCount(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`
}

function coarse(seconds: number): { value: number; unit: 's' | 'min' | 'h' } {
  if (seconds < 90) return { value: seconds < 10 ? Math.max(1, Math.round(seconds)) : Math.round(seconds / 5) * 5, unit: 's' }
  if (seconds < 5400) return { value: Math.round(seconds / 60), unit: 'min' }
  return { value: Math.round(seconds / 360) / 10, unit: 'h' }
}

/** `40–55 s`, `4–6 min`, `50 s – 2 min`; one number once both ends round to it: `about 5 min`. */
export function formatDurationRange(lowSeconds: number, highSeconds: number): string {
  const low = coarse(lowSeconds)
  const high = coarse(highSeconds)
  if (low.unit !== high.unit) return `${low.value} ${low.unit} – ${high.value} ${high.unit}`
  if (low.value === high.value) return t`about ${{ duration: `${high.value} ${high.unit}` }}`
  return `${low.value}–${high.value} ${high.unit}`
}

// Making one takes longer than all that a row of a table needs besides.
const dayAndTime = new Intl.DateTimeFormat(dateLanguage(), { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const yearDayAndTime = new Intl.DateTimeFormat(dateLanguage(), { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })

/** A day and time in the reader's own manner, without the year when it is this one. */
export function formatDate(iso: string, now = new Date()): string {
  const date = new Date(iso)
  return (date.getFullYear() === now.getFullYear() ? dayAndTime : yearDayAndTime).format(date)
}
