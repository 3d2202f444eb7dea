import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord, exampleState } from '../storage/run-folder.examples'
import { keep, Keeper, type Keepsake } from './checkpoint-keeping'
import { CheckpointWriter } from './checkpoint-writer'

const base = await mkdtemp(join(tmpdir(), 'graft-checkpoint-keeping-'))
afterAll(() => rm(base, { recursive: true, force: true }))

const makeFolder = (name: string) => RunFolder.create(join(base, name), { record: exampleRecord(), config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })

/** New each time: a thread takes the tensors' memory. */
function keepsakeOf(epoch: number): Keepsake {
  const state = exampleState(epoch)
  const record = state.history.at(-1)
  if (record === undefined) throw new Error('an epoch was expected')
  const answers = { predictions: Uint16Array.of(0, 1), confidences: Uint16Array.of(40_000, 50_000) }
  return {
    checkpoint: { weights: Uint8Array.from({ length: 5000 }, (_, i) => (i + epoch) % 251), optimizer: Uint8Array.of(7, epoch), state },
    epoch: { record: { ...record, is_best: epoch === 1 }, history: state.history, paths: ['a.jpg', 'b.jpg'], answers },
  }
}

test('a thread leaves the same files as the trainer itself', async () => {
  const [here, there] = [await makeFolder('here'), await makeFolder('there')]
  const writer = new CheckpointWriter(there.directory)
  for (const epoch of [1, 2]) {
    await keep(here, keepsakeOf(epoch))
    await writer.write(keepsakeOf(epoch))
  }
  await writer.close()
  for (const path of ['checkpoints/best/weights.safetensors', 'checkpoints/best/manifest.json', 'checkpoints/latest/weights.safetensors', 'checkpoints/latest/optimizer.safetensors', 'checkpoints/latest/state.json', 'training_history.json']) {
    expect(await readFile(join(there.directory, path)), path).toEqual(await readFile(join(here.directory, path)))
  }
  expect((await there.readCheckpoint('best'))?.state.epoch).toBe(1)
  expect((await there.readCheckpoint('latest'))?.state.epoch).toBe(2)
  expect(await there.readEpochAnswers(['a.jpg', 'b.jpg'], 2)).toEqual(await here.readEpochAnswers(['a.jpg', 'b.jpg'], 2))
})

test('what a thread cannot write is told as the trainer would tell it, and the next one can be written', async () => {
  const folder = await makeFolder('refused')
  const writer = new CheckpointWriter(folder.directory)
  const broken = keepsakeOf(1)
  await expect(writer.write({ ...broken, checkpoint: { ...broken.checkpoint, state: { ...broken.checkpoint.state, epoch: -1 } } })).rejects.toMatchObject({ code: expect.any(String), message: expect.stringMatching(/epoch/) })
  await writer.write(keepsakeOf(2))
  expect((await folder.readCheckpoint('latest'))?.state.epoch).toBe(2)
  await writer.close()
})

test('a thread that ends says so', async () => {
  const folder = await makeFolder('ended')
  const writer = new CheckpointWriter(folder.directory)
  await writer.close()
  await expect(writer.write(keepsakeOf(1))).rejects.toMatchObject({ code: 'CRASHED' })
})

test('one is begun only when the one before is written, and goes on beside what follows', async () => {
  const seen: string[] = []
  const waiting: (() => void)[] = []
  const keeper = new Keeper(({ checkpoint }) => {
    seen.push(`begins ${checkpoint.state.epoch}`)
    return new Promise((resolve) => waiting.push(resolve))
  })
  await keeper.begin(keepsakeOf(1), async () => {
    seen.push('1 is written')
  })
  seen.push('trains')
  const second = keeper.begin(keepsakeOf(2))
  await new Promise((resolve) => setImmediate(resolve))
  expect(seen).toEqual(['begins 1', 'trains'])
  waiting[0]?.()
  await second
  expect(seen).toEqual(['begins 1', 'trains', '1 is written', 'begins 2'])
  waiting[1]?.()
  await keeper.settled()
})

test('what went wrong is told once, at the next step', async () => {
  const keeper = new Keeper(() => Promise.reject(new Error('the disk is full')))
  await keeper.begin(keepsakeOf(1))
  await keeper.idle()
  expect(() => keeper.check()).toThrow('the disk is full')
  expect(() => keeper.check()).not.toThrow()
})
