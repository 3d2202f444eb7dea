/** Pictures filed under the wrong class are suspected by themselves, in the studio and on the command line. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SuspectsReport } from '../src/shared/domain/suspects'
import { shot } from './shots'
import { browserPath, expectAccessible, StudioDoor } from './studio'
import { fileWrongly } from './wrongly-filed'

const PER_CLASS = 60
const SWAPPED = 3

/** Two classes, a few pictures of each in the other's folder. */
const filed = (home: string) => fileWrongly(home, { perClass: PER_CLASS, leaves: ['healthy', 'wilted'], place: (_, n) => ({ split: '', isWrong: n % 20 === 7 && n < SWAPPED * 20 }) })

describe.skipIf(browserPath === null)('pictures to look at', () => {
  const door = new StudioDoor()
  const { home } = door.person
  let page: Page
  let wrong: ReadonlySet<string> = new Set()
  let names: readonly [string, string] = ['', '']
  let runId = ''
  const section = () => page.getByRole('region', { name: 'Pictures to look at' })
  const suspects = () => section().getByRole('list', { name: /^Suspected labels · \d+$/ })

  beforeAll(async () => {
    const made = await filed(home)
    ;({ wrong, names } = made)
    const { code, stderr, events } = await door.person.run(['train', made.root, '--preset', 'fast', '--epochs', '2', '--json', '--out', join(home, 'run')])
    expect(code, stderr).toBe(0)
    runId = String(events.find((event) => event['event'] === 'start')?.['run_id'])
    page = await door.open([home])
    await page.evaluate((id) => (location.hash = `#/run/${id}/results`), runId)
  })
  afterAll(() => door.close())

  test('are looked for when asked, which can be cancelled', async () => {
    await section().getByRole('button', { name: 'Look at the pictures' }).click()
    await section().getByRole('button', { name: 'Cancel' }).click()
    await section().getByRole('button', { name: 'Look at the pictures' }).waitFor()
    await section().scrollIntoViewIfNeeded()
    await shot(page, 'suspects-01-before')
    await expectAccessible(page, 'before anybody looked')
    await section().getByRole('button', { name: 'Look at the pictures' }).click()
    await section().getByRole('progressbar').waitFor()
    await shot(page, 'suspects-02-busy')
    await suspects().getByRole('button').first().waitFor({ timeout: 120_000 })
    await section().evaluate((element) => element.scrollIntoView())
    await shot(page, 'suspects-03-suspects')
    await expectAccessible(page, 'suspected labels')
  })

  test('most of what was filed wrongly is suspected', async () => {
    const told = await suspects().getByRole('button').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('aria-label') ?? ''))
    const found = told.filter((label) => [...wrong].some((path) => label.endsWith(`: ${path}`)))
    expect(told[0]).toMatch(new RegExp(`^(${names.join('|')}), looks like (${names.join('|')}), \\d`))
    expect(found.length).toBeGreaterThanOrEqual(wrong.size / 2)
  })

  test('the keys go over them, open one large and decide about it', async () => {
    await suspects().getByRole('button').first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/By a head that has not learned from this picture/).waitFor()
    await shot(page, 'suspects-04-large')
    await expectAccessible(page, 'a suspect')
    await dialog.getByRole('button', { name: /^Relabel as/ }).and(dialog.locator(':enabled')).waitFor()
    await page.keyboard.press('r')
    await dialog.getByText(/^2 of \d+$/).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await suspects().getByRole('button').first().getAttribute('aria-label')).toMatch(/, relabelled as \w+$/)
  })

  test('the hardest and the most typical of a class, and what more of it would bring', async () => {
    await section().getByText('Hardest', { exact: true }).click()
    await section().getByRole('list', { name: 'Hardest' }).getByRole('button').first().waitFor()
    await shot(page, 'suspects-05-hardest')
    await section().getByText('Most typical', { exact: true }).click()
    await section().getByRole('combobox', { name: 'Class' }).click()
    await page.getByRole('option', { name: names[1] }).click()
    const label = await section().getByRole('list', { name: 'Most typical' }).getByRole('button').first().getAttribute('aria-label')
    expect(label).toMatch(new RegExp(`^${names[1]}, \\d+(\\.\\d)? % sure: `))
    const gains = section().getByRole('button', { name: /^40 more of / })
    expect(await gains.count()).toBe(2)
    expect(await gains.first().innerText()).toMatch(/points of recall, between|no gain to be seen/)
    await gains.nth(1).click()
    expect(await section().getByRole('img', { name: /^Share of \w+ that is recognised: / }).count()).toBe(1)
    await gains.first().scrollIntoViewIfNeeded()
    await shot(page, 'suspects-06-curve')
    await expectAccessible(page, 'the learning curve')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await section().evaluate((element) => element.scrollIntoView())
    await shot(page, 'suspects-07-wide')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('graft suspects tells the same, at once, as words, JSON and CSV', async () => {
    const whole = await door.person.run(['suspects', join(home, 'run'), '--json'])
    expect(whole.code, whole.stderr).toBe(0)
    const [report] = whole.events as unknown as [SuspectsReport]
    expect(report.suspects.filter(({ path }) => wrong.has(path)).length).toBeGreaterThanOrEqual(wrong.size / 2)
    const csv = await door.person.run(['suspects', join(home, 'run'), '--csv'])
    expect(csv.stdout.split('\r\n')[0]).toBe('list,path,split,label,looks_like,probability_of_label,probability_of_looks_like,normalized_margin,closeness_to_class')
    expect(csv.stdout.split('\r\n')[1]).toContain(`suspected,${report.suspects[0]?.path ?? ''}`)
    const words = await door.person.run(['suspects', join(home, 'run'), '--count', '1'])
    expect(words.stdout).toContain(`${report.suspected} labels suspected to be wrong, the most doubtful first:\n  ${report.suspects[0]?.path ?? ''}  labelled`)
    expect(words.stdout).toMatch(new RegExp(`40 more of ${names[0]}: `))
    const wrongCount = await door.person.run(['suspects', join(home, 'run'), '--count', '0'])
    expect([wrongCount.code, wrongCount.stderr]).toEqual([2, expect.stringMatching(/--count expects a whole number from 1 on/)])
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
