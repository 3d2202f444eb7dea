import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SystemInfo } from '../../shared/domain/system'
import { acquireMachineLock } from '../storage/machine-lock'
import { placesFrom } from './places'
import type { Places } from './places'
import { SystemService } from './system'

const scripted = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
let base: string
let places: Places
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-system-'))
  places = placesFrom(join(base, 'data'), join(base, 'cache'))
})
afterEach(() => rm(base, { recursive: true, force: true }))

const service = (trainerPath: string): SystemService =>
  new SystemService({ door: 'served', version: '0.0.0', root: base, places, trainerPath, deviceDelaysMs: { first: 10, retry: 100 } })

test('a device that could not be looked at during a training is known some time after it', async () => {
  const release = await acquireMachineLock('training of something', { path: places.lock })
  const system = service(scripted)
  const device = async (): Promise<SystemInfo['device']> => (await system.info()).device
  expect(await device()).toBeNull()
  await sleep(150)
  expect(await device()).toBeNull()
  await release()
  await expect.poll(device, { timeout: 3000 }).toMatchObject({ kind: 'cpu' })
  await system.close()
})

test('a look that failed is tried again', async () => {
  const trainerPath = join(base, 'trainer.mjs')
  const system = service(trainerPath)
  expect((await system.info()).device).toBeNull()
  await sleep(400)
  await copyFile(scripted, trainerPath)
  await expect.poll(async () => (await system.info()).device, { timeout: 3000 }).toMatchObject({ kind: 'cpu' })
  await system.close()
})
