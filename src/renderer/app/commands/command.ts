/** What can be asked for by name: a place, an action, a dataset, a run. */
import { t } from '@lingui/core/macro'
import type { Screen } from '../../state/route'

export const COMMAND_GROUPS = ['do', 'go', 'runs', 'datasets'] as const
export type CommandGroup = (typeof COMMAND_GROUPS)[number]
export const GROUP_NAMES: Readonly<Record<CommandGroup, string>> = { do: t`Do`, go: t`Go to`, runs: t`Runs`, datasets: t`Recent datasets` }

export interface Command {
  readonly id: string
  readonly group: CommandGroup
  readonly label: string
  /** Beside the label, quieter. */
  readonly detail?: string
  /** Other words that one may look for it by. */
  readonly keywords?: string
  /** Keys that do the same, as in shortcuts.ts. */
  readonly keys?: readonly string[]
  readonly act: () => void
}

/** The keys after `g` that go to a place. */
export const PLACE_KEYS: Readonly<Record<Exclude<Screen, 'compare'>, string>> = {
  dataset: 'd',
  configure: 'c',
  train: 't',
  results: 'r',
  export: 'e',
  runs: 'l',
  settings: 's',
}

const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** Larger is nearer; null where a word of the question is nowhere. */
function nearness(command: Command, words: readonly string[]): number | null {
  const label = folded(command.label)
  const rest = folded(`${command.detail ?? ''} ${command.keywords ?? ''} ${GROUP_NAMES[command.group]}`)
  let sum = 0
  for (const word of words) {
    if (label.startsWith(word)) sum += 4
    else if (label.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) sum += 3
    else if (label.includes(word)) sum += 2
    else if (rest.includes(word)) sum += 1
    else return null
  }
  return sum
}

/** Most of one group that are shown: the rest is a longer question away. */
const MOST_IN_GROUP = 8

export interface FoundCommands {
  readonly group: CommandGroup
  readonly commands: readonly Command[]
  /** Found, and not among `commands`. */
  readonly more: number
}

/** The commands that hold every word of the question, nearest first within their groups; all of them where nothing is asked. */
export function findCommands(commands: readonly Command[], question: string): FoundCommands[] {
  const words = folded(question).split(/\s+/).filter((word) => word !== '')
  const found = commands.flatMap((command, place) => {
    const near = nearness(command, words)
    return near === null ? [] : [{ command, near, place }]
  })
  found.sort((a, b) => b.near - a.near || a.place - b.place)
  const groups = COMMAND_GROUPS.map((group) => {
    const all = found.filter(({ command }) => command.group === group)
    return { group, near: all[0]?.near ?? 0, commands: all.slice(0, MOST_IN_GROUP).map(({ command }) => command), more: Math.max(0, all.length - MOST_IN_GROUP) }
  })
  // The nearest answer comes first, whatever its group.
  return groups.filter(({ commands: each }) => each.length > 0).sort((a, b) => b.near - a.near)
}
