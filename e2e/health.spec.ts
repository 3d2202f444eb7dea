/** A folder with planted faults in a real browser: they are found, decided about, taken back, and a run leaves out what was excluded. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sceneJpeg, writeFaultyFolder } from '../src/main/dataset/test-scene'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

describe.skipIf(browserPath === null)('the health of a dataset', () => {
  const door = new StudioDoor()
  const folder = join(door.person.home, 'faulty')
  const many = join(door.person.home, 'many')
  let page: Page

  const heading = (name: RegExp | string): Locator => page.getByRole('heading', { level: 1, name })
  const findings = (): Locator => page.getByRole('complementary').getByRole('heading', { level: 3 })
  const open = (title: RegExp): Promise<void> => page.getByRole('button', { name: title }).click()
  const view = (title: RegExp): Locator => page.getByRole('region', { name: title })
  const decisions = (): Locator => page.getByRole('list', { name: /decision/ }).getByRole('listitem')
  const chooseFolder = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Choose folder' }).first().click()
    const list = page.getByRole('dialog')
    const path = list.getByRole('textbox', { name: 'Path of the folder' })
    await path.fill(join(door.person.home, name))
    await path.press('Enter')
    await list.getByText(name === 'sound' ? 'left' : name === 'many' ? 'right' : 'cats', { exact: true }).waitFor()
    await list.getByRole('button', { name: 'Use this folder' }).click()
  }

  beforeAll(async () => {
    await writeFaultyFolder(folder)
    page = await door.open([door.person.home])
    await chooseFolder('faulty')
    await heading(/2 classes · 60 pictures/).waitFor({ timeout: 120_000 })
  }, 240_000)
  afterAll(async () => {
    await door.close()
  })

  test('the classes are there first, the findings follow, the dearest first', async () => {
    await page.getByRole('heading', { level: 2, name: '10 findings' }).waitFor({ timeout: 60_000 })
    expect(await findings().allInnerTexts()).toEqual([
      '1 picture lies in several classes at once, the same or nearly',
      '1 picture is nearly black',
      '1 picture is nearly white',
      '1 picture is of one colour throughout',
      '1 picture is blurred',
      '2 pictures are nearly the same, in 1 group',
      '2 pictures are identical, in 1 group',
      '1 picture with a side below 64 pixels',
      '3 pictures are shots of one moment, in 1 burst',
      '1 picture more than 3 times as long as wide',
    ])
    await page.getByText('9 pictures look alike, in 4 groups; the split keeps each together.').waitFor()
    await page.waitForFunction(() => [...document.images].some((image) => image.complete && image.naturalWidth > 0))
    await shot(page, 'health-1-findings')
    await expectAccessible(page, 'findings')
  })

  test('a finding opens its pictures; one is excluded by keyboard, and taken back by Ctrl Z', async () => {
    await open(/Show 1 picture: 1 picture is nearly black/)
    const dark = view(/nearly black/)
    const tile = dark.getByRole('button', { name: /cats\/dark\.jpg/ })
    await tile.waitFor()
    await tile.focus()
    await page.keyboard.press('x')
    await page.getByRole('heading', { name: 'Nothing left of this finding' }).waitFor()
    await heading(/59 pictures · 1 excluded/).waitFor()
    expect(await decisions().allInnerTexts()).toEqual([expect.stringContaining('Excluded 1 picture')])
    await page.keyboard.press('Control+z')
    await heading(/2 classes · 60 pictures$/).waitFor()
    await tile.waitFor()
    expect(await decisions().allInnerTexts()).toEqual([expect.stringContaining('taken back')])
    await page.getByRole('button', { name: 'Redo' }).click()
    await page.getByText('Again: Excluded 1 picture.').first().waitFor()
    await heading(/59 pictures · 1 excluded/).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('region', { name: 'Classes' }).waitFor()
  })

  test('of copies the largest is kept, a conflict is settled by naming the class, another finding is fine', async () => {
    await open(/Show 2 pictures: 2 pictures are nearly the same/)
    await page.getByText('1 of 1', { exact: true }).waitFor()
    await page.waitForFunction(() => [...document.images].some((image) => image.src.includes('small-copy') && image.complete && image.naturalWidth > 0))
    await shot(page, 'health-2-near-duplicates')
    await expectAccessible(page, 'a finding')
    await page.getByRole('button', { name: 'Keep the largest of each group' }).click()
    await heading(/58 pictures · 2 excluded/).waitFor()
    await page.getByRole('button', { name: 'Back to the classes' }).click()

    await open(/Show 2 pictures: 1 picture lies in several classes/)
    await page.getByRole('button', { name: 'Group 1: all are cats' }).waitFor()
    await shot(page, 'health-3-conflict')
    await page.getByRole('button', { name: 'Group 1: all are cats' }).click()
    await page.getByRole('heading', { name: 'Nothing left of this finding' }).waitFor()
    await page.getByRole('button', { name: 'Back to the classes' }).click()

    await open(/: 1 picture is blurred/)
    const blurred = view(/is blurred/)
    await blurred.getByRole('button', { name: /cats\/blurred\.jpg/ }).click()
    await blurred.getByRole('button', { name: 'This is fine' }).click()
    await page.getByRole('heading', { name: 'Nothing left of this finding' }).waitFor()
    await page.getByRole('button', { name: 'Back to the classes' }).click()
    expect((await findings().allInnerTexts()).filter((title) => /black|blurred|several classes/.test(title))).toEqual([])
    expect((await decisions().allInnerTexts()).map((text) => text.split('\n')[0])).toEqual(['Said that 1 picture is fine', 'Moved 1 picture to cats', 'Kept 1, excluded 1 picture', 'Excluded 1 picture'])
    await shot(page, 'health-4-decisions')
    await expectAccessible(page, 'decisions')
  })

  test('decisions outlive the window', async () => {
    await page.reload()
    await heading(/58 pictures · 2 excluded/).waitFor({ timeout: 60_000 })
    await expect.poll(() => decisions().count()).toBe(4)
  })

  test('a run leaves out what was excluded and says which decisions it was made with', async () => {
    await rail(page, 'Configure').click()
    await page.getByRole('radio', { name: 'fast' }).check()
    const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
    await epochs.fill('1')
    await epochs.press('Enter')
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 180_000 })
    const runs = join(door.person.home, 'data', 'runs')
    const [run = ''] = readdirSync(runs)
    const manifest = JSON.parse(readFileSync(join(runs, run, 'manifest.json'), 'utf8')) as { pictures: { path: string; classIndex: number; group?: number; split: string }[]; curation: { decisions: { id: number }[]; excluded: { path: string }[] } }
    expect(manifest.pictures).toHaveLength(58)
    expect(manifest.pictures.filter(({ path }) => /dark|small-copy/.test(path))).toEqual([])
    expect(manifest.pictures.find(({ path }) => path === 'dogs/conflict.jpg')?.classIndex).toBe(0)
    expect(manifest.curation.excluded.map(({ path }) => path)).toEqual(['cats/dark.jpg', 'cats/small-copy.jpg'])
    expect(manifest.curation.decisions.map(({ id }) => id)).toEqual([1, 2, 3])
    for (const group of new Set(manifest.pictures.flatMap((picture) => picture.group ?? []))) {
      expect(new Set(manifest.pictures.filter((picture) => picture.group === group).map(({ split }) => split)).size).toBe(1)
    }
  })

  test('a sound folder is calm; one with hundreds of copies draws only those in sight', async () => {
    const sound = join(door.person.home, 'sound')
    for (const [base, name] of [[0, 'left'], [60, 'right']] as const) {
      mkdirSync(join(sound, name), { recursive: true })
      mkdirSync(join(many, name), { recursive: true })
      for (let i = 0; i < 24; i++) {
        const bytes = await sceneJpeg(500 + base + i, 200, 150)
        writeFileSync(join(sound, name, `${i}.jpg`), bytes)
        for (let copy = 0; copy < 12; copy++) writeFileSync(join(many, name, `${i}-${copy}.jpg`), bytes)
      }
    }
    await rail(page, 'Dataset').click()
    await chooseFolder('sound')
    await page.getByRole('heading', { level: 2, name: 'No findings' }).waitFor({ timeout: 60_000 })
    await shot(page, 'health-5-calm')
    await expectAccessible(page, 'no findings')
    await chooseFolder('many')
    await open(/Show 576 pictures: 576 pictures are identical, in 48 groups/)
    await page.getByText('1 of 48', { exact: true }).waitFor()
    const tiles = (): Promise<number> => page.locator('[data-path]').count()
    expect(await tiles()).toBeLessThan(120)
    await page.locator('[data-path]').first().focus()
    await page.keyboard.press('End')
    await page.getByText('48 of 48', { exact: true }).waitFor()
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-path'))).toMatch(/\.jpg$/)
    expect(await tiles()).toBeLessThan(120)
    await shot(page, 'health-6-many')
    await page.getByRole('button', { name: 'Keep the largest of each group' }).click()
    await heading(/2 classes · 48 pictures · 528 excluded/).waitFor()
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
