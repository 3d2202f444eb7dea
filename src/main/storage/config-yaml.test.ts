import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { configField, configPaths } from '../../shared/domain/config-fields'
import { type ConfigValues, layerConfig } from '../../shared/domain/config-layers'
import { PRESET_CONFIGS, PRESETS } from '../../shared/domain/presets'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from '../../shared/domain/run-config'
import { configToYaml, helpLine, isWholeConfig, sourcesInYaml } from './config-yaml'

const mixed: ConfigValues = { freeze: ['layer1', 'layer2'], class_weights: { 'ant # 1': 1, "bee's": 2 }, batch_size: 'auto', augmentation: { scale: [0.5, 2] } }

test.each(PRESETS)('%s is printed and read back to the same, with the source of every value', (preset) => {
  const { config, sources } = layerConfig([
    { source: 'preset', values: PRESET_CONFIGS[preset] },
    { source: 'file', values: mixed },
    { source: 'flag', values: { seed: 7 } },
  ])
  const text = configToYaml(config, { sources, preset, file: '/some/where/my.yaml' })
  expect(runConfigSchema.parse(parse(text))).toEqual(config)
  expect(sourcesInYaml(text, config)).toEqual(sources)
  expect(isWholeConfig(text)).toBe(true)
})

test('each value has its help above it and its source behind it', () => {
  const { config, sources } = layerConfig([
    { source: 'preset', values: PRESET_CONFIGS.best },
    { source: 'file', values: mixed },
    { source: 'flag', values: { seed: 7 }, paths: { 'stages.2.epochs': 3 } },
  ])
  const lines = configToYaml(config, { sources, preset: 'best', file: 'my.yaml' }).split('\n')
  for (const path of configPaths(config)) {
    // The help of a stage's settings stands at the first stage.
    if (/^stages\.(?!1\.)/.test(path)) continue
    const help = lines.findIndex((line) => line.includes(`# ${helpLine(path)}`))
    expect(help, path).toBeGreaterThan(0)
    expect(configField(path)?.help, path).toBeTruthy()
  }
  expect(lines).toContain('batch_size: auto # file my.yaml; the largest that fits in memory, up to 64: measured at the start')
  expect(lines).toContain('    epochs: 3 # flag')
  expect(lines).toContain('head: mlp # preset best')
  expect(lines).toContain('  scale: [0.5, 2] # file my.yaml')
  expect(lines).toContain('momentum: 0.9 # default')
})

test('what was left open says what a run made of it', () => {
  const text = configToYaml(DEFAULT_RUN_CONFIG, { sources: { batch_size: 'flag' }, preset: 'fast', resolved: { batch_size: 48, num_workers: 4, weights: 'imagenet1k_v1' } })
  expect(text).toContain('batch_size: 16 # flag; became 48, measured\n')
  expect(text).toContain('num_workers: null # default; became 4, measured\n')
  expect(text).toContain('weights: imagenet # default; became imagenet1k_v1, measured\n')
  expect(sourcesInYaml(text, DEFAULT_RUN_CONFIG)).toMatchObject({ batch_size: 'flag', num_workers: 'default' })
})

test('a preset is a key where a person goes on with the file, and words where a run keeps it', () => {
  const origin = { sources: {}, preset: 'guide-b' }
  expect(configToYaml(DEFAULT_RUN_CONFIG, origin, { presetKey: true })).toMatch(/^preset: guide-b$/m)
  const kept = configToYaml(DEFAULT_RUN_CONFIG, origin)
  expect(kept).toMatch(/^# .*Preset guide-b\.$/m)
  expect(runConfigSchema.parse(parse(kept))).toEqual(DEFAULT_RUN_CONFIG)
})

test('without an origin nothing is said of one', () => {
  expect(configToYaml(DEFAULT_RUN_CONFIG)).not.toMatch(/# (default|preset|flag)/)
})

test('files of earlier versions are read, and their sources are not known', () => {
  const old = `# Everything that decided this run. graft train --config FILE takes such a file.

# Network that looks at the picture; graft models lists them
backbone: resnet18
weights: imagenet
head: deep
dropout: null
freeze: ratio
freeze_ratio: 0.7
epochs: 15
augmentation:
  # Probability of mirroring left and right
  horizontal_flip: 0.5
  rotation: 10
`
  const config = runConfigSchema.parse(parse(old))
  expect(config).toMatchObject({ backbone: 'resnet18', freeze: 'ratio', freeze_ratio: 0.7, stages: [] })
  expect(isWholeConfig(old)).toBe(true)
  expect(new Set(Object.values(sourcesInYaml(old, config)))).toEqual(new Set(['default']))
})
