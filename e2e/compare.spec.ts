/** Runs side by side in a real browser: found, marked, compared, archived, thrown away and put back; a thousand of them stay fluent. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeComparableRun, picturePath } from '../src/main/services/compare-runs.examples'
import { exampleRecord } from '../src/main/storage/run-folder.examples'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

const PICTURES = 120
const MANY = 1000
const SCROLL_STEPS = 60

async function drawTrees(root: string): Promise<void> {
  for (const name of ['oak', 'elm']) mkdirSync(join(root, name), { recursive: true })
  for (let index = 0; index < PICTURES; index++) {
    const background = { r: index % 2 === 0 ? 60 : 150, g: 90 + (index % 60), b: 50 }
    writeFileSync(join(root, picturePath(index)), await sharp({ create: { width: 96, height: 72, channels: 3, background } }).jpeg().toBuffer())
  }
}

/** What the list and its panel are made of, and no more. */
function writeManyRuns(directory: string): void {
  const status = ['completed', 'stopped', 'failed', 'interrupted'] as const
  for (let index = 0; index < MANY; index++) {
    const folder = join(directory, `many-${index}`)
    mkdirSync(folder, { recursive: true })
    const record = {
      ...exampleRecord(),
      run_id: `many-${index}`,
      name: `sweep ${index}`,
      dataset_name: index % 3 === 0 ? 'weeds' : 'leaves',
      backbone: ['resnet18', 'efficientnet_lite0', 'mobilenet_v2'][index % 3] ?? '',
      created_at: new Date(Date.UTC(2026, 0, 1) - index * 3_600_000).toISOString(),
      status: status[index % 4] ?? 'completed',
      epochs_done: 5,
      best_epoch: 3,
      best_metric: 0.5 + (index % 500) / 1000,
      last_metric: 0.49 + (index % 500) / 1000,
      total_s: 60 + index,
      tags: index % 10 === 0 ? ['tenth'] : [],
    }
    writeFileSync(join(folder, 'run.json'), JSON.stringify(record))
    writeFileSync(join(folder, 'config.yaml'), 'backbone: resnet18\n')
  }
}

const table = (page: Page) => page.getByRole('table', { name: 'Runs' })
const row = (page: Page, name: string) => table(page).getByRole('row', { name: new RegExp(`^${name} `) })
const status = (page: Page) => page.locator('header').getByRole('status')

describe.skipIf(browserPath === null)('runs side by side', () => {
  const door = new StudioDoor()
  const { home } = door.person
  const runs = join(home, 'data', 'runs')
  let page: Page

  beforeAll(async () => {
    const root = join(home, 'trees')
    await drawTrees(root)
    mkdirSync(runs, { recursive: true })
    // A trash as a desktop would have made it.
    mkdirSync(join(home, 'share', 'Trash'), { recursive: true })
    const at = (day: number) => ({ created_at: `2026-03-0${day}T10:00:00.000Z` })
    const wrong = (share: number) => (index: number) => (index * 37) % 100 < share
    await makeComparableRun(join(runs, 'frozen'), 'frozen', { pictures: PICTURES, root, isWrong: wrong(22), epochs: 12, record: { name: 'frozen head', ...at(1) }, config: { learning_rate: 1e-3 } })
    await makeComparableRun(join(runs, 'tuned'), 'tuned', { pictures: PICTURES, root, isWrong: wrong(6), epochs: 20, lift: 0.12, record: { name: 'tuned', ...at(2) }, config: { learning_rate: 3e-4, freeze_ratio: 0.5, label_smoothing: 0.1 } })
    await makeComparableRun(join(runs, 'again'), 'again', { pictures: PICTURES, root, isWrong: (index) => wrong(22)(index) !== (index === 5), epochs: 12, lift: 0.01, record: { name: 'frozen again', ...at(3) }, config: { learning_rate: 1e-3, seed: 7 } })
    page = await door.open([home], { XDG_DATA_HOME: join(home, 'share'), DISPLAY: '', WAYLAND_DISPLAY: '', XDG_CURRENT_DESKTOP: '' })
    await rail(page, 'Runs').click()
    await row(page, 'tuned').waitFor()
  }, 120_000)
  afterAll(() => door.close())

  test('a run takes tags and a note, and is found by them after a reload', async () => {
    await row(page, 'tuned').click()
    const panel = page.getByRole('complementary', { name: 'Chosen run' })
    await panel.getByLabel('Tags', { exact: true }).fill('winner')
    await page.keyboard.press('Enter')
    await panel.getByRole('textbox', { name: 'Note' }).fill('half of it frozen, smoothed labels')
    await panel.getByRole('heading').first().click()
    await row(page, 'tuned').getByText('winner').waitFor()
    await page.reload()
    await page.getByRole('textbox', { name: 'Search runs' }).fill('smoothed WINNER')
    await status(page).getByText('1 of 3 runs').waitFor()
    await shot(page, 'compare-01-found')
    await page.getByRole('textbox', { name: 'Search runs' }).press('Escape')
    await status(page).getByText('3 runs', { exact: true }).waitFor()
  })

  test('a window that only looked at a note does not write over what another one has written', async () => {
    const own = page.getByRole('complementary', { name: 'Chosen run' }).getByRole('textbox', { name: 'Note' })
    await row(page, 'tuned').click()
    await own.focus()
    const other = await door.page(page.url())
    await rail(other, 'Runs').click()
    await row(other, 'tuned').click()
    const panel = other.getByRole('complementary', { name: 'Chosen run' })
    await panel.getByRole('textbox', { name: 'Note' }).fill('better than the lab')
    await panel.getByRole('heading').first().click()
    await expect.poll(() => own.inputValue(), { timeout: 8000 }).toBe('better than the lab')
    await own.blur()
    await other.reload()
    await row(other, 'tuned').click()
    expect(await panel.getByRole('textbox', { name: 'Note' }).inputValue()).toBe('better than the lab')
    await other.close()
  })

  test('an archived run is out of the way, and comes back', async () => {
    await row(page, 'frozen again').click()
    await page.getByRole('button', { name: 'Archive', exact: true }).click()
    await status(page).getByText('2 of 3 runs').waitFor()
    await page.getByRole('button', { name: 'Show 1 archived' }).click()
    await row(page, 'frozen again').click()
    await page.getByRole('button', { name: 'Take out of the archive' }).click()
    await page.getByRole('button', { name: /archived/ }).waitFor({ state: 'detached' })
  })

  test('runs are marked by keyboard alone and compared', async () => {
    await row(page, 'frozen head').getByRole('button').focus()
    await page.keyboard.press('End')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Space')
    await page.getByRole('heading', { name: '3 runs marked' }).waitFor()
    await shot(page, 'compare-02-marked')
    await page.getByRole('button', { name: 'Compare 3 runs' }).click()
    await page.getByRole('heading', { level: 1, name: 'Compare 3 runs' }).waitFor()
    expect(page.url()).toContain('#/compare/frozen,tuned,again')
  })

  test('what is better is said with its interval, and what is not is not', async () => {
    const verdicts = page.getByRole('region', { name: 'Verdict' })
    await verdicts.getByText(/^B is better than A: \+\d+\.\d points, 95 % interval \d+\.\d to \d+\.\d$/).waitFor()
    await verdicts.getByText(/^No difference seen between A and C: /).waitFor()
    await shot(page, 'compare-03-top')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await shot(page, 'compare-03-top-1920')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('curves are read at an epoch by keyboard, for all runs at once', async () => {
    await page.getByRole('slider', { name: 'Accuracy by epoch' }).focus()
    await page.keyboard.press('Home')
    expect(await page.getByRole('slider', { name: 'Accuracy by epoch' }).getAttribute('aria-valuetext')).toMatch(/^epoch 1: A \d+\.\d %, B \d+\.\d %, C \d+\.\d %$/)
    await page.getByRole('region', { name: 'Curves' }).getByText('Loss', { exact: true }).click()
    await page.getByRole('slider', { name: 'Loss by epoch' }).waitFor()
    await page.getByRole('button', { name: 'Copy or save Loss of the runs' }).click()
    await page.getByRole('menuitem', { name: 'Copy CSV' }).click()
    const csv = await page.evaluate(() => navigator.clipboard.readText())
    expect(csv.split('\r\n')[0]).toBe('epoch,frozen head train,frozen head validation,tuned train,tuned validation,frozen again train,frozen again validation')
  })

  test('only what was set differently is shown, until all is asked for', async () => {
    const settings = page.getByRole('table', { name: 'Settings of the runs' })
    await settings.scrollIntoViewIfNeeded()
    const names = async () => settings.getByRole('rowheader').allInnerTexts()
    expect(await names()).toEqual(expect.arrayContaining(['Learning rate', 'Label smoothing', 'Seed']))
    expect(await names()).not.toContain('Batch size')
    await shot(page, 'compare-04-settings')
    await page.getByRole('switch', { name: 'Those alike too' }).check({ force: true })
    expect(await names()).toContain('Batch size')
    await page.getByRole('switch', { name: 'Those alike too' }).uncheck({ force: true })
  })

  test('a cell of the difference opens the pictures that changed their answer', async () => {
    await page.getByRole('gridcell', { name: /^oak taken for elm: \d+ in A, \d+ in B \(−\d+\)$/ }).click()
    const pictures = page.getByRole('list', { name: 'Pictures that changed their answer' })
    await pictures.getByRole('button', { name: /truth oak, A said elm, B says oak/ }).first().waitFor()
    await page.waitForFunction(() => [...document.images].some((image) => image.complete && image.naturalWidth > 0))
    await page.getByRole('region', { name: 'Changed answers' }).scrollIntoViewIfNeeded()
    await shot(page, 'compare-05-changes')
    await pictures.getByRole('button').first().click()
    await page.getByRole('dialog').getByRole('img', { name: 'oak' }).waitFor()
    await shot(page, 'compare-06-picture')
    await page.keyboard.press('Escape')
  })

  test('another base turns the words around, and back leads to the list as it was left', async () => {
    await page.getByRole('button', { name: 'Compare the others with tuned' }).click()
    await page.getByText(/^B is worse than A: −\d+\.\d points/).waitFor()
    await page.reload()
    await page.getByText(/^B is worse than A: −\d+\.\d points/).waitFor()
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
  })

  test('axe finds nothing, in either theme', async () => {
    for (const name of ['frozen head', 'tuned']) await page.getByRole('checkbox', { name: `Mark ${name}` }).click()
    await page.getByRole('heading', { name: '2 runs marked' }).waitFor()
    await expectAccessible(page, 'marked runs')
    await page.getByRole('button', { name: 'Compare 2 runs' }).click()
    await page.getByText(/^B is better than A/).waitFor()
    await expectAccessible(page, 'comparison')
    await page.goBack()
    await page.getByRole('button', { name: 'Unmark all' }).click()
  })

  test('a run goes to the trash and is put back', async () => {
    await row(page, 'frozen again').click()
    await page.getByRole('button', { name: 'Move to trash' }).click()
    await page.getByText('frozen again moved to the trash').waitFor()
    await row(page, 'frozen again').waitFor({ state: 'detached' })
    await shot(page, 'compare-07-trashed')
    await page.getByRole('button', { name: 'Undo' }).click()
    await row(page, 'frozen again').waitFor()
  })

  test('a comparison of runs that are gone says so', async () => {
    await page.goto(`${page.url().split('#')[0] ?? ''}#/compare/gone,never`)
    await page.getByText(/are gone/).waitFor()
    await shot(page, 'compare-08-gone')
    await page.getByRole('button', { name: 'Choose runs' }).click()
  })

  test('of a thousand runs only what is seen is drawn, and looking through them holds nothing up', async () => {
    writeManyRuns(runs)
    await page.reload()
    await status(page).getByText('1,003 runs').waitFor({ timeout: 60_000 })
    expect(await table(page).getByRole('row').count()).toBeLessThan(60)
    await page.evaluate(() => {
      const tasks: number[] = []
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: 'longtask' })
      Reflect.set(window, 'longTasks', tasks)
    })
    const startedAt = Date.now()
    const timed: Record<string, number> = {}
    const time = async (name: string, work: () => Promise<unknown>): Promise<void> => {
      const from = Date.now()
      await work()
      timed[name] = Date.now() - from
    }
    await time('search', async () => {
      await page.getByRole('textbox', { name: 'Search runs' }).pressSequentially('sweep 99')
      await status(page).getByText('19 of 1,003 runs').waitFor()
    })
    await page.getByRole('textbox', { name: 'Search runs' }).fill('')
    await time('sort', async () => {
      await page.getByRole('button', { name: /^Best/ }).click()
      await table(page).locator('th[aria-sort="descending"]').getByText('Best').waitFor()
    })
    // The main thread's own processor time: what else the machine does does not count.
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    const metric = async (wanted: string) => (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === wanted)?.value ?? 0
    const before = await metric('TaskDuration')
    await time('scroll', async () => {
      await table(page).hover()
      for (let step = 0; step < SCROLL_STEPS; step++) {
        await page.mouse.wheel(0, 600)
        await page.waitForTimeout(30)
      }
    })
    const scrollCpuMs = ((await metric('TaskDuration')) - before) * 1000
    await time('to the end', async () => {
      await table(page).getByRole('row').nth(3).getByRole('button').focus()
      await page.keyboard.press('End')
      await page.waitForFunction(() => document.activeElement?.closest('tr')?.getAttribute('aria-rowindex') === '1004')
    })
    const tasks = await page.evaluate(() => {
      const found: unknown = Reflect.get(window, 'longTasks')
      return Array.isArray(found) ? found.map(Number) : []
    })
    console.log(`1,003 runs, ${Date.now() - startedAt} ms of looking through: ${JSON.stringify(timed)}; ${tasks.length} long tasks (ms): ${tasks.map(Math.round).join(', ') || 'none'}; ${(scrollCpuMs / SCROLL_STEPS).toFixed(1)} ms of processor time a scroll step; heap ${Math.round((await metric('JSHeapUsedSize')) / 1e6)} MB`)
    await shot(page, 'compare-09-thousand')
  }, 120_000)

  test('the pages complained of nothing', () => {
    expect(door.complaints).toEqual([])
  })
})

describe.skipIf(browserPath === null)('where there is no trash', () => {
  const door = new StudioDoor()
  afterAll(() => door.close())

  test('that is said, and deleting for good is asked about', async () => {
    const runs = join(door.person.home, 'data', 'runs')
    mkdirSync(runs, { recursive: true })
    await makeComparableRun(join(runs, 'one'), 'one', { pictures: 4, isWrong: () => false })
    const page = await door.open([door.person.home], { XDG_DATA_HOME: join(door.person.home, 'share'), DISPLAY: '', WAYLAND_DISPLAY: '', XDG_CURRENT_DESKTOP: '' })
    await rail(page, 'Runs').click()
    await page.getByRole('button', { name: 'Move to trash' }).click()
    const question = page.getByRole('alertdialog', { name: 'Delete one' })
    await question.getByText(/^This machine has no trash\./).waitFor()
    await shot(page, 'compare-10-no-trash')
    await question.getByRole('button', { name: 'Keep it' }).click()
    await page.getByRole('button', { name: 'Move to trash' }).click()
    await question.getByRole('button', { name: 'Delete for good' }).click()
    await page.getByText('No runs yet.').waitFor()
  })
})
