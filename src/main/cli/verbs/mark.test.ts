import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeComparableRun } from '../../services/compare-runs.examples'
import { RunFolder } from '../../storage/run-folder'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

const base = await mkdtemp(join(tmpdir(), 'graft-mark-'))
const before = process.env['GRAFT_DATA_DIR']
const runs = join(base, 'runs')

beforeAll(async () => {
  process.env['GRAFT_DATA_DIR'] = base
  await mkdir(runs, { recursive: true })
  await makeComparableRun(join(runs, 'one'), 'one', { pictures: 60, isWrong: (index) => index < 12 })
  await makeComparableRun(join(runs, 'two'), 'two', { pictures: 60, isWrong: (index) => index < 2, record: { backbone: 'resnet18' } })
})
afterAll(async () => {
  if (before === undefined) Reflect.deleteProperty(process.env, 'GRAFT_DATA_DIR')
  else process.env['GRAFT_DATA_DIR'] = before
  await rm(base, { recursive: true, force: true })
})

async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: base })
  const createStudio = () => {
    throw new Error('These verbs need no studio')
  }
  const code = await runProgram(parameters, { terminal, version: '0.0.0', createStudio, logDirectory: () => base })
  return { code, stdout: terminal.out() }
}
const record = async (name: string) => (await RunFolder.open(join(runs, name))).record()

test('tags, a note and the archive are written into the record, and runs are found by them', async () => {
  expect((await graft('mark', 'one', '--tag', 'good,leaf', '--note', 'the first')).code).toBe(0)
  expect(await record('one')).toMatchObject({ tags: ['good', 'leaf'], note: 'the first', archived: false })
  await graft('mark', 'one', '--untag', 'Leaf', '--tag', 'GOOD')
  expect((await record('one')).tags).toEqual(['good'])

  const ids = async (...options: string[]) => (await graft('runs', '--json', ...options)).stdout.split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as { run_id: string }).run_id).sort()
  expect(await ids('--tag', 'good')).toEqual(['one'])
  expect(await ids('--search', 'FIRST')).toEqual(['one'])
  expect(await ids('--search', 'resnet18')).toEqual(['two'])
  await graft('mark', 'one', '--archive')
  expect([await ids(), await ids('--archived'), await ids('--all')]).toEqual([['two'], ['one'], ['one', 'two']])
  expect((await graft('runs')).stdout).toContain('1 archived run is left out; --all lists it too.')
  await graft('mark', 'one', '--unarchive')
  expect(await ids()).toEqual(['one', 'two'])
})

test('what cannot be written is refused before anything is', async () => {
  expect(await graft('mark', 'two', '--tag', 'x'.repeat(41))).toMatchObject({ code: 2 })
  expect(await graft('mark', 'two', '--archive', '--unarchive')).toMatchObject({ code: 2 })
  expect(await record('two')).toMatchObject({ tags: [], archived: false })
})

test('two runs are compared in words and as JSON', async () => {
  const { stdout, code } = await graft('compare', 'one', 'two')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^B is better than A: \+16\.7 points, 95 % interval \d+\.\d to \d+\.\d$/m)
  expect(stdout).toContain('Accuracy on 60 pictures that both saw: 0 only A has right, 10 only B (McNemar p = 0.002).')
  expect(stdout).toContain('Most changed: oak recognised 24 → 29, oak taken for elm 6 → 1, elm taken for oak 6 → 1.')
  const comparison = JSON.parse((await graft('compare', 'one', 'two', '--json')).stdout) as { pairs: { verdict: string }[] }
  expect(comparison.pairs.map(({ verdict }) => verdict)).toEqual(['better'])
})

test('a run with itself, and one that was not measured, are answered with what to do', async () => {
  expect(await graft('compare', 'one', 'one')).toMatchObject({ code: 2 })
  expect((await graft('compare', 'one', 'two', '--split', 'val')).stdout).toContain('A was not measured on its val pictures, and the others are compared with it. Measure it: graft evaluate one --split val')
})
