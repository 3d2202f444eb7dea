/** A run's profile on a terminal: three short tables, and where the whole lies. */
import type { Profile } from '../../shared/domain/profile'
import { layerTable, phaseTable, primitiveTable, type ProfileTable } from '../services/profile-tables'
import { tableLines } from './table'

/** So that all of it is at most forty lines. */
const PHASES_SHOWN = 9
const BLOCKS = 5
const PRIMITIVES = 4

function lines({ title, columns, rows, notes }: ProfileTable): string[] {
  // An empty cell says nothing, where a list of runs would show a dash.
  const [head = '', ...body] = tableLines(columns, rows.map((row) => row.map((cell) => (cell === '' ? '\u00a0' : cell)))) // prettier-ignore
  return ['', title, `  ${head}`, ...body.map((line) => `  ${line.replaceAll('\u00a0', ' ').trimEnd()}`), ...notes.map((note) => `  ${note}`)]
}

export function profileLines(profile: Profile, file: string): string[] {
  const { layers, primitives } = profile
  return [
    ...lines(phaseTable(profile, PHASES_SHOWN)),
    ...(layers === null ? [] : lines(layerTable({ ...profile, layers }, BLOCKS))),
    ...(primitives === null ? [] : primitives.available ? lines(primitiveTable(primitives, PRIMITIVES)) : ['', `oneDNN: not available. ${primitives.reason}`]),
    '',
    `Profile: ${file}`,
  ]
}
