import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Forecast } from '../../shared/domain/model'
import { isProcessAliveSync } from '../storage/process-identity'
import { placesFrom } from './places'
import { createStudio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
const base = await mkdtemp(join(tmpdir(), 'graft-models-'))
const journal = join(base, 'forecasts')
// The trainer that is found without a path of its own must not be the built one: it would measure in earnest.
process.env['GRAFT_TRAINER'] = join(base, 'no-trainer.js')
process.env['SCRIPTED_FORECASTS'] = journal
const studio = createStudio({ door: 'served', roots: [base], version: '0.0.0', places: placesFrom(join(base, 'data'), join(base, 'cache')), trainerPath, installation: base })
let datasetId = ''

beforeAll(async () => {
  await writeFile(journal, '')
  for (const name of ['ripe', 'green']) {
    await mkdir(join(base, 'pictures', name), { recursive: true })
    for (let number = 0; number < 6; number++) {
      const background = { r: name === 'ripe' ? 200 : 20, g: 40 + number, b: 60 }
      await writeFile(join(base, 'pictures', name, `${number}.png`), await sharp({ create: { width: 8, height: 8, channels: 3, background } }).png().toBuffer())
    }
  }
  for await (const item of studio.datasets.open({ path: join(base, 'pictures') })) if (item.kind === 'done') datasetId = item.result.datasetId
})
afterAll(async () => {
  await studio.close()
  await rm(base, { recursive: true, force: true })
})

/** The scripted trainer takes a tenth of a second for each pixel beyond 32. */
const forecast = (pixels: number, signal?: AbortSignal, epochs = 3): Promise<Forecast> =>
  studio.models.forecast({ config: { weights: 'none', image_size: 32 + pixels, epochs }, datasetId }, signal)
const measuring = async (): Promise<number[]> => (await readFile(journal, 'utf8')).split('\n').filter(Boolean).map(Number)

test('a forecast that two ask for goes on when the first leaves, and is measured once', async () => {
  const first = new AbortController()
  const before = (await measuring()).length
  const left = forecast(8, first.signal)
  await expect.poll(measuring).toHaveLength(before + 1)
  const stayed = forecast(8)
  await sleep(200)
  first.abort()
  await expect(left).rejects.toMatchObject({ name: 'Cancelled' })
  expect((await stayed).measurement.trainStepMs).toBe(1)
  expect(await forecast(8)).toEqual(await stayed)
  // More epochs take longer, and need not be measured again.
  expect((await forecast(8, undefined, 30)).seconds).toBeGreaterThan((await stayed).seconds)
  expect(await measuring()).toHaveLength(before + 1)
})

test('a forecast ends when the last caller leaves, and who asks again has it measured anew', async () => {
  const callers = [new AbortController(), new AbortController()]
  const before = (await measuring()).length
  const left = callers.map(({ signal }) => expect(forecast(300, signal)).rejects.toMatchObject({ name: 'Cancelled' }))
  await expect.poll(measuring).toHaveLength(before + 1)
  for (const caller of callers) caller.abort()
  await Promise.all(left)
  const pid = (await measuring()).at(-1) ?? 0
  await expect.poll(() => isProcessAliveSync(pid)).toBe(false)
})

test('a run that begins ends what is being measured', { timeout: 15_000 }, async () => {
  const before = (await measuring()).length
  const refused = expect(forecast(301)).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect.poll(measuring).toHaveLength(before + 1)
  const { runId } = await studio.runs.start({ datasetId, preset: 'fast', config: { weights: 'none', epochs: 3 }, name: 'well' })
  await refused
  await studio.runs.finished(runId)
})
