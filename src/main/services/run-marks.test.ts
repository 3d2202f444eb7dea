import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { isThere } from '../storage/atomic-write'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord } from '../storage/run-folder.examples'
import { runConfigSchema } from '../../shared/domain/run-config'
import { placesFrom } from './places'
import { removeMembers, requireNothingElse } from './run-members'
import { tidyTags } from './run-marks'
import { createStudio } from './studio'

const base = await mkdtemp(join(tmpdir(), 'graft-marks-'))
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
const studio = createStudio({ door: 'served', roots: [base], version: '0.0.0', places, installation: base })
const { runs, shelf } = studio
const trash = join(base, 'share', 'Trash')
const before = { ...process.env }
let directory = ''

beforeAll(() => {
  for (const name of ['DISPLAY', 'WAYLAND_DISPLAY', 'XDG_CURRENT_DESKTOP']) Reflect.deleteProperty(process.env, name)
  process.env['XDG_DATA_HOME'] = join(base, 'share')
})
beforeEach(async () => {
  await rm(places.runs, { recursive: true, force: true })
  await rm(trash, { recursive: true, force: true })
  const config = runConfigSchema.parse({ backbone: 'efficientnet_lite0' })
  directory = join(places.runs, 'r1')
  await mkdir(places.runs, { recursive: true })
  await RunFolder.create(directory, { record: { ...exampleRecord(), status: 'completed' }, config, manifest: exampleManifest() })
})
afterAll(async () => {
  await studio.close()
  Object.assign(process.env, before)
  if (before['XDG_DATA_HOME'] === undefined) Reflect.deleteProperty(process.env, 'XDG_DATA_HOME')
  await rm(base, { recursive: true, force: true })
})

test('tags, note and archive are written into the record and nothing else changes', async () => {
  const old = await (await RunFolder.open(directory)).record()
  await shelf.mark({ runId: 'r1', tags: ['good', 'Good', ' leaf '.trim()], note: '  why \n' })
  await shelf.mark({ runId: 'r1', archived: true })
  const { updated_at: _, ...now } = await (await RunFolder.open(directory)).record()
  const { updated_at: __, ...then } = old
  expect(now).toEqual({ ...then, tags: ['good', 'leaf'], note: 'why', archived: true })
})

test('a record of an older version, without them, is read as having none', async () => {
  const path = join(directory, 'run.json')
  const record: unknown = JSON.parse(await readFile(path, 'utf8'))
  if (typeof record !== 'object' || record === null) throw new Error('no record')
  for (const name of ['tags', 'note', 'archived', 'last_metric']) Reflect.deleteProperty(record, name)
  await writeFile(path, JSON.stringify(record))
  expect((await runs.list()).runs[0]).toMatchObject({ tags: [], note: '', archived: false, last_metric: null })
})

test('where there is no trash that is said, and the run stays', async () => {
  await expect(shelf.trash({ runId: 'r1' })).rejects.toMatchObject({ code: 'UNSUPPORTED', message: 'This machine has no trash.' })
  expect(await isThere(directory)).toBe(true)
})

test('all that a run is said to leave is the run’s: it hinders no trash, and goes where the run is deleted for good', async () => {
  const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'run-folder.md'), 'utf8')
  const firstTable = page.slice(page.indexOf('|---|'), page.indexOf('\n## '))
  const names = [...firstTable.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name.split('/')[0] ?? ''))
  expect(names).toEqual(expect.arrayContaining(['run.json', 'open.graft', 'suspects.json', 'thresholds.json']))
  const left = join(base, 'left')
  await mkdir(left)
  for (const name of names) await writeFile(join(left, name), '')
  await requireNothingElse(left)
  await removeMembers(left)
  expect(await isThere(left)).toBe(false)
})

test('a run goes to the trash with a note of where it lay, as file managers read it, and comes back', async () => {
  await mkdir(trash, { recursive: true })
  const { restoreId } = await shelf.trash({ runId: 'r1' })
  expect((await runs.list()).runs).toEqual([])
  expect(await readdir(join(trash, 'files', 'r1'))).toContain('run.json')
  const note = await readFile(join(trash, 'info', 'r1.trashinfo'), 'utf8')
  expect(note.split('\n').slice(0, 2)).toEqual(['[Trash Info]', `Path=${directory}`])
  expect(note).toMatch(/^DeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/m)
  expect(await shelf.restore({ restoreId: restoreId ?? '' })).toMatchObject({ run_id: 'r1', name: 'leaves' })
  expect((await runs.list()).runs.map(({ run_id }) => run_id)).toEqual(['r1'])
  expect(await readdir(join(trash, 'info'))).toEqual([])
  await expect(shelf.restore({ restoreId: restoreId ?? '' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('two runs of the same folder name lie beside each other in the trash', async () => {
  await mkdir(join(trash, 'files', 'r1'), { recursive: true })
  await mkdir(join(trash, 'info'), { recursive: true })
  await writeFile(join(trash, 'info', 'r1.trashinfo'), '')
  await shelf.trash({ runId: 'r1' })
  expect(await readdir(join(trash, 'files'))).toEqual(['r1', 'r1.2'])
})

test('a folder that holds something else as well is not moved, and what it is is named', async () => {
  await mkdir(trash, { recursive: true })
  await writeFile(join(directory, 'thesis.txt'), 'mine')
  await expect(shelf.trash({ runId: 'r1' })).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('thesis.txt') as string })
  expect(await isThere(directory)).toBe(true)
  expect(dirname(directory)).toBe(places.runs)
})

test('tags are kept once each, in their order', () => {
  expect(tidyTags(['b', 'a', 'B', 'c', 'a'])).toEqual(['b', 'a', 'c'])
})
