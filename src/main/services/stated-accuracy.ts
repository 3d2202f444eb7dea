/** The accuracy that an imported file states of itself beside the one that was measured here. */
import type { Split } from '../../shared/domain/dataset'

export interface StatedAccuracy {
  readonly level: 'info' | 'warning'
  readonly message: string
}

/** Farther apart than this, something is probably assumed wrongly. */
const WARNING_POINTS = 5
const ACCURACY = /acc/i

/** A share of 1, from 0.93 or 93 per cent; null where it is neither. */
export function asShare(value: number): number | null {
  if (value >= 0 && value <= 1) return value
  return value > 1 && value <= 100 ? value / 100 : null
}

/** The metrics' accuracy of this split where the file names it, else the first. */
function statedOf(metrics: Readonly<Record<string, number>>, split: Split): { name: string; share: number } | null {
  const found = Object.entries(metrics).flatMap(([name, value]) => {
    const share = ACCURACY.test(name) ? asShare(value) : null
    return share === null ? [] : [{ name, share }]
  })
  return found.find(({ name }) => name.toLowerCase().includes(split)) ?? found[0] ?? null
}

/** Null where the file states none. */
export function compareAccuracy(metrics: Readonly<Record<string, number>>, measured: number, split: Split): StatedAccuracy | null {
  const stated = statedOf(metrics, split)
  if (stated === null) return null
  const points = (share: number): string => (share * 100).toFixed(1)
  const message = `The file says ${stated.name} ${points(stated.share)} %; on the ${split} pictures it is ${points(measured)} %.`
  if (Math.abs(stated.share - measured) * 100 <= WARNING_POINTS) return { level: 'info', message }
  return {
    level: 'warning',
    message: `${message} They are more than ${WARNING_POINTS} points apart: either these are other pictures, or the order of the classes, the normalisation, the image size or what lies between the head’s layers is not what is taken here.`,
  }
}
