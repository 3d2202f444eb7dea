/** The search for a learning rate by the real trainer. */
import { expect, test } from 'vitest'
import { HIGHEST_RATE, LOWEST_RATE, type RateSoFar } from '../../shared/domain/rate-finder'
import { isCancellation } from '../../shared/domain/error'
import { runJob } from './host'
import { drawPictures, fingerprint, makeRun, trainRun, workplace } from './trained-runs.examples'

const SHORT = { epochs: 2, freeze_ratio: 0.9, image_size: 32 } as const

test('a run after a search is bit-equal to one without, and the search twice gives the same curve', async () => {
  const folder = await workplace()
  const root = await drawPictures(folder)
  const before = await makeRun(folder, 'before', root, SHORT)
  await trainRun(before, false).result

  const [config, manifest] = [await before.config(), await before.manifest()]
  const seen: number[] = []
  const onProgress = ({ soFar }: { soFar?: unknown }) => {
    const { points } = (soFar ?? {}) as Partial<RateSoFar>
    if (points !== undefined) seen.push(points.length)
  }
  const found = await runJob<'find-rate'>({ kind: 'find-rate', config, manifest }, { onProgress }).result
  expect(found.points.length).toBeGreaterThan(10)
  expect(seen.at(-1)).toBeGreaterThanOrEqual(found.points.length)
  const rates = found.points.map((point) => point.learning_rate)
  expect(rates[0]).toBe(LOWEST_RATE)
  expect(rates).toEqual([...rates].sort((a, b) => a - b))
  expect(rates.at(-1)).toBeLessThanOrEqual(HIGHEST_RATE * (1 + 1e-12))
  expect(found.points.every((point) => Number.isFinite(point.smoothed_loss))).toBe(true)
  expect(await runJob<'find-rate'>({ kind: 'find-rate', config, manifest }).result).toEqual(found)

  const after = await makeRun(folder, 'after', root, SHORT)
  await trainRun(after, false).result
  expect(await fingerprint(after)).toEqual(await fingerprint(before))
}, 120_000)

test('a search ends when it is told to', async () => {
  const folder = await workplace()
  const run = await makeRun(folder, 'none', await drawPictures(folder), SHORT)
  const control = new AbortController()
  const job = runJob<'find-rate'>(
    { kind: 'find-rate', config: await run.config(), manifest: await run.manifest() },
    { signal: control.signal, onProgress: ({ done, soFar }) => (soFar !== undefined && done > 3 ? control.abort() : undefined) },
  )
  await expect(job.result).rejects.toSatisfy(isCancellation)
}, 60_000)
