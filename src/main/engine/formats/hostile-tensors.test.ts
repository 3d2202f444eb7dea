/** Pickles whose tensors lie: sizes, strides, offsets and storages that do not fit each other, and values without end. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { failureOf, GOOD, VALUES, zipOf } from './hostile-forms'
import type { Part } from './opcode-assembly'
import { global, integer, legacyFile, little, pickle, stateDict, storage, tensor, torchZip, tuple, unicode, zipFile } from './opcode-assembly'
import { readWeights } from './weights-file'

const weight = (part: Part): Uint8Array => stateDict(['w', part])
const BROKEN: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a storage larger than its member', weight(tensor(storage('0', 5), 'K\0', [5], [1])), /Expected 20 bytes.*"data\/0".*16 came|Expected 5 values in the storage "0", but 4 came/],
  ['a storage under two types', stateDict(['a', tensor(storage('0', 4), 'K\0', [4], [1])], ['b', tensor(storage('0', 2, 'DoubleStorage'), 'K\0', [2], [1])]), /as before/],
  ['a storage that is missing', weight(tensor(storage('7', 1), 'K\0', [1], [1])), /data\/7|only storages that the weights use/],
  ['a stride past the end', weight(tensor(storage('0', 4), 'K\0', [2, 2], [3, 1])), /"w" inside the 4 values.*value 4/],
  ['an offset past the end', weight(tensor(storage('0', 4), 'K\x04', [1], [1])), /value 4/],
  ['a huge stride', weight(tensor(storage('0', 4), 'K\0', [2], [2 ** 31 - 1])), /value 2147483647/],
  ['a negative size', weight(tensor(storage('0', 4), 'K\0', [-1], [1])), /tensor's shape/],
  ['a negative stride', weight(tensor(storage('0', 4), 'K\x03', [2], [-1])), /tensor's strides/],
  ['a negative offset', weight(tensor(storage('0', 4), integer(-1), [2], [1])), /tensor's offset/],
  ['a negative storage size', weight(tensor(storage('0', -4), 'K\0', [2], [1])), /size of a storage/],
  ['an offset of 2^64', weight(tensor(storage('0', 4), [0x8a, 9, little(2n ** 64n, 9)], [2], [1])), /to 9007199254740991 as a tensor's offset.*18446744073709551616 came/],
  ['a shape that wraps at 2^64', weight(tensor(storage('0', 4), 'K\0', [65536, 65536, 65536, 65536], [0, 0, 0, 0])), /in proportion to the file/],
  ['one value spread over a gigabyte', weight(tensor(storage('0', 4), 'K\0', [2 ** 28], [0])), /in proportion to the file/],
  ['a fraction as size', weight([global('torch._utils', '_rebuild_tensor'), tuple(storage('0', 4), 'K\0', tuple(['G', 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), tuple('K\x01')), 'R']), /tensor's shape/],
  ['fewer strides than sizes', weight(tensor(storage('0', 4), 'K\0', [2, 2], [1])), /2 strides/],
  ['65 dimensions', weight(tensor(storage('0', 4), 'K\0', Array(65).fill(1) as number[], Array(65).fill(1) as number[])), /at most 64/],
  ['an empty stack', pickle(')R'), /Expected a value .* but nothing came/],
  ['a memo number that was never set', pickle('h\x05'), /number 5/],
  ['a memo number over the limit', pickle('N', 'r', little(2 ** 31, 4)), /memo number/],
  ['a mark that is missing', pickle('t'), /a mark/],
  ['values left over', pickle('NN'), /one value at the end/],
  ['a value taken from below the mark', pickle('N(a'), /Expected a value/],
  ['marks without end', pickle('('.repeat(100)), /nested/],
  ['a text longer than the file', pickle('X', little(2 ** 32 - 1, 4), 'a'), /more bytes/],
  ['a text that is not UTF-8', pickle('X', little(1, 4), 0xff), /UTF-8/],
  ['a byte that is no opcode', pickle(0xff), /0xff/],
]

test.each(BROKEN)('%s is said to be unreadable', (_what, root, message) => {
  for (const bytes of [zipOf(root), legacyFile(root, VALUES)]) {
    const failure = failureOf(bytes)
    expect(failure.message).toMatch(message)
    expect(failure.code).toBe('UNREADABLE')
  }
})

test.each([
  ['no tensor at all', stateDict(['epoch', 'K\x05']), /"epoch" without tensors/],
  ['a list', pickle(']'), /a list came/],
  ['a tensor under a number', pickle('}K\x01', tensor(storage('0', 0), 'K\0', [0], [1]), 's'), /without tensors/],
])('%s instead of a state dict is said to be unreadable', (what, root, message) => {
  for (const bytes of [zipFile(torchZip(root)), legacyFile(root, what.includes('number') ? { 0: [] } : {})]) expect(failureOf(bytes).message).toMatch(message)
})

test('a value that doubles sixty times, and one that holds itself, cost nothing', () => {
  const doubling = Array.from({ length: 60 }, (_, index) => ['h', index, 'h', index, 0x86, 'q', index + 1])
  const bomb = stateDict(['bomb', [')q\0', doubling]], ['w', tensor(storage('0', 4), 'K\0', [4], [1])])
  expect([...readWeights(zipOf(bomb), 'w').keys()]).toEqual(['w'])
  const cyclic = pickle('}q\x01', unicode('state_dict'), 'h\x01s')
  expect(failureOf(zipOf(cyclic)).message).toMatch(/without tensors/)
})

const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`./goldens/${name}`, import.meta.url)))

test.each([
  ['the zip format', golden('plain-zip.pth')],
  ['a hand-made zip', zipOf(GOOD)],
  ['the legacy format', golden('plain-legacy.pth')],
])('%s cut at every byte fails with our own error', (_what, bytes) => {
  for (let length = 0; length < bytes.length; length++) expect(['UNREADABLE', 'REFUSED']).toContain(failureOf(bytes.subarray(0, length)).code)
})

test('a name that is a wrapper prefix a hundred thousand times over takes no time', () => {
  const start = performance.now()
  const [name] = [...readWeights(zipOf(stateDict([`${'module.'.repeat(100_000)}w`, tensor(storage('0', 4), 'K\0', [1], [1])])), 'w').keys()]
  expect(name?.endsWith('module.w')).toBe(true)
  expect(performance.now() - start).toBeLessThan(5000)
})

test('huge sizes beside a size of 0 stay whole numbers', () => {
  const huge = [0x8a, 8, little(2n ** 62n, 8)]
  const parts = [global('torch._utils', '_rebuild_tensor_v2'), tuple(storage('0', 4), 'K\0', tuple(huge, 'K\0'), tuple('K\x01', 'K\x01'), 0x89, [global('collections', 'OrderedDict'), ')R']), 'R']
  expect(failureOf(zipOf(weight(parts))).message).toMatch(/from 0 to 9007199254740991 as a tensor's shape/)
})
