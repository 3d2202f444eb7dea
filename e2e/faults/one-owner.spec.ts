/** Two processes that take up one run at once: exactly one has it, the other is told who. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Failure, GraftError } from '../../src/shared/domain/error'
import { drawPictures, makeRun, trainRun } from '../../src/main/trainer/trained-runs.examples'
import { Person } from '../graft'
import { expectTidy, expectWhole, makeExampleRun } from './example-run'
import { bundleKeeper } from './keeper'
import { isWhole, scratchSync } from './machine'

const RACES = isWhole ? 100 : 5

const scratch = scratchSync()
const start = join(scratch.path, 'start')
let keeper = ''
beforeAll(async () => {
  keeper = await bundleKeeper(scratch.path)
  await makeExampleRun(start)
})
afterAll(scratch.leave)

interface Said {
  readonly thread?: number
  readonly epoch?: number
  readonly failure?: Failure
}

/** A keeper that has told that it is ready; it works at the first line that it is sent, and keeps its claim until the second. */
async function keeperOf(run: string): Promise<{ child: ChildProcess; next: () => Promise<Said>; tell: () => void; end: Promise<void> }> {
  const child = spawn(process.execPath, [keeper, run, 'hold'], { stdio: ['pipe', 'pipe', 'inherit'] })
  const end = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const lines: string[] = []
  let output = ''
  let wake = (): void => undefined
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString()
    const whole = output.split('\n')
    output = whole.pop() ?? ''
    lines.push(...whole)
    wake()
  })
  const next = async (): Promise<Said> => {
    while (lines.length === 0) await new Promise<void>((resolve) => (wake = resolve))
    return JSON.parse(lines.shift() ?? '') as Said
  }
  await next()
  return { child, next, tell: () => void child.stdin.write('\n'), end }
}

test(`of two at once exactly one writes the run, ${RACES} of ${RACES}, also where a killed one left its claim behind`, async () => {
  const run = join(scratch.path, 'run')
  await cp(start, run, { recursive: true })
  let epoch = 2
  for (let race = 0; race < RACES; race++) {
    const both = [await keeperOf(run), await keeperOf(run)] as const
    for (const { tell } of both) tell()
    const said = await Promise.all(both.map(({ next }) => next()))
    const winners = said.filter((one) => one.epoch !== undefined)
    expect(winners, `race ${race}: ${JSON.stringify(said)}`).toEqual([{ epoch: ++epoch, note: null }])
    const winner = both[said.findIndex((one) => one.epoch !== undefined)]
    const failure = said.find((one) => one.failure !== undefined)?.failure
    expect(failure).toMatchObject({ code: 'CONFLICT', message: expect.stringContaining(`process ${String(winner?.child.pid)}`), action: expect.stringMatching(/\.$/) })
    // Every other claim is given back; the others are those of processes that were killed.
    if (race % 2 === 0) winner?.tell()
    else winner?.child.kill('SIGKILL')
    await Promise.all(both.map(({ end }) => end))
    await expectWhole(run, [epoch], `race ${race}`)
  }
  if (RACES % 2 === 1) await expectTidy(run, epoch, 'after all races')
}, 600_000)

test.runIf(isWhole)('two commands of users with data folders of their own: one resumes the run, the other is told that it is being trained', async () => {
  const people = [new Person(), new Person()] as const
  try {
    const root = await drawPictures(people[0].home)
    for (let race = 0; race < 10; race++) {
      const run = await makeRun(people[0].home, `run-${race}`, root, { freeze_ratio: 0.9, image_size: 32, epochs: 400 })
      await expect(
        trainRun(run, false, ({ event }, { pid }) => {
          if (event.event === 'epoch') process.kill(pid() ?? 0, 'SIGKILL')
        }).result,
      ).rejects.toThrow(GraftError)
      await run.updateRecord({ status: 'interrupted' })
      const both = people.map((person) => person.start(['resume', run.directory, '--json']))
      const first = await Promise.race(both.map(async ({ ended }, index) => ({ index, end: await ended })))
      const what = `race ${race}: ${JSON.stringify(first.end.stderr)}`
      expect(first.end.code, what).toBe(3)
      expect(first.end.stderr, what).toMatch(/is being trained by process \d+|belongs to|was taken up by|is still/)
      const other = both[1 - first.index]
      await other?.line((line) => line.includes('"event":"epoch"'))
      other?.child.kill('SIGINT')
      expect((await other?.ended)?.events.at(-1)).toMatchObject({ event: 'done', status: 'stopped' })
      expect((await run.record()).status).toBe('stopped')
    }
  } finally {
    for (const person of people) person.leave()
  }
}, 600_000)
