import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { exampleEpoch, exampleEvaluation, exampleManifest, exampleRecord, exampleState } from './run-folder.examples'
import { previousDirectory } from './atomic-write'
import { RunFolder } from './run-folder'
import { discoverRuns, registerRun } from './run-registry'

let base: string
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-run-'))
})
afterEach(() => rm(base, { recursive: true, force: true }))

const create = (name = 'run'): Promise<RunFolder> =>
  RunFolder.create(join(base, name), { record: exampleRecord(), config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })

test('a run folder reads back what was written', async () => {
  await create()
  const folder = await RunFolder.open(join(base, 'run'))
  expect(await folder.record()).toEqual(exampleRecord())
  expect(await folder.config()).toEqual(DEFAULT_RUN_CONFIG)
  expect(await folder.manifest()).toEqual(exampleManifest())
  const yaml = await readFile(join(base, 'run', 'config.yaml'), 'utf8')
  expect(yaml).toContain('# Times the training pictures are gone through; with stages, all of theirs together (a whole number from 1 to 10000)\nepochs: 15\n')
  expect(yaml).toContain('  # Probability of mirroring left and right (a number from 0 to 1)\n  horizontal_flip: 0.5\n')
})

test('a folder that holds a run or anything else is refused', async () => {
  await create()
  await expect(create()).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('already holds a run') })
  await writeFile(join(base, 'file'), 'x')
  await expect(create('file')).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(create('.')).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('not empty') })
  await expect(RunFolder.open(base)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('concurrent changes of the record are all kept', async () => {
  const folder = await create()
  await Promise.all([folder.updateRecord({ name: 'other' }), folder.updateRecord({ epochs_done: 3 }), folder.updateRecord({ status: 'training' })])
  expect(await folder.record()).toMatchObject({ name: 'other', epochs_done: 3, status: 'training' })
})

test('the same where each comes by an opening of its own, as from two windows', async () => {
  const { directory } = await create()
  const changes = [{ note: 'Best so far' }, { tags: ['leaves'] }, { archived: true }, { name: 'other' }]
  await Promise.all(changes.map(async (change) => (await RunFolder.open(directory)).updateRecord(change)))
  expect(await (await RunFolder.open(directory)).record()).toMatchObject({ note: 'Best so far', tags: ['leaves'], archived: true, name: 'other' })
})

test('events are numbered across instances, and a cut-off last line is dropped and written over', async () => {
  const folder = await create()
  const other = await RunFolder.open(folder.directory)
  await folder.appendEvent({ event: 'log', level: 'info', message: 'one' })
  await other.appendEvent({ event: 'log', level: 'info', message: 'two' })
  await writeFile(join(folder.directory, 'history.jsonl'), '{"sequence":2,"at":"20', { flag: 'a' })
  expect((await folder.events()).map(({ sequence }) => sequence)).toEqual([0, 1])
  await folder.appendEvent({ event: 'log', level: 'info', message: 'three' })
  expect((await other.events()).map(({ sequence, event }) => [sequence, event.event === 'log' && event.message])).toEqual([
    [0, 'one'],
    [1, 'two'],
    [2, 'three'],
  ])
})

test('cutting back keeps the epochs up to the checkpoint, adds lost ones and drops ends', async () => {
  const folder = await create()
  await folder.appendEvent({ event: 'set_aside', path: 'a/b.jpg', reason: 'corrupt', message: 'x' })
  for (const epoch of [1, 2, 3]) await folder.appendEvent({ event: 'epoch', ...exampleEpoch(epoch) })
  await folder.appendEvent({ event: 'error', failure: { code: 'CRASHED', message: 'x' } })
  await folder.appendEvent({ event: 'status', status: 'interrupted', message: null })
  const epochs = async (): Promise<unknown[]> => (await folder.events()).flatMap(({ event }) => (event.event === 'epoch' ? [event.epoch] : []))

  await folder.cutBack(2, [exampleEpoch(1), exampleEpoch(2)])
  expect(await epochs()).toEqual([1, 2])
  const events = await folder.events()
  expect(events.map(({ event }) => event.event)).toEqual(['set_aside', 'epoch', 'epoch', 'log'])
  expect(events.at(-1)?.sequence).toBe(6)

  await folder.appendEvent({ event: 'error', failure: { code: 'CRASHED', message: 'x' } })
  await folder.cutBack(4, [1, 2, 3, 4].map(exampleEpoch))
  expect(await epochs()).toEqual([1, 2, 3, 4])
  expect((await folder.events()).some(({ event }) => event.event === 'error')).toBe(false)
  const sequences = (await folder.events()).map(({ sequence }) => sequence)
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b))

  await folder.cutBack(0, [])
  expect((await folder.events()).map(({ event }) => event.event)).toEqual(['log'])
})

test('a checkpoint reads back bit for bit, and each damaged member is named', async () => {
  const folder = await create()
  expect(await folder.readCheckpoint('latest')).toBeNull()
  const content = { weights: Uint8Array.from([1, 2, 3]), optimizer: Uint8Array.from([4]), state: exampleState(1) }
  await folder.writeCheckpoint('latest', content)
  const read = await folder.readCheckpoint('latest')
  expect([...(read?.weights ?? [])]).toEqual([1, 2, 3])
  expect([...(read?.optimizer ?? [])]).toEqual([4])
  expect(read?.state).toEqual(exampleState(1))
  expect(read?.note).toBeNull()
  const directory = folder.checkpointDirectory('latest')
  for (const member of ['weights.safetensors', 'optimizer.safetensors', 'state.json']) {
    const good = await readFile(join(directory, member))
    for (let at = 0; at < good.length; at += Math.max(1, Math.floor(good.length / 20))) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 1
      await writeFile(join(directory, member), bad)
      await expect(folder.readCheckpoint('latest')).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringContaining(member) })
    }
    await rm(join(directory, member))
    await expect(folder.readCheckpoint('latest')).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringContaining(member) })
    await writeFile(join(directory, member), good)
  }
  expect((await folder.readCheckpoint('latest'))?.state.epoch).toBe(1)
})

test('after a kill between the two renames the previous checkpoint is used and said so', async () => {
  const folder = await create()
  await folder.writeCheckpoint('latest', { weights: Uint8Array.from([1]), optimizer: null, state: exampleState(1) })
  const directory = folder.checkpointDirectory('latest')
  await rename(directory, previousDirectory(directory))
  const read = await folder.readCheckpoint('latest')
  expect(read?.state.epoch).toBe(1)
  expect(read?.optimizer).toBeNull()
  expect(read?.note).toContain('epoch 1')
  expect((await folder.checkpointState('latest'))?.epoch).toBe(1)
  // The next write makes it whole again.
  await folder.writeCheckpoint('latest', { weights: Uint8Array.from([2]), optimizer: null, state: exampleState(2) })
  expect(await folder.readCheckpoint('latest')).toMatchObject({ note: null, state: { epoch: 2 } })
})

test('an evaluation that comes after the run was thrown away makes no folder in its place', async () => {
  const folder = await create()
  const away = join(base, 'away')
  await rename(folder.directory, away)
  await expect(folder.writeEvaluation(exampleEvaluation())).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining('no longer there') })
  await rename(away, folder.directory)
  await folder.writeEvaluation(exampleEvaluation())
})

test('an evaluation is kept whole, with CSV for other programs', async () => {
  const folder = await create()
  expect(await folder.readEvaluation('test', 'best')).toBeNull()
  await folder.writeEvaluation(exampleEvaluation())
  expect(await folder.readEvaluation('test', 'best')).toEqual(exampleEvaluation())
  expect(await readFile(join(folder.directory, 'evaluation', 'test_predictions.csv'), 'utf8')).toBe(
    'path,truth,prediction,is_correct,"probability_a, b",probability_c\r\n"x ""1"".jpg","a, b",c,0,0.25,0.75\r\n',
  )
  expect(await readFile(join(folder.directory, 'evaluation', 'test_confusion_matrix.csv'), 'utf8')).toBe('truth\\prediction,"a, b",c\r\n"a, b",0,1\r\nc,0,0\r\n')
})

test('a checkpoint that is replaced while it is read is neither damaged nor missing', { timeout: 30_000 }, async () => {
  const folder = await create()
  const weights = new Uint8Array(8_000_000)
  const write = (epoch: number): Promise<void> => folder.writeCheckpoint('latest', { weights: weights.fill(epoch), optimizer: null, state: exampleState(epoch) })
  await write(1)
  let isWriting = true
  const writing = (async () => {
    for (let epoch = 2; epoch <= 12; epoch++) {
      await sleep(120)
      await write(epoch)
    }
  })().finally(() => {
    isWriting = false
  })
  const problems: unknown[] = []
  while (isWriting) {
    const read = await folder.readCheckpoint('latest').catch((error: unknown) => error)
    if (read === null || read instanceof Error) problems.push(read)
    else if (typeof read === 'object' && 'note' in read && read.note !== null) problems.push(read.note)
    if ((await folder.checkpointState('latest')) === null) problems.push('no state')
  }
  await writing
  expect(problems).toEqual([])
  expect((await folder.readCheckpoint('latest'))?.state.epoch).toBe(12)
})

test('a kept evaluation is current only while its checkpoint is, whatever the order in which the files were written', async () => {
  const folder = await create()
  const content = { weights: Uint8Array.from([1]), optimizer: null }
  await folder.writeCheckpoint('best', { ...content, state: exampleState(2) })
  const evaluation = { ...exampleEvaluation(), checkpoint_epoch: 1 }
  // Measured before epoch 2 became the best, written after it.
  await folder.writeEvaluation(evaluation)
  expect(await folder.currentEvaluation('test', 'best')).toBeNull()
  await folder.writeEvaluation({ ...evaluation, checkpoint_epoch: 2 })
  expect(await folder.currentEvaluation('test', 'best')).toMatchObject({ checkpoint_epoch: 2 })
  expect(await folder.currentEvaluation('val', 'best')).toBeNull()
  // Weights within epoch 3, or those that a stage was rolled back to, are others than after epoch 2.
  const latest = { ...evaluation, checkpoint: 'latest' as const, checkpoint_epoch: 2 }
  await folder.writeEvaluation(latest)
  const position = { steps: 1, loss_sum: 1, hits: 1, pictures: 4, norm_sum: 1, seconds: 1 }
  for (const [moved, current] of [[{}, latest], [{ position }, null], [{ stage: 2, stage_epoch: 0 }, null], [{ stage: 2, stage_epoch: 1 }, latest]] as const) {
    await folder.writeCheckpoint('latest', { weights: new Uint8Array(1), optimizer: null, state: { ...exampleState(2), ...moved } })
    expect((await folder.currentEvaluation('test', 'latest'))?.checkpoint_epoch ?? null).toBe(current?.checkpoint_epoch ?? null)
  }
  // An older version did not say what it measured.
  await folder.writeEvaluation(exampleEvaluation())
  expect(await folder.currentEvaluation('test', 'best')).toBeNull()
})

test('runs below the runs folder and registered ones elsewhere are found, newest first; a broken one does not hide the others', async () => {
  const runs = join(base, 'runs')
  const registry = join(base, 'data', 'registry.json')
  const make = async (directory: string, id: string, createdAt: string): Promise<void> => {
    await RunFolder.create(directory, { record: { ...exampleRecord(), run_id: id, created_at: createdAt }, config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
    await registerRun(directory, runs, registry)
  }
  await make(join(runs, 'one'), 'one', '2026-01-01T00:00:00.000Z')
  await make(join(base, 'elsewhere'), 'two', '2026-01-02T00:00:00.000Z')
  await make(join(runs, 'broken'), 'three', '2026-01-03T00:00:00.000Z')
  await writeFile(join(runs, 'broken', 'run.json'), '{')
  const found = await discoverRuns(runs, registry)
  expect(found.runs.map(({ record }) => record.run_id)).toEqual(['two', 'one'])
  expect(found.unreadable).toMatchObject([{ failure: { code: 'UNREADABLE', message: expect.stringContaining('run.json') } }])
})

test('one process at a time may write a run, and whose it is can be told', async () => {
  const folder = await create()
  expect(await folder.claimedBy()).toBeNull()
  const release = await folder.claim()
  expect(await folder.claimedBy()).toMatchObject({ pid: process.pid })
  const other = await RunFolder.open(folder.directory)
  await expect(other.claim(500)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(`process ${process.pid}`), action: expect.stringMatching(/stop it there/) })
  await release()
  await (await other.claim(500))()
  expect((await readdir(folder.directory)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('what a killed process left half written is removed when the run is resumed; what a live one writes is not', async () => {
  const folder = await create()
  await writeFile(join(folder.directory, '.run.json.tmp-4194303-0a1b'), '{')
  await writeFile(join(folder.directory, `.run.json.tmp-${process.ppid}-0a1b`), '{')
  await folder.cutBack(0, [])
  expect((await readdir(folder.directory)).filter((name) => name.startsWith('.'))).toEqual([`.run.json.tmp-${process.ppid}-0a1b`])
})

test('a record or configuration that does not fit is told by file and field', async () => {
  const folder = await create()
  await writeFile(join(folder.directory, 'run.json'), JSON.stringify({ ...exampleRecord(), epochs_done: 'many' }))
  await expect(folder.record()).rejects.toMatchObject({ code: 'UNREADABLE', message: expect.stringMatching(/run\.json.*epochs_done/) })
  await writeFile(join(folder.directory, 'config.yaml'), 'epochs: [')
  await expect(folder.config()).rejects.toMatchObject({ code: 'UNREADABLE', message: expect.stringContaining('config.yaml') })
})

test('a folder with a run.json of some other program is no run, and is opened as what it is; a damaged run is still a run', async () => {
  const other = join(base, 'photos')
  await mkdir(other, { recursive: true })
  for (const text of ['{ "runs": 3 }', 'not JSON']) {
    await writeFile(join(other, 'run.json'), text)
    expect(await RunFolder.at(other)).toBeNull()
    expect(await RunFolder.at(join(other, 'run.json'))).toBeNull()
  }
  const folder = await create()
  await rm(join(folder.directory, 'open.graft'))
  expect((await RunFolder.at(folder.directory))?.directory).toBe(folder.directory)
  await writeFile(join(folder.directory, 'open.graft'), '')
  await writeFile(join(folder.directory, 'run.json'), '{')
  expect((await RunFolder.at(folder.directory))?.directory).toBe(folder.directory)
})
