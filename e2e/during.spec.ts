/** A run as it is watched: recall by class, what is confused, whose answer changed, any epoch again; with many classes too, and without holding anything up. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { replayedRun } from './replayed-run'
import { shot } from './shots'
import { browserPath, expectAccessible, StudioDoor } from './studio'

const TREES = ['ash', 'beech', 'birch', 'elm', 'hazel', 'hornbeam', 'larch', 'lime', 'oak', 'rowan', 'spruce', 'wild cherry']
const EPOCHS = 30
const LONG = 2000
const WAIT = { timeout: 20_000 }

const panel = (page: Page) => page.getByRole('region', { name: 'Answers of an epoch' })
const curves = (page: Page) => page.getByRole('region', { name: 'Curves' })
const chart = (page: Page, name: string) => page.getByRole('slider', { name: `${name} by epoch` })
const epochSlider = (page: Page) => panel(page).getByRole('slider', { name: 'Epoch of the answers' })
const show = (page: Page, name: string) => page.getByRole('radiogroup', { name: 'What is shown of the epoch' }).getByText(name, { exact: true }).click()
const open = async (page: Page, run: string): Promise<void> => {
  await page.evaluate((hash) => (location.hash = hash), `#/run/${run}/train`)
  await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
}

/** Nothing of the screen lies beyond the window. */
async function expectNoScrolling(page: Page): Promise<void> {
  const sizes = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('main')].map((element) => [element.scrollHeight - element.clientHeight, element.scrollWidth - element.clientWidth]))
  expect(sizes.flat().every((beyond) => beyond <= 0)).toBe(true)
}

describe.skipIf(browserPath === null)('a run that is watched', () => {
  const door = new StudioDoor()
  const { home } = door.person
  const runs = join(home, 'data', 'runs')
  let page: Page

  beforeAll(async () => {
    mkdirSync(runs, { recursive: true })
    page = await door.open([home])
  })
  afterAll(() => door.close())

  test('the newest epoch’s answers come by themselves, and any other is reached by keyboard', async () => {
    const run = await replayedRun(runs, join(home, 'trees'), { name: 'trees', classNames: TREES, picturesPerClass: 16, epochs: EPOCHS })
    await run.play(1, 6)
    await open(page, 'trees')
    await panel(page).getByText('epoch 6', { exact: false }).first().waitFor()
    await expectNoScrolling(page)
    await run.play(7, 12)
    await panel(page).getByText('epoch 12', { exact: false }).first().waitFor()
    await shot(page, 'during-01-matrix')

    await epochSlider(page).focus()
    await page.keyboard.press('Home')
    await panel(page).getByRole('grid', { name: 'Confusion matrix of epoch 1', exact: true }).waitFor()
    await page.keyboard.press('ArrowRight')
    await panel(page).getByRole('grid', { name: 'Confusion matrix of epoch 2', exact: true }).waitFor()
    expect(await epochSlider(page).getAttribute('aria-valuetext')).toMatch(/^epoch 2 of 12/)
    // One that was chosen stays while others come.
    await run.play(13, 14)
    await expect.poll(() => epochSlider(page).getAttribute('aria-valuetext'), WAIT).toMatch(/^epoch 2 of 14/)
    await panel(page).getByRole('button', { name: 'Newest' }).click()
    await panel(page).getByRole('grid', { name: 'Confusion matrix of epoch 14', exact: true }).waitFor()
    await panel(page).getByRole('button', { name: 'Play the epochs' }).click()
    await panel(page).getByRole('grid', { name: 'Confusion matrix of epoch 3', exact: true }).waitFor()
    await panel(page).getByRole('grid', { name: 'Confusion matrix of epoch 14', exact: true }).waitFor({ timeout: 60_000 })
    await run.play(15, EPOCHS)
  })

  test('the pictures whose answer changed are there, those that are wrong now and those that are right now, and one opens large', async () => {
    await panel(page).getByText(`epoch ${EPOCHS}`, { exact: false }).first().waitFor()
    await show(page, 'Changed')
    await epochSlider(page).focus()
    await page.keyboard.press('Home')
    await panel(page).getByText('Answers can change from the second epoch on.').waitFor()
    for (let step = 0; step < 9; step++) await page.keyboard.press('ArrowRight')
    const tiles = panel(page).getByRole('list', { name: 'Pictures whose answer changed' }).getByRole('button')
    await tiles.first().waitFor()
    await expect.poll(() => panel(page).getByRole('list', { name: 'Pictures whose answer changed' }).getAttribute('aria-busy'), WAIT).toBe('false')
    const kinds = page.getByRole('radiogroup', { name: 'Which changes' })
    const [all, wrong, right] = await Promise.all(['All', 'Worse', 'Better'].map(async (name) => Number(/\d+$/.exec((await kinds.getByText(new RegExp(`^${name} \\d+$`)).textContent()) ?? '')?.[0])))
    expect(all).toBeGreaterThan(0)
    expect((wrong ?? 0) + (right ?? 0)).toBeLessThanOrEqual(all ?? 0)
    expect(await tiles.count()).toBe(Math.min(60, all ?? 0))
    await page.waitForFunction(() => [...document.querySelectorAll('main img')].some((image) => image instanceof HTMLImageElement && image.naturalWidth > 0))
    await shot(page, 'during-02-changed')
    await expectAccessible(page, 'changed answers')
    await kinds.getByText(/^Better/).click()
    await expect.poll(() => tiles.count(), WAIT).toBe(right)
    expect(await tiles.first().getAttribute('aria-label')).toMatch(/^(\w[\w ]*)\/\d+\.jpg: truth \1, before .+, now \1$/)
    await tiles.first().press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Epoch 9', { exact: true }).waitFor()
    await dialog.getByText('Epoch 10', { exact: true }).waitFor()
    await shot(page, 'during-03-picture')
    await page.keyboard.press('Escape')
  })

  test('the worst confused pairs lead to their pictures and back', async () => {
    await panel(page).getByRole('button', { name: 'Newest' }).click()
    await show(page, 'Confused')
    const pairs = panel(page).getByRole('button', { name: /^.+ taken for .+: \d+ pictures?/ })
    await pairs.first().waitFor()
    await shot(page, 'during-04-pairs')
    const count = Number(/: (\d+)/.exec((await pairs.first().getAttribute('aria-label')) ?? '')?.[1])
    await pairs.first().click()
    const tiles = panel(page).getByRole('list', { name: 'Pictures of the cell' }).getByRole('button')
    await expect.poll(() => tiles.count(), WAIT).toBe(count)
    await shot(page, 'during-05-pair')
    await panel(page).getByRole('button', { name: 'Back' }).click()
    await pairs.first().waitFor()
    await show(page, 'Matrix')
  })

  test('recall by class is a chart like the others', async () => {
    await curves(page).getByText('Recall by class', { exact: true }).click()
    await chart(page, 'Recall').focus()
    await page.keyboard.press('Home')
    expect(await chart(page, 'Recall').getAttribute('aria-valuetext')).toMatch(/^epoch 1: ash \d+\.\d %, beech /)
    const rows = page.getByRole('region', { name: 'Recall by class' }).getByRole('button')
    expect(await rows.count()).toBe(TREES.length)
    await shot(page, 'during-06-recall')
    await expectAccessible(page, 'recall')
    await expectNoScrolling(page)
    await rows.first().click()
    expect(await chart(page, 'Recall').getAttribute('aria-valuetext')).not.toContain('ash')
    await page.getByRole('button', { name: 'All', exact: true }).click()
    await curves(page).getByText('Curves', { exact: true }).click()
  })

  test('zoom and smoothing hold for all charts, by mouse and by keyboard', async () => {
    const box = await chart(page, 'Loss').boundingBox()
    if (box === null) throw new Error('The chart is not drawn')
    const at = (share: number): number => box.x + 60 + (box.width - 110) * share
    await page.mouse.move(at(0.2), box.y + 40)
    await page.mouse.down()
    await page.mouse.move(at(0.6), box.y + 50, { steps: 5 })
    await shot(page, 'during-07-drag')
    await page.mouse.up()
    await curves(page).getByText(/^Epochs \d+ to \d+/).waitFor()
    const shown = async (name: string) => [await chart(page, name).getAttribute('aria-valuemin'), await chart(page, name).getAttribute('aria-valuemax')]
    const smoothing = page.getByRole('radiogroup', { name: 'Smoothing' })
    const [first, last] = await shown('Loss')
    expect(Number(first)).toBeGreaterThan(3)
    expect(Number(last)).toBeLessThan(22)
    expect(await shown('Learning rate')).toEqual([first, last])
    await smoothing.getByText('0.9', { exact: true }).click()
    expect(await curves(page).getByText('smoothed 0.9').count()).toBe(3)
    await shot(page, 'during-08-zoomed')
    await chart(page, 'Accuracy').dblclick()
    expect((await shown('Loss'))[1]).toBe(String(EPOCHS))
    await chart(page, 'Macro-F1').focus()
    await page.keyboard.press('+')
    await curves(page).getByText(/^Epochs 16 to 30/).waitFor()
    await page.keyboard.press('Escape')
    await curves(page).getByText('Drag to zoom').waitFor()
    await smoothing.getByText('Off', { exact: true }).click()
    expect(await curves(page).getByText('smoothed 0.9').count()).toBe(0)
    for (const name of ['Loss', 'Accuracy', 'Macro-F1', 'Learning rate']) expect(await page.getByRole('figure', { name }).getByText('Head', { exact: true }).count()).toBe(1)
    // One hover for all.
    await chart(page, 'Loss').focus()
    await page.keyboard.press('Home')
    expect(await chart(page, 'Learning rate').getAttribute('aria-valuenow')).toBe('1')
  })

  test('with 200 classes the worst are drawn and any can be chosen; while its epochs come no task holds the window up', async () => {
    const classNames = Array.from({ length: 200 }, (_, index) => `species ${String(index + 1).padStart(3, '0')}`)
    const run = await replayedRun(runs, join(home, 'species'), { name: 'species', classNames, picturesPerClass: 5, epochs: 60 })
    await run.play(1, 8)
    await open(page, 'species')
    await panel(page).getByText('epoch 8', { exact: false }).first().waitFor({ timeout: 60_000 })
    // Cells of so many classes are too small to be read.
    await panel(page).getByRole('button', { name: /^species \d+ taken for/ }).first().waitFor()
    await show(page, 'Matrix')
    const watch = await watchTasks(page)
    await run.play(9, 20, 150)
    await panel(page).getByText('epoch 20', { exact: false }).first().waitFor({ timeout: 60_000 })
    await shot(page, 'during-09-species')
    await curves(page).getByText('Recall by class', { exact: true }).click()
    await run.play(21, 32, 150)
    await panel(page).getByText('epoch 32', { exact: false }).first().waitFor({ timeout: 60_000 })
    await show(page, 'Changed')
    await run.play(33, 44, 150)
    await panel(page).getByText('epoch 44', { exact: false }).first().waitFor({ timeout: 60_000 })
    await show(page, 'Confused')
    await run.play(45, 56, 150)
    await panel(page).getByText('epoch 56', { exact: false }).first().waitFor({ timeout: 60_000 })
    const { longest, observed } = await watch()
    console.log(`200 classes: longest task ${longest.toFixed(0)} ms of processor; PerformanceObserver saw ${observed.length} of over 50 ms by the clock${observed.length === 0 ? '' : ` (${observed.map((ms) => ms.toFixed(0)).join(', ')})`}`)
    expect(longest).toBeLessThan(50)

    await page.getByRole('region', { name: 'Recall by class' }).getByRole('textbox', { name: 'Search classes' }).fill('104')
    await page.getByRole('button', { name: /^species 104/ }).click()
    expect(await chart(page, 'Recall').getAttribute('aria-valuetext')).toContain('species 104')
    await shot(page, 'during-10-species-recall')
    await expectNoScrolling(page)
    await expectAccessible(page, 'recall of 200 classes')
  })

  test('a run of thousands of epochs is opened and goes on without holding the window up', async () => {
    const run = await replayedRun(runs, join(home, 'long'), { name: 'long', classNames: ['ripe', 'green'], picturesPerClass: 10, epochs: 3000 })
    await run.play(1, LONG)
    const watch = await watchTasks(page)
    await open(page, 'long')
    await panel(page).getByText(`epoch ${LONG}`, { exact: false }).first().waitFor({ timeout: 60_000 })
    await run.play(LONG + 1, LONG + 60, 50)
    await panel(page).getByText(`epoch ${LONG + 60}`, { exact: false }).first().waitFor({ timeout: 60_000 })
    await curves(page).getByText('Recall by class', { exact: true }).click()
    await chart(page, 'Recall').waitFor()
    const { longest, observed } = await watch()
    console.log(`${LONG} epochs: longest task ${longest.toFixed(0)} ms of processor; PerformanceObserver saw ${observed.length} of over 50 ms by the clock${observed.length === 0 ? '' : ` (${observed.map((ms) => ms.toFixed(0)).join(', ')})`}`)
    await shot(page, 'during-11-long')
    expect(longest).toBeLessThan(50)
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})

const traceSchema = z.array(z.object({ name: z.string(), pid: z.number(), tid: z.number(), tdur: z.number().optional(), args: z.object({ name: z.unknown() }).partial().optional() }))

/** From now on until asked: the longest task of the page by its own processor time, so that what else the machine does does not count, and what a PerformanceObserver saw. */
async function watchTasks(page: Page): Promise<() => Promise<{ longest: number; observed: number[] }>> {
  await page.evaluate(() => {
    const tasks: number[] = []
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })
    Reflect.set(window, 'longTasks', tasks)
  })
  const session: CDPSession = await page.context().newCDPSession(page)
  const events: z.infer<typeof traceSchema> = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...traceSchema.parse(value)))
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', 'devtools.timeline', '__metadata'] } })
  return async () => {
    const ended = new Promise((done) => session.once('Tracing.tracingComplete', done))
    await session.send('Tracing.end')
    await ended
    const main = new Set(events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`))
    const tasks = events.filter(({ name, pid, tid }) => name === 'RunTask' && main.has(`${pid} ${tid}`)).map(({ tdur = 0 }) => tdur / 1000)
    if (tasks.length === 0) throw new Error('The trace holds no task of the page')
    const observed = await page.evaluate(() => Reflect.get(window, 'longTasks') as number[])
    return { longest: Math.max(...tasks), observed }
  }
}
