/** A mistake is mended where it is seen, the run trained again from there, and then which answers changed; the same from the command line. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSampleDataset } from '../src/main/dataset/sample'
import type { RunComparison } from '../src/shared/domain/compare'
import { Person } from './graft'
import { shot } from './shots'
import { browserPath, expectAccessible, StudioDoor } from './studio'
import { fileWrongly, trainShortly } from './wrongly-filed'

/** Files of a class that test holds, and of the first class how many of these lie in the other class's folder: what nobody gets right. */
const TEST = 10
const VAL = 8
const SWAPPED = 3

/** Two classes in train/, val/ and test/, a few pictures of the first filed under the second. Of the drawn leaves these two are the ones that a short training takes for each other. */
const filed = (home: string) =>
  fileWrongly(home, {
    perClass: 40,
    leaves: ['healthy', 'spotted'],
    place: (classIndex, n) => ({ split: n < TEST ? 'test' : n < TEST + VAL ? 'val' : 'train', isWrong: classIndex === 0 && (n < SWAPPED || n === TEST + VAL) }),
  })

/** The one of the held-out pictures; the epochs have one of their own. */
const matrix = (page: Page) => page.getByRole('grid', { name: /^Confusion matrix on the (test|validation) pictures/ })

describe.skipIf(browserPath === null)('mistakes mended in the studio', () => {
  const door = new StudioDoor()
  const { home } = door.person
  let page: Page
  let root = ''
  let names: readonly [string, string] = ['', '']
  let runId = ''
  const dialog = () => page.getByRole('dialog')
  const tiles = () => page.getByRole('list', { name: 'Pictures', exact: true }).getByRole('button')
  const actions = () => dialog().getByRole('region', { name: 'Decide about this picture' })

  beforeAll(async () => {
    ;({ root, names } = await filed(home))
    runId = await trainShortly(door.person, root, join(home, 'run'), ['--name', 'first'])
    page = await door.open([home])
    await openCell()
  })
  afterAll(() => door.close())

  /** The pictures of the first class that lie in the second's folder. */
  async function openCell(): Promise<void> {
    await page.evaluate((id) => (location.hash = `#/run/${id}/results`), runId)
    await matrix(page).getByRole('gridcell', { name: new RegExp(`truth ${names[1]}, predicted ${names[0]}: [1-9]`) }).click()
    await tiles().first().waitFor()
  }
  const place = (text: RegExp) => dialog().getByText(text).waitFor()
  const labelOf = (index: number) => tiles().nth(index).getAttribute('aria-label')

  test('R relabels, X excludes, F is fine, each going on to the next picture; what was decided is on the picture', async () => {
    expect(await tiles().count()).toBeGreaterThanOrEqual(SWAPPED)
    await tiles().first().click()
    await place(/^1 of \d+$/)
    await actions().getByText('Nothing decided yet').waitFor()
    await shot(page, 'mistakes-01-actions')
    await expectAccessible(page, 'the actions on a picture')
    await page.keyboard.press('r')
    await place(/^2 of \d+$/)
    await page.keyboard.press('x')
    await place(/^3 of \d+$/)
    await page.keyboard.press('f')
    await page.keyboard.press('ArrowLeft')
    await place(/^2 of \d+$/)
    await actions().getByText('Excluded', { exact: true }).waitFor()
    await shot(page, 'mistakes-02-excluded')
    await expectAccessible(page, 'an excluded picture')
    await page.keyboard.press('ArrowLeft')
    await actions().getByText(`Now ${names[0]}`).waitFor()
  })

  test('undo and redo go to the picture that they are about', async () => {
    await page.keyboard.press('Control+z')
    await place(/^3 of \d+$/)
    await actions().getByText('Nothing decided yet').waitFor()
    await page.keyboard.press('Control+z')
    await place(/^2 of \d+$/)
    await actions().getByText('Nothing decided yet').waitFor()
    await page.keyboard.press('Control+Shift+z')
    await actions().getByText('Excluded', { exact: true }).waitFor()
    await actions().getByRole('button', { name: 'Redo' }).click()
    await place(/^3 of \d+$/)
    await actions().getByText('Fine', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
  })

  test('the gallery marks what was decided, also when one comes back', async () => {
    for (const isAgain of [false, true]) {
      if (isAgain) {
        await page.reload()
        await openCell()
      }
      await expect.poll(() => labelOf(0)).toMatch(new RegExp(`relabelled as ${names[0]}$`))
      expect(await labelOf(1)).toMatch(/excluded$/)
      expect(await labelOf(2)).toMatch(/said to be fine$/)
    }
    await shot(page, 'mistakes-03-gallery')
    await expectAccessible(page, 'a gallery with decisions')
  })

  test('a training picture is decided about where it is seen', async () => {
    await tiles().first().click()
    const neighbours = dialog().getByRole('region', { name: 'Most alike in training' })
    await neighbours.getByRole('listitem').nth(5).waitFor({ timeout: 60_000 })
    await neighbours.getByRole('button').first().click()
    await actions().getByText('Nothing decided yet').waitFor()
    await page.keyboard.press('x')
    await actions().getByText('Excluded', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
  })

  test('a folder that has gone is said to have, and nothing can be decided', async () => {
    renameSync(root, `${root}-elsewhere`)
    try {
      await page.reload()
      await openCell()
      await page.getByRole('complementary', { name: 'Pictures of the cell' }).getByText(/folder is not there any more/).waitFor()
      await tiles().first().click()
      await actions().getByText(/folder is not there any more/).waitFor()
      expect(await actions().getByRole('button', { name: 'Exclude' }).isDisabled()).toBe(true)
      await shot(page, 'mistakes-04-gone')
      await expectAccessible(page, 'a run whose folder has gone')
    } finally {
      renameSync(`${root}-elsewhere`, root)
    }
    door.complaints.splice(0, door.complaints.length, ...door.complaints.filter((text) => !/404|Not Found|500/i.test(text)))
  })

  test('the run is trained again with the fixes, and says what they mean for the score', async () => {
    await page.reload()
    const notice = page.getByRole('region', { name: 'Training again with fixes' })
    await notice.getByText('3 fixes: 1 relabelled, 2 excluded').waitFor()
    await notice.getByText(/^2 pictures in test \(1 relabelled, 1 excluded\).*corrected test set/).waitFor()
    await shot(page, 'mistakes-05-notice')
    await expectAccessible(page, 'results with fixes')
    await notice.getByRole('button', { name: 'Train again with 3 fixes' }).click()
    await page.waitForURL(/\/train$/)
    await page.getByRole('link', { name: /Results/ }).or(page.getByRole('button', { name: /results/i })).first().waitFor()
    await expect.poll(async () => /Completed/.test(await page.locator('main').innerText()), { timeout: 120_000 }).toBe(true)
  })

  test('one click shows which answers changed since', async () => {
    const next = /#\/run\/([^/]+)\//.exec(page.url())?.[1] ?? ''
    expect(next).not.toBe(runId)
    await page.evaluate((id) => (location.hash = `#/run/${id}/results`), next)
    await page.getByText('Trained again from first with 3 fixes: 1 relabelled, 2 excluded.').waitFor({ timeout: 30_000 })
    await page.getByRole('button', { name: 'What changed since first' }).click()
    const panel = page.getByRole('complementary', { name: 'What changed since first' })
    await panel.getByRole('heading', { name: 'Answers that changed' }).waitFor()
    await expect.poll(() => panel.getByRole('list', { name: 'Fixed pictures' }).getByRole('listitem').count()).toBe(2)
    await panel.getByText(`${names[1]} → ${names[0]}`).waitFor()
    await shot(page, 'mistakes-06-what-changed')
    await expectAccessible(page, 'what changed')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await shot(page, 'mistakes-07-what-changed-wide')
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})

describe.skipIf(browserPath === null)('a mistake among three classes', () => {
  const door = new StudioDoor()
  const { home } = door.person
  let page: Page
  const root = join(home, 'three')
  const dialog = () => page.getByRole('dialog')
  const actions = () => dialog().getByRole('region', { name: 'Decide about this picture' })
  const tiles = () => page.getByRole('list', { name: 'Pictures', exact: true }).getByRole('button')

  beforeAll(async () => {
    const source = await makeSampleDataset(join(home, 'leaves'), { perClass: 24 })
    for (const name of ['healthy', 'spotted', 'wilted']) {
      readdirSync(join(source, name)).sort().forEach((file, i) => {
        const split = i < 6 ? 'val' : 'train'
        const label = name === 'healthy' && i < SWAPPED ? 'spotted' : name
        mkdirSync(join(root, split, label), { recursive: true })
        cpSync(join(source, name, file), join(root, split, label, `${name}-${file}`))
      })
    }
    const runId = await trainShortly(door.person, root, join(home, 'run'), ['--name', 'first'])
    page = await door.open([home])
    await page.evaluate((id) => (location.hash = `#/run/${id}/results`), runId)
    await matrix(page).getByRole('gridcell', { name: /truth spotted, predicted healthy: [2-9]/ }).click()
    await tiles().first().click()
    await actions().getByText('Nothing decided yet').waitFor()
  })
  afterAll(() => door.close())

  test('C chooses among all classes by the keyboard alone; digits typed there choose no heatmap', async () => {
    await page.keyboard.press('c')
    await page.getByRole('option', { name: 'wilted' }).waitFor()
    await shot(page, 'mistakes-08-chooser')
    await expectAccessible(page, 'the chooser of a class')
    await page.keyboard.press('Escape')
    expect(await dialog().count()).toBe(1)
    await page.keyboard.press('c')
    await page.keyboard.type('wi')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await dialog().getByText(/^2 of \d+$/).waitFor()
    await page.keyboard.press('ArrowLeft')
    await actions().getByText('Now wilted').waitFor()
    await page.keyboard.press('r')
    await dialog().getByText(/^2 of \d+$/).waitFor()
    await page.keyboard.press('ArrowLeft')
    await actions().getByText('Now healthy').waitFor()
  })

  test('a file that was replaced is refused in words where one works', async () => {
    const path = await dialog().locator('header').getByText(/^val\//).innerText()
    const file = join(root, path)
    const bytes = readFileSync(file)
    writeFileSync(file, Buffer.from(bytes).reverse())
    try {
      await page.keyboard.press('x')
      await actions().getByRole('alert').getByText(/is another picture now than the one that first has answered/).waitFor()
      await shot(page, 'mistakes-09-refused')
      await expectAccessible(page, 'a refused decision')
    } finally {
      writeFileSync(file, bytes)
    }
    // What was refused of one picture is not said of the next.
    await page.keyboard.press('ArrowRight')
    await dialog().getByText(/^2 of \d+$/).waitFor()
    await actions().getByRole('alert').waitFor({ state: 'detached' })
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
  })

  test('the run’s panel offers to train again as well', async () => {
    await page.keyboard.press('Escape')
    await page.evaluate(() => (location.hash = '#/runs'))
    await page.getByRole('table', { name: 'Runs' }).getByRole('row', { name: /^first / }).click()
    await page.getByRole('complementary', { name: 'Chosen run' }).getByRole('button', { name: 'Train again with 1 fix' }).waitFor()
    await shot(page, 'mistakes-10-run-panel')
    await expectAccessible(page, 'the panel of a run with fixes')
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})

describe('mistakes mended on the command line', () => {
  const person = new Person()
  let root = ''
  let names: readonly [string, string] = ['', '']
  const first = join(person.home, 'first')
  const second = join(person.home, 'second')
  beforeAll(async () => {
    ;({ root, names } = await filed(person.home))
    await trainShortly(person, root, first, ['--name', 'first'])
  })
  afterAll(() => person.leave())

  test('without a decision there is nothing to train again, and settings do not go with it', async () => {
    const none = await person.run(['train', '--from', first, '--with-fixes'])
    expect([none.code, none.stderr]).toEqual([expect.any(Number), expect.stringContaining('Nothing was decided about the pictures since first was made')])
    expect((await person.run(['train', '--from', first, '--with-fixes', '--epochs', '2'])).stderr).toContain('--epochs does not go with it')
  })

  test('fix, train again, compare: every picture that is answered otherwise', async () => {
    const wrong = readdirSync(join(root, 'test', names[1])).filter((file) => file.startsWith(names[0])).map((file) => `test/${names[1]}/${file}`)
    expect((await person.run(['fix', root, '--move', ...wrong, '--to', names[0]])).code).toBe(0)
    const { code, stdout, stderr } = await person.run(['train', '--from', first, '--with-fixes', '--out', second])
    expect(code, stderr).toBe(0)
    expect(stdout).toContain(`first again with ${SWAPPED} fixes: ${SWAPPED} relabelled`)
    expect(stdout).toMatch(new RegExp(`${SWAPPED} pictures in test \\(${SWAPPED} relabelled\\): the new label says what is right`))
    const splitOf = (folder: string) => (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { pictures: { path: string; split: string }[] }).pictures.map(({ path, split }) => `${path} ${split}`)
    expect(splitOf(second)).toEqual(splitOf(first))
    const { events } = await person.run(['compare', second, '--pictures', '--json'])
    const [comparison] = events as unknown as [RunComparison & { changes: { pictures: unknown[] }[] }]
    const [pair] = comparison.pairs
    expect(pair).toMatchObject({ relabelled: SWAPPED, common: 2 * TEST - SWAPPED })
    expect(comparison.changes[0]?.pictures).toHaveLength((pair?.right_to_wrong ?? 0) + (pair?.wrong_to_right ?? 0) + (pair?.wrong_otherwise ?? 0))
  })
})
