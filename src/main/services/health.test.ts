import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manifestSchema } from '../../shared/domain/dataset'
import { fixedSchema } from '../../shared/domain/fix'
import type { HealthKind, HealthReport } from '../../shared/domain/health'
import { sceneJpeg, writeFaultyFolder } from '../dataset/test-scene'
import { starterWeightsFile } from '../storage/paths'
import { placesFrom } from './places'
import { createStudio, type Studio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
const base = await mkdtemp(join(tmpdir(), 'graft-health-'))
const root = join(base, 'pictures')
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
const studios: Studio[] = []

function studio(): Studio {
  const made = createStudio({ door: 'served', roots: [base], version: '0.0.0', places, trainerPath, installation: base })
  studios.push(made)
  return made
}

beforeAll(async () => {
  await writeFaultyFolder(root)
  await mkdir(dirname(starterWeightsFile(places.cache)), { recursive: true })
  await writeFile(starterWeightsFile(places.cache), 'stands in for the weights; the scripted trainer reads none')
})
afterAll(async () => {
  for (const each of studios) await each.close()
  await rm(base, { recursive: true, force: true })
})

async function last<T>(stream: AsyncIterable<{ kind: string } & ({ kind: 'done'; result: T } | { kind: 'progress' } | { kind: 'failed' })>): Promise<T> {
  for await (const item of stream) if (item.kind === 'done') return item.result
  throw new Error('The stream had no result')
}

async function opened(at: Studio, path = root): Promise<{ datasetId: string; report: HealthReport }> {
  const { datasetId } = await last(at.datasets.open({ path }))
  return { datasetId, report: await last(at.health.report({ datasetId })) }
}

const countOf = (report: HealthReport | null, kind: HealthKind): number => report?.findings.find((finding) => finding.kind === kind)?.count ?? 0

/** Every file of the folder by the hash of its bytes. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(await Promise.all(files.map(async (path) => [path, createHash('sha256').update(await readFile(path)).digest('hex')] as const)))
}

test('found, decided, taken back, made again; a run leaves out what was excluded and says why; no file changes', async () => {
  const before = await filesOf(root)
  const one = studio()
  const { datasetId, report } = await opened(one)
  expect(countOf(report, 'dark')).toBe(1)
  expect(report.groups).toBe(4)
  const { health } = one

  const excluded = await health.fix({ datasetId, fix: { kind: 'exclude-all', finding: 'dark' } })
  expect(fixedSchema.parse(JSON.parse(JSON.stringify(excluded)))).toEqual(excluded)
  expect([countOf(excluded.health, 'dark'), excluded.summary.excluded, excluded.summary.pictures]).toEqual([0, 1, 59])
  const kept = await health.fix({ datasetId, fix: { kind: 'keep-largest', finding: 'near-duplicate', paths: null } })
  expect(kept.journal.entries.at(-1)).toMatchObject({ title: 'Kept 1, excluded 1 picture', paths: ['cats/small-copy.jpg'] })
  const moved = await health.fix({ datasetId, fix: { kind: 'move', finding: 'label-conflict', paths: ['dogs/conflict.jpg'], toClass: 'cats' } })
  expect(moved.summary.classes.map(({ name, pictures }) => [name, pictures])).toEqual([['cats', 31], ['dogs', 27]])
  await health.fix({ datasetId, fix: { kind: 'fine', finding: 'blurry', paths: ['cats/blurred.jpg'] } })

  const undone = await health.undo({ datasetId })
  expect(countOf(undone.health, 'blurry')).toBe(1)
  await health.undo({ datasetId })
  const back = await health.undo({ datasetId })
  expect([countOf(back.health, 'near-duplicate'), countOf(back.health, 'label-conflict'), back.summary.excluded]).toEqual([2, 2, 1])
  const again = await health.redo({ datasetId })
  expect([countOf(again.health, 'near-duplicate'), again.summary.excluded]).toEqual([0, 2])
  expect(again.journal.entries.map(({ isApplied }) => isApplied)).toEqual([true, true, false, false])

  // Another process finds the same decisions, and a run is made with them.
  const two = studio()
  const other = await opened(two)
  expect(other.datasetId).toBe(datasetId)
  expect(countOf(other.report, 'near-duplicate')).toBe(0)
  const { runId, directory } = await two.runs.start({ datasetId, preset: 'fast', config: { epochs: 3 }, name: 'completes' })
  await two.runs.finished(runId)
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(directory, 'manifest.json'), 'utf8')))
  const paths = manifest.pictures.map(({ path }) => path)
  expect(paths).not.toContain('cats/dark.jpg')
  expect(paths).not.toContain('cats/small-copy.jpg')
  expect(paths).toHaveLength(58)
  expect(manifest.curation?.decisions.map(({ id }) => id)).toEqual([1, 2])
  expect(manifest.curation?.excluded.map(({ path, reason, decision }) => [path, reason, decision])).toEqual([
    ['cats/dark.jpg', 'left out', 1],
    ['cats/small-copy.jpg', 'a copy of one that is kept', 2],
  ])
  const splits = new Map<number, Set<string>>()
  for (const { group, split } of manifest.pictures) if (group !== undefined) splits.set(group, (splits.get(group) ?? new Set()).add(split))
  expect(splits.size).toBeGreaterThan(1)
  for (const of of splits.values()) expect(of.size).toBe(1)

  const lines = (await readFile(join(places.data, 'datasets', datasetId, 'journal.jsonl'), 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(8)
  expect(await filesOf(root)).toEqual(before)
})

test('what cannot be is refused, and nothing is decided by it', async () => {
  const small = join(base, 'small')
  for (let i = 0; i < 6; i++) {
    await mkdir(join(small, i < 3 ? 'a' : 'b'), { recursive: true })
    await writeFile(join(small, i < 3 ? 'a' : 'b', `${i}.jpg`), await sceneJpeg(900 + i, 160, 120))
  }
  const one = studio()
  const { datasetId } = await last(one.datasets.open({ path: small }))
  const { health } = one
  await expect(health.items({ datasetId, kind: 'dark' })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(health.undo({ datasetId })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(health.fix({ datasetId, fix: { kind: 'exclude', finding: null, paths: ['a/0.jpg', 'a/1.jpg'] } })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('"a" has 1 usable picture') })
  await expect(health.fix({ datasetId, fix: { kind: 'exclude', finding: null, paths: ['../secret.jpg'] } })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(health.fix({ datasetId, fix: { kind: 'move', finding: null, paths: ['a/0.jpg'], toClass: 'c' } })).rejects.toMatchObject({ code: 'BAD_INPUT' })
  await expect(health.fix({ datasetId, fix: { kind: 'exclude-all', finding: 'dark' } })).rejects.toMatchObject({ code: 'CONFLICT' })
  expect((await health.journal({ datasetId })).entries).toEqual([])
  expect((await one.datasets.get({ datasetId })).pictures).toBe(6)
  // Two at once are made one after the other.
  const both = await Promise.all(['a/0.jpg', 'b/3.jpg'].map((path) => health.fix({ datasetId, fix: { kind: 'exclude', finding: null, paths: [path] } })))
  expect(both.map(({ journal }) => journal.entries.length)).toEqual([1, 2])
})
