/** When the program around a trainer is killed, the trainer ends by itself, and the run can be resumed. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, test } from 'vitest'
import { KeyedRandom } from '../../src/shared/domain/random'
import { isProcessAliveSync } from '../../src/main/storage/process-identity'
import { drawPictures, SMALL_RUN } from '../../src/main/trainer/trained-runs.examples'
import { Person } from '../graft'
import { skipLoudly } from '../photographs'
import { isWhole } from './machine'
import { findTrainerBelowSync } from './processes'

const TIMES = isWhole ? 50 : 1
const LONGEST_MS = 5000

const person = new Person()
afterAll(() => {
  person.leave()
})
if (process.platform !== 'linux') skipLoudly('trainers whose program is killed', 'whose child a process is can only be looked up on Linux', 'run it there')

/** Polls, since what is waited for is another process's doing. */
async function until(holds: () => boolean, longestMs: number): Promise<number> {
  const startedAt = performance.now()
  while (!holds()) {
    if (performance.now() - startedAt > longestMs) throw new Error(`It took more than ${longestMs} ms`)
    await sleep(20)
  }
  return performance.now() - startedAt
}

describe.skipIf(process.platform !== 'linux')('a killed program', () => {
  test(`leaves no trainer behind, ${TIMES} times at random moments, and its run can be resumed`, async () => {
    const data = await drawPictures(person.home)
    const config = join(person.home, 'config.yaml')
    // YAML takes JSON.
    writeFileSync(config, JSON.stringify({ ...SMALL_RUN, epochs: 300, freeze_ratio: 0.9, image_size: 32 }))
    const random = new KeyedRandom(23, 'sample')
    let slowestMs = 0
    for (let time = 0; time < TIMES; time++) {
      const run = join(person.home, `run-${time}`)
      const started = person.start(['train', data, '--config', config, '--json', '--out', run])
      const pid = started.child.pid ?? 0
      await until(() => findTrainerBelowSync(pid) !== null, 30_000)
      // Some while it still loads TensorFlow or compiles, some in its first epochs.
      await sleep(random.between(0, 4000))
      const found = findTrainerBelowSync(pid)
      if (found === null) throw new Error(`There is no trainer: ${(await started.ended).stderr}`)
      process.kill(found.parent, 'SIGKILL')
      slowestMs = Math.max(slowestMs, await until(() => !isProcessAliveSync(found.trainer), LONGEST_MS))
      await started.ended
      const listed = await person.run(['runs', '--json'])
      expect(listed.stdout, run).toMatch(/"status":\s*"interrupted"/)
    }
    console.info(`The slowest trainer ended ${Math.round(slowestMs)} ms after its program.`)
    const resumed = person.start(['resume', join(person.home, 'run-0'), '--json'])
    await resumed.line((line) => line.includes('"event":"epoch"'))
    resumed.child.kill('SIGINT')
    expect((await resumed.ended).events.at(-1)).toMatchObject({ event: 'done', status: 'stopped' })
  }, 900_000)
})
