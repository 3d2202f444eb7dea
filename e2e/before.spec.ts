/** What a person sees before training, in a real browser: the views the network will be shown, following the sliders, and the plan with its time and memory. */
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

describe.skipIf(browserPath === null)('before training', () => {
  const door = new StudioDoor()
  let page: Page

  const group = (name: string): Locator => page.getByRole('region', { name, exact: true })
  const openGroup = async (name: string): Promise<Locator> => {
    const toggle = group(name).locator('h2 button').first()
    if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click()
    return group(name)
  }
  /** The track lies over a switch without a label. */
  const turn = async (name: string): Promise<void> => {
    await group('Augmentation').getByRole('switch', { name, exact: true }).focus()
    await page.keyboard.press('Space')
  }
  const seen = (): Locator => page.getByRole('region', { name: 'What the network sees' })
  const images = (): Promise<(string | null)[]> => seen().getByRole('option').locator('img').evaluateAll((all) => all.map((image) => image.getAttribute('src')))
  /** Nine of them, once they are another nine than before. */
  const changed = async (before: readonly (string | null)[]): Promise<(string | null)[]> => {
    await expect.poll(async () => { const now = await images(); return now.length === 9 && now.some((image, index) => image !== before[index]) }, { timeout: 30_000 }).toBe(true) // prettier-ignore
    await expect.poll(() => seen().getAttribute('aria-busy'), { timeout: 30_000 }).toBe('false')
    return images()
  }

  beforeAll(async () => {
    page = await door.open([door.person.home])
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await page.getByRole('heading', { level: 1, name: /3 classes · 300 pictures/ }).waitFor({ timeout: 120_000 })
    await rail(page, 'Configure').click()
    await page.getByRole('slider', { name: 'Plan by epoch' }).waitFor()
  }, 240_000)
  afterAll(async () => {
    await door.close()
  })

  test('nine views of a picture follow the sliders; a slider moved by keyboard changes them', async () => {
    const augmentation = await openGroup('Augmentation')
    const first = await changed([])
    expect(new Set(first).size).toBeGreaterThan(5)
    await augmentation.scrollIntoViewIfNeeded()
    await shot(page, 'before-1-views')
    await expectAccessible(page, 'before, views')
    const rotation = augmentation.getByRole('slider', { name: 'Rotation by slider' })
    await rotation.focus()
    await page.keyboard.press('End')
    const turned = await changed(first)
    expect(await augmentation.getByRole('textbox', { name: 'Rotation', exact: true }).inputValue()).toBe('180')
    await augmentation.getByRole('button', { name: /^Reset Rotation/ }).click()
    expect(await changed(turned)).toEqual(first)
  })

  test('MixUp is said of each view, a random crop draws its frame on the original', async () => {
    const augmentation = group('Augmentation')
    const before = await images()
    await turn('Random crop')
    await augmentation.getByRole('textbox', { name: 'MixUp', exact: true }).fill('0.4')
    await augmentation.getByRole('textbox', { name: 'MixUp', exact: true }).press('Enter')
    await changed(before)
    const views = seen().getByRole('listbox', { name: 'Nine views' })
    await views.focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => seen().getByRole('option', { selected: true }).getAttribute('aria-label'), { timeout: 30_000 }).toMatch(/^View 2, first in epoch 2 · MixUp: \d+.* of this picture and of its label/)
    await shot(page, 'before-2-mixup')
    await expectAccessible(page, 'before, mixup')
    for (const name of ['MixUp', 'Random crop']) await augmentation.getByRole('button', { name: new RegExp(`^Reset ${name}`) }).click()
  })

  test('another picture is chosen by step, by chance and by class, and is kept', async () => {
    const said = (): Promise<string> => seen().getByText(/training pictures/).innerText()
    const first = await said()
    expect(first).toMatch(/^1 of 210 training pictures · /)
    await seen().getByRole('button', { name: 'Next picture' }).click()
    await expect.poll(said).toMatch(/^2 of 210/)
    await seen().getByRole('button', { name: 'Previous picture' }).click()
    await expect.poll(said).toBe(first)
    await seen().getByRole('button', { name: 'Previous picture' }).click()
    await expect.poll(said).toMatch(/^210 of 210/)
    await seen().getByRole('button', { name: 'Random picture' }).click()
    await expect.poll(said).not.toMatch(/^210 of 210/)
    const chosen = await said()
    await page.reload()
    await openGroup('Augmentation')
    await expect.poll(async () => ((await seen().getByText(/training pictures/).count()) === 0 ? '' : said()), { timeout: 60_000 }).toBe(chosen)
    await changed([])
    await seen().getByRole('combobox', { name: 'Class of the picture' }).click()
    await page.getByRole('option', { name: 'spotted' }).click()
    await expect.poll(said).toMatch(/^1 of \d+ training pictures · spotted\//)
  })

  test('without augmentation the plain picture stands there, as evaluation sees it', async () => {
    const augmentation = group('Augmentation')
    await turn('Augmentation')
    await seen().getByRole('img', { name: 'The plain picture' }).waitFor()
    await shot(page, 'before-3-plain')
    await turn('Augmentation')
    await changed([])
    for (const name of ['Original', 'Squash', 'Crop', 'Letterbox']) await seen().getByRole('figure', { name, exact: true }).locator('img').waitFor()
    await augmentation.locator('h2 button').first().click()
  })

  test('a stage ends where it is dragged, by mouse and keyboard; its time follows, and each epoch says its own', async () => {
    await page.getByText(/measured on this machine/).first().waitFor({ timeout: 240_000 })
    const plan = page.getByRole('slider', { name: 'Plan by epoch' })
    const end = page.getByRole('slider', { name: 'End of training' })
    await plan.focus()
    await expect.poll(() => plan.getAttribute('aria-valuetext'), { timeout: 30_000 }).toMatch(/^epoch 1 · learning rate .* layers frozen · .* · (about )?\d\S* ?(ms|s|min)$/)
    const time = page.getByRole('complementary', { name: 'Start' }).getByText(/^about /)
    const before = await time.innerText()
    expect(await end.getAttribute('aria-valuenow')).toBe('15')
    await end.focus()
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => end.getAttribute('aria-valuetext')).toBe('16 epochs')
    const box = await end.boundingBox()
    if (box === null) throw new Error('The plan is not drawn')
    await page.mouse.move(box.x + 6, box.y + 10)
    await page.mouse.down()
    await page.mouse.move(box.x - 194, box.y + 10, { steps: 10 })
    // Under the pointer, whatever the plan has become meanwhile.
    const during = await end.boundingBox()
    expect(Math.abs((during?.x ?? 0) - (box.x - 200))).toBeLessThan(40)
    await page.mouse.up()
    await expect.poll(async () => Number(await end.getAttribute('aria-valuenow'))).toBeLessThan(14)
    await expect.poll(() => time.innerText()).not.toBe(before)
    await page.getByRole('radio', { name: 'best', exact: true }).check()
    await expect.poll(() => page.getByRole('slider', { name: /^End of/ }).count(), { timeout: 30_000 }).toBe(3)
    await page.getByRole('slider', { name: 'End of Head' }).focus()
    await page.keyboard.press('PageUp')
    await expect.poll(() => page.getByRole('textbox', { name: 'Epochs of Head' }).inputValue()).toBe('10')
    await plan.scrollIntoViewIfNeeded()
    await page.mouse.wheel(0, -4000)
    await shot(page, 'before-4-plan')
    await expectAccessible(page, 'before, plan')
    await page.getByRole('button', { name: 'Reset all' }).click()
  })

  test('five stages, a wide window, and a field that is wrong keep their order', async () => {
    for (let more = 0; more < 2; more++) await page.getByRole('button', { name: 'Add a stage' }).click()
    await page.mouse.wheel(0, -4000)
    await shot(page, 'before-5-five-stages')
    const field = page.getByRole('region', { name: 'Training', exact: true }).getByRole('textbox', { name: 'Batch size', exact: true })
    await field.fill('-3')
    await field.press('Enter')
    await field.scrollIntoViewIfNeeded()
    await shot(page, 'before-6-wrong')
    // Nothing of a group lies under the panel beside it.
    const beyond = (): Promise<number> => page.evaluate(() => Math.max(...[...document.querySelectorAll('main section section, main section')].map((section) => section.scrollWidth - section.clientWidth)))
    await openGroup('Augmentation')
    expect(await beyond()).toBeLessThanOrEqual(1)
    await page.setViewportSize({ width: 1920, height: 1080 })
    expect(await beyond()).toBeLessThanOrEqual(1)
    await page.mouse.wheel(0, -4000)
    await shot(page, 'before-7-wide')
    await openGroup('Augmentation')
    await changed([])
    await group('Augmentation').scrollIntoViewIfNeeded()
    await page.mouse.wheel(0, 600)
    await shot(page, 'before-8-wide-views')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
