import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createStudio } from '../../services/studio'
import { configLine } from '../config-text'
import { resolveRunConfig } from '../../services/config/run-config'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

let folder: string
const before = process.env['GRAFT_DATA_DIR']
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-train-verb-'))
  process.env['GRAFT_DATA_DIR'] = join(folder, 'data')
  mkdirSync(join(folder, 'x'))
  writeFileSync(join(folder, 'sgd.yaml'), 'optimizer: sgd\nmomentum: 0.5\nbatch_size: 8\n')
})
afterAll(() => {
  if (before === undefined) delete process.env['GRAFT_DATA_DIR']
  else process.env['GRAFT_DATA_DIR'] = before
  rmSync(folder, { recursive: true, force: true })
})

async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: folder })
  const code = await runProgram(parameters, {
    terminal,
    version: '1.2.3',
    createStudio: (roots) => createStudio({ door: 'served', roots, version: '1.2.3' }),
    logDirectory: () => join(folder, 'logs'),
  })
  return { code, out: terminal.out(), err: terminal.err() }
}

test.each<[string, number, RegExp]>([
  ['train --epochs 3', 2, /missing required argument 'data'/],
  ['train x --data-path y', 2, /The pictures are x and, by --data-path, y/],
  ['train --data-path missing --weights none', 3, /missing does not exist/],
  ['train x --fast --preset best', 2, /--fast means --preset guide-a-fast/],
  ['train x --out a --checkpoint-dir b', 2, /only one of them can hold/],
  ['train x --momentum 0.5', 2, /--momentum 0\.5 has no effect: the optimizer is adam/],
  ['train x --preset best --epochs 10', 2, /--epochs 10 cannot hold[^]*--stage-epochs 2,4,4/],
  ['train x --preset best --stage-epochs 1,1', 2, /--stage-epochs has 2 numbers, but there are 3 stages/],
  ['train x --preset guide-c --set stages.2.lr=1', 2, /There is no setting "stages\.2\.lr"\.\n.*learning_rate/],
  ['train x --preset quick', 2, /Allowed choices are fast, balanced, best, guide-a, guide-a-fast, guide-a-high, guide-b/],
  ['train x --config sgd.yaml --optimizer adamw --nesterov', 2, /--nesterov true has no effect: the optimizer is adamw/],
  ['models resnet18 --freeze stage --freeze-ratio 0.5', 2, /--freeze-ratio 0\.5 has no effect: freeze is stage/],
])('graft %s is refused before anything is made', async (line, code, message) => {
  const answer = await graft(...line.split(' '))
  expect(answer.err).toMatch(message)
  expect(answer).toMatchObject({ code, out: '' })
})

test('a line says the preset, and what a file and the command line said beside it', async () => {
  const line = async (request: Parameters<typeof resolveRunConfig>[0]) => configLine(await resolveRunConfig(request))
  expect(await line({ preset: null, file: null, flags: {} })).toBe('Preset balanced.')
  const file = join(folder, 'sgd.yaml')
  expect(await line({ preset: 'fast', file, flags: { seed: 1 }, paths: { 'augmentation.rotation': 3 } })).toBe(
    `Preset fast. From ${file}: batch_size 8, optimizer sgd, momentum 0.5. From the command line: augmentation.rotation 3, seed 1.`,
  )
})
