import { expect, test } from 'vitest'
import { splitParameters, stepsFor } from './launch.mjs'
import { electronBinary, hasDisplay } from './setup/electron-binary.mjs'
import { nodeVersionProblem } from './setup/node-version.mjs'
import { createReporter } from './setup/reporter.mjs'

test('--engine is set-up’s own and does not reach the verb', () => {
  expect(splitParameters(['--engine', 'wheel', 'train', 'x', '--json'])).toEqual({ rest: ['train', 'x', '--json'], engineSource: 'wheel' })
  expect(splitParameters(['train', '--engine=package', 'x'])).toEqual({ rest: ['train', 'x'], engineSource: 'package' })
  expect(splitParameters(['predict', '--', '--engine', 'x'])).toEqual({ rest: ['predict', '--', '--engine', 'x'], engineSource: undefined })
})

test('help needs no engine, doctor survives without one, training does not', () => {
  const names = (verb) => stepsFor(verb).map(({ name }) => name)
  expect(names('--help')).toEqual(['dependencies', 'build'])
  expect(names('train')).toEqual(['dependencies', 'engine', 'weights', 'build'])
  expect(names(undefined)).toEqual(names('train'))
  expect(stepsFor('doctor').find(({ name }) => name === 'engine').optional).toBe(true)
  expect(stepsFor('train').find(({ name }) => name === 'engine').optional).toBeUndefined()
})

test('an old Node gets a sentence', () => {
  expect(nodeVersionProblem('18.20.1')).toContain('needs Node 20.19')
  expect(nodeVersionProblem('20.18.0')).toContain('needs Node 20.19')
  expect(nodeVersionProblem('20.19.0')).toBeUndefined()
  expect(nodeVersionProblem('24.0.0')).toBeUndefined()
})

test('Electron is not tried without a display', () => {
  expect(hasDisplay({}, 'linux')).toBe(false)
  expect(hasDisplay({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(true)
  expect(electronBinary.isDone({ root: '/nowhere', cache: '/nowhere', environment: {} })).toBe(process.platform === 'linux')
})

test('progress is a percentage in one line on a terminal, and a line now and then elsewhere', () => {
  const shown = (isTTY) => {
    let text = ''
    let time = 0
    const reporter = createReporter({ stream: { isTTY, columns: 80, write: (chunk) => (text += chunk) }, now: () => time })
    reporter.start('Engine')
    for (time = 1000; time <= 12_000; time += 1000) reporter.progress('downloading', time * 1000, 12_000_000)
    reporter.done()
    return text
  }
  expect(shown(false).split('\n').filter((line) => line.includes('downloading'))).toEqual([
    '[set-up]   downloading: 41 % 5 MB of 12 MB',
    '[set-up]   downloading: 83 % 10 MB of 12 MB',
  ])
  expect(shown(true)).toContain('\r')
  expect(shown(true)).toMatch(/Engine: done \(13\.0 s\)\n$/)
})
