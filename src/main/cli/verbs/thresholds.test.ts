import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeThresholdRun } from '../../services/thresholds.examples'
import { currentThresholds } from '../../storage/chosen-thresholds'
import { exampleState } from '../../storage/run-folder.examples'
import { RunFolder } from '../../storage/run-folder'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

const base = await mkdtemp(join(tmpdir(), 'graft-thresholds-'))
const before = process.env['GRAFT_DATA_DIR']
const runs = join(base, 'runs')

beforeAll(async () => {
  process.env['GRAFT_DATA_DIR'] = base
  await mkdir(runs, { recursive: true })
  await makeThresholdRun(join(runs, 'one'), 'one', { classes: ['rust', 'healthy', 'mildew'], pictures: 240 })
  await makeThresholdRun(join(runs, 'untested'), 'untested', { classes: ['rust', 'healthy'], pictures: 40, hasTest: false })
  await makeThresholdRun(join(runs, 'unvalidated'), 'unvalidated', { classes: ['rust', 'healthy'], pictures: 40, hasValidation: false })
})
afterAll(async () => {
  if (before === undefined) Reflect.deleteProperty(process.env, 'GRAFT_DATA_DIR')
  else process.env['GRAFT_DATA_DIR'] = before
  await rm(base, { recursive: true, force: true })
})

async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: base })
  const createStudio = () => {
    throw new Error('This verb needs no studio')
  }
  const code = await runProgram(['thresholds', ...parameters], { terminal, version: '0.0.0', createStudio, logDirectory: () => base })
  return { code, stdout: terminal.out() }
}
const told = async (...parameters: string[]) => JSON.parse((await graft(...parameters, '--json')).stdout) as Record<string, never> & { threshold: number; bayes: number; on_validation: { cost: number; outcomes: { missed: number } }; on_test: { cost: number; split: string; outcomes: { missed: number }; likeliest: { cost: number } } }

test('the dearer a miss, the lower the threshold and the fewer are missed', async () => {
  const one = await told('one', '--class', 'rust', '--miss-cost', '1')
  const twenty = await told('one', '--class', 'rust', '--miss-cost', '20')
  expect([one.bayes, twenty.bayes]).toEqual([0.5, 1 / 21])
  expect(twenty.threshold).toBeLessThan(one.threshold)
  expect(twenty.on_test.outcomes.missed).toBeLessThan(one.on_test.outcomes.missed)
  expect(twenty.on_test.split).toBe('test')
  // Never dearer than the likeliest class on the pictures that it was chosen on.
  const likeliest = await told('one', '--class', 'rust', '--miss-cost', '20', '--at', '0.5')
  expect(twenty.on_validation.cost).toBeLessThan(likeliest.on_validation.cost)
})

test('a threshold is kept with the run, told again, and goes', async () => {
  expect((await graft('one')).stdout).toContain('No thresholds were chosen')
  const { stdout, code } = await graft('one', '--class', 'rust', '--miss-cost', '5', '--bayes', '--save')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^A missed rust costs 5 times a false alarm\.\nThreshold 0\.1667, Bayes'$/m)
  expect(stdout).toContain("The intervals are the test's")
  const folder = await RunFolder.open(join(runs, 'one'))
  expect(await currentThresholds(folder)).toMatchObject({ chosen_on: 'val', classes: [{ name: 'rust', threshold: 1 / 6, miss_cost: 5, source: 'bayes' }] })
  await graft('one', '--class', 'mildew', '--at', '0.4', '--save')
  expect((await graft('one')).stdout).toMatch(/rust +0\.1667 +5 +Bayes\nmildew +0\.4000 +1 +set by hand/)
  await graft('one', '--class', 'rust', '--clear')
  expect((await currentThresholds(folder))?.classes.map(({ name }) => name)).toEqual(['mildew'])
  // A better epoch answers with other probabilities.
  await folder.writeCheckpoint('best', { state: { ...exampleState(9), classes: ['rust', 'healthy', 'mildew'] }, weights: new Uint8Array(1), optimizer: null })
  expect(await currentThresholds(folder)).toBeNull()
  expect((await graft('one')).stdout).toContain('they are not used')
  await graft('one', '--clear')
  expect((await graft('one')).stdout).toContain('No thresholds were chosen')
})

test('without test pictures it says so, without validation pictures it refuses', async () => {
  expect((await graft('untested', '--class', 'rust', '--miss-cost', '3')).stdout).toContain('There is no test split')
  expect((await graft('unvalidated', '--class', 'rust')).code).not.toBe(0)
})

test('what cannot be meant is refused', async () => {
  expect((await graft('untested', '--class', 'rsut')).code).toBe(2)
  expect((await graft('untested', '--class', 'rust', '--miss-cost', '0')).code).toBe(2)
  expect((await graft('untested', '--class', 'rust', '--at', '1.5')).code).toBe(2)
  expect((await graft('untested', '--class', 'rust', '--at', '0.5', '--bayes')).code).toBe(2)
  expect((await graft('untested', '--save')).code).toBe(2)
})
