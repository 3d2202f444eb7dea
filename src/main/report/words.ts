/** Figures in words, as files and report show them. */
import type { Evaluation, MeasuredInterval } from '../../shared/domain/metrics'

export const percent = (share: number, digits = 1) => `${(share * 100).toFixed(digits)} %`
export const count = (value: number) => value.toLocaleString('en')
export const plural = (value: number, one: string, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`

/** `88.1 to 96.7 %` */
export const interval = ({ low, high }: Pick<MeasuredInterval, 'low' | 'high'>) => `${(low * 100).toFixed(1)} to ${percent(high)}`

export const SPLIT_WORDS = { train: 'training', val: 'validation', test: 'test' } as const

/** `60 test pictures, best checkpoint (epoch 3)` */
export function measuredOn({ split, checkpoint, checkpoint_epoch: epoch, report }: Evaluation): string {
  const of = checkpoint === 'export' ? 'export' : `${checkpoint} checkpoint`
  return `${plural(report.count, `${SPLIT_WORDS[split]} picture`)}, ${of}${typeof epoch === 'number' && epoch > 0 ? ` (epoch ${epoch})` : ''}`
}

/** Seconds as people say them. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
