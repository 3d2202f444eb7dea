import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { configPaths } from '../../../shared/domain/config-fields'
import { layerConfig } from '../../../shared/domain/config-layers'
import { PRESET_CONFIGS, PRESETS } from '../../../shared/domain/presets'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from '../../../shared/domain/run-config'
import { installationRoot } from '../../installation'
import { createStudio } from '../../services/studio'
import { RunFolder } from '../../storage/run-folder'
import { exampleManifest, exampleRecord } from '../../storage/run-folder.examples'
import { ALIASES } from '../config-aliases'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-config-verb-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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

const printed = z.object({ preset: z.string(), config: runConfigSchema, sources: z.record(z.string(), z.string()), notes: z.array(z.string()) })

test.each(PRESETS)('%s is printed, and read again it is the same', async (preset) => {
  const yaml = await graft('config', preset)
  expect(yaml).toMatchObject({ code: 0, err: '' })
  const file = join(folder, `${preset}.yaml`)
  writeFileSync(file, yaml.out)
  const again = await graft('config', '--config', file, '--json')
  expect(again).toMatchObject({ code: 0, err: '' })
  const { config, sources, preset: named } = printed.parse(JSON.parse(again.out))
  expect(named).toBe(preset)
  expect(config).toEqual(layerConfig([{ source: 'preset', values: PRESET_CONFIGS[preset] }]).config)
  expect(Object.keys(sources).sort()).toEqual(configPaths(config).sort())
})

test.each([
  ['guide-a', '--no-augment'],
  ['guide-a', '--scheduler', 'none'],
  ['best', '--stage-epochs', '2,4,4', '--optimizer', 'sgd'],
  ['guide-c', '--augmentation-policy', 'strong', '--loss', 'focal', '--class-weights', 'ant=1,bee=2'],
  ['balanced', '--set', 'augmentation.random_erasing=0.3', '--freeze', 'conv1', '--batch-size', 'auto'],
])('what %s %s gives is read again without a word', async (...parameters) => {
  const { out, err, code } = await graft('config', ...parameters)
  expect(code, err).toBe(0)
  const file = join(folder, 'mixed.yaml')
  writeFileSync(file, out)
  const direct = printed.parse(JSON.parse((await graft('config', ...parameters, '--json')).out))
  const again = await graft('config', '--config', file, '--json')
  expect(again.err).toBe('')
  expect(printed.parse(JSON.parse(again.out)).config).toEqual(direct.config)
})

test.each<[string, number, RegExp]>([
  ['config guide-f', 2, /There is no preset "guide-f"[^]*Did you mean guide-/],
  ['config best --epochs 10', 2, /--epochs 10 cannot hold: the stages have 5 \+ 10 \+ 10 = 25 epochs\.\n.*--stage-epochs 2,4,4/],
  ['config best --stage-epochs 2,4', 2, /--stage-epochs has 2 numbers, but there are 3 stages/],
  ['config fast --stage-epochs 2', 2, /stages\.1\.epochs names a stage that there is not/],
  ['config best --learning-rate 0.1', 2, /--learning-rate 0\.1 has no effect: every stage has its own learning_rate\.\n.*stages\.1\.learning_rate/],
  ['config --momentum 0.9', 2, /--momentum 0\.9 has no effect: the optimizer is adam/],
  ['config --no-augment --set augmentation.rotation=30', 2, /--set augmentation\.rotation 30 has no effect: augment is false/],
  ['config --lr fast', 2, /--lr expects a number from 0 to 10/],
  ['config --config none.yaml', 3, /none\.yaml does not exist/],
  ['config --run nothing', 3, /There is no run "nothing"/],
  ['config fast --run nothing', 2, /--run shows the settings that a run had/],
])('graft %s is refused', async (line, code, message) => {
  const answer = await graft(...line.split(' '))
  expect(answer.err).toMatch(message)
  expect(answer).toMatchObject({ code, out: '' })
})

test('what is probably not meant is said on stderr', async () => {
  const { code, err } = await graft('config', '--sampler', 'class_balanced', '--class-weights', 'balanced')
  expect(code).toBe(0)
  expect(err).toMatch(/^note: --sampler class_balanced and class_weights both make up for rare classes/)
})

test('another script’s file is printed as a whole configuration', async () => {
  writeFileSync(join(folder, 'params.yaml'), 'model_name: mobilenet_v3_small\nlr: 0.0003\nimg_size: 160\n')
  const { out, code } = await graft('config', '--config', 'params.yaml')
  expect(code).toBe(0)
  expect(out).toContain('preset: guide-e\n')
  expect(out).toContain('learning_rate: 0.0003 # file params.yaml\n')
  expect(out).toContain('image_size: 160 # file params.yaml\n')
})

test('the schema for editors has every setting with its help', async () => {
  const { out, code } = await graft('config', '--json-schema')
  expect(code).toBe(0)
  const schema = z
    .object({ $schema: z.string(), additionalProperties: z.literal(false), properties: z.record(z.string(), z.object({ description: z.string() })) })
    .parse(JSON.parse(out))
  expect(schema.$schema).toContain('draft-07')
  expect(Object.keys(schema.properties)).toEqual(['preset', ...Object.keys(DEFAULT_RUN_CONFIG)])
})

test('docs/config.md has every preset and every other spelling of an option', () => {
  const text = readFileSync(join(installationRoot(), 'docs', 'config.md'), 'utf8')
  for (const name of PRESETS) expect(text).toContain(`\`${name}\``)
  for (const { flag } of ALIASES) expect(text).toContain(`\`${flag}\``)
})

test('a run shows its settings, where they came from and what became of those that were left open', async () => {
  const { config, sources } = layerConfig([
    { source: 'preset', values: PRESET_CONFIGS['guide-e'] },
    { source: 'flag', values: { batch_size: 'auto' } },
  ])
  const record = { ...exampleRecord(), preset: 'guide-e', resolved: { batch_size: 48 } }
  await RunFolder.create(join(folder, 'run'), { record, config, manifest: exampleManifest(), origin: { sources, preset: 'guide-e' } })
  const { out, code } = await graft('config', '--run', 'run')
  expect(code).toBe(0)
  expect(out).toContain('batch_size: auto # flag; became 48, measured\n')
  expect(out).toContain('epochs: 3 # preset guide-e\n')
  const json: unknown = JSON.parse((await graft('config', '--run', 'run', '--json')).out)
  expect(json).toMatchObject({ preset: 'guide-e', resolved: { batch_size: 48 }, sources: { batch_size: 'flag', epochs: 'preset', momentum: 'default' } })
})
