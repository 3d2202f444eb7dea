/** The studio by keyboard alone: everything found by its name, places by two keys, the keys on one page. */
import { homedir, tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { shot } from './shots'
import { browserPath, expectAccessible, StudioDoor } from './studio'

const door = new StudioDoor()
let page: Page

beforeAll(async () => {
  if (browserPath !== null) page = await door.open([door.person.home])
}, 120_000)
afterAll(() => door.close())

const palette = () => page.getByRole('dialog', { name: 'Commands' })

test.skipIf(browserPath === null)('a command is found by a word of it and done with Enter', async () => {
  await page.getByRole('button', { name: /^Find/ }).waitFor()
  await page.keyboard.press('Control+k')
  await palette().waitFor()
  await expectAccessible(page, 'Commands')
  await page.keyboard.type('exmple')
  await page.getByText('Nothing is called that').waitFor()
  await page.keyboard.press('Control+a')
  await page.keyboard.type('example')
  await page.getByRole('button', { name: 'Use the sample pictures' }).waitFor()
  await shot(page, 'commands')
  await page.keyboard.press('Enter')
  await palette().waitFor({ state: 'detached' })
  await page.getByRole('heading', { level: 1, name: /classes · \d+ pictures/ }).waitFor({ timeout: 60_000 })
})

test.skipIf(browserPath === null)('g and a letter go to a place, not while a letter is meant', async () => {
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await expect.poll(() => page.url()).toContain('#/configure')
  const field = page.getByRole('main').getByRole('textbox').first()
  await field.focus()
  await page.keyboard.type('gs')
  expect(page.url()).toContain('#/configure')
  await field.blur()
  await page.keyboard.press('g')
  await page.waitForTimeout(1500)
  await page.keyboard.press('s')
  expect(page.url()).toContain('#/configure')
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await expect.poll(() => page.url()).toContain('#/settings')
})

test.skipIf(browserPath === null)('a question mark shows the keys, Escape goes back', async () => {
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await sheet.waitFor()
  await expectAccessible(page, 'Keyboard shortcuts')
  await shot(page, 'shortcuts')
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  expect(door.complaints).toEqual([])
})

test.skipIf(browserPath === null)('diagnostics are copied from anywhere, shown as they were copied, and name no folder', async () => {
  await page.keyboard.press('Control+k')
  await palette().waitFor()
  await page.keyboard.type('diagnostics')
  await palette().getByRole('button', { name: 'Copy diagnostics' }).first().waitFor()
  await page.keyboard.press('Enter')
  const shown = page.getByRole('region', { name: 'Diagnostics' })
  await shown.waitFor({ timeout: 30_000 })
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain('Checks')
  expect((await shown.textContent()) ?? '').toBe(copied)
  for (const place of [door.person.home, homedir(), tmpdir()]) expect(copied).not.toContain(place)
  await expectAccessible(page, 'Settings with diagnostics')
  await shot(page, 'diagnostics')
})

test.skipIf(browserPath === null)('a screen that cannot be drawn says so in its own place, and is drawn again when it can be', async () => {
  // What charts measure themselves with: without it drawing Configure fails as a defect of ours would.
  await page.evaluate(() => {
    const observer = window.ResizeObserver
    Object.assign(window, { observer, ResizeObserver: function broken() { throw new Error('drawn wrongly') } }) // prettier-ignore
  })
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.getByRole('alert').getByText('This screen could not be drawn').waitFor()
  await page.getByText('drawn wrongly').first().waitFor({ state: 'attached' })
  await expectAccessible(page, 'A screen that could not be drawn')
  await shot(page, 'not-drawn')
  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor()
  await page.keyboard.press('g')
  await page.keyboard.press('c')
  await page.getByRole('alert').waitFor()
  await page.evaluate(() => Object.assign(window, { ResizeObserver: Reflect.get(window, 'observer') }))
  await page.getByRole('button', { name: 'Draw again' }).click()
  await page.getByRole('button', { name: 'Train', exact: true }).waitFor()
})
