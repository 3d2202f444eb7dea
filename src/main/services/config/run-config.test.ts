import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { PRESETS } from '../../../shared/domain/presets'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from '../../../shared/domain/run-config'
import { configToYaml } from '../../storage/config-yaml'
import { nearestName } from '../../../shared/domain/nearest-name'
import { parseConfigText } from './config-file'
import { combineConfig, resolveRunConfig } from './run-config'

test('flags come before the file, the file before the preset, the preset before the defaults; each value says where it is from', async () => {
  const base = await mkdtemp(join(tmpdir(), 'graft-config-'))
  const file = join(base, 'settings.yaml')
  await writeFile(file, 'epochs: 7\nbatch_size: 8 # small\naugmentation:\n  rotation: 30\n')
  const { config, origin, preset } = await resolveRunConfig({ preset: 'fast', file, flags: { batch_size: 4 } })
  expect(preset).toBe('fast')
  expect(config).toMatchObject({ batch_size: 4, epochs: 7, learning_rate: 1e-3, optimizer: 'adam', augmentation: { rotation: 30, horizontal_flip: 0.5 } })
  expect(origin.sources).toMatchObject({ batch_size: 'flag', epochs: 'file', learning_rate: 'preset', optimizer: 'default' })
  await rm(base, { recursive: true })
  await expect(resolveRunConfig({ preset: null, file, flags: {} })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

for (const preset of PRESETS) {
  test(`the preset ${preset} alone is a whole configuration`, () => {
    const { config } = combineConfig({ preset, flags: {} })
    expect(runConfigSchema.parse(config)).toEqual(config)
  })
}

const wrong: [string, string, string][] = [
  ['epochs: 5\nbatchsize: 3', 'line 2, column 1: There is no setting "batchsize"', 'Did you mean batch_size?'],
  ['augmentation:\n  rotaton: 3', 'line 2, column 3: There is no setting "augmentation.rotaton"', 'Did you mean rotation?'],
  ['epochs: many', 'line 1, column 9: epochs', 'Correct'],
  ['augmentation:\n  hue: 2', 'line 2, column 8: augmentation.hue', 'Correct'],
  ['epochs: [1', 'line 1', 'Correct the file'],
  ['- a\n- b', 'line 1', 'config.yaml'],
  ['epochs: 1\nepochs: 2', 'line 2', 'Correct the file'],
  ['__proto__:\n  polluted: 1', 'There is no setting', 'settings are'],
]
for (const [text, message, action] of wrong) {
  test(`refused with its place: ${JSON.stringify(text)}`, () => {
    let thrown: unknown
    try {
      parseConfigText(text, 'a.yaml')
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining(message), action: expect.stringContaining(action) })
  })
}

test('an empty file says nothing, and a run’s own config.yaml is read back', () => {
  expect(parseConfigText('# nothing\n', 'a.yaml').values).toEqual({})
  expect(runConfigSchema.parse(parseConfigText(configToYaml(DEFAULT_RUN_CONFIG), 'a.yaml').values)).toEqual(DEFAULT_RUN_CONFIG)
})

test('ratios that are left out take what is left', () => {
  const ratios = (flags: object): number[] => {
    const { config } = combineConfig({ preset: null, flags })
    return [config.train_ratio, config.val_ratio, config.test_ratio]
  }
  expect(ratios({})).toEqual([0.7, 0.15, 0.15])
  expect(ratios({ train_ratio: 0.8, val_ratio: 0.2 })).toEqual([0.8, 0.2, 0])
  expect(ratios({ train_ratio: 0.8 })).toEqual([0.8, 0.1, 0.1])
  expect(ratios({ test_ratio: 0 }).map((ratio) => Number(ratio.toFixed(3)))).toEqual([0.824, 0.176, 0])
})

test('a value out of range names the key and what came', () => {
  expect(() => combineConfig({ preset: null, flags: { epochs: 0 } })).toThrow(/epochs.*0 came/)
})

test('the nearest name is proposed, a far one is not', () => {
  const names = ['batch_size', 'epochs', 'learning_rate']
  expect(nearestName('batch-szie', names)).toBe('batch_size')
  expect(nearestName('rate', names)).toBe('learning_rate')
  expect(nearestName('zzzzzz', names)).toBeNull()
})
