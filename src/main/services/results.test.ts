import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { isProcessAliveSync } from '../storage/process-identity'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord, exampleState } from '../storage/run-folder.examples'
import { placesFrom } from './places'
import { createStudio } from './studio'

async function studioWithRun() {
  const base = await mkdtemp(join(tmpdir(), 'graft-results-'))
  const places = placesFrom(join(base, 'data'), join(base, 'cache'))
  const directory = join(places.runs, 'r1')
  const folder = await RunFolder.create(directory, { record: { ...exampleRecord(), status: 'completed' }, config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
  await folder.writeCheckpoint('best', { weights: new Uint8Array(8), optimizer: null, state: exampleState(1) })
  const studio = createStudio({ door: 'served', roots: null, version: '0', places, trainerPath: join(import.meta.dirname, 'fixtures', 'scripted-evaluator.mjs'), installation: base })
  onTestFinished(async () => {
    await studio.close()
    await rm(base, { recursive: true, force: true })
  })
  const noted = () => (existsSync(join(directory, 'evaluating')) ? readFileSync(join(directory, 'evaluating'), 'utf8').trim().split('\n') : [])
  return {
    results: studio.results,
    goOn: (split: string) => writeFileSync(join(directory, `go-on-${split}`), ''),
    events: () => noted().map((line) => line.split(' ').slice(0, 2).join(' ')),
    pid: (line: number) => Number(noted()[line]?.split(' ')[2]),
  }
}
const splitOf = async (stream: AsyncIterable<{ kind: string } & ({ kind: 'done'; result: { split: string } } | { kind: 'progress' } | { kind: 'failed' })>) => {
  for await (const item of stream) if (item.kind === 'done') return item.result.split
  return null
}

test('who asks for what is being measured waits for it, and a run is measured on one split after the other', { timeout: 20_000 }, async () => {
  const { results, goOn, events } = await studioWithRun()
  const asked = [results.evaluate({ runId: 'r1', split: 'test' }), results.evaluate({ runId: 'r1', split: 'val' }), results.evaluate({ runId: 'r1', split: 'test' })].map(splitOf)
  const cell = results.cell({ runId: 'r1', split: 'test', truth: 0, prediction: 0 })
  await expect.poll(events, { timeout: 10_000 }).toHaveLength(1)
  goOn('test')
  goOn('val')
  expect(await Promise.all(asked)).toEqual(['test', 'val', 'test'])
  expect(await cell).toEqual({ total: 0, pictures: [] })
  expect(events().map((line) => line.split(' ')[0])).toEqual(['begins', 'ends', 'begins', 'ends'])
  expect(events().sort()).toEqual(['begins test', 'begins val', 'ends test', 'ends val'])
})

test('measuring goes on while anybody waits for it, and ends with the last who leaves', { timeout: 20_000 }, async () => {
  const { results, goOn, events, pid } = await studioWithRun()
  const [first, second] = [new AbortController(), new AbortController()]
  const asked = [first, second].map(({ signal }) => splitOf(results.evaluate({ runId: 'r1', split: 'test' }, signal)))
  await expect.poll(events, { timeout: 10_000 }).toHaveLength(1)
  first.abort()
  await expect(asked[0]).rejects.toThrow()
  expect(isProcessAliveSync(pid(0))).toBe(true)
  second.abort()
  await expect(asked[1]).rejects.toThrow()
  await expect.poll(() => isProcessAliveSync(pid(0)), { timeout: 5000 }).toBe(false)
  goOn('test')
  expect(await splitOf(results.evaluate({ runId: 'r1', split: 'test' }))).toBe('test')
  expect(events()).toEqual(['begins test', 'begins test', 'ends test'])
})
