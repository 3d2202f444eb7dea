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
async function datasetOf(path: string): Promise<{ datasetId: string }> {
  for await (const item of studio.datasets.open({ path })) if (item.kind === 'done') return item.result
  throw new Error('The folder could not be opened')
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

test('the folder is looked at once while it is the run’s, and again where a file has come or gone', async () => {
  const { runFixes } = studio
  const [gone, other] = [picture('val', 'cats'), picture('val', 'dogs')]
  const [first, second] = await Promise.all([runFixes.get({ runId }), runFixes.get({ runId })])
  expect([first.folder.kind, second.folder]).toEqual(['same', first.folder])
  const bytes = await readFile(join(root, gone))
  await rm(join(root, gone))
  try {
    expect((await runFixes.get({ runId })).folder).toMatchObject({ kind: 'changed', lost: [gone] })
    await runFixes.fix({ runId, fix: { kind: 'exclude', paths: [other] } })
    await expect(runFixes.fix({ runId, fix: { kind: 'exclude', paths: [gone] } })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect((await runFixes.get({ runId })).folder).toMatchObject({ kind: 'changed', lost: [gone] })
  } finally {
    await writeFile(join(root, gone), bytes)
  }
  expect((await runFixes.get({ runId })).folder.kind).toBe('same')
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

/** Trained after the decision, on a split in which the picture that is kept of the copies is not learned from. */
async function runWithoutCopies(decide: (datasetId: string) => Promise<unknown>, isWanted: (manifest: Manifest) => boolean): Promise<string> {
  for await (const item of studio.datasets.open({ path: root })) {
    if (item.kind !== 'done') continue
    const { datasetId } = item.result
    for await (const looked of studio.health.report({ datasetId })) if (looked.kind === 'failed') throw new Error(looked.failure.message)
    await decide(datasetId)
    for (let seed = 1; seed < 60; seed++) {
      await studio.datasets.split({ datasetId, ratios: { train: 0.6, val: 0.2, test: 0.2 }, seed })
      if (!isWanted(studio.datasets.find(datasetId).manifest)) continue
      const started = await studio.runs.start({ datasetId, preset: 'fast', config: { epochs: 2, seed, train_ratio: 0.6, val_ratio: 0.2, test_ratio: 0.2 }, name: 'without copies' })
      await studio.runs.finished(started.runId)
      return started.runId
    }
  }
  throw new Error('No seed has it so')
}

test('a copy that comes back goes to the split of the picture that was kept of it, and stays with it', { timeout: 20_000 }, async () => {
  const { runFixes, runs, health } = studio
  const splitIn = (of: Manifest, path: string) => of.pictures.find((entry) => entry.path === path)
  let kept: string[] = []
  const keepLargest = async (datasetId: string) => {
    await health.fix({ datasetId, fix: { kind: 'keep-largest', finding: 'duplicate', paths: null } })
    await health.fix({ datasetId, fix: { kind: 'keep-largest', finding: 'near-duplicate', paths: null } })
  }
  const isOf = (of: Manifest, path: string) => of.curation?.excluded.find((picture) => picture.path === path)?.alike ?? ''
  const without = await runWithoutCopies(keepLargest, (of) => {
    kept = (of.curation?.excluded ?? []).map(({ path }) => path)
    return kept.length >= 2 && kept.every((path) => splitIn(of, isOf(of, path))?.split !== 'train')
  })
  const before = await (await runs.folder(without)).manifest()
  await runFixes.undo({ runId: without })
  const { counts } = await runFixes.undo({ runId: without })
  expect([counts.brought_back.train, fixTotal(counts)]).toEqual([0, kept.length])
  const again = await runs.folder((await runFixes.retrain({ runId: without, name: null })).runId)
  const now = await again.manifest()
  for (const path of kept) {
    const [copy, original] = [splitIn(now, path), splitIn(now, isOf(before, path))]
    expect([path, copy?.split]).toEqual([path, splitIn(before, isOf(before, path))?.split])
    expect(copy?.group).toBe(original?.group)
    expect(copy?.group).toBeDefined()
  }
  expect((await again.record()).retrains?.fixes).toEqual(counts)

  // A run of an older version does not say where they were; an exact copy tells by its bytes.
  const { excluded = [], ...rest } = before.curation ?? { decisions: [], moved: [] }
  await (await runs.folder(without)).writeManifest({ ...before, curation: { ...rest, excluded: excluded.map(({ split: _, alike: __, ...picture }) => picture) } })
  await runs.finished((await again.record()).run_id)
  await (await runs.folder(without)).updateRecord({})
  const older = await (await runs.folder((await runFixes.retrain({ runId: without, name: null })).runId)).manifest()
  const exact = kept.filter((path) => splitIn(now, path)?.sha256 === splitIn(now, isOf(before, path))?.sha256)
  expect(exact.length).toBeGreaterThan(0)
  for (const path of exact) expect(splitIn(older, path)?.split).toBe(splitIn(now, path)?.split)
})

test('what comes back has the label that Dataset has it with', { timeout: 20_000 }, async () => {
  const { runFixes, runs, health } = studio
  const [path, moved] = [picture('train', 'cats'), picture('train', 'cats', 1)]
  const without = await runWithoutCopies(async (datasetId) => {
    await health.fix({ datasetId, fix: { kind: 'exclude', finding: null, paths: [path] } })
    await health.fix({ datasetId, fix: { kind: 'move', finding: null, paths: [moved], toClass: 'dogs' } })
    await health.fix({ datasetId, fix: { kind: 'exclude', finding: null, paths: [moved] } })
  }, () => true)
  const datasetId = studio.datasets.find((await datasetOf(root)).datasetId).id
  await health.fix({ datasetId, fix: { kind: 'keep', finding: null, paths: [path, moved] } })
  await health.fix({ datasetId, fix: { kind: 'move', finding: null, paths: [path], toClass: 'dogs' } })
  await health.fix({ datasetId, fix: { kind: 'move', finding: null, paths: [moved], toClass: 'cats' } })
  const again = await runs.folder((await runFixes.retrain({ runId: without, name: null })).runId)
  const next = await again.manifest()
  const shown = studio.datasets.find(datasetId).manifest
  const labelOf = (of: Manifest, of_: string) => of.classes[of.pictures.find((entry) => entry.path === of_)?.classIndex ?? -1]
  expect([labelOf(next, path), labelOf(next, moved)]).toEqual(['dogs', 'cats'])
  expect([labelOf(shown, path), labelOf(shown, moved)]).toEqual(['dogs', 'cats'])
  expect(next.curation?.moved).toEqual([expect.objectContaining({ path, from: 'cats', to: 'dogs' })])
})

test('a picture that is there and cannot be read is not taken for gone', async () => {
  const { runFixes, runs } = studio
  const [out, other] = [picture('train', 'cats'), picture('train', 'dogs')]
  await runFixes.fix({ runId, fix: { kind: 'exclude', paths: [out] } })
  const { runId: without } = await runFixes.retrain({ runId, name: null })
  await runs.finished(without)
  await runFixes.undo({ runId: without })
  const bytes = await readFile(join(root, out))
  await rm(join(root, out))
  await mkdir(join(root, out))
  try {
    await expect(runFixes.retrain({ runId: without, name: null })).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining(out) as string })
    await expect(runFixes.fix({ runId, fix: { kind: 'exclude', paths: [other, out] } })).rejects.toMatchObject({ code: 'STORAGE' })
  } finally {
    await rm(join(root, out), { recursive: true })
  }
  // Gone it is, and then there is nothing to train again with.
  try {
    await expect(runFixes.retrain({ runId: without, name: null })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('Nothing was decided') as string })
  } finally {
    await writeFile(join(root, out), bytes)
  }
})
