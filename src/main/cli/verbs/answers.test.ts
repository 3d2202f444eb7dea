import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { FULL_CONFIDENCE } from '../../../shared/domain/epoch-answers'
import { runConfigSchema } from '../../../shared/domain/run-config'
import { RunFolder } from '../../storage/run-folder'
import { exampleManifest, exampleRecord } from '../../storage/run-folder.examples'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

const base = await mkdtemp(join(tmpdir(), 'graft-answers-verb-'))
const run = join(base, 'run')
const PATHS = ['c/1.jpg', 'c/2.jpg', 'a, b/3.jpg']

beforeAll(async () => {
  const manifest = { ...exampleManifest(), pictures: PATHS.map((path, index) => ({ path, classIndex: index < 2 ? 1 : 0, split: 'val' as const, sizeBytes: 1, sha256: `${index}` })) }
  const folder = await RunFolder.create(run, { record: { ...exampleRecord(), epochs_done: 2 }, config: runConfigSchema.parse({}), manifest })
  for (const [epoch, predictions] of [[1, [0, 1, 0]], [2, [1, 0, 0]]] as const) {
    await folder.writeEpochAnswers(PATHS, epoch, { predictions: Uint16Array.from(predictions), confidences: Uint16Array.from([0.5, 0.75, 0.9].map((share) => share * FULL_CONFIDENCE)) })
  }
})
afterAll(() => rm(base, { recursive: true, force: true }))

async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: base })
  const createStudio = () => {
    throw new Error('This verb needs no studio')
  }
  const code = await runProgram(['answers', run, ...parameters], { terminal, version: '0.0.0', createStudio, logDirectory: () => base })
  return { code, stderr: terminal.err(), lines: terminal.out().split('\n').filter((line) => line !== '') }
}

test('the newest epoch tells which answers it changed, the surest first', async () => {
  const { code, lines } = await graft()
  expect(code).toBe(0)
  expect(lines[0]).toBe('Epoch 2: 1 now right, 1 now wrong, 0 wrong otherwise. 2 shown.')
  expect(lines.slice(2).map((line) => line.trim().split(/\s{2,}/))).toEqual([
    ['c/2.jpg', 'c', 'c', 'a, b', '75.0 %'],
    ['c/1.jpg', 'c', 'a, b', 'c', '50.0 %'],
  ])
  expect((await graft('--kind', 'wrong to right', '--json')).lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ epoch: 2, path: 'c/1.jpg', truth: 'c', before: 'a, b', now: 'c', probability: 0.5, kind: 'wrong to right' }])
})

test('a cell of an earlier epoch has its pictures', async () => {
  expect((await graft('--epoch', '1', '--truth', 'c', '--answer', 'a, b')).lines[2]).toMatch(/^c\/1\.jpg/)
})

test('what is not there is told', async () => {
  expect((await graft('--epoch', '3')).code).toBe(3)
  expect((await graft('--epoch', 'last')).code).toBe(2)
  expect((await graft('--truth', 'c')).code).toBe(2)
})

test('what was asked for wrongly is answered with what to do', async () => {
  expect((await graft('--epoch', 'last')).stderr).toContain('Choose one from 1 to 2.')
  expect((await graft('--kind', 'wrong to rigth')).stderr).toContain('Did you mean "wrong to right"?')
  expect((await graft('--kind', 'x')).stderr).toContain('Give one of them')
})
