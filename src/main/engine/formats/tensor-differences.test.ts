import { expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import { differenceAdvice, fitsWholly, formatDifferences, requireFinite, tensorDifferences } from './tensor-differences'
import type { TensorSpec } from './tensor-differences'
import type { TensorMap } from './tensor-map'

function fileOf(specs: readonly TensorSpec[]): TensorMap {
  return new Map(specs.map(({ name, shape }) => [name, { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) }]))
}

const spec = (name: string, ...shape: readonly number[]): TensorSpec => ({ name, shape })
const SMALL = [
  spec('conv.weight', 8, 3, 5, 7),
  spec('depthwise.weight', 8, 1, 3, 3),
  spec('norm.running_mean', 8),
  spec('hidden.weight', 16, 8),
  spec('fc.weight', 2, 16),
  spec('fc.bias', 2),
]
const LARGE = [spec('stem.weight', 16, 3, 7, 7), spec('stem.bias', 16), spec('block.weight', 16, 16, 3, 3), spec('fc.weight', 2, 16), spec('fc.bias', 2)]

/** SMALL with other shapes for some names. */
function changed(shapes: Readonly<Record<string, readonly number[]>>): TensorSpec[] {
  return SMALL.map(({ name, shape }) => ({ name, shape: shapes[name] ?? shape }))
}

test('a file with all tensors fits, and counters and other tensors do no harm', () => {
  const differences = tensorDifferences([...SMALL, spec('norm.num_batches_tracked')], fileOf([...SMALL, spec('other.num_batches_tracked'), spec('extra', 1)]))
  expect(differences).toEqual({ fitting: SMALL.map(({ name }) => name), missing: [], unexpected: [spec('extra', 1)], misshaped: [], findings: [] })
  expect(fitsWholly(differences)).toBe(true)
  expect(differenceAdvice(differences)).toMatch(/^Nothing: the tensors that are not expected/)
})

test.each([['with the name of the head', { classifier: 'fc' }], ['without it', {}]])('a head for another number of classes is recognised %s', (_what, options) => {
  const differences = tensorDifferences(SMALL, fileOf(changed({ 'fc.weight': [1000, 16], 'fc.bias': [1000] })), options)
  expect(differences.misshaped).toEqual([
    { name: 'fc.weight', expected: [2, 16], got: [1000, 16] },
    { name: 'fc.bias', expected: [2], got: [1000] },
  ])
  expect(differences.findings).toEqual([{ kind: 'other-head', expectedClasses: 2, gotClasses: 1000, names: ['fc.weight', 'fc.bias'] }])
  expect(differenceAdvice(differences)).toBe('The head in the file is for 1000 classes and this one for 2: start with a new head, or choose a file for the same classes.')
})

test('a wider layer that is not the head is no head', () => {
  const differences = tensorDifferences(SMALL, fileOf(changed({ 'hidden.weight': [32, 8] })), { classifier: 'fc' })
  expect(differences.findings).toEqual([])
  expect(differenceAdvice(differences)).toBe('Choose weights that were made for this network.')
})

test('weights in the order of TensorFlow and Keras are recognised', () => {
  const file = fileOf(changed({ 'conv.weight': [5, 7, 3, 8], 'depthwise.weight': [3, 3, 8, 1], 'hidden.weight': [8, 16], 'fc.weight': [16, 2] }))
  const differences = tensorDifferences(SMALL, file)
  expect(differences.findings).toEqual([
    { kind: 'transposed', order: 'HWIO', names: ['conv.weight'] },
    { kind: 'transposed', order: 'HWCM', names: ['depthwise.weight'] },
    { kind: 'transposed', order: '[in, out]', names: ['hidden.weight', 'fc.weight'] },
  ])
  expect(differenceAdvice(differences)).toMatch(/1 convolutions are stored as HWIO.*permute\(3, 2, 0, 1\).*2 linear weights are stored as \[in, out\]/)
})

test("another network's file is recognised by the network that it fits better, its head aside", () => {
  const file = fileOf(LARGE.map(({ name, shape }) => ({ name, shape: name === 'fc.bias' ? [10] : shape })))
  const candidates = [{ name: 'small', tensors: SMALL }, { name: 'large', tensors: LARGE }]
  const differences = tensorDifferences(SMALL, file, { candidates })
  expect(differences.findings).toContainEqual({ kind: 'other-network', name: 'large', fitting: 4, of: 5 })
  expect(differenceAdvice(differences)).toBe('The file fits large (4 of its 5 tensors): choose that network, or a file made for this one.')
  expect(tensorDifferences(LARGE, file, { candidates }).findings.some(({ kind }) => kind === 'other-network')).toBe(false)
  // A file of nothing known is not said to be anything.
  expect(tensorDifferences(SMALL, fileOf([spec('x', 1)]), { candidates }).findings).toEqual([])
})

test('names under a prefix are recognised', () => {
  const differences = tensorDifferences(SMALL, fileOf(SMALL.map(({ name, shape }) => ({ name: `model.backbone.${name}`, shape }))))
  expect(differences.missing).toHaveLength(6)
  expect(differences.findings).toEqual([{ kind: 'prefix', prefix: 'model.backbone.', fitting: 6 }])
  expect(differenceAdvice(differences)).toMatch(/begin with "model\.backbone\.", without which 6 tensors fit/)
})

test('the table is aligned, cut after so many rows, and says what to do', () => {
  const specs = [spec('conv.weight', 8, 3, 3, 3), spec('fc.weight', 2, 8), spec('fc.bias', 2), spec('a.long.name.of.a.tensor', 4), spec('b', 1), spec('c', 1)]
  const file = fileOf([spec('conv.weight', 8, 3, 3, 3), spec('fc.weight', 10, 8), spec('fc.bias', 10), spec('evil\u001b[2J', 1)])
  expect(formatDifferences(tensorDifferences(specs, file, { classifier: 'fc' }), { maxRows: 2 })).toBe(
    [
      '1 of 6 expected tensors fit.',
      '',
      'Of another shape (2)',
      '  Tensor     Expected  In the file',
      '  fc.weight  [2, 8]    [10, 8]',
      '  fc.bias    [2]       [10]',
      '',
      'Missing in the file (3)',
      '  Tensor                   Expected',
      '  a.long.name.of.a.tensor  [4]',
      '  b                        [1]',
      '  … and 1 more',
      '',
      'Not expected (1)',
      '  Tensor         In the file',
      '  evil\\u{1b}[2J  [1]',
      '',
      'What to do: The head in the file is for 10 classes and this one for 2: start with a new head, or choose a file for the same classes. Choose weights that were made for this network.',
    ].join('\n'),
  )
})

test('NaN and infinity are refused by the name of the tensor', () => {
  const tensors: TensorMap = new Map([
    ['good', { shape: [2], data: Float32Array.from([1, -2]) }],
    ['bad', { shape: [4], data: Float32Array.from([0, NaN, 1, -Infinity]) }],
  ])
  expect(() => { requireFinite(tensors, 'w.pth') }).toThrow(GraftError)
  expect(() => { requireFinite(tensors, 'w.pth') }).toThrow(/"w\.pth", but 2 of the 4 values of the tensor "bad" are NaN or infinite, the first at 1/)
  expect(() => { requireFinite(tensors, 'w.pth', ['good', 'absent']) }).not.toThrow()
})
