import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Manifest, Split } from '../../shared/domain/dataset'
import { runFixesSchema } from '../../shared/domain/fix-run'
import { fixTotal } from '../../shared/domain/fix-since'
import { writeFaultyFolder } from '../dataset/test-scene'
import { starterWeightsFile } from '../storage/paths'
import { placesFrom } from './places'
import { createStudio, type Studio } from './studio'

const trainerPath = join(import.meta.dirname, 'fixtures', 'scripted-trainer.mjs')
const base = await mkdtemp(join(tmpdir(), 'graft-run-fixes-'))
const root = join(base, 'pictures')
let studio: Studio
let runId = ''
let manifest: Manifest
let turn = 0

beforeAll(() => writeFaultyFolder(root))
afterAll(() => rm(base, { recursive: true, force: true }))

/** A run of the scripted trainer with places of its own, so that no journal is another test's; and the program started anew. */
beforeEach(async () => {
  const places = placesFrom(join(base, `data-${++turn}`), join(base, 'cache'))
  const made = () => createStudio({ door: 'served', roots: [base], version: '0.0.0', places, trainerPath, installation: base })
  await mkdir(dirname(starterWeightsFile(places.cache)), { recursive: true })
  await writeFile(starterWeightsFile(places.cache), 'stands in for the weights; the scripted trainer reads none')
  const first = made()
  let datasetId = ''
  for await (const item of first.datasets.open({ path: root })) if (item.kind === 'done') datasetId = item.result.datasetId
  const started = await first.runs.start({ datasetId, preset: 'fast', config: { epochs: 2 }, name: 'pets' })
  await first.runs.finished(started.runId)
  await first.close()
  runId = started.runId
  studio = made()
  manifest = await (await studio.runs.folder(runId)).manifest()
  return () => studio.close()
})

const picture = (split: Split, className: string, place = 0): string => {
  const found = manifest.pictures.filter((entry) => entry.split === split && manifest.classes[entry.classIndex] === className)[place]
  if (found === undefined) throw new Error(`no ${className} in ${split}`)
  return found.path
}
const splitsOf = ({ pictures }: Manifest): Map<string, Split> => new Map(pictures.map(({ path, split }) => [path, split]))

test('decided without opening the folder, taken back, made again; what was decided is seen on the picture', async () => {
  const { runFixes } = studio
  const [wrong, bad, right] = [picture('test', 'cats'), picture('train', 'dogs'), picture('val', 'dogs')]
  expect((await runFixes.get({ runId })).folder).toMatchObject({ kind: 'same', lostCount: 0, pictures: manifest.pictures.length })
  await runFixes.fix({ runId, fix: { kind: 'relabel', paths: [wrong], toClass: 'dogs' } })
  await runFixes.fix({ runId, fix: { kind: 'exclude', paths: [bad] } })
  const fixed = await runFixes.fix({ runId, fix: { kind: 'fine', paths: [right] } })
  expect(runFixesSchema.parse(JSON.parse(JSON.stringify(fixed)))).toEqual(fixed)
  expect(fixed.marks).toEqual([
    { path: wrong, mark: 'relabelled', toClass: 'dogs' },
    { path: bad, mark: 'excluded', toClass: null },
    { path: right, mark: 'fine', toClass: null },
  ])
  expect(fixed.counts).toEqual({ relabelled: { train: 0, val: 0, test: 1 }, excluded: { train: 1, val: 0, test: 0 }, brought_back: { train: 0, val: 0, test: 0 } })
  await runFixes.undo({ runId })
  const undone = await runFixes.undo({ runId })
  expect([undone.marks.length, undone.undo?.paths, undone.redo?.paths]).toEqual([1, [wrong], [bad]])
  expect((await runFixes.redo({ runId })).marks).toHaveLength(2)
  // Fine after all: it takes part again, under the label that the run has it with.
  const fine = await runFixes.fix({ runId, fix: { kind: 'fine', paths: [wrong, bad] } })
  expect([fine.marks.map(({ mark }) => mark), fixTotal(fine.counts)]).toEqual([['fine', 'fine'], 0])
})

test('the dataset that is open beside it follows', async () => {
  const [out, dog] = [picture('train', 'cats'), picture('train', 'dogs')]
  for await (const item of studio.datasets.open({ path: root })) {
    if (item.kind !== 'done') continue
    const { datasetId, pictures } = item.result
    await studio.runFixes.fix({ runId, fix: { kind: 'exclude', paths: [out, dog] } })
    expect(await studio.datasets.get({ datasetId })).toMatchObject({ pictures: pictures - 2, excluded: 2 })
    await studio.runFixes.fix({ runId, fix: { kind: 'fine', paths: [out] } })
    expect(await studio.datasets.get({ datasetId })).toMatchObject({ pictures: pictures - 1, excluded: 1 })
    expect((await studio.health.journal({ datasetId })).entries.map(({ title }) => title)).toEqual(['Excluded 2 pictures', 'Said that 1 picture is fine'])
  }
})

test('a folder that is gone, another one, or changed is said to be, and decides nothing', async () => {
  const { runFixes } = studio
  const [first, second] = [picture('val', 'cats'), picture('val', 'cats', 1)]
  const bytes = await readFile(join(root, first))
  await rename(root, `${root}-away`)
  try {
    expect(await runFixes.get({ runId })).toMatchObject({ folder: { kind: 'gone' }, hindrance: expect.stringContaining('not there any more') as string })
    await expect(runFixes.fix({ runId, fix: { kind: 'exclude', paths: [first] } })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('not in') as string })
    await mkdir(join(root, 'cats'), { recursive: true })
    await writeFile(join(root, 'cats', 'another.jpg'), bytes)
    expect((await runFixes.get({ runId })).folder).toMatchObject({ kind: 'another', lostCount: manifest.pictures.length })
    await rm(root, { recursive: true })
  } finally {
    await rename(`${root}-away`, root)
  }
  // As long, so that only its bytes tell.
  await writeFile(join(root, first), Buffer.from(bytes).reverse())
  try {
    await expect(runFixes.fix({ runId, fix: { kind: 'exclude', paths: [first] } })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('another picture now') as string })
    await rm(join(root, second))
    expect((await runFixes.get({ runId })).folder).toMatchObject({ kind: 'changed', lost: [second] })
  } finally {
    await writeFile(join(root, first), bytes)
  }
})

test('trained again with fixes: the same split and settings, from the best weights; the record says from which run and what was decided', async () => {
  const { runFixes, runs } = studio
  await expect(runFixes.retrain({ runId, name: null })).rejects.toMatchObject({ code: 'CONFLICT', message: 'Nothing was decided about the pictures since pets was made.' })
  const [moved, out, gone] = [picture('test', 'cats'), picture('test', 'dogs'), picture('train', 'dogs', 1)]
  await runFixes.fix({ runId, fix: { kind: 'relabel', paths: [moved], toClass: 'dogs' } })
  await runFixes.fix({ runId, fix: { kind: 'exclude', paths: [out] } })
  const bytes = await readFile(join(root, gone))
  await rm(join(root, gone))
  const again = await runFixes.retrain({ runId, name: null }).finally(() => writeFile(join(root, gone), bytes))
  const folder = await runs.folder(again.runId)
  const next = await folder.manifest()
  const expected = splitsOf(manifest)
  for (const path of [out, gone]) expected.delete(path)
  expect(splitsOf(next)).toEqual(expected)
  expect(next.pictures.find(({ path }) => path === moved)?.classIndex).toBe(manifest.classes.indexOf('dogs'))
  expect(next.setAside.map(({ path }) => path)).toContain(gone)
  expect(next.curation).toMatchObject({
    decisions: [{ kind: 'move' }, { kind: 'exclude' }],
    excluded: [{ path: out, split: 'test' }],
    moved: [{ path: moved, from: 'cats', to: 'dogs' }],
  })
  expect(await folder.record()).toMatchObject({ name: 'pets with fixes', retrains: { run_id: runId, name: 'pets', fixes: { relabelled: { test: 1 }, excluded: { test: 1 } } } })
  const before = await runs.get({ runId })
  expect(await folder.config()).toEqual({ ...before.config, weights: join(before.directory, 'checkpoints', 'best', 'weights.safetensors') })

  // What is taken back comes back to the split that it had, and is a fix of the run that went without.
  await runs.finished(again.runId)
  await runFixes.undo({ runId })
  expect((await runFixes.get({ runId: again.runId })).counts).toEqual({ relabelled: { train: 0, val: 0, test: 0 }, excluded: { train: 0, val: 0, test: 0 }, brought_back: { train: 0, val: 0, test: 1 } })
  const third = await runs.folder((await runFixes.retrain({ runId: again.runId, name: null })).runId)
  expect((await third.manifest()).pictures.find(({ path }) => path === out)).toEqual(manifest.pictures.find(({ path }) => path === out))
  expect((await third.record()).name).toBe('pets with fixes 2')
  await runs.finished((await third.record()).run_id)
})

test('a class that the fixes leave without a validation picture is refused by name', async () => {
  const paths = manifest.pictures.filter(({ split, classIndex }) => split === 'val' && manifest.classes[classIndex] === 'cats').map(({ path }) => path)
  await studio.runFixes.fix({ runId, fix: { kind: 'exclude', paths } })
  await expect(studio.runFixes.retrain({ runId, name: null })).rejects.toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('class "cats" has no picture in val') as string })
})
