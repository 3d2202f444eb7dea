import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { decodePicture } from './decode'
import { decodeHeic, HeicDamaged } from './heic'
import { scanDataset } from './scan'
import { jpeg, temporaryFolder, writeTree } from './test-pictures'

const base64 = z.string().transform((text) => Buffer.from(text, 'base64'))
const goldenSchema = z.object({
  madeWith: z.string(),
  cases: z.array(z.object({ name: z.string(), file: base64, width: z.int(), height: z.int(), step: z.int(), samples: base64 })),
})
// Made by scripts/golden/make-heic.py.
const { cases } = goldenSchema.parse(JSON.parse(readFileSync(new URL('golden/heic.json', import.meta.url), 'utf8')))

test.each(cases)('as pillow_heif within a few levels: $name', async ({ file, width, height, step, samples }) => {
  const decoded = await decodePicture(file)
  expect([decoded.width, decoded.height]).toEqual([width, height])
  expect(decoded.pixels).toHaveLength(width * height * 3)
  const differences = [...decoded.pixels].filter((_, index) => index % step === 0).map((value, index) => Math.abs(value - (samples[index] ?? NaN)))
  expect(differences).toHaveLength(samples.length)
  // This build of the decoder leaves out the smoothing of block edges.
  expect(Math.max(...differences)).toBeLessThanOrEqual(8)
  expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(1)
})

test('a folder of them is scanned with their sizes as shown', async () => {
  const root = await temporaryFolder()
  const entries = cases.map(({ name, file }): [string, Buffer] => [`a/${name}.heic`, file])
  await writeTree(root, { ...Object.fromEntries(entries), 'b/1.jpg': await jpeg() })
  const scan = await scanDataset(root)
  expect(scan.setAside).toEqual([])
  for (const { name, width, height } of cases) {
    expect(scan.pictures.find(({ path }) => path === `a/${name}.heic`)).toMatchObject({ format: 'heic', width, height })
  }
})

describe('damage', () => {
  const whole = cases[0]!.file

  test('a cut file is truncated, also in a scan', async () => {
    const root = await temporaryFolder()
    const lengths = [40, whole.length >> 1, whole.length - 20, whole.length - 1]
    await writeTree(root, { 'a/1.jpg': await jpeg(1), 'b/1.jpg': await jpeg(2) })
    for (const length of lengths) {
      const bytes = whole.subarray(0, length)
      await expect(decodePicture(bytes)).rejects.toMatchObject({ code: 'UNREADABLE', reason: 'truncated' })
      await writeTree(root, { [`a/${length}.heic`]: bytes })
    }
    expect((await scanDataset(root)).setAside.map(({ reason }) => reason)).toEqual(lengths.map(() => 'truncated'))
  })

  test('a file that is none, and pictures decode on', async () => {
    await expect(decodeHeic(Buffer.from('not a picture at all'))).rejects.toBeInstanceOf(HeicDamaged)
    expect((await decodeHeic(whole)).width).toBe(cases[0]!.width)
  })

  test('any byte changed gives pixels of the stated size or a refusal, and many at once', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: whole.length }, (_, at) => {
        const bytes = Buffer.from(whole)
        bytes[at] = (bytes[at] ?? 0) ^ 0xff
        return decodePicture(bytes)
      }),
    )
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'UNREADABLE' })
      else expect(outcome.value.pixels).toHaveLength(outcome.value.width * outcome.value.height * 3)
    }
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled', 'rejected']))
    expect((await decodeHeic(whole)).width).toBe(cases[0]!.width)
  })
})
