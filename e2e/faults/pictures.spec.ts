/** Pictures that are deleted or changed while a run works: it completes and says exactly which, or says what is missing. */
import { spawn } from 'node:child_process'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunConfig } from '../../src/shared/domain/run-config'
import type { RunFolder } from '../../src/main/storage/run-folder'
import { drawPictures, lastingWorkplace, makeRun, trainRun } from '../../src/main/trainer/trained-runs.examples'
import { isWhole } from './machine'

const CONFIG: Partial<RunConfig> = { freeze_ratio: 0.9, image_size: 32, epochs: 2 }
const PER_CLASS = 60

let place: Awaited<ReturnType<typeof lastingWorkplace>>
beforeAll(async () => {
  place = await lastingWorkplace()
})
afterAll(() => place.leave())

async function outcome(run: RunFolder) {
  const events = (await run.events()).map(({ event }) => event)
  const setAside = events.flatMap((event) => (event.event === 'set_aside' ? [event] : []))
  const start = events.find((event) => event.event === 'start')
  const used = start?.event === 'start' ? start.counts.train + start.counts.val + start.counts.test : 0
  return { setAside, used, ends: events.flatMap((event) => (event.event === 'done' ? [event.status] : [])) }
}

test('what was deleted or changed after the pictures were counted is set aside by name, and the others are trained on', async () => {
  const root = await drawPictures(join(place.folder, 'before'), PER_CLASS)
  const run = await makeRun(place.folder, 'before-run', root, CONFIG)
  await rm(join(root, 'blue', '3.png'))
  await rm(join(root, 'red', '7.png'))
  await writeFile(join(root, 'red', '9.png'), 'no picture any more')
  await trainRun(run, false).result
  const { setAside, used, ends } = await outcome(run)
  expect(setAside.map(({ path }) => path).sort()).toEqual(['blue/3.png', 'red/7.png', 'red/9.png'])
  for (const { message } of setAside) expect(message).toMatch(/\w/)
  expect(used).toBe(2 * PER_CLASS - 3)
  expect(ends).toEqual(['completed'])
  expect((await run.manifest()).pictures).toHaveLength(2 * PER_CLASS - 3)
}, 60_000)

test.runIf(isWhole)('while another process deletes and changes pictures, the run completes and its counts are exact', async () => {
  for (let time = 0; time < 10; time++) {
    const root = await drawPictures(join(place.folder, `during-${time}`), PER_CLASS)
    const run = await makeRun(place.folder, `during-run-${time}`, root, CONFIG)
    const script = `
      const { readdirSync, rmSync, writeFileSync } = require('node:fs')
      const all = ['blue', 'red'].flatMap((name) => readdirSync(name).map((file) => name + '/' + file))
      let at = 0
      // Ten of each class stay, so that there is something to train on.
      setInterval(() => {
        const path = all[(at * 37) % all.length]
        if (++at > 2 * (all.length / 2 - 10)) process.exit(0)
        if (at % 3 === 0) writeFileSync(path, 'changed')
        else rmSync(path, { force: true })
      }, ${time === 0 ? 15 : 5 * time})`
    const mutator = spawn(process.execPath, ['-e', script], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    const ended = new Promise((resolve) => mutator.once('close', resolve))
    await trainRun(run, false).result
    mutator.kill()
    await ended
    const { setAside, used, ends } = await outcome(run)
    const left = new Set([...(await readdir(join(root, 'blue'))).map((name) => `blue/${name}`), ...(await readdir(join(root, 'red'))).map((name) => `red/${name}`)])
    expect(used + setAside.length).toBe(2 * PER_CLASS)
    expect(new Set(setAside.map(({ path }) => path)).size).toBe(setAside.length)
    for (const { path, reason, message } of setAside) expect(left.has(path) ? message : reason).toMatch(left.has(path) ? /changed/ : /unreadable/)
    expect(ends).toEqual(['completed'])
  }
}, 600_000)

test('with the whole folder gone, as of a disk that was unplugged, it is said that and where', async () => {
  const root = await drawPictures(join(place.folder, 'gone'), 14)
  const run = await makeRun(place.folder, 'gone-run', root, CONFIG)
  await rm(root, { recursive: true })
  await expect(trainRun(run, false).result).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.stringContaining(root), action: expect.stringMatching(/\.$/) })
  // Nothing was set aside for good: with the disk back, the run goes on with all its pictures.
  await drawPictures(join(place.folder, 'gone'), 14)
  await trainRun(run, true).result
  expect((await outcome(run)).used).toBe(28)
}, 60_000)
