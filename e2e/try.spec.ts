/** The test pane in a real browser: pictures are tried on the best model so far while it trains, and afterwards. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeSampleDataset } from '../src/main/dataset/sample'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

const pane = (page: Page) => page.getByRole('complementary', { name: 'Try pictures' })
const strip = (page: Page) => pane(page).getByRole('listbox', { name: 'Tried pictures' }).getByRole('option')
const choose = (page: Page, files: string | string[]) => pane(page).locator('input[type=file]').setInputFiles(files)
const answering = (page: Page) => pane(page).getByText(/^Epoch \d+ answers(,|;) /)
const epochOf = async (page: Page) => Number(/^Epoch (\d+)/.exec((await answering(page).textContent()) ?? '')?.[1])

async function drop(page: Page, files: readonly string[]): Promise<void> {
  const box = await pane(page).boundingBox()
  if (box === null) throw new Error('The pane is not shown')
  const devtools = await page.context().newCDPSession(page)
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2, data: { items: [], files: [...files], dragOperationsMask: 1 } }
  for (const type of ['dragEnter', 'dragOver'] as const) await devtools.send('Input.dispatchDragEvent', { type, ...at })
  await page.waitForTimeout(150)
  await shot(page, 'try-02-over')
  await devtools.send('Input.dispatchDragEvent', { type: 'drop', ...at })
}

describe.skipIf(browserPath === null)('pictures are tried', () => {
  const door = new StudioDoor()
  const { home } = door.person
  const strange = join(home, 'strange')
  /** Drawn as the sample is, but others: the model has not seen them. */
  const leaves = join(home, 'leaves')
  const leaf = (name: string) => join(leaves, name.replace(/-.*/, ''), name)
  let page: Page

  beforeAll(async () => {
    await makeSampleDataset(leaves, { seed: 7, perClass: 3 })
    mkdirSync(strange, { recursive: true })
    writeFileSync(join(strange, 'letter.jpg'), 'This is a letter and no picture.')
    writeFileSync(join(strange, 'nothing.png'), '')
    const noise = Uint8Array.from({ length: 240 * 320 * 3 }, (_, i) => (Math.imul(i + 1, 2654435761) >>> 13) & 255)
    await sharp(noise, { raw: { width: 320, height: 240, channels: 3 } }).png().toFile(join(strange, 'noise.png'))
    page = await door.open([home], {}, { switches: ['--use-fake-device-for-media-stream'], permissions: ['camera'] })
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await page.getByRole('heading', { level: 1, name: /3 classes · 300 pictures/ }).waitFor({ timeout: 120_000 })
    await rail(page, 'Configure').click()
    await page.getByRole('radio', { name: 'balanced' }).check()
    const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
    await epochs.fill('30')
    await epochs.press('Enter')
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
  })
  afterAll(async () => {
    await door.close()
  })

  test('before the first epoch a dropped picture waits, and says for what', async () => {
    await page.getByRole('button', { name: 'Try pictures', exact: true }).click()
    await pane(page).getByText('No epoch is whole yet').waitFor()
    expect(page.url()).toMatch(/\/train\/try$/)
    await shot(page, 'try-01-empty')
    await drop(page, [leaf('spotted-001.jpg')])
    await pane(page).getByText('It is answered as soon as the first epoch is whole.').waitFor()
    await expectAccessible(page, 'waiting')
  })

  test('with the first epoch it is answered, calibrated once that is known, while training goes on', async () => {
    await answering(page).waitFor({ timeout: 180_000 })
    await strip(page).filter({ hasText: /healthy|spotted|wilted|none/ }).waitFor({ timeout: 30_000 })
    await pane(page).getByText(/calibrated on \d+ validation pictures|not calibrated: /).waitFor({ timeout: 90_000 })
    expect(await page.getByText('Training', { exact: true }).count()).toBeGreaterThan(0)
    await shot(page, 'try-03-answered')
  })

  test('a pasted picture is answered; noise is none of these', async () => {
    const jpeg = leaf('healthy-002.jpg')
    const png = (await sharp(jpeg).png().toBuffer()).toString('base64')
    await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) })])
    }, png)
    await pane(page).getByRole('heading', { level: 2, name: 'Try pictures' }).click()
    await page.keyboard.press('ControlOrMeta+v')
    await expect.poll(() => strip(page).count(), { timeout: 20_000 }).toBe(2)
    await strip(page).first().filter({ hasText: /healthy|spotted|wilted|none/ }).waitFor({ timeout: 30_000 })
    await choose(page, join(strange, 'noise.png'))
    await strip(page).first().filter({ hasText: 'none' }).waitFor({ timeout: 120_000 })
    await pane(page).getByText(/farther from the training pictures than \d+ of \d+ validation pictures are/).waitFor()
    await shot(page, 'try-04-none')
  })

  test('a better epoch answers by itself, for all that was tried', async () => {
    const before = await epochOf(page)
    await expect.poll(() => epochOf(page), { timeout: 240_000, interval: 500 }).toBeGreaterThan(before)
    await expect.poll(async () => (await strip(page).allTextContents()).filter((text) => /…/.test(text)), { timeout: 60_000 }).toEqual([])
    expect(await strip(page).count()).toBe(3)
  })

  test('the camera is tried, and is off when it is closed', async () => {
    await pane(page).getByRole('button', { name: 'Camera', exact: true }).click()
    const take = pane(page).getByRole('button', { name: 'Take picture' })
    await expect.poll(() => page.evaluate(() => document.querySelector('video')?.videoWidth ?? 0), { timeout: 20_000 }).toBeGreaterThan(0)
    await shot(page, 'try-05-camera')
    await take.click()
    await expect.poll(() => strip(page).first().getAttribute('aria-label'), { timeout: 60_000 }).toMatch(/^Camera 1\.jpg: (healthy|spotted|wilted|perhaps|none)/)
    const stream = await page.evaluateHandle(() => document.querySelector('video')?.srcObject)
    await pane(page).getByRole('button', { name: 'Close camera' }).click()
    expect(await stream.evaluate((media) => media instanceof MediaStream && media.getTracks().every((track) => track.readyState === 'ended'))).toBe(true)
  })

  test('a camera that is not allowed, or not there, is said so', async () => {
    const withError = async (name: string, words: RegExp) => {
      await page.evaluate((error) => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', error))
      }, name)
      await pane(page).getByRole('button', { name: 'Camera', exact: true }).click()
      await pane(page).getByText(words).waitFor()
      await shot(page, `try-06-${name}`)
      await pane(page).getByRole('button', { name: 'Close camera' }).click()
    }
    await withError('NotAllowedError', /The camera was not allowed/)
    await withError('NotFoundError', /No camera was found/)
  })

  test('what is no picture is said at its place', async () => {
    await choose(page, [join(strange, 'letter.jpg'), join(strange, 'nothing.png')])
    await pane(page).getByText('This picture cannot be tried').waitFor({ timeout: 30_000 })
    await shot(page, 'try-07-unreadable')
    await strip(page).nth(1).click()
    await pane(page).getByText('The file is empty: it has 0 bytes.').waitFor()
  })

  test('the strip is gone through by keys, and Delete takes a picture away', async () => {
    const count = await strip(page).count()
    await strip(page).nth(1).press('Delete')
    await expect.poll(() => strip(page).count()).toBe(count - 1)
    await page.keyboard.press('Home')
    await expect.poll(() => strip(page).first().getAttribute('aria-selected')).toBe('true')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => strip(page).nth(1).getAttribute('aria-selected')).toBe('true')
    await expectAccessible(page, 'tried')
  })

  test('after the run the pane stays beside its results, and its address finds it again', async () => {
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped', { exact: true }).first().waitFor({ timeout: 180_000 })
    await rail(page, 'Results').click()
    await page.getByRole('grid', { name: /Confusion matrix/ }).waitFor({ timeout: 60_000 })
    expect(page.url()).toMatch(/\/results\/try$/)
    await pane(page).getByText(/^Epoch \d+ answers, the best ·/).waitFor({ timeout: 60_000 })
    await shot(page, 'try-08-results')
    await strip(page).last().click()
    await pane(page).getByRole('switch', { name: 'Where it looked' }).press('Space')
    await pane(page).locator('canvas').waitFor({ timeout: 30_000 })
    await pane(page).getByText(/^What speaks for /).waitFor()
    await page.waitForTimeout(300)
    await shot(page, 'try-10-heatmap')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await shot(page, 'try-09-results-large')
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.reload()
    await pane(page).getByText('Drop a picture here').waitFor({ timeout: 30_000 })
    await pane(page).getByRole('button', { name: 'Close Try pictures' }).click()
    expect(page.url()).toMatch(/\/results$/)
  })

  test('the command line answers in the same way', async () => {
    const { code, stdout, stderr } = await door.person.run(['predict', 'leaves', join(strange, 'noise.png'), leaf('wilted-003.jpg'), '--calibrated', '--json'])
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const [noise, wilted] = stdout.trim().split('\n').map((line): unknown => JSON.parse(line))
    expect(noise).toMatchObject({ verdict: 'none', failure: null })
    expect(wilted).toMatchObject({ verdict: expect.stringMatching(/class|unsure|none/), top: expect.arrayContaining([{ label: expect.any(String), probability: expect.any(Number) }]) })
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
