import { expect, test } from 'vitest'
import type { GraftError } from '../../../shared/domain/error'
import type { HostTensor, TensorMap } from '../formats/tensor-map'
import { networkParameters } from './network'
import { recogniseModel, withKnownHead } from './recognise'
import { BACKBONES, buildNetwork, findBackbone } from './registry'

/** Tensors of the right names and shapes; their numbers tell them apart. */
function fileOf(backbone: string, head: 'linear' | 'mlp' | 'deep', rename = (name: string) => name): TensorMap {
  const specs = networkParameters(buildNetwork(findBackbone(backbone), { classes: 5, head, dropout: null }))
  return new Map(
    specs.map(({ name, shape }, i) => [rename(name), { shape, data: Float32Array.of(i) }]),
  )
}

test.each(BACKBONES.map(({ name }) => name))('%s is recognised with each head', (name) => {
  for (const head of ['linear', 'mlp', 'deep'] as const) {
    const file = fileOf(name, head)
    const model = recogniseModel(file, 'model.pth', null)
    expect([model.backbone.name, model.head, model.classes]).toEqual([name, head, 5])
    expect([...model.tensors.keys()]).toEqual([...file.keys()])
  }
})

test('a head under other names is told by its shapes; order in the file does not matter', () => {
  const rename = (name: string) => name.replace(/^fc\.(\d+)/, (_, index: string) => `fc.head.${Number(index) + 8}`)
  const shuffled = new Map([...fileOf('resnet18', 'deep', rename)].reverse())
  const model = recogniseModel(shuffled, 'model.pth', null)
  expect(model.head).toBe('deep')
  expect(model.tensors.get('fc.9.bias')?.data[0]).toBe(fileOf('resnet18', 'deep').get('fc.9.bias')?.data[0])
  expect(withKnownHead(findBackbone('resnet18'), shuffled).tensors.has('fc.1.weight')).toBe(true)
})

test('Sequential(Dropout, Linear) is the linear head', () => {
  const file = fileOf('resnet18', 'linear', (name) => name.replace(/^fc\./, 'fc.1.'))
  expect(recogniseModel(file, 'model.pth', null)).toMatchObject({ head: 'linear', classes: 5 })
})

test('batch counters of PyTorch are not a head', () => {
  const file = new Map([...fileOf('mobilenet_v2', 'linear'), ['features.0.1.num_batches_tracked', { shape: [], data: new Float32Array(1) }] as const])
  expect(recogniseModel(file, 'model.pth', null).head).toBe('linear')
})

test('a head that Graft does not have is refused with the table of differences', () => {
  const file = new Map([...fileOf('resnet18', 'linear')].filter(([name]) => !name.startsWith('fc.')))
  file.set('fc.0.weight', { shape: [64, 512], data: new Float32Array(0) })
  file.set('fc.0.bias', { shape: [64], data: new Float32Array(64) })
  file.set('fc.2.weight', { shape: [5, 64], data: new Float32Array(0) })
  file.set('fc.2.bias', { shape: [5], data: new Float32Array(5) })
  expect(() => recogniseModel(file, 'mine.pth', null)).toThrow(/mine\.pth is a ResNet-18, but its head is none of linear, mlp, deep/)
})

test('another network is refused, naming what comes nearest', () => {
  const file: TensorMap = new Map([['encoder.weight', { shape: [3, 3], data: new Float32Array(9) }]])
  try {
    recogniseModel(file, 'other.pth', null)
    expect.unreachable()
  } catch (error) {
    expect((error as GraftError).code).toBe('MISMATCH')
    expect((error as GraftError).detail).toContain('encoder.weight')
  }
})

test('a file said to be another backbone is refused, naming the one it fits', () => {
  expect(() => recogniseModel(fileOf('resnet34', 'linear'), 'model.pth', findBackbone('resnet50'))).toThrow()
})

/** A linear layer's tensors, of zeros. */
function layerOf(name: string, outputs: number, inputs: number): [string, HostTensor][] {
  return [
    [`${name}.weight`, { shape: [outputs, inputs], data: new Float32Array(outputs * inputs).fill(0.5) }],
    [`${name}.bias`, { shape: [outputs], data: new Float32Array(outputs).fill(3) }],
  ]
}
const withoutHead = (rename: (name: string) => string) => [...fileOf('resnet18', 'linear', rename)].filter(([name]) => !name.includes('fc.'))

test('what lies between a head’s layers is said to be assumed', () => {
  expect(recogniseModel(fileOf('resnet18', 'linear'), 'model.pth', null).notes).toEqual([])
  for (const head of ['mlp', 'deep'] as const) expect(recogniseModel(fileOf('resnet18', head), 'model.pth', null).notes.join()).toContain('ReLU')
})

test('a head of one output becomes two, 0 and z', () => {
  const file: TensorMap = new Map([...withoutHead((name) => name), ...layerOf('fc', 1, 512)])
  const model = recogniseModel(file, 'model.pth', null)
  expect(model).toMatchObject({ head: 'linear', classes: 2 })
  expect(model.notes.join()).toContain('BCEWithLogitsLoss')
  expect([...(model.tensors.get('fc.bias')?.data ?? [])]).toEqual([0, 3])
  const weight = model.tensors.get('fc.weight')
  expect(weight?.shape).toEqual([2, 512])
  expect([...new Set(weight?.data.subarray(0, 512))]).toEqual([0])
  expect([...new Set(weight?.data.subarray(512))]).toEqual([0.5])
})

test.each(['model.', 'net.', 'backbone.', 'encoder.', 'student.model.'])('"%s" before every name is taken off', (prefix) => {
  const model = recogniseModel(fileOf('resnet18', 'mlp', (name) => prefix + name), 'model.ckpt', null)
  expect([model.backbone.name, model.head, model.classes]).toEqual(['resnet18', 'mlp', 5])
  expect([...model.tensors.keys()]).toEqual([...fileOf('resnet18', 'mlp').keys()])
  expect(model.notes[0]).toContain(`"${prefix}"`)
  expect(withKnownHead(findBackbone('resnet18'), fileOf('resnet18', 'mlp', (name) => prefix + name)).tensors.has('conv1.weight')).toBe(true)
})

test('a head outside the prefix is taken from there, and said', () => {
  const weights: [string, HostTensor] = ['criterion.weight', { shape: [3], data: new Float32Array(3) }]
  const file: TensorMap = new Map([...withoutHead((name) => `encoder.${name}`), ...layerOf('head', 3, 512), weights])
  const model = recogniseModel(file, 'model.ckpt', null)
  expect(model).toMatchObject({ head: 'linear', classes: 3 })
  expect(model.notes.join(' ')).toMatch(/outside "encoder\.": head\..*passed over: criterion\.weight/)
})

test('a head under the prefix and another outside it are not guessed between', () => {
  const file: TensorMap = new Map([...fileOf('resnet18', 'linear', (name) => `backbone.${name}`), ...layerOf('head', 3, 5)])
  expect(() => recogniseModel(file, 'model.ckpt', null)).toThrow(/its head is none of .*outside "backbone\.": head/)
})

test('of a model and its average the model is taken', () => {
  const file: TensorMap = new Map([...fileOf('resnet18', 'linear', (name) => `ema_model.${name}`), ...fileOf('resnet18', 'linear', (name) => `model.${name}`)])
  const { notes, tensors } = recogniseModel(file, 'model.ckpt', null)
  expect(notes.join(' ')).toMatch(/"model\." was taken off.*under ema_model\. too/)
  expect(tensors.size).toBe(fileOf('resnet18', 'linear').size)
})
