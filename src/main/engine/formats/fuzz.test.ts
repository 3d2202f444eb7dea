/**
 * A structural fuzzer: whatever is done to a real file, reading gives right tensors or an error of ours, soon and in little memory.
 *
 * GRAFT_FUZZ_COUNT=100000 sets the number of files (the default is a fifth of that), GRAFT_FUZZ_SEED another series, and
 * GRAFT_FUZZ_INDEX reads one file alone: seed and index are in the message of a failure.
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import { KeyedRandom } from '../../../shared/domain/random'
import { MUTATIONS } from './fuzz-mutations'
import type { CheckpointFile } from './weights-file'
import { readCheckpointFile } from './weights-file'

const COUNT = Number(process.env['GRAFT_FUZZ_COUNT'] ?? 20_000)
const SEED = Number(process.env['GRAFT_FUZZ_SEED'] ?? 11)
const ONLY = process.env['GRAFT_FUZZ_INDEX'] === undefined ? null : Number(process.env['GRAFT_FUZZ_INDEX'])
const MAX_READ_MS = 5000
const MAX_GROWTH_BYTES = 400 * 2 ** 20

const SEEDS = (['plain', 'dtypes', 'windows', 'nested', 'module-state', 'script-checkpoint'] as const).flatMap((name) => [
  { format: 'zip' as const, name: `${name}-zip.pth` },
  { format: 'legacy' as const, name: `${name}-legacy.pth` },
])
const FILES = [...SEEDS, { format: 'safetensors' as const, name: 'plain.safetensors' }, { format: 'safetensors' as const, name: 'dtypes.safetensors' }].map((seed) => ({
  ...seed,
  bytes: new Uint8Array(readFileSync(new URL(`./goldens/${seed.name}`, import.meta.url))),
}))

/** File and damage are both chosen by the index alone. */
function fuzzed(index: number): { readonly name: string; readonly bytes: Uint8Array } {
  const random = new KeyedRandom(SEED, 'sample', index)
  const file = FILES[index % FILES.length] ?? { format: 'zip', name: '', bytes: new Uint8Array(0) }
  const mutations = MUTATIONS[file.format]
  return { name: file.name, bytes: mutations[random.below(mutations.length)]?.(file.bytes, random) ?? file.bytes }
}

function check(file: CheckpointFile, sizeBytes: number): void {
  let floats = 0
  for (const [name, { shape, data }] of file.tensors) {
    expect(typeof name).toBe('string')
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new Error(`"${name}" has the shape [${shape.join(', ')}]`)
    if (shape.reduce((product, size) => product * size, 1) !== data.length) throw new Error(`"${name}" of shape [${shape.join(', ')}] has ${data.length} values`)
    floats += data.length
  }
  if (floats * 4 > 2 * sizeBytes + 16 * 2 ** 20) throw new Error(`${floats} values came out of ${sizeBytes} bytes`)
  // What comes out is plain data: it can be sent and stored.
  structuredClone(file.metadata)
  JSON.stringify(file.metadata)
  expect(Object.prototype).not.toHaveProperty('polluted')
}

/** What became of one file: null when it was read. */
function outcomeOf(index: number): GraftError | null {
  const { name, bytes } = fuzzed(index)
  const start = performance.now()
  try {
    check(readCheckpointFile(bytes, name), bytes.length)
    return null
  } catch (error) {
    if (error instanceof GraftError && error.message !== '' && error.action !== undefined) return error
    throw new Error(`Seed ${SEED}, index ${index} (${name}): ${String(error)}`, { cause: error })
  } finally {
    const durationMs = performance.now() - start
    if (durationMs > MAX_READ_MS) throw new Error(`Seed ${SEED}, index ${index} (${name}): reading took ${durationMs.toFixed(0)} ms`)
  }
}

test('the same seed and index give the same file', () => {
  for (const index of [0, 1, 12, 13, 999]) expect(fuzzed(index)).toEqual(fuzzed(index))
})

test.skipIf(ONLY !== null)(`${COUNT} damaged files give right tensors or an error of ours, never anything else`, () => {
  const reasons = new Map<string, number>()
  let readCount = 0
  const before = process.memoryUsage.rss()
  for (let index = 0; index < COUNT; index++) {
    const failure = outcomeOf(index)
    if (failure === null) readCount++
    // Numbers and names differ from file to file; the kind of message does not.
    else reasons.set(failure.message.slice(0, 30), (reasons.get(failure.message.slice(0, 30)) ?? 0) + 1)
    if (index % 1000 === 0) expect(process.memoryUsage.rss() - before, `memory at index ${index}`).toBeLessThan(MAX_GROWTH_BYTES)
  }
  if (process.env['GRAFT_FUZZ_COUNT'] !== undefined) console.info(`${COUNT} files, seed ${SEED}: ${readCount} read, the others refused in ${reasons.size} ways`)
  // A fuzzer that never gets past the first check, or never does damage, tests nothing.
  expect(readCount).toBeGreaterThan(COUNT / 50)
  expect(COUNT - readCount).toBeGreaterThan(COUNT / 2)
  expect(reasons.size).toBeGreaterThan(20)
}, 300_000)

test.skipIf(ONLY === null)('the one file that was asked for', () => {
  console.info(outcomeOf(ONLY ?? 0)?.message ?? 'It is read.')
})
