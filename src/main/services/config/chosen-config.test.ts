import { expect, test } from 'vitest'
import type { Scan, Split } from '../../../shared/domain/dataset'
import { splitDataset } from '../../dataset/split'
import { chooseConfig } from './chosen-config'
import { parseConfigText } from './config-file'
import { combineConfig } from './run-config'

const CLASSES = ['ant', 'bee']

/** Ten pictures a class, in split folders where some are given. */
function dataset(splits: readonly Split[] = []) {
  const pictures = CLASSES.flatMap((name, classIndex) =>
    Array.from({ length: 10 }, (_, index) => ({
      path: `${name}/${index}.jpg`,
      classIndex,
      format: 'jpeg' as const,
      givenSplit: splits[index % Math.max(1, splits.length)] ?? null,
      sizeBytes: 1,
      sha256: `${classIndex}${index}`,
      width: 8,
      height: 8,
    })),
  )
  const scan: Scan = { root: '/pictures', layout: splits.length === 0 ? 'folder-per-class' : 'split-folders', classes: CLASSES, pictures, setAside: [], ignored: [], durationMs: 0 }
  const ratios = { train: 0.7, val: 0.15, test: 0.15 }
  return { scan, manifest: splitDataset(scan, ratios, 42), isSplitChosen: false }
}

const choose = (config: object, splits: readonly Split[] = [], preset: 'balanced' | 'best' | 'guide-b' = 'balanced') => chooseConfig(dataset(splits), { preset, config })

test('what the studio changed is checked as a flag is', () => {
  expect(() => choose({ momentum: 0.5 })).toThrow('--momentum 0.5 has no effect: the optimizer is adam')
  expect(() => choose({ epochs: 10 }, [], 'best')).toThrow('--epochs 10 cannot hold')
  expect(choose({ epochs: 10 })).toMatchObject({ preset: 'balanced', config: { epochs: 10 }, origin: { sources: { epochs: 'flag', learning_rate: 'preset' } } })
})

test('a whole configuration is taken: what it repeats of its preset was not meant', () => {
  const { config } = choose({})
  expect(choose(config).config).toEqual(config)
  expect(() => choose({ ...config, momentum: 0.5 })).toThrow('momentum 0.5 has no effect')
})

test('weights are held against the classes of the pictures', () => {
  expect(() => choose({ class_weights: [1, 2, 3] })).toThrow('has 3 numbers, but the pictures have 2 classes')
  expect(() => choose({ class_weights: { ant: 1, be: 2 } })).toThrow('names a class that the pictures do not have')
  expect(choose({ class_weights: { ant: 1, bee: 2 } }).config.class_weights).toEqual({ ant: 1, bee: 2 })
})

test('layers to freeze are held against the network before anything is made, in every stage', () => {
  expect(() => choose({ backbone: 'resnet18', freeze: ['conv1', 'layer9'] })).toThrow('has no layer or stage named layer9')
  expect(() => choose({ backbone: 'resnet18', stages: [{ epochs: 1 }, { epochs: 1, freeze: ['layer7'] }] })).toThrow('layer7')
  expect(choose({ backbone: 'resnet18', freeze: ['conv1', 'layer1'] }).config.freeze).toEqual(['conv1', 'layer1'])
})

test('ratios that somebody typed are not left aside where the folders split the pictures', () => {
  expect(() => choose({ val_ratio: 0.3 }, ['train', 'val'])).toThrow('--val-ratio 0.3 has no effect: the pictures are split already')
  expect(() => choose({ test_ratio: 0.3 }, ['train', 'test'])).toThrow('--test-ratio 0.3 has no effect')
  expect(choose({ train_ratio: 0.6, val_ratio: 0.25 }, ['train', 'test']).manifest.ratios.val).toBe(0.25)
  expect(choose({}, ['train', 'val'], 'guide-b').manifest.layout).toBe('split-folders')
})

test('a file’s classes are held against the folders', () => {
  const resolved = combineConfig({ preset: null, file: parseConfigText('model_name: resnet18\nclasses: [ant, wasp]', 'p.yaml'), flags: {} })
  expect(() => chooseConfig(dataset(), { preset: null, config: {}, resolved })).toThrow('p.yaml, line 2, column 10: there is no class "wasp"')
})

test('a split that was chosen by hand is kept unless ratios were typed', () => {
  const byHand = { ...dataset(), isSplitChosen: true, manifest: splitDataset(dataset().scan, { train: 0.5, val: 0.25, test: 0.25 }, 3) }
  expect(chooseConfig(byHand, { preset: 'guide-b', config: {} }).manifest).toMatchObject({ ratios: { train: 0.5 }, seed: 3 })
  expect(chooseConfig(byHand, { preset: 'guide-b', config: {} }).origin.sources).toMatchObject({ train_ratio: 'flag', epochs: 'preset' })
  expect(chooseConfig(byHand, { preset: null, config: { train_ratio: 0.6 } }).manifest.ratios.train).toBe(0.6)
})
