/** A damaged checkpoint is never taken for a good one: the one before it is used, and that is said. */
import { mkdtemp, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { KeyedRandom } from '../../shared/domain/random'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { checkpointStateSchema } from '../../shared/domain/run'
import { writeSafetensors } from '../engine/formats/safetensors'
import { previousDirectory } from './atomic-write'
import { exampleManifest, exampleRecord, exampleState } from './run-folder.examples'
import { RunFolder } from './run-folder'
import type { RunCheckpointName } from './run-folder'

const MEMBERS = ['manifest.json', 'state.json', 'weights.safetensors', 'optimizer.safetensors'] as const

let base: string
let folder: RunFolder
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-checkpoint-'))
  folder = await RunFolder.create(join(base, 'run'), { record: exampleRecord(), config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
})
afterEach(() => rm(base, { recursive: true, force: true }))

/** 1024 numbers that only this epoch has. */
function tensors(epoch: number): Uint8Array {
  const random = new KeyedRandom(1, 'sample', epoch)
  return writeSafetensors(new Map([['fc.weight', { shape: [32, 32], data: Float32Array.from({ length: 1024 }, () => random.between(-1, 1)) }]]))
}

const contentOf = (epoch: number) => ({ weights: tensors(epoch), optimizer: tensors(epoch + 1000), state: exampleState(epoch) })
const write = (name: RunCheckpointName, epoch: number): Promise<void> => folder.writeCheckpoint(name, contentOf(epoch))

/** Changes one byte of a file. */
async function flip(path: string, at: number, mask: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[at] = (bytes[at] ?? 0) ^ mask
  await writeFile(path, bytes)
}

/** Reads after the damage, which must be seen for what it is: the checkpoint of epoch 1 in full, and a sentence about it. */
async function expectFallback(what: string): Promise<void> {
  const read = await folder.readCheckpoint('latest')
  expect(read?.state, what).toEqual(checkpointStateSchema.parse(exampleState(1)))
  expect(Buffer.from(read?.weights ?? []).equals(tensors(1)), what).toBe(true)
  expect(Buffer.from(read?.optimizer ?? []).equals(tensors(1001)), what).toBe(true)
  expect(read?.note, what).toMatch(/latest.*The one before it, of epoch 1, is used/s)
}

test('with any byte changed, in manifest, state and headers each and in the tensors many, the one before is used', async () => {
  await write('latest', 1)
  await write('latest', 2)
  const random = new KeyedRandom(2, 'sample')
  const directory = folder.checkpointDirectory('latest')
  let harmless = 0
  for (const member of MEMBERS) {
    const path = join(directory, member)
    const good = await readFile(path)
    const isText = member.endsWith('.json')
    const headerBytes = isText ? good.length : 8 + Number(good.readBigUInt64LE(0))
    const places = [...Array.from({ length: headerBytes }, (_, at) => at), ...(isText ? [] : Array.from({ length: 250 }, () => headerBytes + random.below(good.length - headerBytes)))]
    for (const at of places) {
      const mask = 1 << random.below(8)
      await flip(path, at, mask)
      // A space that has become another space in the manifest says the same.
      const isSame = member === 'manifest.json' && sameJson(await readFile(path, 'utf8'), good.toString('utf8'))
      if (isSame) harmless++
      else await expectFallback(`${member} byte ${at} mask ${mask}`)
      await writeFile(path, good)
    }
  }
  expect(harmless).toBeLessThan(50)
  expect(await folder.readCheckpoint('latest')).toMatchObject({ note: null, state: { epoch: 2 } })
}, 120_000)

function sameJson(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other))
  } catch {
    return false
  }
}

test('cut off at any length, or with a member or the whole folder gone, the one before is used', async () => {
  await write('latest', 1)
  await write('latest', 2)
  const directory = folder.checkpointDirectory('latest')
  for (const member of MEMBERS) {
    const path = join(directory, member)
    const good = await readFile(path)
    for (let part = 0; part < 20; part++) {
      await truncate(path, Math.floor((good.length * part) / 20))
      await expectFallback(`${member} cut to ${part}/20`)
      await writeFile(path, good)
    }
    // Without its last line break a text says the same.
    await truncate(path, good.length - (member.endsWith('.json') ? 2 : 1))
    await expectFallback(`${member} a byte short`)
    await writeFile(path, Buffer.concat([good, Buffer.from('x')]))
    await expectFallback(`${member} one byte longer`)
    await rm(path)
    await expectFallback(`${member} gone`)
    await writeFile(path, good)
  }
  await rm(directory, { recursive: true })
  expect(await folder.readCheckpoint('latest')).toMatchObject({ state: { epoch: 1 }, note: expect.stringMatching(/one before it, of epoch 1, is used/) })
})

test('the state alone comes from the one before too, so that a run with a damaged checkpoint can still be shown', async () => {
  await write('latest', 1)
  await write('latest', 2)
  expect((await folder.checkpointState('latest'))?.epoch).toBe(2)
  const path = join(folder.checkpointDirectory('latest'), 'state.json')
  const digit = (await readFile(path, 'utf8')).indexOf('"epoch":2') + '"epoch":'.length
  await flip(path, digit, 1)
  expect((await folder.checkpointState('latest'))?.epoch).toBe(1)
  await writeFile(path, 'x')
  expect((await folder.checkpointState('latest'))?.epoch).toBe(1)
  await rm(previousDirectory(folder.checkpointDirectory('latest')), { recursive: true })
  expect(await folder.checkpointState('latest')).toBeNull()
})

test('a damaged checkpoint does not take the place of the whole one that is kept, and going on makes both whole again', async () => {
  await write('latest', 1)
  await write('latest', 2)
  await truncate(join(folder.checkpointDirectory('latest'), 'weights.safetensors'), 100)
  await write('latest', 3)
  const previous = previousDirectory(folder.checkpointDirectory('latest'))
  await rename(folder.checkpointDirectory('latest'), join(base, 'aside'))
  await expect(folder.readCheckpoint('latest')).resolves.toMatchObject({ state: { epoch: 1 } })
  await rename(join(base, 'aside'), folder.checkpointDirectory('latest'))
  await write('latest', 4)
  await write('latest', 5)
  expect((await readdir(join(folder.directory, 'checkpoints'))).sort()).toEqual(['.latest.previous', 'latest'])
  expect(JSON.parse(await readFile(join(previous, 'state.json'), 'utf8'))).toMatchObject({ epoch: 4 })
})

test('a damaged best is taken from the latest where that has the same weights, else it is the best before', async () => {
  await write('best', 1)
  await write('latest', 1)
  await write('best', 2)
  await write('latest', 2)
  const damage = (member: string): Promise<void> => truncate(join(folder.checkpointDirectory('best'), member), 10)
  for (const member of MEMBERS) {
    await damage(member)
    expect(await folder.readCheckpoint('best'), member).toMatchObject({ state: { epoch: 2 }, note: expect.stringMatching(/same weights, of epoch 2/) })
    await write('best', 2)
  }
  await write('latest', 3)
  await damage('weights.safetensors')
  expect(await folder.readCheckpoint('best')).toMatchObject({ state: { epoch: 2 }, note: expect.stringMatching(/same weights, of epoch 2.*\.latest\.previous/) })
  await write('latest', 4)
  await write('latest', 5)
  await rm(folder.checkpointDirectory('best'), { recursive: true })
  const read = await folder.readCheckpoint('best')
  expect(read?.note).toMatch(/the one before it/)
  expect(Buffer.from(read?.weights ?? []).equals(tensors(read?.state.epoch ?? 0))).toBe(true)
})

test('with both damaged the error names what is damaged and says what to do', async () => {
  await write('latest', 1)
  await write('latest', 2)
  const directory = folder.checkpointDirectory('latest')
  for (const place of [directory, previousDirectory(directory)]) await truncate(join(place, 'weights.safetensors'), 10)
  await expect(folder.readCheckpoint('latest')).rejects.toMatchObject({ code: 'MISMATCH', message: expect.stringMatching(/damaged at weights\.safetensors/), action: expect.stringMatching(/start the run again/) })
})
