/** A run's recipe in a real browser: what will happen is drawn before it does, stages are edited by mouse and keyboard, and a run killed in its second stage goes on with its charts whole. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

describe.skipIf(browserPath === null)('a recipe in the studio', () => {
  const door = new StudioDoor()
  const runs = join(door.person.home, 'data', 'runs')
  let page: Page

  const stages = (): Locator => page.getByRole('region', { name: 'Stages' })
  const names = (): Promise<(string | null)[]> => stages().locator('button[aria-expanded]:not([aria-haspopup])').evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label')))
  const plan = (): Locator => page.getByRole('slider', { name: 'Plan by epoch' })
  const said = (): Promise<string | null> => plan().getAttribute('aria-valuetext')
  const panel = (): Locator => page.getByRole('complementary', { name: 'Start' })
  const type = async (name: string, value: string): Promise<void> => {
    const field = page.getByRole('textbox', { name, exact: true })
    await field.fill(value)
    await field.press('Enter')
  }
  // The menu before may still be fading out, with the same items in it.
  const choose = async (menu: string, item: string): Promise<void> => {
    await page.getByRole('button', { name: menu, exact: true }).click()
    await page.getByRole('menu', { name: menu, exact: true }).getByRole('menuitem', { name: item }).click()
  }
  const openGroup = async (name: string): Promise<Locator> => {
    const group = page.getByRole('region', { name, exact: true })
    const toggle = group.locator('h2 button').first()
    if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click()
    return group
  }

  beforeAll(async () => {
    page = await door.open([door.person.home])
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await page.getByRole('heading', { level: 1, name: /3 classes · 300 pictures/ }).waitFor({ timeout: 120_000 })
    await rail(page, 'Configure').click()
    await plan().waitFor()
  }, 240_000)
  afterAll(async () => {
    await door.close()
  })

  test('the plan says the rate and what is frozen in every epoch, before anything runs', async () => {
    await page.getByText(/measured on this machine/).first().waitFor({ timeout: 120_000 })
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^epoch 1 · learning rate 0\.0005 · 34 of 49 layers frozen · dashed: × 0\.5 when val loss/)
    await shot(page, 'recipe-1-one-stage')
    await expectAccessible(page, 'recipe, one stage')
    await page.getByRole('radio', { name: 'best', exact: true }).check()
    await expect.poll(names, { timeout: 30_000 }).toEqual(['Head', 'Late layers', 'All layers'])
    await plan().focus()
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^epoch 1 · Head · learning rate 0\.001 · 49 of 49 layers frozen/)
    await page.keyboard.press('PageUp')
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^epoch 6 · Late layers · learning rate 0\.0001/)
    await page.keyboard.press('End')
    await expect.poll(said, { timeout: 30_000 }).toMatch(/^epoch 25 · All layers · head .* · backbone .* · 0 of 49 layers frozen · All layers: may end from epoch 21/)
    await stages().getByText(/^\d.* s$|min/).first().waitFor({ timeout: 120_000 })
    await shot(page, 'recipe-2-three-stages')
    await expectAccessible(page, 'recipe, three stages')
  })

  test('stages are moved by keys and mouse, copied, removed and added', async () => {
    const handle = (name: string): Locator => page.getByRole('button', { name: `Move ${name}`, exact: true })
    await handle('Head').focus()
    await page.keyboard.press('ArrowDown')
    await expect.poll(names, { timeout: 30_000 }).toEqual(['Late layers', 'Head', 'All layers'])
    // The handle keeps the focus, so that the next key moves it on.
    await page.keyboard.press('End')
    await expect.poll(names, { timeout: 30_000 }).toEqual(['Late layers', 'All layers', 'Head'])
    const from = await handle('Head').boundingBox()
    const to = await handle('Late layers').boundingBox()
    if (from === null || to === null) throw new Error('The stages are not drawn')
    await page.mouse.move(from.x + 8, from.y + 8)
    await page.mouse.down()
    await page.mouse.move(to.x + 8, to.y + 4, { steps: 8 })
    await page.mouse.up()
    await expect.poll(names, { timeout: 30_000 }).toEqual(['Head', 'Late layers', 'All layers'])

    await choose('More for Late layers', 'Duplicate')
    await expect.poll(names, { timeout: 30_000 }).toEqual(['Head', 'Late layers', 'Late layers again', 'All layers'])
    await choose('More for Late layers again', 'Remove')
    await expect.poll(names, { timeout: 30_000 }).toEqual(['Head', 'Late layers', 'All layers'])
  })

  test('a stage shows what it takes from the run, and what it has of its own moves the picture', async () => {
    await stages().getByRole('button', { name: 'Late layers', exact: true }).click()
    await stages().getByText('as the run').first().waitFor()
    await shot(page, 'recipe-3-stage-open')
    await expectAccessible(page, 'recipe, stage open')
    const rate = stages().getByRole('textbox', { name: 'Learning rate', exact: true })
    await rate.fill('3e-4')
    await rate.press('Enter')
    const secondStage = async (): Promise<string | null> => {
      await plan().focus()
      for (const key of ['Home', 'PageUp']) await page.keyboard.press(key)
      return said()
    }
    await expect.poll(secondStage, { timeout: 30_000 }).toMatch(/^epoch 6 · Late layers · learning rate 0\.0003/)
    await panel().getByText('3 stages, changed').waitFor()
    await stages().getByRole('button', { name: /^Reset Learning rate to the run's/ }).click()
    await expect.poll(secondStage, { timeout: 30_000 }).toMatch(/^epoch 6 · Late layers · learning rate 0\.0005/)
    await panel().getByRole('button', { name: 'Reset Stages' }).click()
    await stages().getByRole('button', { name: 'Late layers', exact: true }).click()
  })

  test('typed epochs that stages contradict are said, not overridden', async () => {
    await page.getByRole('radio', { name: 'balanced', exact: true }).check()
    await type('Epochs', '40')
    await page.getByRole('radio', { name: 'best', exact: true }).check()
    await panel().getByText(/Epochs 40 cannot hold: the stages have 5 \+ 10 \+ 10 = 25 epochs/).waitFor()
    await expect.poll(() => panel().getByRole('button', { name: 'Train' }).isDisabled()).toBe(true)
    await shot(page, 'recipe-4-contradiction')
    await stages().getByRole('button', { name: 'Share 40 among the stages' }).click()
    expect(await stages().getByRole('textbox', { name: /^Epochs of/ }).evaluateAll((fields) => fields.map((field) => (field instanceof HTMLInputElement ? field.value : '')))).toEqual(['8', '16', '16'])
    await expect.poll(() => panel().getByRole('button', { name: 'Train' }).isDisabled()).toBe(false)
    await page.getByRole('button', { name: 'Reset all' }).click()
  })

  test('every group opens; each value says where it is from, and one without effect says why', async () => {
    await page.getByRole('radio', { name: 'balanced', exact: true }).check()
    const loss = await openGroup('Loss and classes')
    await loss.getByText('By class', { exact: true }).first().click()
    await loss.getByRole('textbox', { name: /^Weight of healthy$/ }).fill('2')
    await loss.getByRole('textbox', { name: /^Weight of healthy$/ }).press('Enter')
    await shot(page, 'recipe-5-loss')
    await expectAccessible(page, 'recipe, loss')
    const augmentation = await openGroup('Augmentation')
    await augmentation.getByText('Strong', { exact: true }).click()
    await type('Area kept from', '0.5')
    await augmentation.scrollIntoViewIfNeeded()
    await shot(page, 'recipe-6-augmentation')
    await expectAccessible(page, 'recipe, augmentation')
    await augmentation.getByText('Own amounts', { exact: true }).click()
    for (const name of ['Schedule and stopping', 'Optimizer', 'Machine']) await openGroup(name)
    await expectAccessible(page, 'recipe, all groups')
    const rows = await page.getByRole('main').innerText()
    expect(rows).toMatch(/default/)
    expect(rows).toMatch(/preset/)
    await page.getByRole('button', { name: 'Reset all' }).click()
    for (const name of ['Schedule and stopping', 'Optimizer', 'Machine', 'Loss and classes', 'Augmentation']) await page.getByRole('region', { name, exact: true }).locator('h2 button').first().click()
  })

  test('a guide’s recipe says its weights, and brings its split', async () => {
    await page.getByRole('button', { name: /^More recipes/ }).click()
    await page.getByRole('radio', { name: 'guide-b', exact: true }).check()
    await page.getByText(/240 train, 60 validation/).first().waitFor({ timeout: 30_000 })
    await shot(page, 'recipe-7-guides')
    await expectAccessible(page, 'recipe, guides')
    await page.getByRole('radio', { name: 'balanced', exact: true }).check()
    await page.getByText(/210 train, 45 validation, 45 test/).first().waitFor({ timeout: 30_000 })
  })

  test('the screen keeps its order in a large window', async () => {
    await page.getByRole('radio', { name: 'best', exact: true }).check()
    await page.setViewportSize({ width: 1920, height: 1200 })
    await shot(page, 'recipe-8-wide')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('a learning rate is found, given up, found again and taken with a click', async () => {
    await page.getByRole('radio', { name: 'fast', exact: true }).check()
    const finder = page.getByRole('region', { name: 'Learning rate finder' })
    await finder.getByRole('button', { name: 'Find a learning rate' }).click()
    await finder.getByRole('button', { name: 'Cancel' }).click()
    await finder.getByRole('button', { name: 'Find a learning rate' }).click()
    const curve = finder.getByRole('slider', { name: 'Loss by learning rate' })
    await expect.poll(async () => Number(await curve.getAttribute('aria-valuemax')), { timeout: 180_000 }).toBeGreaterThan(10)
    await finder.scrollIntoViewIfNeeded()
    await shot(page, 'recipe-11-finding')
    await expectAccessible(page, 'recipe, finding a rate')
    const use = finder.getByRole('button', { name: /^Use / })
    await use.waitFor({ timeout: 240_000 })
    await curve.focus()
    await page.keyboard.press('Home')
    expect(await curve.getAttribute('aria-valuetext')).toMatch(/^step 1: learning rate 1e-7, loss \d/)
    await shot(page, 'recipe-12-found')
    await expectAccessible(page, 'recipe, rate found')
    const rate = /Use (.+)/.exec(await use.innerText())?.[1] ?? ''
    await use.click()
    expect(await page.getByRole('textbox', { name: 'Learning rate', exact: true }).first().inputValue()).toBe(rate)
    await finder.getByRole('button', { name: 'Put away' }).click()
    await page.getByRole('button', { name: 'Reset all' }).click()
    await page.getByRole('radio', { name: 'best', exact: true }).check()
  })

  test('a run of three stages killed in the second goes on with its charts whole', async () => {
    for (const [name, epochs] of [['Head', '2'], ['Late layers', '3'], ['All layers', '2']] as const) await type(`Epochs of ${name}`, epochs) // prettier-ignore
    await panel().getByRole('button', { name: 'Train' }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    await page.getByText('Stage 2 of 3').first().waitFor({ timeout: 180_000 })
    await page.getByText(/^epoch 3$/).first().waitFor({ timeout: 120_000 })
    const run = readdirSync(runs).find((name) => !name.startsWith('.')) ?? ''
    const { owner_pid: owner } = JSON.parse(readFileSync(join(runs, run, 'run.json'), 'utf8')) as { owner_pid: number }
    // The trainer is the only child that works; others are its helpers.
    for (const child of readFileSync(`/proc/${owner}/task/${owner}/children`, 'utf8').trim().split(' ')) process.kill(Number(child), 'SIGKILL')
    await page.getByRole('button', { name: 'Resume' }).waitFor({ timeout: 60_000 })
    await shot(page, 'recipe-9-killed')
    await page.reload()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 240_000 })
    const chart = page.getByRole('slider', { name: 'Loss by epoch' })
    expect(await chart.getAttribute('aria-valuemax')).toBe('7')
    await chart.focus()
    await page.keyboard.press('Home')
    for (let epoch = 1; epoch <= 7; epoch++) {
      expect(await chart.getAttribute('aria-valuetext')).toMatch(new RegExp(`^epoch ${epoch}: train \\d`))
      await page.keyboard.press('ArrowRight')
    }
    for (const name of ['Head', 'Late layers', 'All layers']) await page.getByRole('figure', { name: 'Loss' }).getByText(name, { exact: true }).waitFor()
    await shot(page, 'recipe-10-whole')
    await expectAccessible(page, 'train, three stages')
  })

  test('a guide’s recipe runs to its end, and what was left open tells what it became', async () => {
    await rail(page, 'Configure').click()
    const reset = page.getByRole('button', { name: 'Reset all' })
    if (await reset.isVisible()) await reset.click()
    const more = page.getByRole('button', { name: /^More recipes/ })
    if ((await more.getAttribute('aria-expanded')) === 'false') await more.click()
    await page.getByRole('radio', { name: 'guide-e-fast', exact: true }).check()
    await page.getByRole('button', { name: 'Start from random weights instead' }).click()
    await page.getByRole('switch', { name: 'Batch size auto' }).check()
    await panel().getByRole('button', { name: 'Train' }).click()
    await page.getByText(/^mobilenet|guide-e-fast/).first().waitFor()
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 240_000 })
    await page.getByRole('button', { name: 'Settings', exact: true }).click()
    await page.getByRole('region', { name: 'Settings of this run' }).getByRole('row', { name: /^Batch size auto measured \d+$/ }).waitFor()
    await shot(page, 'recipe-13-settings')
    await expectAccessible(page, 'train, settings')
    await rail(page, 'Configure').click()
    await page.getByText(/measured: \d+ in leaves/).first().waitFor()
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
