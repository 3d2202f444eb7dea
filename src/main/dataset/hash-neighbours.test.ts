import { expect, test } from 'vitest'
import { KeyedRandom } from '../../shared/domain/random'
import { HashSet64, MAXIMUM_DISTANCE, visitClosePairs } from './hash-neighbours'

/** Random hashes, every tenth of them another one with up to 16 bits turned around. */
function hashesOf(count: number): string[] {
  const random = new KeyedRandom(5, 'sample')
  const hashes: bigint[] = []
  for (let i = 0; i < count; i++) {
    let hash = BigInt(random.below(0x1_0000_0000)) * 0x1_0000_0000n + BigInt(random.below(0x1_0000_0000))
    if (i % 10 === 9) {
      hash = hashes[random.below(hashes.length)] ?? 0n
      const turned = random.below(17)
      for (let bit = 0; bit < turned; bit++) hash ^= 1n << BigInt(random.below(64))
    }
    hashes.push(hash)
  }
  return hashes.map((hash) => hash.toString(16).padStart(16, '0'))
}

test('finds exactly the pairs that comparing all with all finds, each once', async () => {
  const texts = hashesOf(3000)
  texts.push(texts[0] ?? '', texts[0] ?? '', 'ffffffffffffffff', '0000000000000000')
  // Twelve bits, three in each quarter: only the wider look at the first quarter leads there.
  texts.push('0123456789abcdef', '01244267f9abcde8')
  const hashes = new HashSet64(texts)
  expect(hashes.distance(texts.length - 2, texts.length - 1)).toBe(12)
  const found: string[] = []
  await visitClosePairs(hashes, (a, b, distance) => {
    expect(distance).toBe(hashes.distance(a, b))
    found.push(`${Math.min(a, b)} ${Math.max(a, b)}`)
  })
  const { firstOf } = hashes.distinct()
  const expected: string[] = []
  for (let b = 0; b < hashes.size; b++) {
    for (let a = 0; a < b; a++) {
      const isPair = firstOf[b] === b ? firstOf[a] === a && hashes.distance(a, b) <= MAXIMUM_DISTANCE : firstOf[b] === a
      if (isPair) expected.push(`${a} ${b}`)
    }
  }
  expect(expected.length).toBeGreaterThan(150)
  expect(found.sort()).toEqual(expected.sort())
})

test('is given up between pieces of work', async () => {
  const control = new AbortController()
  const told: number[] = []
  const work = visitClosePairs(new HashSet64(hashesOf(2000)), () => undefined, {
    signal: control.signal,
    onProgress: (done) => {
      told.push(done)
      if (done >= 800) control.abort()
    },
  })
  await expect(work).rejects.toMatchObject({ name: 'Cancelled' })
  expect(Math.max(...told)).toBe(800)
})
