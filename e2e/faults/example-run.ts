/** A run whose every byte is known: what the fault specs make, damage and look at. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/domain/run-config'
import { isThere } from '../../src/main/storage/atomic-write'
import { RunFolder } from '../../src/main/storage/run-folder'
import { exampleEpoch, exampleManifest, exampleRecord, exampleState } from '../../src/main/storage/run-folder.examples'
import { checkpointStateSchema } from '../../src/shared/domain/run'
import { EXAMPLE_BYTES, tensorsOf } from './known-bytes'

/** A run of so many epochs, each the best so far. */
export async function makeExampleRun(directory: string, bytes = EXAMPLE_BYTES, epochs = 2): Promise<void> {
  const folder = await RunFolder.create(directory, { record: exampleRecord(), config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const content = { weights: tensorsOf(epoch, bytes), optimizer: tensorsOf(epoch + 1000, bytes), state: exampleState(epoch) }
    await folder.writeCheckpoint('best', content)
    await folder.writeCheckpoint('latest', content)
    await folder.writeTrainingHistory(content.state.history)
    await folder.appendEvent({ event: 'epoch', ...exampleEpoch(epoch) })
  }
}

const isHalfWritten = (name: string): boolean => /^\..+\.tmp-\d+-[0-9a-f]+$/.test(name)

/**
 * What must hold after any fault: every file under its own name is whole, and each checkpoint is one that was written in full, of `epochs`.
 * Returns the epoch that resuming would go on from.
 */
export async function expectWhole(directory: string, epochs: readonly number[], what: string, bytes = EXAMPLE_BYTES): Promise<number> {
  const folder = await RunFolder.open(directory)
  for (const name of await readdir(directory)) {
    if (name.endsWith('.json')) JSON.parse(await readFile(join(directory, name), 'utf8'))
  }
  expect((await folder.record()).run_id, what).toBe('r1')
  let resumesFrom = 0
  for (const checkpoint of ['best', 'latest'] as const) {
    const read = await folder.readCheckpoint(checkpoint)
    resumesFrom = read?.state.epoch ?? 0
    expect(epochs, `${what}: ${checkpoint}`).toContain(resumesFrom)
    expect(Buffer.from(read?.weights ?? []).equals(tensorsOf(resumesFrom, bytes)), `${what}: weights of ${checkpoint}`).toBe(true)
    expect(Buffer.from(read?.optimizer ?? []).equals(tensorsOf(resumesFrom + 1000, bytes)), `${what}: optimizer of ${checkpoint}`).toBe(true)
    expect(read?.state, what).toEqual(checkpointStateSchema.parse(exampleState(resumesFrom)))
    // Never damaged under its own name: only gone, for the moment between two renames.
    if (read?.note !== null && (await isThere(folder.checkpointDirectory(checkpoint)))) throw new Error(`${what}: ${read?.note ?? ''}`)
  }
  for (const { event } of await folder.events()) if (event.event === 'log') expect(event.message, what).not.toMatch(/cannot be read/)
  return resumesFrom
}

/** What a session that ended well leaves: nothing half written, every epoch once. */
export async function expectTidy(directory: string, lastEpoch: number, what: string): Promise<void> {
  const folder = await RunFolder.open(directory)
  expect((await readdir(join(directory, 'checkpoints'))).sort(), what).toEqual(['.best.previous', '.latest.previous', 'best', 'latest'])
  expect((await readdir(directory)).filter((name) => isHalfWritten(name) || name.startsWith('.')), what).toEqual([])
  const epochs = (await folder.events()).flatMap(({ event }) => (event.event === 'epoch' ? [event.epoch] : []))
  expect(epochs, what).toEqual(Array.from({ length: lastEpoch }, (_, index) => index + 1))
}
