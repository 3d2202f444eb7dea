/** Exports in a real browser: several formats at once, the check as it comes in, what int8 costs, and what can go wrong. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeBrittle } from './brittle-checkpoint'
import { shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

interface Parity {
  pictures: number
  agreement: number
  largestDifference: number
  accuracy: { original: number; exported: number }
}

describe.skipIf(browserPath === null)('exports in the studio', () => {
  const door = new StudioDoor()
  const exports = join(door.person.home, 'exports')
  const runs = join(door.person.home, 'data', 'runs')
  let page: Page
  let runId = ''

  const main = (): Locator => page.getByRole('main')
  const folder = (): Locator => page.getByRole('textbox', { name: 'Folder' })
  const start = (): Promise<void> => main().getByRole('button', { name: 'Export', exact: true }).click()
  const ended = (): Promise<void> => page.getByRole('button', { name: 'New export' }).waitFor({ timeout: 240_000 })
  const task = (title: string): Locator => page.getByRole('button', { name: title, exact: true })
  const report = (): Locator => page.getByRole('article')
  const parityOf = (directory: string) => JSON.parse(readFileSync(join(directory, 'parity.json'), 'utf8')) as Parity
  const again = async (): Promise<void> => {
    await page.getByRole('button', { name: 'New export' }).click()
    await page.getByRole('checkbox', { name: 'ONNX', exact: true }).waitFor()
  }
  /** These formats and no others. */
  const choose = async (...titles: string[]): Promise<void> => {
    for (const title of ['ONNX', 'TensorFlow.js', 'PyTorch', 'safetensors', 'TensorFlow SavedModel']) {
      await page.getByRole('checkbox', { name: title, exact: true }).setChecked(titles.includes(title))
    }
  }

  beforeAll(async () => {
    mkdirSync(exports, { recursive: true })
    page = await door.open([door.person.home])
    await rail(page, 'Export').click()
    await page.getByText('No run is open.').waitFor()
    await expectAccessible(page, 'export, no run')
    await rail(page, 'Dataset').click()
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await page.getByRole('heading', { level: 1, name: /3 classes · 300 pictures/ }).waitFor({ timeout: 120_000 })
    await rail(page, 'Configure').click()
    await page.getByRole('radio', { name: 'fast' }).check()
    const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
    await epochs.fill('2')
    await epochs.press('Enter')
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    await rail(page, 'Export').click()
    await page.getByText('the first epoch is not over').waitFor()
    await expectAccessible(page, 'export, before the first epoch')
    await rail(page, 'Train').click()
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 240_000 })
    runId = readdirSync(runs).find((name) => !name.startsWith('.')) ?? ''
    await rail(page, 'Export').click()
    await folder().waitFor()
  }, 480_000)
  afterAll(async () => {
    await door.close()
  })

  test('formats are chosen by keyboard, with what each is for and about how large it will be', async () => {
    const onnx = page.getByRole('checkbox', { name: 'ONNX', exact: true })
    expect(await onnx.isChecked()).toBe(true)
    await onnx.focus()
    for (const name of ['float32', 'Preprocessing inside ONNX', 'TensorFlow.js']) {
      await page.keyboard.press('Tab')
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.getAttribute('value'))).toBe(name)
    }
    await page.keyboard.press('Space')
    await page.getByRole('heading', { name: '2 exports' }).waitFor()
    // 3.4 million parameters of four bytes each.
    expect(await page.getByRole('listitem').filter({ hasText: 'Runs nearly everywhere' }).innerText()).toMatch(/about 1[23]\.\d MB/)
    expect(await main().innerText()).toMatch(/asked about 90 held-out pictures/)
    await shot(page, 'export-1-formats')
    await expectAccessible(page, 'export, formats')
    await choose()
    expect(await main().getByRole('button', { name: 'Export', exact: true }).isDisabled()).toBe(true)
    await page.getByText('Choose a format.').waitFor()
  })

  test('several are written one after the other; where one cannot be, the others go on', async () => {
    const into = join(exports, 'leaves')
    mkdirSync(join(into, 'pytorch'), { recursive: true })
    writeFileSync(join(into, 'pytorch', 'notes.txt'), 'not ours')
    await choose('ONNX', 'TensorFlow.js', 'PyTorch', 'safetensors')
    await page.getByRole('checkbox', { name: 'Preprocessing inside ONNX' }).check()
    await page.getByRole('radiogroup', { name: 'Precision of safetensors' }).getByText('float16').click()
    await folder().fill(into)
    await start()
    // The figures are there before the export is.
    await report().getByText(/Asking the original and the export/).waitFor({ timeout: 120_000 })
    await report().getByText(/^\d+ of \d+ pictures$/).waitFor()
    expect(existsSync(join(into, 'onnx'))).toBe(false)
    await shot(page, 'export-2-check')
    await expectAccessible(page, 'export, at work')
    await ended()
    expect(readdirSync(into).sort()).toEqual(['onnx', 'pytorch', 'safetensors-float16', 'tfjs'])
    expect(readdirSync(join(into, 'pytorch'))).toEqual(['notes.txt'])
    await page.getByText('3 of 4 exports written').waitFor()

    await task('PyTorch').click()
    await page.getByRole('alert').getByText(/is not empty; an export needs a folder of its own/).waitFor()
    await shot(page, 'export-3-folder-taken')
    await expectAccessible(page, 'export, folder taken')
    await page.getByRole('button', { name: 'Use another folder beside it' }).click()
    await page.getByText('Written and checked').waitFor({ timeout: 120_000 })
    expect(readdirSync(join(into, 'pytorch-2'))).toContain('model.pth')
    expect(await task('TensorFlow.js').innerText()).toMatch(/MB · [\d.]+ ms a picture/)
  })

  test('the report holds what the folder holds: verdict, classes, code, model card, files', async () => {
    const directory = join(exports, 'leaves', 'onnx')
    await task('ONNX, preprocessing inside').click()
    const parity = parityOf(directory)
    expect(parity).toMatchObject({ pictures: 90, agreement: 1 })
    await report().getByText('Same answer on 90 of 90 pictures; the largest difference of a probability is').waitFor()
    const rows = report().getByRole('region', { name: 'Check by class' }).getByRole('rowheader')
    await report().getByRole('button', { name: 'Class', exact: true }).click()
    const names = await rows.allInnerTexts()
    await report().getByRole('button', { name: 'Class', exact: true }).click()
    expect(await rows.allInnerTexts()).toEqual([...names].reverse())
    await shot(page, 'export-4-report')
    await expectAccessible(page, 'export, report')

    await page.getByRole('button', { name: 'Copy path' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(directory)
    await page.getByRole('tab', { name: 'By class' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('button', { name: 'Copy code' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(readFileSync(join(directory, 'example.py'), 'utf8'))
    await shot(page, 'export-5-code')
    await expectAccessible(page, 'export, code')
    await page.getByRole('tab', { name: 'Model card' }).click()
    const card = page.getByRole('region', { name: 'MODEL_CARD.md' })
    await card.getByRole('heading', { name: 'Licence of the weights' }).waitFor()
    expect(await card.innerText()).not.toMatch(/^[#|]|---/m)
    await shot(page, 'export-6-card')
    await expectAccessible(page, 'export, model card')
    await page.getByRole('tab', { name: 'Files' }).click()
    const files = page.getByRole('region', { name: 'Files' })
    for (const name of readdirSync(directory)) await files.getByRole('cell', { name, exact: true }).waitFor()
    await expectAccessible(page, 'export, files')
    await page.setViewportSize({ width: 1920, height: 1200 })
    await shot(page, 'export-7-files-wide')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('a cancelled export leaves nothing, and the next name that is free is proposed', async () => {
    await again()
    expect(await folder().inputValue()).toMatch(/^.*exports[/\\][^/\\]+$/)
    const into = join(exports, 'given-up')
    await choose('ONNX')
    await folder().fill(into)
    await start()
    await report().getByText(/Asking the original and the export/).waitFor({ timeout: 120_000 })
    await page.getByRole('button', { name: 'Cancel', exact: true }).click()
    await report().getByText('Cancelled. Nothing of it was left on the disk.').waitFor()
    await shot(page, 'export-8-cancelled')
    await expect.poll(() => readdirSync(exports), { timeout: 15_000 }).toEqual(['leaves'])
    await again()
  })

  test('int8 that is right less often is kept only where one agrees to it', async () => {
    makeBrittle(join(runs, runId), 1000)
    const into = join(exports, 'small')
    await choose('ONNX')
    await page.getByRole('checkbox', { name: 'Preprocessing inside ONNX' }).uncheck()
    await page.getByRole('radiogroup', { name: 'Precision of ONNX' }).getByText('int8').click()
    await folder().fill(into)
    await start()
    await ended()
    const alert = page.getByRole('alert')
    expect(await alert.innerText()).toMatch(/int8 costs [\d.]+ points of accuracy here, so it was not kept/)
    expect(existsSync(into)).toBe(false)
    await shot(page, 'export-9-int8')
    await expectAccessible(page, 'export, int8 declined')
    const keep = page.getByRole('button', { name: /^Keep it with [\d.]+ points less$/ })
    const points = /[\d.]+/.exec(await keep.innerText())?.[0]
    await keep.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('region', { name: 'Export written' }).waitFor({ timeout: 120_000 })
    await report().getByText(`${points} points less, as agreed.`).waitFor()
    const { accuracy } = parityOf(into)
    expect(((accuracy.original - accuracy.exported) * 100).toFixed(1)).toBe(points)
    await again()
  })

  test('a model that came in without pictures says why it cannot be exported', async () => {
    const weights = join(runs, runId, 'checkpoints', 'best', 'weights.safetensors')
    const imported = await door.person.run(['import', weights, '--name', 'alone', '--json'])
    expect(imported.code).toBe(0)
    const alone = readdirSync(runs).find((name) => name.includes('-alone-')) ?? ''
    await page.goto(`${new URL(page.url()).origin}/#/run/${alone}/export`)
    await page.getByText('This run has no pictures to check an export on').waitFor()
    await folder().waitFor()
    expect(await main().getByRole('button', { name: 'Export', exact: true }).isDisabled()).toBe(true)
    await shot(page, 'export-10-no-pictures')
    await expectAccessible(page, 'export, no pictures')
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
