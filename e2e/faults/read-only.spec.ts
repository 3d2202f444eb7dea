/** Folders that cannot be written: pictures never need to be, a run's folder is refused before any work, in a sentence. */
import { cp, mkdir } from 'node:fs/promises'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraftError } from '../../src/shared/domain/error'
import { drawPictures, makeRun, SMALL_RUN, trainRun } from '../../src/main/trainer/trained-runs.examples'
import { type Ended, Person } from '../graft'
import { type Disk, READ_ONLY, readOnlySync } from './disks'

const LONGEST_MS = 2000

const person = new Person()
const disks: Disk[] = []
let data = ''
let config = ''
beforeAll(async () => {
  data = await drawPictures(person.home)
  config = join(person.home, 'config.yaml')
  // YAML takes JSON.
  writeFileSync(config, JSON.stringify({ ...SMALL_RUN, epochs: 2, freeze_ratio: 0.9, image_size: 32 }))
})
afterAll(() => {
  for (const disk of disks) disk.leave()
  person.leave()
})

function readOnly(folder: string): string {
  const disk = readOnlySync(folder)
  if (disk === null) throw new Error(`${folder} could not be made read-only`)
  disks.push(disk)
  return disk.path
}

/** Refused with a sentence about the folder and what to do. Time counts from the command to its end, less what the program takes to say nothing. */
async function expectRefusal(args: readonly string[], says: RegExp): Promise<Ended> {
  const idleAt = performance.now()
  await person.run(['--version'])
  const startedAt = performance.now()
  const ended = await person.run(args)
  const tookMs = performance.now() - startedAt - (startedAt - idleAt)
  expect(ended.code, ended.stdout).not.toBe(0)
  expect(ended.stderr).toMatch(says)
  expect(ended.stderr).toMatch(/\n {2}\S.*\.\n/)
  expect(ended.stderr).not.toMatch(/\n\s+at /)
  expect(tookMs, ended.stderr).toBeLessThan(LONGEST_MS)
  return ended
}

describe.skipIf(!READ_ONLY)('where nothing can be written', () => {
  test('pictures are trained on, and nothing is written beside them', async () => {
    const { code, stderr, events } = await person.run(['train', readOnly(data), '--config', config, '--json', '--out', join(person.home, 'run')])
    expect(code, stderr).toBe(0)
    expect(events.at(-1)).toMatchObject({ event: 'done', status: 'completed' })
  }, 60_000)

  test('a run is refused where its folder cannot be made', async () => {
    await mkdir(join(person.home, 'runs'))
    const { stderr } = await expectRefusal(['train', data, '--config', config, '--out', join(readOnly(join(person.home, 'runs')), 'run')], /could not be written \((EROFS|EACCES)\)/)
    expect(stderr).toMatch(/Choose a folder that can be written/)
  }, 60_000)

  test('a run is refused where its folder is there, empty and read-only', async () => {
    await mkdir(join(person.home, 'empty'))
    await expectRefusal(['train', data, '--config', config, '--out', readOnly(join(person.home, 'empty'))], /could not be written \((EROFS|EACCES)\)/)
  }, 60_000)

  test('an interrupted run on a read-only disk is shown, and resuming it is refused', async () => {
    const run = await makeRun(person.home, 'interrupted', data, { epochs: 40, freeze_ratio: 0.9, image_size: 32 })
    await expect(
      trainRun(run, false, ({ event }, { pid }) => {
        if (event.event === 'epoch') process.kill(pid() ?? 0, 'SIGKILL')
      }).result,
    ).rejects.toThrow(GraftError)
    await run.updateRecord({ status: 'interrupted' })
    await cp(run.directory, join(person.home, 'burned'), { recursive: true })
    await expectRefusal(['resume', readOnly(join(person.home, 'burned'))], /could not be written \((EROFS|EACCES)\)/)
  }, 60_000)
})
