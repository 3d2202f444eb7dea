/** Words and tables of model cards. */
import type { Interval } from '../../engine/train/uncertainty'
import { onOneLine } from './one-line'

export const percent = (share: number) => `${(share * 100).toFixed(1)} %`
export const count = (value: number) => value.toLocaleString('en-US')
export const plural = (value: number, one: string, many = `${one}s`) => `${count(value)} ${value === 1 ? one : many}`
export const range = ({ low, high }: Interval) => `${percent(low)} to ${percent(high)}`
export const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
/** What a class or a run is called may be anything. */
export const literal = (text: string) => onOneLine(text).replace(/[\\`*_{}[\]<>#|~]/g, '\\$&')

export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(header), line(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

/** Each name with a value beside it. */
export const settings = (rows: readonly (readonly [string, string])[]) => ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n')
