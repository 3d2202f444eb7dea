/** How runs are named on disk: when they began, what they are called, and something that tells twins apart. */
import { randomBytes } from 'node:crypto'

export function newRunId(at: Date, name: string): string {
  return `${stamp(at)}-${slug(name)}-${randomBytes(2).toString('hex')}`
}

function stamp(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`
}

function slug(name: string): string {
  return name.normalize('NFKD').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 40) || 'run'
}
