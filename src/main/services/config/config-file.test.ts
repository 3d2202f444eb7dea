import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import type { PresetName } from '../../../shared/domain/presets'
import { parseConfigText, readConfigFile } from './config-file'
import { resolveRunConfig } from './run-config'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-config-file-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function failure(work: () => unknown): Promise<GraftError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof GraftError) return error
    throw error
  }
  throw new Error('Nothing was refused')
}

async function resolveText(text: string, preset: PresetName | null = null) {
  const file = join(folder, 'a.yaml')
  await writeFile(file, text)
  return resolveRunConfig({ preset, file, flags: {} })
}

/** Text, the beginning of the message after the file's name, the beginning of the action. */
const REFUSED: [string, string, string][] = [
  // Unknown keys
  ['epochs: 5\nbatchsize: 3', 'line 2, column 1: There is no setting "batchsize".', 'Did you mean batch_size?'],
  ['lr: 0.1', 'line 1, column 1: There is no setting "lr".', 'Did you mean learning_rate?'],
  ['rotation: 30', 'line 1, column 1: There is no setting "rotation".', 'Did you mean augmentation.rotation?'],
  ['augmentation:\n  horizontal-flip: 0.5', 'line 2, column 3: There is no setting "augmentation.horizontal-flip".', 'Did you mean horizontal_flip?'],
  ['augmentation:\n  epochs: 3', 'line 2, column 3: There is no setting "augmentation.epochs".', 'Did you mean epochs?'],
  ['stages:\n  - epochs: 2\n  - epoch: 3', 'line 3, column 5: There is no setting "stages.2.epoch".', 'Did you mean epochs?'],
  ['{"epochs": 3, "optimiser": "sgd"}', 'line 1, column 15: There is no setting "optimiser".', 'Did you mean optimizer?'],
  ['preset: guide-f', 'line 1, column 9: preset expects one of', 'Did you mean guide-'],
  // Wrong types
  ['epochs: many', 'line 1, column 9: epochs expects a whole number from 1 to 10000, but "many" came.', 'Correct the value'],
  ['epochs: "5"', 'line 1, column 9: epochs expects a whole number from 1 to 10000, but "5" came.', 'Write the number without quotes.'],
  ['epochs: 2.5', 'line 1, column 9: epochs expects a whole number', 'Correct'],
  ['epochs:', 'line 1, column 8: epochs expects a whole number from 1 to 10000, but nothing came.', 'Correct'],
  ['optimizer: adamww', 'line 1, column 12: optimizer expects one of sgd, adam, adamw, but "adamww" came.', 'Did you mean adamw?'],
  ['augment: yes', 'line 1, column 10: augment expects true or false, but "yes" came.', 'Write true or false.'],
  ['batch_size: Auto', 'line 1, column 13: batch_size expects a whole number from 1 to 1024, or auto, but "Auto" came.', 'Did you mean auto?'],
  ['augmentation: none', 'line 1, column 15: augmentation expects a section of settings, but "none" came.', 'Correct'],
  ['augmentation:\n  scale: [1.2, 0.8]', 'line 2, column 10: augmentation.scale: expected the smaller number first.', 'Correct'],
  ['augmentation:\n  scale: [0.8, wide]', 'line 2, column 16: augmentation.scale expects two numbers from 0.1 to 10, as [low, high], but a list came.', 'Correct'],
  ['augmentation:\n  hue: 2', 'line 2, column 8: augmentation.hue expects a number from 0 to 0.5, but 2 came.', 'Correct'],
  ['stages: 3', 'line 1, column 9: stages expects a list of stages, but 3 came.', 'Correct'],
  ['stages:\n  - 3', 'line 2, column 5: stages.1 expects settings of its own', 'For example'],
  ['stages:\n  - epochs: 5\n    freeze: some', 'line 3, column 13: stages.1.freeze expects one of ratio, stage, all, none, or a list of names, but "some" came.', 'Did you mean none?'],
  ['stages:\n  - {epochs: 5, learning_rate: fast}', 'line 2, column 32: stages.1.learning_rate expects a number from 0 to 10, but "fast" came.', 'Correct'],
  ['class_weights: [1]', 'line 1, column 16: class_weights expects one of none, balanced, effective_number', 'Correct'],
  ['learning_rate: .inf', 'line 1, column 16: learning_rate expects a number from 0 to 10', 'Correct'],
  // Not settings
  ['- a\n- b', 'line 1, column 1: expected settings', 'A run’s config.yaml'],
  ['epochs: [1', 'line 1, column 11: not valid YAML', 'Correct the file'],
  ['epochs: 1\nepochs: 2', 'line 2, column 1: not valid YAML (Map keys must be unique', 'Correct the file: say each setting once.'],
  ['augmentation:\n  hue: 0.1\n  hue: 0.2', 'line 3, column 3: not valid YAML', 'Correct the file: say each setting once.'],
  ['epochs: 1\n---\nepochs: 2', 'line 2, column 1: not valid YAML', 'Correct the file to one document'],
  ['stages: &s\n  - {epochs: 1}\naugmentation: *s', 'line 3, column 15: "*s" stands for another place', 'Write the value out.'],
  ['a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]', 'line 2, column 8: "*a" stands for', 'Write the value out.'],
  ['backbone: !!python/object:os.system x', 'line 1, column 11: not valid YAML', 'Correct the file: write the value without a tag.'],
  ['? [a, b]\n: 3', 'line 1, column 1: expected a name before each colon', 'Write key: value.'],
  ['<<: {epochs: 3}', 'line 1, column 1: There is no setting "<<".', 'The settings are'],
]
test.each(REFUSED)('%j is refused with its place', async (text, message, action) => {
  const error = await failure(() => parseConfigText(text, 'a.yaml'))
  expect(error.code).toBe('BAD_INPUT')
  expect(error.message.slice(0, `a.yaml, ${message}`.length)).toBe(`a.yaml, ${message}`)
  expect(error.action?.slice(0, action.length)).toBe(action)
})

/** Mixtures that cannot hold, each at the name of the setting that has no effect. */
const MIXTURES: [string, PresetName | null, string][] = [
  ['preset: best\nepochs: 10', null, 'line 2, column 1: epochs 10 cannot hold: the stages have 5 + 10 + 10 = 25 epochs.'],
  ['learning_rate: 0.0005', 'best', 'line 1, column 1: learning_rate 0.0005 has no effect: every stage has its own learning_rate.'],
  ['optimizer: adamw\n\nmomentum: 0.5', null, 'line 3, column 1: momentum 0.5 has no effect: the optimizer is adamw'],
  ['augment: false\naugmentation:\n  hue: 0.1\n  rotation: 33', null, 'line 4, column 3: augmentation.rotation 33 has no effect: augment is false'],
  ['augmentation:\n  random_erasing: 0\n  erasing_scale: [0.1, 0.2]', null, 'line 3, column 3: augmentation.erasing_scale 0.1, 0.2 has no effect: augmentation.random_erasing is 0.'],
  ['stages:\n  - {epochs: 3, freeze: all, freeze_ratio: 0.5}\n  - {epochs: 3}', null, 'line 2, column 30: stages.1.freeze_ratio 0.5 has no effect: freeze is all, not ratio.'],
  ['stages:\n  - epochs: 3\n  - epochs: 3\n    scheduler: cosine\n    scheduler_patience: 2', null, 'line 5, column 5: stages.2.scheduler_patience 2 has no effect: the scheduler is cosine'],
  ['train_ratio: 0.9\nval_ratio: 0.3', null, 'line 1, column 1: train_ratio 0.9 does not go with the others'],
]
test.each(MIXTURES)('%j is refused as a mixture that cannot hold', async (text, preset, message) => {
  const error = await failure(() => resolveText(text, preset))
  expect(error.message).toContain(`a.yaml, ${message}`)
})

test('later mistakes are named in the first one’s detail', async () => {
  const { message, detail } = await failure(() => resolveText('momentum: 0.5\nfocal_gamma: 3\nbeta1: 0.5'))
  expect(message).toContain('line 1')
  expect(detail).toContain('line 2, column 1: focal_gamma')
})

test('numbers as PyYAML writes them are numbers, words that look like them stay words', () => {
  const { values } = parseConfigText('learning_rate: 1e-3\nweight_decay: "1e-4"\nminimum_learning_rate: 1.0e-07\nbackbone: "1e-3"\naugmentation: {scale: ["9e-1", 1.1]}', 'a.yaml')
  expect(values).toMatchObject({ learning_rate: 1e-3, weight_decay: 1e-4, minimum_learning_rate: 1e-7, augmentation: { scale: [0.9, 1.1] } })
})

test.each(['a.yml', 'a.yaml', 'a.json'])('%s is read', async (name) => {
  const path = join(folder, name)
  await writeFile(path, name.endsWith('json') ? '{"preset": "guide-b", "epochs": 4}' : '\ufeffpreset: guide-b\nepochs: 4\n')
  expect(await resolveRunConfig({ preset: null, file: path, flags: {} })).toMatchObject({ preset: 'guide-b', config: { epochs: 4, backbone: 'mobilenet_v2' } })
})

test('what is no settings file is refused', async () => {
  const large = join(folder, 'large.yaml')
  await writeFile(large, '#'.repeat(2 ** 20 + 1))
  expect((await failure(() => readConfigFile(large))).message).toContain('too large')
  const binary = join(folder, 'binary.yaml')
  await writeFile(binary, Buffer.from([0xff, 0xfe, 0x00, 0x80]))
  expect(await failure(() => readConfigFile(binary))).toMatchObject({ code: 'UNREADABLE' })
  expect(await failure(() => readConfigFile(folder))).toMatchObject({ code: 'UNREADABLE' })
  expect(await failure(() => readConfigFile(join(folder, 'none.yaml')))).toMatchObject({ code: 'NOT_FOUND' })
  const deep = join(folder, 'deep.yaml')
  await writeFile(deep, `stages: ${'['.repeat(200_000)}`)
  expect(await failure(() => readConfigFile(deep))).toMatchObject({ code: 'BAD_INPUT' })
})

test('--preset comes over the file’s preset, and that is said', async () => {
  const { preset, notes } = await resolveText('preset: guide-b\nseed: 1', 'fast')
  expect(preset).toBe('fast')
  expect(notes.join()).toMatch(/The preset is fast; .*a\.yaml, line 1, column 1: guide-b is not used/)
})

test('a flag over a file’s value that loses its sense is said with its place', async () => {
  const file = join(folder, 'sgd.yaml')
  await writeFile(file, 'optimizer: sgd\nmomentum: 0.5\n')
  const { notes } = await resolveRunConfig({ preset: null, file, flags: { optimizer: 'adam' } })
  expect(notes).toEqual([expect.stringMatching(/sgd\.yaml, line 2, column 1: momentum 0\.5 has no effect: the optimizer is adam/)])
})

test('a run’s whole file is read by any preset and flag; what comes of it is said', async () => {
  const whole = '# Everything that decided this run. graft train --config FILE takes such a file.\noptimizer: adam\nmomentum: 0.5\n'
  const { notes, config } = await resolveText(whole)
  expect(config.momentum).toBe(0.5)
  expect(notes).toEqual([expect.stringContaining('momentum 0.5 has no effect')])
})
