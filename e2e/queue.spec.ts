/** Runs one after the other in a real browser: queued, ordered by keyboard, one that fails, a killed studio, and being told of the end. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

/** Small enough that a run of a few epochs takes seconds. */
const SETTINGS = ['--preset', 'fast', '--backbone', 'mobilenet_v3_small', '--weights', 'none', '--image-size', '64', '--batch-size', '8', '--early-stopping-patience', '0']
const LONG = 5000

async function drawLeaves(root: string): Promise<void> {
  for (const [name, hue] of [['oak', 40], ['elm', 160]] as const) {
    mkdirSync(join(root, name), { recursive: true })
    for (let index = 0; index < 20; index++) {
      const pixels = Uint8Array.from({ length: 64 * 64 * 3 }, (_, at) => ((at % 3 === 1 ? hue : 60) + ((at * 31 + index * 17) % 80)) % 256)
      writeFileSync(join(root, name, `${index}.png`), await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } }).png().toBuffer())
    }
  }
}

/** Stands in for the system's notifications, which a browser without a screen has none of; asked for as the real ones are. */
function recordNotifications(): void {
  const told: string[] = []
  let asked = 0
  class Recorded {
    static permission = 'default'
    static requestPermission(): Promise<string> {
      asked++
      Recorded.permission = 'granted'
      return Promise.resolve('granted')
    }
    constructor(title: string, { body }: { body: string }) {
      told.push(`${title}: ${body}`)
    }
    close(): void {}
  }
  Object.assign(globalThis, { Notification: Recorded, toldOf: () => told, askedTimes: () => asked })
  Object.defineProperty(document, 'hasFocus', { value: () => false })
}

const queue = (page: Page) => page.getByRole('region', { name: 'Queue' })
const order = (page: Page): Promise<string[]> => queue(page).locator('[data-queued]').allTextContents()
const SOON = { timeout: 60_000, interval: 200 }

describe.skipIf(browserPath === null)('several runs, one after the other', () => {
  const door = new StudioDoor()
  const { home } = door.person
  const data = join(home, 'data')
  const leaves = join(home, 'leaves')
  let page: Page

  const graft = (...parameters: string[]) => door.person.run(parameters)
  const train = (root: string, name: string, epochs: number) => graft('train', root, ...SETTINGS, '--epochs', String(epochs), '--name', name, '--queue')
  const records = (): { name: string; status: string; owner_pid: number | null }[] =>
    readdirSync(join(data, 'runs')).flatMap((name) => (existsSync(join(data, 'runs', name, 'run.json')) ? [JSON.parse(readFileSync(join(data, 'runs', name, 'run.json'), 'utf8')) as { name: string; status: string; owner_pid: number | null }] : []))
  const statusOf = (name: string): string | undefined => records().find((run) => run.name === name)?.status
  /** Of the process that begins the runs, as it says itself. */
  const keeperPid = (): number => (JSON.parse(readFileSync(join(data, 'queue.json.keeper'), 'utf8')) as { pid: number }).pid
  /** Bytes of memory of all trainers of the studio. */
  const trainersBytes = (): number => {
    const parent = String(keeperPid())
    const status = (pid: string): string => {
      try {
        return readFileSync(`/proc/${pid}/status`, 'utf8')
      } catch {
        return ''
      }
    }
    const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && new RegExp(`^PPid:\\s*${parent}$`, 'm').test(status(name)))
    return children.reduce((sum, pid) => sum + 1024 * Number(/^VmRSS:\s*(\d+)/m.exec(status(pid))?.[1] ?? 0), 0)
  }

  beforeAll(async () => {
    await drawLeaves(leaves)
    await drawLeaves(join(home, 'gone'))
    page = await door.open([home], {}, { before: recordNotifications })
  })
  afterAll(() => door.close())

  test('while a run is at work the next one is queued, from Configure and from a terminal', async () => {
    expect((await train(leaves, 'long', LONG)).stdout).toMatch(/at place 1\. It begins by itself in its turn\./)
    await expect.poll(() => statusOf('long'), SOON).toBe('training')
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await page.getByRole('heading', { level: 1, name: /3 classes · 300 pictures/ }).waitFor({ timeout: 120_000 })
    await rail(page, 'Configure').click()
    await page.getByRole('radio', { name: 'fast' }).check()
    const start = page.getByRole('complementary', { name: 'Start' })
    await start.getByText('This one goes into the queue and begins by itself in its turn.').waitFor()
    const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
    await epochs.fill('2')
    await epochs.press('Enter')
    await start.getByRole('textbox', { name: 'Run name' }).fill('by hand')
    await start.getByRole('button', { name: 'Train next' }).click()
    await start.getByText('by hand is next in the queue.').waitFor({ timeout: 30_000 })
    await shot(page, 'queue-1-configure')
    await train(join(home, 'gone'), 'doomed', 2)
    await train(leaves, 'last', 2)
    // Its pictures go before its turn comes.
    rmSync(join(home, 'gone'), { recursive: true })
    await rail(page, 'Runs').click()
    await expect.poll(() => order(page), SOON).toEqual(['by hand', 'doomed', 'last'])
    await queue(page).getByText('3 runs · the first waits for long').waitFor()
    await expect.poll(() => page.title()).toMatch(/^\d+ % · Graft$/)
  })

  test('the order is changed by keyboard, and everything has a name', async () => {
    await queue(page).getByRole('button', { name: 'last', exact: true }).focus()
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(() => order(page)).toEqual(['by hand', 'last', 'doomed'])
    await queue(page).getByText('last is now 2 of 3').waitFor({ state: 'attached' })
    // The moved one keeps the focus, so it can be moved on.
    await page.keyboard.press('Alt+ArrowUp')
    await expect.poll(() => order(page)).toEqual(['last', 'by hand', 'doomed'])
    await expect.poll(() => (JSON.parse(readFileSync(join(data, 'queue.json'), 'utf8')) as { entries: { run_id: string }[] }).entries.map(({ run_id: id }) => /\d-(.+)-/.exec(id.slice(9))?.[1])).toEqual(['last', 'by-hand', 'doomed'])
    await shot(page, 'queue-2-runs')
    await expectAccessible(page, 'queue')
    await queue(page).getByRole('button', { name: 'Hold' }).click()
    await queue(page).getByText(/held: none begins until you go on/).waitFor()
    await shot(page, 'queue-3-held')
    await queue(page).getByRole('button', { name: 'Go on' }).click()
  })

  test('pause frees the memory of the trainer, and the queue waits until the paused run is let go', async () => {
    const pane = page.getByRole('complementary', { name: 'Chosen run' })
    await page.getByRole('table', { name: 'Runs' }).getByRole('row', { name: /^long / }).click()
    await pane.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('button', { name: 'While you are away' }).waitFor()
    const before = trainersBytes()
    expect(before).toBeGreaterThan(100e6)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText(/^Paused, its memory is free/).waitFor({ timeout: 30_000 })
    await expect.poll(trainersBytes).toBeLessThan(before / 5)
    await expect.poll(() => page.title()).toBe('Paused · Graft')
    await shot(page, 'queue-4-paused')
    await expectAccessible(page, 'paused')
    await rail(page, 'Runs').click()
    await queue(page).getByText('the first waits for long, which is paused').waitFor({ timeout: 20_000 })
    expect(statusOf('last')).toBe('queued')
  })

  test('a notification is asked for by a click and never before', async () => {
    const times = () => page.evaluate<number>('askedTimes()')
    expect(await times()).toBe(0)
    await rail(page, 'Train').click()
    await page.getByRole('button', { name: 'While you are away' }).click()
    expect(await times()).toBe(0)
    await shot(page, 'queue-5-away')
    await expectAccessible(page, 'while away')
    await page.getByRole('switch', { name: 'Tell me when it is done' }).click()
    await expect.poll(times).toBe(1)
    await page.keyboard.press('Escape')
  })

  test('the paused run gives way; a killed studio goes on with the run that was at work', async () => {
    await page.getByRole('button', { name: 'Queue', exact: true }).click()
    await page.getByText(/It is \w+ in the queue\. It begins by itself in its turn\./).waitFor({ timeout: 30_000 })
    await shot(page, 'queue-6-queued-run')
    await expect.poll(() => records().find(({ name }) => name === 'last')?.owner_pid, { timeout: 30_000, interval: 20 }).toBe(keeperPid())
    process.kill(keeperPid(), 'SIGKILL')
    expect((JSON.parse(readFileSync(join(data, 'queue.json'), 'utf8')) as { current: { tries: number } | null }).current?.tries).toBe(1)
    const address = await door.serve([home])
    await page.goto(address)
    // Another address is another page to the browser: it is asked again.
    await page.getByRole('button', { name: 'Watch the live run' }).click({ timeout: 60_000 })
    await page.getByRole('button', { name: 'While you are away' }).click()
    await page.getByRole('switch', { name: 'Tell me when it is done' }).click()
    await page.keyboard.press('Escape')
    await rail(page, 'Runs').click()
    await expect.poll(() => statusOf('last'), { timeout: 120_000, interval: 200 }).toBe('completed')
    await expect.poll(() => page.evaluate<string[]>('toldOf()'), SOON).toEqual(expect.arrayContaining([expect.stringMatching(/^last is done: /)]))
  })

  test('the one that fails is told, and the next goes on', async () => {
    await expect.poll(() => statusOf('by hand'), { timeout: 180_000, interval: 200 }).toBe('completed')
    await expect.poll(() => statusOf('long'), { timeout: 60_000, interval: 200 }).toBe('training')
    await queue(page).getByText('From the queue: 2 done, 1 failed').waitFor()
    await queue(page).getByRole('listitem').filter({ hasText: 'doomed' }).getByText(/gone|not there|no longer/i).waitFor()
    expect(statusOf('doomed')).toBe('failed')
    await shot(page, 'queue-7-ended')
    await expectAccessible(page, 'ended')
    await queue(page).getByRole('button', { name: 'Close what the queue did' }).click()
    await queue(page).waitFor({ state: 'detached' })
  })

  test('ended by a person, the studio leaves the rest until it is told to go on', async () => {
    await train(leaves, 'later', 1)
    process.kill(keeperPid(), 'SIGINT')
    await expect.poll(() => statusOf('long'), SOON).toBe('stopped')
    const address = await door.serve([home])
    await page.goto(address)
    await rail(page, 'Runs').click()
    await queue(page).getByText('1 run · held: none begins until you go on').waitFor()
    expect(statusOf('later')).toBe('queued')
    await queue(page).getByRole('button', { name: 'Start later now' }).click()
    await expect.poll(() => statusOf('later'), { timeout: 120_000, interval: 200 }).toBe('completed')
  })

  test('the pages complained of nothing but the studio’s ends', () => {
    expect(door.complaints.filter((text) => !/favicon|WebSocket|ERR_CONNECTION|Failed to load resource/.test(text))).toEqual([])
  })
})
