import { expect, test } from 'vitest'
import { POLICY_AUGMENTATIONS } from './augmentation'
import { configField, configFields, configPaths, configValue } from './config-fields'
import { CONFIG_SOURCES, type ConfigLayer, type ConfigValues, layerConfig } from './config-layers'
import { meaningOf } from './config-meaning'
import { PRESET_CONFIGS, PRESETS, type PresetName } from './presets'
import { KeyedRandom } from './random'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from './run-config'

const preset = (name: PresetName): ConfigLayer => ({ source: 'preset', values: PRESET_CONFIGS[name] })
const file = (values: ConfigValues): ConfigLayer => ({ source: 'file', values })
const flag = (values: ConfigValues, paths: Record<string, unknown> = {}): ConfigLayer => ({ source: 'flag', values, paths })

test('the augmentation is layered part by part, and every part says where it is from', () => {
  const { config, sources } = layerConfig([preset('guide-a'), file({ augmentation: { rotation: 5 } }), flag({}, { 'augmentation.hue': 0 })])
  expect(config.augmentation).toMatchObject({ rotation: 5, hue: 0, vertical_flip: 0.5 })
  expect(sources).toMatchObject({ 'augmentation.rotation': 'file', 'augmentation.hue': 'flag', 'augmentation.vertical_flip': 'preset' })
})

test('a policy replaces the augmentation below it, and what is said beside or above it comes on top', () => {
  const { config, sources, replaced } = layerConfig([preset('guide-a'), file({ augmentation: { rotation: 45, shear: 5 } }), flag({ augmentation_policy: 'strong', augmentation: { hue: 0.01 } })])
  expect(config.augmentation).toEqual({ ...POLICY_AUGMENTATIONS.strong, hue: 0.01 })
  expect(sources).toMatchObject({ 'augmentation.hue': 'flag', 'augmentation.rotation': 'flag' })
  expect(replaced).toEqual([
    { path: 'augmentation.rotation', value: 45, source: 'file', by: 'augmentation_policy' },
    { path: 'augmentation.shear', value: 5, source: 'file', by: 'augmentation_policy' },
  ])
})

test('only the last policy counts, and none is one too', () => {
  const twice = layerConfig([file({ augmentation_policy: 'strong', augmentation: { rotation: 1 } }), flag({ augmentation_policy: 'light' })])
  expect(twice.config.augmentation).toEqual(POLICY_AUGMENTATIONS.light)
  const none = layerConfig([preset('guide-a'), file({ augmentation_policy: 'strong' }), flag({ augmentation_policy: null })])
  expect(none.config.augmentation).toEqual(layerConfig([preset('guide-a')]).config.augmentation)
})

test('a list of stages replaces the list below; a single value goes into its stage', () => {
  const single = layerConfig([preset('best'), flag({}, { 'stages.2.learning_rate': 5e-5 })])
  expect(single.config.stages.map(({ learning_rate }) => learning_rate)).toEqual([1e-3, 5e-5, 5e-5])
  expect(single.sources).toMatchObject({ 'stages.2.learning_rate': 'flag', 'stages.2.epochs': 'preset', 'stages.1.learning_rate': 'preset' })
  const list = layerConfig([preset('best'), file({ stages: [{ epochs: 3 }, { epochs: 4, freeze: 'none' }] })])
  expect(list.config.stages).toHaveLength(2)
  expect(list.config.epochs).toBe(7)
  expect(list.sources).toMatchObject({ 'stages.1.epochs': 'file', 'stages.1.start_from': 'default', 'stages.2.freeze': 'file', epochs: 'file' })
  expect(list.sources['stages.3.epochs']).toBeUndefined()
})

test('a preset’s stages are not changed by a layer over them', () => {
  layerConfig([preset('best'), flag({}, { 'stages.1.epochs': 77 })])
  expect(layerConfig([preset('best')]).config.stages[0]?.epochs).toBe(5)
})

test('a stage that there is not is refused', () => {
  expect(() => layerConfig([preset('best'), flag({}, { 'stages.4.epochs': 1 })])).toThrow('stages.4.epochs names a stage that there is not: there are 3 stages.')
  expect(() => layerConfig([preset('fast'), flag({}, { 'stages.1.epochs': 1 })])).toThrow('this training has no stages of its own')
})

test('with stages the epochs are theirs together, and say from where', () => {
  const { config, sources } = layerConfig([preset('best'), flag({}, { 'stages.1.epochs': 2, 'stages.2.epochs': 4 })])
  expect(config.epochs).toBe(16)
  expect(sources['epochs']).toBe('flag')
  // Typed by themselves they stay, to be refused with their place.
  expect(layerConfig([preset('best'), file({ epochs: 10 })]).config.epochs).toBe(10)
  // Of the file's own stages they are the sum, which a flag changes with the stages; of the preset's they were not.
  expect(layerConfig([file({ stages: [{ epochs: 3 }, { epochs: 4 }], epochs: 7 }), flag({}, { 'stages.1.epochs': 1 })])).toMatchObject({ config: { epochs: 5 }, replaced: [] })
  expect(layerConfig([preset('best'), file({ epochs: 10 }), flag({}, { 'stages.1.epochs': 1 })]).replaced).toEqual([{ path: 'epochs', value: 10, source: 'file', by: 'stages' }])
})

test('a share to freeze is used where it is said', () => {
  const whole = layerConfig([preset('guide-b'), flag({ freeze_ratio: 0.5 })])
  expect(whole).toMatchObject({ config: { freeze: 'ratio', freeze_ratio: 0.5 }, sources: { freeze: 'flag' } })
  const stage = layerConfig([preset('best'), flag({}, { 'stages.2.freeze_ratio': 0.5 })])
  expect(stage.config.stages[1]).toMatchObject({ freeze: 'ratio', freeze_ratio: 0.5 })
  const list = layerConfig([preset('guide-b'), file({ stages: [{ freeze_ratio: 0.5 }] })])
  expect(list.config.stages[0]?.freeze).toBe('ratio')
  expect(layerConfig([preset('guide-b'), flag({ freeze_ratio: 0.5, freeze: 'none' })]).config.freeze).toBe('none')
})

test('ratios that are typed are never changed; the others take what is left', () => {
  const ratios = (...layers: ConfigLayer[]): number[] => {
    const { config } = layerConfig(layers)
    return [config.train_ratio, config.val_ratio, config.test_ratio]
  }
  expect(ratios(preset('guide-b'), flag({ train_ratio: 0.7 }))).toEqual([0.7, 0.3, 0])
  expect(ratios(preset('guide-b'), flag({ train_ratio: 0.7, val_ratio: 0.2 }))).toEqual([0.7, 0.2, 0.1])
  expect(ratios(file({ train_ratio: 0.6 }), flag({ val_ratio: 0.3 }))).toEqual([0.6, 0.3, 0.1])
  expect(ratios(file({ train_ratio: 0.6, val_ratio: 0.3, test_ratio: 0.1 }), flag({ val_ratio: 0.2 }))).toEqual([0.6, 0.2, 0.1])
})

test('a value that does not fit is refused by its path', () => {
  expect(() => layerConfig([flag({ epochs: 0 })])).toThrow(/^epochs: .*; 0 came\.$/)
  expect(() => layerConfig([flag({}, { 'augmentation.hue': 2 })])).toThrow(/^augmentation.hue: .*; 2 came\.$/)
  expect(() => layerConfig([preset('best'), flag({}, { 'stages.2.epochs': 0 })])).toThrow(/^stages.2.epochs: .*; 0 came\.$/)
})

test('every setting has help and says what it takes', () => {
  for (const [path, field] of configFields()) {
    expect(field.help.length, path).toBeGreaterThan(5)
    expect(field.accepts.length, path).toBeGreaterThan(0)
  }
})

test('every value of every mixture of layers has a source, help, and words where it is left open', () => {
  const random = new KeyedRandom(7, 'sample')
  const pick = <T>(items: readonly T[]): T | undefined => items[random.below(items.length)]
  const singles = [
    { 'augmentation.rotation': 3 },
    { 'augmentation.scale': [0.5, 1] },
    { learning_rate: 0.01 },
    { batch_size: 'auto' },
    { class_weights: { ant: 1, bee: 2 } },
    { augmentation_policy: 'medium' },
    { 'stages.1.learning_rate': 0.2 },
    { gradient_clipping: null },
  ]
  const seen = new Set<string>()
  for (let round = 0; round < 300; round++) {
    const name = pick(PRESETS) ?? 'fast'
    const paths = Object.assign({}, ...Array.from({ length: 3 }, () => pick(singles))) as Record<string, unknown>
    if (PRESET_CONFIGS[name].stages === undefined) delete paths['stages.1.learning_rate']
    const { config, sources } = layerConfig([preset(name), { source: pick(['file', 'flag'] as const) ?? 'flag', values: {}, paths }])
    expect(runConfigSchema.parse(config)).toEqual(config)
    expect(Object.keys(sources).sort()).toEqual(configPaths(config).sort())
    for (const path of configPaths(config)) {
      seen.add(path)
      expect(CONFIG_SOURCES).toContain(sources[path])
      expect(configField(path)?.help, path).toBeTruthy()
      if (configValue(config, path) === null) expect(meaningOf(config, path), path).not.toBe('not set')
    }
    for (const path of Object.keys(paths)) if (sources[path] === 'default' || sources[path] === 'preset') throw new Error(`${path} lost its source`)
  }
  for (const path of configPaths(DEFAULT_RUN_CONFIG)) expect(seen, path).toContain(path)
})
