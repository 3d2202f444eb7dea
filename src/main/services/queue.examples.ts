/** Studios over one data folder for tests of the queue, whose trainer is scripted: a run does as its name says. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import type { RunStatus } from '../../shared/domain/run'
import { starterWeightsFile } from '../storage/paths'
import { placesFrom, type Places } from './places'
import { createStudio, type Studio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')

export const SOON = { timeout: 10_000, interval: 50 }

export interface QueueStudios {
  readonly base: string
  readonly places: Places
  open(): Studio
  closeAll(): Promise<void>
}

export async function queueStudios(): Promise<QueueStudios> {
  const base = await mkdtemp(join(tmpdir(), 'graft-queue-'))
  const places = placesFrom(join(base, 'data'), join(base, 'cache'))
  const studios: Studio[] = []
  for (const [name, red] of [['ripe', 200], ['green', 20]] as const) {
    await mkdir(join(base, 'pictures', name), { recursive: true })
    for (let number = 0; number < 12; number++) {
      const picture = sharp({ create: { width: 40, height: 40, channels: 3, background: { r: red, g: 40 + number, b: 60 } } })
      await writeFile(join(base, 'pictures', name, `${number}.png`), await picture.png().toBuffer())
    }
  }
  await mkdir(dirname(starterWeightsFile(places.cache)), { recursive: true })
  await writeFile(starterWeightsFile(places.cache), 'stands in for the weights; the scripted trainer reads none')
  return {
    base,
    places,
    open() {
      const studio = createStudio({ door: 'served', roots: null, version: '0.0.0', places, trainerPath, installation: base })
      studios.push(studio)
      return studio
    },
    async closeAll() {
      for (const studio of studios) await studio.close()
      await rm(base, { recursive: true, force: true })
    },
  }
}

export async function datasetOf({ base }: QueueStudios, studio: Studio): Promise<string> {
  for await (const item of studio.datasets.open({ path: join(base, 'pictures') })) if (item.kind === 'done') return item.result.datasetId
  throw new Error('The pictures did not open')
}

/** Puts new runs into the queue whose scripted trainers do as their names say. */
export async function queued(studios: QueueStudios, studio: Studio, ...names: string[]): Promise<string[]> {
  const datasetId = await datasetOf(studios, studio)
  const ids: string[] = []
  for (const name of names) ids.push((await studio.queue.add({ datasetId, preset: 'fast', config: {}, name })).runId)
  return ids
}

export const statusOf = async (studio: Studio, runId = ''): Promise<RunStatus> => (await studio.runs.get({ runId })).run.status
export const namesIn = async (studio: Studio): Promise<string[]> => (await studio.queue.get()).entries.map(({ name }) => name)
