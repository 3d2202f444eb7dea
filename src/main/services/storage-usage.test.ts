import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { acquireMachineLock } from '../storage/machine-lock'
import { type Places, placesFrom } from './places'
import { StorageUsageService } from './storage-usage'

async function placesWithCaches(): Promise<Places> {
  const base = await mkdtemp(join(tmpdir(), 'graft-storage-'))
  onTestFinished(() => rm(base, { recursive: true, force: true }))
  const places = { ...placesFrom(join(base, 'data'), join(base, 'cache')), pictureCache: join(base, 'cache', 'pictures'), featureCache: join(base, 'cache', 'features') }
  for (const [path, bytes] of [[join(places.pictureCache, 'v1', 'ab', 'x.pixels'), 300], [join(places.featureCache, 'y.features'), 40], [join(base, 'cache', 'weights', 'z.pth'), 5]] as const) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, Buffer.alloc(bytes))
  }
  return places
}

test('decoded pictures and kept features are counted apart and cleared together, and nothing else is', async () => {
  const places = await placesWithCaches()
  const service = new StorageUsageService(places)
  expect(await service.usage()).toMatchObject({ pictureCacheBytes: 300, featureCacheBytes: 40, runs: 0 })
  expect(await service.clearCache()).toMatchObject({ pictureCacheBytes: 0, featureCacheBytes: 0 })
  expect(await new StorageUsageService({ ...places, featureCache: join(dirname(places.featureCache), 'weights') }).usage()).toMatchObject({ featureCacheBytes: 5 })
})

test('they are not cleared while a training uses them', async () => {
  const places = await placesWithCaches()
  const release = await acquireMachineLock('training of something', { path: places.lock })
  const service = new StorageUsageService(places)
  await expect(service.clearCache()).rejects.toMatchObject({ code: 'CONFLICT' })
  expect(await service.usage()).toMatchObject({ pictureCacheBytes: 300, featureCacheBytes: 40 })
  await release()
})
