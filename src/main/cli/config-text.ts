/** The configuration of a run in a line or two: the preset, and what was said beside it. */
import { configPaths, configValue } from '../../shared/domain/config-fields'
import { words } from '../../shared/domain/config-problems'
import type { ResolvedConfig } from '../services/config/run-config'
import { printable } from './format'
import { type Terminal, writeLine } from './terminal'

const MOST_SETTINGS = 12

/** `Preset best. From my.yaml: batch_size 8. From the command line: epochs 7.` What only repeats the preset is left out. */
export function configLine({ preset, config, origin, file }: ResolvedConfig): string {
  const said = (source: 'file' | 'flag'): string => {
    const paths = configPaths(config).filter((path) => origin.sources[path] === source && !origin.restated.has(path))
    const first = paths.slice(0, MOST_SETTINGS).map((path) => `${path} ${words(configValue(config, path))}`)
    return [...first, ...(paths.length > first.length ? [`${paths.length - first.length} more`] : [])].join(', ')
  }
  const [fromFile, fromFlags] = [said('file'), said('flag')]
  const fileWords = file === null ? '' : fromFile === '' ? ` ${file} changes nothing.` : ` From ${file}: ${fromFile}.`
  return printable(`Preset ${preset}.${fileWords}${fromFlags === '' ? '' : ` From the command line: ${fromFlags}.`}`)
}

/** What is worth saying of a configuration, on stderr. */
export function sayNotes(terminal: Terminal, notes: Iterable<string>): void {
  for (const note of new Set(notes)) writeLine(terminal.stderr, `note: ${printable(note)}`)
}

