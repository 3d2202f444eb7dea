/** A disk too small for what is to be written, at every size, and a limit on a file's size: nothing cut off, nothing lost, and it is said how much is needed. */
import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drawPictures } from '../../src/main/trainer/trained-runs.examples'
import { Person } from '../graft'
import { expectTidy, expectWhole, makeExampleRun } from './example-run'
import { bundleKeeper, session } from './keeper'
import { mountDiskSync, MOUNTS } from './disks'
import { isWhole, scratchSync } from './machine'

/** Of one file of tensors; a checkpoint has two, a run of one epoch two checkpoints. */
const BYTES = 128 * 1024
const CHECKPOINT_KIB = 2 * 128 + 16
const RUN_KIB = 2 * CHECKPOINT_KIB + 32

const scratch = scratchSync()
const oneEpoch = join(scratch.path, 'one-epoch')
const twoEpochs = join(scratch.path, 'two-epochs')
let keeper = ''
beforeAll(async () => {
  keeper = await bundleKeeper(scratch.path)
  await makeExampleRun(oneEpoch, BYTES, 1)
  await makeExampleRun(twoEpochs, BYTES, 2)
})
afterAll(scratch.leave)

test.skipIf(!MOUNTS)('on disks from the size of the run to three times it: an epoch more is written, or it is said how many bytes are needed, and written once there is room', async () => {
  const counts = { refused: 0, written: 0 }
  for (let sizeKiB = RUN_KIB; sizeKiB <= 3 * RUN_KIB; sizeKiB += isWhole ? 16 : 400) {
    const what = `a disk of ${sizeKiB} KiB`
    const disk = mountDiskSync(sizeKiB)
    if (disk === null) throw new Error(`${what} could not be mounted`)
    try {
      const run = join(disk.path, 'run')
      await cp(oneEpoch, run, { recursive: true })
      const first = await session(keeper, run, { mode: 'resume', bytes: BYTES })
      const from = await expectWhole(run, [1, 2], what, BYTES)
      counts[first.failure === null ? 'written' : 'refused']++
      if (first.failure !== null) {
        const message = expect.stringMatching(/needs \d+ bytes \(.*\), but the disk is full\. What was there before is unchanged\.$/)
        expect(first.failure, what).toMatchObject({ code: 'STORAGE', message, action: expect.stringMatching(/^Free at least .* on that disk, then try again\.$/) })
      }
      disk.resize(4 * RUN_KIB)
      expect(await session(keeper, run, { mode: 'resume', bytes: BYTES }), what).toMatchObject({ epoch: from + 1, failure: null })
      await expectWhole(run, [from + 1], what, BYTES)
      await expectTidy(run, from + 1, what)
    } finally {
      disk.leave()
    }
  }
  expect(counts.refused).toBeGreaterThan(0)
  expect(counts.written).toBeGreaterThan(0)
}, 900_000)

test.skipIf(!MOUNTS)('where there is no room for a checkpoint more, the one before the newest makes it, and that is in the log', async () => {
  const disk = mountDiskSync(RUN_KIB + 2 * CHECKPOINT_KIB + CHECKPOINT_KIB / 2)
  if (disk === null) throw new Error('A disk could not be mounted')
  try {
    const run = join(disk.path, 'run')
    await cp(twoEpochs, run, { recursive: true })
    expect(await session(keeper, run, { mode: 'resume', bytes: BYTES })).toMatchObject({ epoch: 3, failure: null })
    expect(await readFile(join(run, 'log'), 'utf8')).toMatch(/no room for a checkpoint more.*Free space/)
    await expectWhole(run, [3], 'a nearly full disk', BYTES)
  } finally {
    disk.leave()
  }
}, 60_000)

test.skipIf(!MOUNTS)('a training whose disk is full is paused, says how much it needs, and goes on by itself once there is room', async () => {
  const person = new Person()
  const disk = mountDiskSync(9 * 1024)
  if (disk === null) throw new Error('A disk could not be mounted')
  try {
    const pictures = await drawPictures(person.home)
    const small = ['--backbone', 'mobilenet_v3_small', '--weights', 'none', '--image-size', '32', '--epochs', '2', '--freeze-ratio', '0.9', '--batch-size', '4']
    const training = person.start(['train', pictures, ...small, '--out', join(disk.path, 'run')])
    await training.line((line) => /needs \d+ bytes.*but the disk is full\..*goes on by itself/.test(line))
    disk.resize(200 * 1024)
    const { code, stdout, stderr } = await training.ended
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/epoch 2/i)
  } finally {
    disk.leave()
    person.leave()
  }
}, 300_000)

describe.skipIf(process.platform === 'win32')('with a limit on the size of a file', () => {
  test('below what is needed it is said how many bytes that is, above it all is written', async () => {
    const limits = isWhole ? Array.from({ length: 40 }, (_, index) => 1 + index * 4) : [1, 127, 160]
    for (const fileLimitKiB of limits) {
      const what = `a limit of ${fileLimitKiB} KiB`
      const run = join(scratch.path, `limited-${fileLimitKiB}`)
      await cp(twoEpochs, run, { recursive: true })
      const first = await session(keeper, run, { mode: 'resume', bytes: BYTES, fileLimitKiB })
      if (fileLimitKiB >= 129) expect(first, what).toMatchObject({ epoch: 3, failure: null })
      else expect(first.failure, what).toMatchObject({ code: 'STORAGE', message: expect.stringMatching(/needs \d+ bytes .*the system allows no file of that size there/), action: expect.stringMatching(/ulimit -f/) })
      const from = await expectWhole(run, [2, 3], what, BYTES)
      expect(await session(keeper, run, { mode: 'resume', bytes: BYTES }), what).toMatchObject({ epoch: from + 1, failure: null })
      await expectTidy(run, from + 1, what)
      await rm(run, { recursive: true })
    }
  }, 300_000)
})
