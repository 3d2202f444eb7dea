import { expect, test } from 'vitest'
import { type Command, findCommands } from './command'

const command = (group: Command['group'], label: string, more: Partial<Command> = {}): Command => ({ id: `${group} ${label}`, group, label, act: () => undefined, ...more })

const COMMANDS = [
  command('do', 'Stop, keep the best'),
  command('do', 'Use the dark theme', { keywords: 'night colours' }),
  command('go', 'Dataset'),
  command('go', 'Settings', { keywords: 'theme' }),
  command('runs', 'Sämlinge, zweiter Versuch', { detail: 'EfficientNet-B0 · completed' }),
]
const labels = (question: string) => findCommands(COMMANDS, question).flatMap(({ commands }) => commands.map(({ label }) => label))

test('nothing asked for shows everything, actions before places before runs', () => {
  expect(findCommands(COMMANDS, ' ').map(({ group }) => group)).toEqual(['do', 'go', 'runs'])
  expect(labels('')).toHaveLength(COMMANDS.length)
})

test('every word has to be somewhere, in any order, whatever its case and accents', () => {
  expect(labels('versuch SAMLINGE')).toEqual(['Sämlinge, zweiter Versuch'])
  expect(labels('versuch b0')).toEqual(['Sämlinge, zweiter Versuch'])
  expect(labels('versuch b1')).toEqual([])
})

test('what begins with the word comes before what only has it among its other words', () => {
  expect(labels('set')).toEqual(['Settings', 'Dataset'])
  expect(labels('theme')).toEqual(['Use the dark theme', 'Settings'])
  expect(findCommands(COMMANDS, 'night').map(({ group }) => group)).toEqual(['do'])
})

test('a long group says how many more there are', () => {
  const runs = Array.from({ length: 1000 }, (_, i) => command('runs', `Run ${i}`))
  const [found] = findCommands([...COMMANDS, ...runs], 'run')
  expect(found?.group).toBe('runs')
  expect(found?.commands.map(({ label }) => label).slice(0, 2)).toEqual(['Run 0', 'Run 1'])
  expect((found?.commands.length ?? 0) + (found?.more ?? 0)).toBe(1001)
})
