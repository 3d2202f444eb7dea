/** Checkpoints as training scripts write them: the weights under whatever key, the plain values beside them, and what is said of both. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { failureOf, GOOD_TENSOR, VALUES, zipOf } from './hostile-forms'
import type { Part } from './opcode-assembly'
import { bytesOf, global, integer, legacyFile, pickle, stateDict, storage, tensor, tuple, unicode } from './opcode-assembly'
import { writeSafetensors } from './safetensors'
import { readCheckpointFile } from './weights-file'

function golden(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`./goldens/${name}`, import.meta.url)))
}

const dict = (...pairs: readonly (readonly [string, Part])[]): Part => ['}(', pairs.map(([name, value]) => [unicode(name), value]), 'u']
const WEIGHTS = dict(['w', GOOD_TENSOR])
const read = (...pairs: readonly (readonly [string, Part])[]) => readCheckpointFile(zipOf(stateDict(...pairs)), 'checkpoint.pth')

test.each(['script-checkpoint-zip.pth', 'script-checkpoint-legacy.pth'])("%s: a training script's checkpoint gives the weights and the plain values beside them", (name) => {
  const file = readCheckpointFile(golden(name), name)
  expect([...file.tensors.keys()]).toEqual(['0.weight', '0.bias', '1.weight', '1.bias', '1.running_mean', '1.running_var', '1.num_batches_tracked', '3.weight', '3.bias'])
  expect(file.metadata['best_loss']).toBe(Infinity)
  expect(JSON.parse(JSON.stringify({ ...file.metadata, best_loss: 'infinite' }))).toEqual({
    epoch: 12,
    val_f1: 0.9375,
    best_loss: 'infinite',
    best_accuracy: 0.75,
    model_name: 'resnet18',
    num_classes: 2,
    class_names: ['dandelion', 'grass'],
    class_to_idx: { dandelion: 0, grass: 1 },
    idx_to_class: { 0: 'dandelion', 1: 'grass' },
    image_size: [224, 224],
    normalization: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
    pretrained: true,
    note: null,
    config: { optimizer: 'adamw', layers: [[1, 2], []] },
  })
  expect(file.notes).toEqual([
    'The weights were taken from "model_state_dict" in the file.',
    'Passed over beside the weights: "optimizer_state_dict", "scheduler_state_dict", "config.dtype", "seed", "confusion_matrix".',
  ])
})

const USUAL_KEYS = [
  'state_dict', 'model_state_dict', 'model_state', 'model', 'module', 'net', 'net_state_dict', 'network', 'weights', 'params',
  'ema_state_dict', 'state_dict_ema', 'model_ema', 'ema_model', 'ema', 'params_ema',
]

test.each(USUAL_KEYS)('weights under "%s" are found and told', (key) => {
  const file = read(['epoch', 'K\x05'], [key, WEIGHTS])
  expect(file.tensors.get('w')?.data).toEqual(Float32Array.from([1, 2, 3, 4]))
  expect(file.metadata).toEqual(Object.assign(Object.create(null), { epoch: 5 }))
  expect(file.notes).toEqual([`The weights were taken from "${key}" in the file.`])
})

test('weights two keys down are found, and what stands on the way belongs to the values', () => {
  const file = read(['model', dict(['state_dict', WEIGHTS], ['depth', 'K\x12'])], ['epoch', 'K\x05'])
  expect({ ...file.metadata }).toEqual({ epoch: 5, depth: 18 })
  expect(file.notes[0]).toBe('The weights were taken from "model.state_dict" in the file.')
})

test('of plain and averaged weights the plain ones are taken, and the others are told', () => {
  const file = readCheckpointFile(golden('compiled-zip.pth'), 'compiled-zip.pth')
  expect(file.tensors.get('norm.running_mean')?.data).toEqual(Float32Array.from([1.5, -0.25]))
  expect(file.notes).toEqual([
    'The weights were taken from "model" in the file.',
    'The file holds other weights under "ema", which were passed over.',
    '"_orig_mod." was taken off the front of every name; training wrappers put it there.',
  ])
})

test('the counter of averaged weights does not hide their wrapper', () => {
  const file = readCheckpointFile(golden('averaged-zip.pth'), 'averaged-zip.pth')
  expect([...file.tensors.keys()]).toEqual(['weight', 'bias'])
  expect(file.notes).toEqual(['"module." was taken off the front of every name; training wrappers put it there.'])
})

test('a prefix that not all names have is part of the names', () => {
  expect([...read(['module.a', GOOD_TENSOR], ['b', GOOD_TENSOR]).tensors.keys()]).toEqual(['module.a', 'b'])
  expect([...read(['n_averaged', GOOD_TENSOR], ['b', GOOD_TENSOR]).tensors.keys()]).toEqual(['n_averaged', 'b'])
})

test('safetensors files are unwrapped too, and the texts of their header are the values', () => {
  const one = { shape: [1], data: new Float32Array(1) }
  const file = readCheckpointFile(writeSafetensors(new Map([['module._orig_mod.a', one], ['module._orig_mod.b', one]]), { format: 'pt' }), 'a.safetensors')
  expect([...file.tensors.keys()]).toEqual(['a', 'b'])
  expect({ ...file.metadata }).toEqual({ format: 'pt' })
  expect(file.notes).toEqual(['"module._orig_mod." was taken off the front of every name; training wrappers put it there.'])
})

test('values between the weights are values', () => {
  const file = read(['w', GOOD_TENSOR], ['epoch', 'K\x05'])
  expect([...file.tensors.keys()]).toEqual(['w'])
  expect({ ...file.metadata }).toEqual({ epoch: 5 })
})

test('a NumPy number beside the weights is refused by its name, with what to write instead', () => {
  expect(failureOf(golden('numpy-metric-zip.pth'))).toMatchObject({
    code: 'REFUSED',
    message: expect.stringMatching(/NumPy values: "numpy\._core\.multiarray\.scalar", "numpy\.dtype", "_codecs\.encode"/),
    action: expect.stringContaining('float(value)'),
  })
})

test('a program of torch.export is refused as what it is', () => {
  expect(failureOf(golden('program.pt2'))).toMatchObject({ code: 'REFUSED', message: expect.stringMatching(/torch\.export/) })
})

test('keys that mean something in JavaScript stay keys, and __proto__ is passed over', () => {
  const file = read(['state_dict', WEIGHTS], ['__proto__', dict(['polluted', 'K\x01'])], ['constructor', 'K\x02'], ['class_to_idx', dict(['__proto__', 'K\x01'], ['toString', 'K\x03'])])
  expect(Object.getPrototypeOf(file.metadata)).toBeNull()
  expect(file.metadata['polluted']).toBeUndefined()
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  expect(file.metadata['constructor']).toBe(2)
  expect({ ...(file.metadata['class_to_idx'] as object) }).toEqual({ toString: 3 })
  expect(file.notes[1]).toBe('Passed over beside the weights: "__proto__", "class_to_idx.__proto__".')
})

test('values that hold themselves, double or nest without end are passed over', () => {
  const doubling = Array.from({ length: 60 }, (_, index) => ['q', index, 'h', index, 0x86])
  const itself = ['}q\x65', unicode('again'), 'h\x65s']
  const deep = ['N', Array.from({ length: 40 }, () => 0x85)]
  const file = read(['state_dict', WEIGHTS], ['bomb', ['K\x01', doubling]], ['itself', itself], ['deep', deep], ['epoch', 'K\x05'])
  expect({ ...file.metadata }).toEqual({ epoch: 5 })
  expect(file.notes[1]).toBe('Passed over beside the weights: "bomb", "itself", "deep".')
const times = (part: string, count: number): string => part.repeat(count)
  const wide = ['](', [']q\x01(', [']q\0(', times('K\x01', 200), 'e'], times('h\0', 199), 'e'], times('h\x01', 199), 'e']
  expect(read(['state_dict', WEIGHTS], ['wide', wide]).notes[1]).toBe('Passed over beside the weights: "wide".')
})

test('dicts that hold each other under every usual key are searched once each', () => {
  // Each of five dicts has the next one under all keys, and the one at the bottom much to look through: for a search that forgets
  // where it was, sixteen to the third times.
  const filler = bytesOf(Array.from({ length: 400_000 }, (_, index) => [integer(index), 'N']))
  const empty = [1, 2, 3, 4, 5].map((index) => [unicode(String(index)), '}q', index])
  const filled = [1, 2, 3, 4, 5].map((index) => [
    [unicode(`x${index}`), 'h', index, '(', index === 4 ? filler : ''],
    [USUAL_KEYS.map((key) => [unicode(key), 'h', (index % 5) + 1]), 'u'],
  ])
  const root = pickle('}(', empty, filled, unicode('model'), 'h\x01', 'u')
  const bytes = zipOf(root)
  const start = performance.now()
  expect(failureOf(bytes).message).toMatch(/without tensors/)
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('a damaged tensor beside the weights is an error, not a wrong value', () => {
  const beyond = tensor(storage('0', 4), 'K\x09', [], [])
  expect(failureOf(zipOf(stateDict(['state_dict', WEIGHTS], ['best', beyond]))).message).toMatch(/inside the 4 values of its storage/)
})

test('the same checkpoint in a legacy file gives the same', () => {
  const root = stateDict(['epoch', 'K\x05'], ['net', WEIGHTS], ['classes', tuple(unicode('a'), unicode('b'))], ['hooks', [global('collections', 'OrderedDict'), ')R']])
  const [zip, legacy] = [readCheckpointFile(zipOf(root), 'a'), readCheckpointFile(legacyFile(root, VALUES), 'a')]
  expect(legacy).toEqual({ ...zip, format: 'legacy' })
  expect({ ...zip.metadata }).toMatchObject({ epoch: 5, classes: ['a', 'b'] })
})

test('a file of Python 2, with texts in bytes and its dict as one list of pairs, is read', () => {
  const text = (value: string): Part => ['U', value.length, value]
  const pairs = [']', '(', tuple(text('a.weight'), GOOD_TENSOR), tuple(text('a.bias'), tensor(storage('0', 4), 'K\x02', [2], [1])), 'e']
  const root = pickle(global('collections', 'OrderedDict'), pairs, 0x85, 'R')
  const { tensors } = readCheckpointFile(legacyFile(root, VALUES), 'old.pth')
  expect([...tensors]).toEqual([['a.weight', { shape: [2, 2], data: Float32Array.from([1, 2, 3, 4]) }], ['a.bias', { shape: [2], data: Float32Array.from([3, 4]) }]])
})

test('a part of a storage, as files before torch 1.6 mention it, is read within its bounds', () => {
  const part = (offset: number, size: number): Part =>
    [tuple(unicode('storage'), global('torch', 'FloatStorage'), unicode('0'), unicode('cpu'), integer(4), tuple(unicode('9'), integer(offset), integer(size))), 'Q']
  const fileWith = (offset: number, size: number): Uint8Array => legacyFile(stateDict(['w', tensor(part(offset, size), 'K\x01', [2], [1])]), VALUES)
  expect(readCheckpointFile(fileWith(1, 3), 'old.pth').tensors.get('w')?.data).toEqual(Float32Array.from([3, 4]))
  expect(failureOf(fileWith(1, 2)).message).toMatch(/inside the 2 values of its storage, but it reaches to value 2/)
  expect(failureOf(fileWith(2, 3)).message).toMatch(/inside its 4 values, but it covers 2 to 5/)
})

test('a plain pickle of tensors under other keys says what was found', () => {
  const failure = failureOf(zipOf(stateDict(['generator', WEIGHTS], ['epoch', 'K\x05'])))
  expect(failure).toMatchObject({ code: 'UNREADABLE', message: expect.stringMatching(/found "generator", "epoch" without tensors/) })
})

test.each(['not weights at all', 'classes:\n  - ant\n  - bee\n', 'import os\nprint(1)\n', 'cosmos\nsystem\nNotes on Löwe\n'])('a text file is said to be one, not dangerous: %j', (text) => {
  const failure = failureOf(new TextEncoder().encode(text), 'notes.pth')
  expect(failure.code).toBe('UNREADABLE')
  expect(failure.message).toContain('Expected weights in "notes.pth", but it is a text file: "')
  expect(failure.action).toContain('Choose a PyTorch file')
})

test('a pickle in text form that asks for a command is refused all the same', () => {
  expect(failureOf(new TextEncoder().encode("cos\nsystem\n(S'ls'\ntR."))).toMatchObject({ code: 'REFUSED' })
})

test('up to three numbers in a tensor beside the weights are a list; more are passed over', () => {
  const file = read(['state_dict', WEIGHTS], ['mean', tensor(storage('0', 4), 'K\0', [3, 1, 1], [1, 1, 1])], ['matrix', GOOD_TENSOR])
  expect(file.metadata['mean']).toEqual([1, 2, 3])
  expect(file.metadata['matrix']).toBeUndefined()
})
