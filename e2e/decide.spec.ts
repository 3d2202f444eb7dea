/** Deciding in a real browser: the matrix ordered, normalised and opened by keyboard, worst pairs, thresholds with a cost, and both with hundreds of classes. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeThresholdRun, thresholdPicture } from '../src/main/services/thresholds.examples'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

const PICTURES = 240
/** Of the run with hundreds of classes, whose pictures are all the same. */
const MANY = 1500
const LONG = `Phytophthora infestans ${'on leaves of potatoes, late in the year '.repeat(5)}`.slice(0, 200)

async function drawPictures(root: string): Promise<void> {
  for (const split of ['val', 'test'] as const) {
    mkdirSync(join(root, split), { recursive: true })
    const same = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#567' } }).jpeg().toBuffer()
    for (let index = PICTURES; index < MANY; index++) writeFileSync(join(root, thresholdPicture(split, index)), same)
    for (let index = 0; index < PICTURES; index++) {
      const background = { r: (index * 37) % 200, g: 90 + (index % 60), b: split === 'val' ? 50 : 110 }
      writeFileSync(join(root, thresholdPicture(split, index)), await sharp({ create: { width: 64, height: 48, channels: 3, background } }).jpeg().toBuffer())
    }
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `species ${String(index + 1).padStart(3, '0')}`)

async function openResults(page: Page, runId: string): Promise<void> {
  await page.evaluate((hash) => (window.location.hash = hash), `#/run/${runId}/results`)
  await page.getByRole('heading', { name: 'Confusion matrix', exact: true }).first().waitFor()
  await page.getByRole('heading', { name: 'Deciding with costs' }).waitFor()
}

/** That of the chosen split; epochs have one of their own. */
const matrix = (page: Page) => page.getByRole('grid', { name: 'Confusion matrix on the test pictures' })
const toTop = (page: Page, heading: string) => page.getByRole('heading', { name: heading }).evaluate((element) => element.scrollIntoView({ block: 'start' }))
const order = (page: Page) => page.getByRole('combobox', { name: 'Order of the classes' })
async function orderBy(page: Page, title: string): Promise<void> {
  await order(page).click()
  await page.getByRole('option', { name: title }).click()
}
/** Long tasks of the page while something is done, in milliseconds. */
async function longTasks(page: Page, work: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(() => {
    const found: number[] = []
    Reflect.set(window, 'longTasks', found)
    new PerformanceObserver((list) => found.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })
  })
  await work()
  await page.waitForTimeout(300)
  return page.evaluate(() => Reflect.get(window, 'longTasks') as number[])
}

describe.skipIf(browserPath === null)('deciding', () => {
  const door = new StudioDoor()
  const { home } = door.person
  const runs = join(home, 'data', 'runs')
  let page: Page

  beforeAll(async () => {
    const root = join(home, 'leaves')
    await drawPictures(root)
    mkdirSync(runs, { recursive: true })
    const make = (id: string, of: Parameters<typeof makeThresholdRun>[2]) => makeThresholdRun(join(runs, id), id, { root, ...of })
    await make('two', { classes: ['healthy', 'rust'], pictures: PICTURES })
    await make('twelve', { classes: [LONG, ...numbered(11)], pictures: PICTURES, empty: [3, 7] })
    await make('forty', { classes: numbered(40), pictures: PICTURES * 2 })
    await make('hundreds', { classes: numbered(200), pictures: MANY })
    await make('single', { classes: ['only'], pictures: 20 })
    await make('one-sided', { classes: ['healthy', 'rust'], pictures: 40, empty: [1], hasTest: false })
    page = await door.open([home])
    await rail(page, 'Runs').waitFor()
  }, 180_000)
  afterAll(() => door.close())

  test('the matrix is read and opened by keyboard, with number and share', async () => {
    await openResults(page, 'two')
    const grid = matrix(page)
    await grid.getByRole('gridcell').first().focus()
    await page.keyboard.press('ArrowRight')
    const cell = grid.getByRole('gridcell', { name: /^truth healthy, predicted rust: \d+ pictures?, \d+\.\d % of healthy$/ })
    await expect.poll(() => cell.evaluate((element) => element === document.activeElement)).toBe(true)
    await shot(page, 'decide-01-two')
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Pictures of the cell' }).getByRole('heading', { name: 'healthy taken for rust' }).waitFor()
    await page.keyboard.press('Escape')
  })

  test('each part of the long page is a click away, and the one in view is marked', async () => {
    const parts = page.getByRole('navigation', { name: 'Parts of the results' })
    await parts.getByRole('button', { name: 'Calibration' }).click()
    const calibration = page.getByRole('heading', { name: 'Calibration', exact: true })
    await expect.poll(async () => (await calibration.boundingBox())?.y ?? 0).toBeLessThan(150)
    expect(await calibration.evaluate((element) => element === document.activeElement)).toBe(true)
    await expect.poll(() => parts.locator('[aria-current]').textContent()).toBe('Calibration')
    await shot(page, 'decide-14-parts')
    await parts.getByRole('button', { name: 'Mistakes' }).click()
    await expect.poll(() => parts.locator('[aria-current]').textContent()).toBe('Mistakes')
  })

  test('shares of the truth and of the answer are told apart', async () => {
    await page.getByRole('radiogroup', { name: 'Numbers in the matrix' }).getByText('% of answer', { exact: true }).click()
    await matrix(page).getByRole('gridcell', { name: /^truth healthy, predicted rust: \d+ pictures?, \d+\.\d % of all taken for rust$/ }).waitFor()
    await page.getByRole('radiogroup', { name: 'Numbers in the matrix' }).getByText('Pictures', { exact: true }).click()
  })

  test('what a missed one costs moves the threshold, and its mistakes are pictures', async () => {
    const cost = page.getByRole('textbox', { name: 'Cost of a missed picture' })
    await page.getByRole('combobox', { name: 'Class that is missed' }).click()
    await page.getByRole('option', { name: 'rust' }).click()
    const slider = page.getByRole('slider', { name: 'Threshold of rust' })
    const value = async () => Number(await slider.getAttribute('aria-valuenow'))
    const table = page.getByRole('table', { name: 'What the threshold of rust does' })
    await cost.fill('1')
    await cost.press('Enter')
    await table.getByRole('row', { name: /^Missed/ }).waitFor()
    const cheap = await value()
    await cost.fill('20')
    await cost.press('Enter')
    await expect.poll(value).toBeLessThan(cheap)
    await toTop(page, 'Deciding with costs')
    await shot(page, 'decide-02-costs')
    await slider.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('PageUp')
    await expect.poll(value).toBeCloseTo(0.1, 9)
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^from 10\.0 % on: cost [\d.]+ on the validation pictures$/)
    await table.getByRole('button', { name: /^False alarms on test: \d+ pictures?, show$/ }).click()
    const panel = page.getByRole('complementary', { name: 'Pictures of the threshold' })
    await panel.getByRole('heading', { name: 'False alarms of rust from 10.0 % on' }).waitFor()
    await panel.getByRole('button', { name: /test\/\d+\.jpg, \d+\.\d % sure/ }).first().waitFor()
    await shot(page, 'decide-03-false-alarms')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  })

  test('a threshold in use is kept with the run, and taken away', async () => {
    await page.getByRole('button', { name: 'Bayes: 4.8 %' }).click()
    await page.getByRole('button', { name: 'Use 4.8 % for this class' }).click()
    const list = page.getByRole('list', { name: 'Thresholds in use' })
    await list.getByText('from 4.8 %, a miss costs 20').waitFor()
    expect(JSON.parse(readFileSync(join(runs, 'two', 'thresholds.json'), 'utf8'))).toMatchObject({ chosen_on: 'val', classes: [{ name: 'rust', threshold: 1 / 21, miss_cost: 20, source: 'bayes' }] })
    const told = await door.person.run(['thresholds', 'two', '--class', 'rust', '--miss-cost', '20', '--bayes', '--json'])
    const missed = (told.events[0] as { on_test: { outcomes: { missed: number } } }).on_test.outcomes.missed
    await page.getByRole('table', { name: 'What the threshold of rust does' }).getByRole('row', { name: /^Missed/ }).getByText(String(missed), { exact: true }).first().waitFor()
    await shot(page, 'decide-04-in-use')
    await page.getByRole('button', { name: 'Take away the threshold of rust' }).click()
    await page.getByText('No threshold is in use').waitFor()
  })

  test('the reliability diagram has bins of equal count as well', async () => {
    await page.getByText('Equal counts', { exact: true }).click()
    await toTop(page, 'Calibration')
    await page.getByText('Each bar holds as many pictures').waitFor()
    await shot(page, 'decide-05-calibration')
  })

  test('twelve classes, one of them with a name of 200 characters and two without pictures', async () => {
    await openResults(page, 'twelve')
    await shot(page, 'decide-06-twelve')
    await toTop(page, 'Deciding with costs')
    await shot(page, 'decide-07-twelve-costs')
    await expectAccessible(page, 'results of twelve classes')
  })

  test('the way a person looks at it survives a change of screen', async () => {
    await openResults(page, 'twelve')
    await orderBy(page, 'Confused together')
    await page.getByText('% of truth', { exact: true }).click()
    await page.getByText('Worst pairs', { exact: true }).click()
    await rail(page, 'Runs').click()
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
    await openResults(page, 'twelve')
    expect(await order(page).inputValue()).toBe('Confused together')
    expect(await page.getByRole('radio', { name: '% of truth' }).isChecked()).toBe(true)
    await page.getByRole('region', { name: 'Pairs of classes, worst first' }).waitFor()
    await shot(page, 'decide-08-twelve-clustered')
    await page.getByRole('radiogroup', { name: 'Beside the matrix' }).getByText('Classes', { exact: true }).click()
    await matrix(page).getByRole('gridcell', { name: new RegExp(`^truth ${LONG}, predicted ${LONG}`) }).click()
    await shot(page, 'decide-08-long-name')
    await page.keyboard.press('Escape')
  })

  test('beyond thirty classes the worst pairs are listed, and open their pictures', async () => {
    await page.reload()
    await openResults(page, 'forty')
    const pairs = page.getByRole('region', { name: 'Pairs of classes, worst first' })
    await pairs.getByRole('button').first().click()
    await page.getByRole('complementary', { name: 'Pictures of the cell' }).getByRole('heading', { name: / taken for / }).waitFor()
    await shot(page, 'decide-09-forty')
    await page.keyboard.press('Escape')
  })

  test('two hundred classes are ordered and walked without holding up the window', async () => {
    await openResults(page, 'hundreds')
    const cell = page.getByRole('group', { name: 'Confusion matrix on the test pictures' }).getByRole('button')
    await cell.waitFor()
    await page.waitForTimeout(1500)
    const tasks = await longTasks(page, async () => {
      await orderBy(page, 'Confused together')
      await page.waitForTimeout(1000)
      await cell.focus()
      for (let step = 0; step < 20; step++) await page.keyboard.press(step % 2 === 0 ? 'ArrowDown' : 'ArrowRight')
    })
    console.log(`200 classes: ${tasks.length} long tasks (${tasks.map((ms) => ms.toFixed(0)).join(', ')} ms)`)
    expect(await cell.getAttribute('aria-label')).toMatch(/^truth species \d{3}, predicted species \d{3}: \d+ pictures?, \d+\.\d % of species \d{3}$/)
    await shot(page, 'decide-10-hundreds')
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Pictures of the cell' }).waitFor()
    await page.keyboard.press('Escape')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await shot(page, 'decide-11-hundreds-1920')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('one class, and a class that no validation picture is of, say what cannot be told', async () => {
    await openResults(page, 'single')
    await page.getByText('With one class there is nothing to tell apart.').waitFor()
    await shot(page, 'decide-12-single')
    await openResults(page, 'one-sided')
    await page.getByText(/The validation pictures are all of healthy, or none of them is/).waitFor()
    await page.getByText('There is no test split', { exact: false }).first().waitFor()
    await toTop(page, 'Deciding with costs')
    await shot(page, 'decide-13-one-sided')
    expect(door.complaints).toEqual([])
  })
})
