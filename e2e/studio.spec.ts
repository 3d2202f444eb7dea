/** The whole flow in a real browser, from a dropped folder to a written export. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePhotographs, PHOTOGRAPHS } from './photographs'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

const heading = (page: Page, name: RegExp | string) => page.getByRole('heading', { level: 1, name })

/** Sets epochs to 3 so that the flow is short, and presses Train. */
async function trainFast(page: Page): Promise<void> {
  await rail(page, 'Configure').click()
  await page.getByRole('radio', { name: 'fast' }).check()
  const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
  await epochs.fill('4')
  await epochs.press('Enter')
  await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
  await heading(page, 'Train').waitFor()
}

const completed = (page: Page) => page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 180_000 })

describe.skipIf(browserPath === null)('the served studio', () => {
  const door = new StudioDoor()
  let page: Page
  const exports = join(door.person.home, 'exports')

  beforeAll(async () => {
    mkdirSync(exports, { recursive: true })
    page = await door.open([door.person.home, ...(havePhotographs ? [PHOTOGRAPHS] : [])])
  })
  afterAll(async () => {
    await door.close()
  })

  test('begins with a place to drop a folder on, and the token is not in the address', async () => {
    await heading(page, /Drop a folder/).waitFor()
    expect(page.url()).not.toContain('token')
    await shot(page, '01-empty')
    await expectAccessible(page, 'empty')
  })

  test('the sample opens, with its classes, split and pictures', async () => {
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await heading(page, /3 classes · 300 pictures/).waitFor({ timeout: 120_000 })
    await page.waitForFunction(() => [...document.images].some((image) => image.complete && image.naturalWidth > 0))
    await shot(page, '02-dataset')
    await expectAccessible(page, 'dataset')
  })

  test('configure says what will happen and how long it takes here', async () => {
    await rail(page, 'Configure').click()
    await page.getByText(/measured on this machine/).first().waitFor({ timeout: 60_000 })
    await shot(page, '03-configure')
    await expectAccessible(page, 'configure')
  })

  test('the freeze handle is dragged over the layers and moved by keys; a stage is frozen by a click', async () => {
    const handle = page.getByRole('slider', { name: 'Frozen layers' })
    const said = () => handle.getAttribute('aria-valuetext')
    expect(await said()).toMatch(/^34 of 49 layers frozen/)
    await handle.focus()
    await page.keyboard.press('ArrowRight')
    expect(await said()).toMatch(/^35 of 49/)
    // 36 layers end with block 11.
    await page.keyboard.press('PageUp')
    expect(await said()).toMatch(/^36 of 49/)
    await page.keyboard.press('End')
    expect(await said()).toMatch(/^all 49 layers frozen: only the head trains/)
    await page.getByText(/^3\.4M \(3\.8k trainable\)$/).waitFor()
    await page.keyboard.press('Home')
    expect(await said()).toMatch(/^0 of 49/)

    await handle.scrollIntoViewIfNeeded()
    const from = await handle.boundingBox()
    const seventh = await page.getByRole('button', { name: /^Freeze _blocks\.7/ }).boundingBox()
    if (from === null || seventh === null) throw new Error('The network is not drawn')
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
    await page.mouse.down()
    await page.mouse.move(seventh.x + 1, from.y, { steps: 6 })
    await shot(page, '03b-freeze')
    await page.mouse.up()
    // The stem, 2 layers of block 0 and 3 of each up to block 6.
    expect(await said()).toMatch(/^21 of 49 layers frozen/)
    expect(await page.getByRole('textbox', { name: 'Freeze ratio' }).inputValue()).toBe('0.43')
    const stages = (pressed: boolean) => page.getByRole('button', { name: /^Freeze _/, pressed }).count()
    expect([await stages(true), await stages(false)]).toEqual([8, 10])

    await page.getByRole('button', { name: /^Freeze _blocks\.9/ }).click()
    expect([await stages(true), await stages(false)]).toEqual([9, 9])
    await page.getByRole('radio', { name: 'Chosen stages' }).and(page.locator(':checked')).waitFor({ state: 'attached' })
    await expectAccessible(page, 'freezing')
    await page.getByRole('button', { name: 'Reset all' }).click()
    expect(await said()).toMatch(/^34 of 49/)
  })

  test('training is watched live, and a closed window loses nothing', async () => {
    await trainFast(page)
    await page.getByRole('figure', { name: 'Accuracy' }).waitFor()
    await shot(page, '04-train')
    await page.getByText(/^epoch 1$/).first().waitFor({ timeout: 120_000 })
    await page.reload()
    await heading(page, 'Train').waitFor()
    await completed(page)
    await page.getByText(/^epoch 4$/).first().waitFor()
    await shot(page, '05-trained')
    await expectAccessible(page, 'train')
  })

  test('results lead from a number to its pictures', async () => {
    await rail(page, 'Results').click()
    const cell = page.getByRole('gridcell', { name: /truth healthy, predicted healthy: \d+ pictures/ })
    await cell.click()
    await page.locator('img[src*="/pictures/runs/"]').first().waitFor()
    await shot(page, '06-results')
    await expectAccessible(page, 'results')
    await page.keyboard.press('Escape')
  })

  test('the best checkpoint is exported and verified', async () => {
    await rail(page, 'Export').click()
    const folder = join(exports, 'leaves')
    const field = page.getByRole('textbox', { name: /folder/i })
    // Selecting what is there and writing over it are two moments to the browser: the proposal must not come between them.
    await expect.poll(() => field.inputValue()).not.toBe('')
    await field.fill(folder)
    await page.getByRole('main').getByRole('button', { name: 'Export', exact: true }).click()
    const written = page.getByRole('region', { name: 'Export written' })
    await written.waitFor({ timeout: 120_000 })
    expect(await written.innerText()).toMatch(/verified/i)
    expect(readdirSync(folder)).toContain('model.onnx')
    await shot(page, '07-export')
    await expectAccessible(page, 'export')
  })

  test('runs are listed with the disk they use; settings tell where things lie', async () => {
    await rail(page, 'Runs').click()
    await page.getByRole('table', { name: 'Runs' }).getByRole('row').nth(1).waitFor()
    await shot(page, '08-runs')
    await expectAccessible(page, 'runs')
    await rail(page, 'Settings').click()
    await heading(page, 'Settings').waitFor()
    await shot(page, '09-settings')
    await expectAccessible(page, 'settings')
  })

  test.skipIf(!havePhotographs)('a dropped folder of photographs is sent, opened, and stopped training keeps its best', async () => {
    const dropped = join(door.person.home, 'weeds')
    for (const name of ['dandelion', 'grass']) {
      mkdirSync(join(dropped, name), { recursive: true })
      for (const picture of readdirSync(join(PHOTOGRAPHS, name)).slice(0, 30)) cpSync(join(PHOTOGRAPHS, name, picture), join(dropped, name, picture))
    }
    await rail(page, 'Dataset').click()
    const devtools = await page.context().newCDPSession(page)
    const data = { items: [], files: [dropped], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await devtools.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data })
    await heading(page, /Upload .weeds./).waitFor({ timeout: 30_000 })
    await shot(page, '10-send')
    await page.getByRole('button', { name: 'Upload', exact: true }).click()
    await heading(page, /2 classes · 60 pictures/).waitFor({ timeout: 60_000 })
    await shot(page, '11-sent')

    await rail(page, 'Configure').click()
    await page.getByRole('radio', { name: 'balanced' }).check()
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByText(/^epoch 1$/).first().waitFor({ timeout: 120_000 })
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Go on' }).click({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped', { exact: true }).first().waitFor({ timeout: 120_000 })
    await rail(page, 'Results').click()
    await page.getByRole('grid', { name: /Confusion matrix/ }).waitFor({ timeout: 60_000 })
  })

  test.skipIf(!havePhotographs)('a folder is chosen from the list of the server, by keyboard', async () => {
    await rail(page, 'Dataset').click()
    await page.getByRole('button', { name: 'Choose folder' }).first().focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    await shot(page, '12-choose')
    await expectAccessible(page, 'folder list')
    await page.keyboard.press('Escape')
  })

  test('what cannot be opened is answered in words, and the pages complained of nothing', async () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
