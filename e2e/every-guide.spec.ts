/** With GRAFT_EVERY_GUIDE=1: every guide's recipe trained to its end in a real browser, on photographs, from random weights where its own are not here, at two epochs a stage. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GUIDE_PRESETS } from '../src/shared/domain/presets'
import { havePhotographs, PHOTOGRAPHS } from './photographs'
import { browserPath, rail, StudioDoor } from './studio'

const IS_ASKED_FOR = process.env['GRAFT_EVERY_GUIDE'] === '1'
const PICTURES_EACH = 50
const EPOCHS = 2
const TRAINING_MS = 1_200_000
/** What every run leaves beside its settings and history. */
const LEFT = ['model_info.json', 'training_history.json', 'training_history.png', 'config.yaml', 'report.html']
/** What a run leaves of pictures that it was not trained on: validation's where there is no test part. */
const MEASURED = ['metrics.json', 'confusion_matrix.png', 'confusion_matrix_normalized.png']

describe.skipIf(!IS_ASKED_FOR || browserPath === null || !havePhotographs)('every guide in the studio', () => {
  const door = new StudioDoor()
  const folder = join(door.person.home, 'photographs')
  let page: Page

  const panel = (): Locator => page.getByRole('complementary', { name: 'Start' })

  async function type(name: string | RegExp, value: number): Promise<void> {
    const field = page.getByRole('textbox', { name, exact: true })
    await field.fill(String(value))
    await field.press('Enter')
  }

  beforeAll(async () => {
    for (const name of readdirSync(PHOTOGRAPHS)) {
      mkdirSync(join(folder, name), { recursive: true })
      for (const file of readdirSync(join(PHOTOGRAPHS, name)).slice(0, PICTURES_EACH)) symlinkSync(join(PHOTOGRAPHS, name, file), join(folder, name, file))
    }
    page = await door.open([door.person.home, PHOTOGRAPHS])
    await page.getByRole('button', { name: 'Choose folder' }).first().click()
    const list = page.getByRole('dialog')
    await list.getByRole('button', { name: folder }).or(list.getByRole('button', { name: door.person.home })).first().click()
    const inside = list.getByRole('button', { name: 'photographs' })
    if (await inside.isVisible()) await inside.click()
    await list.getByRole('button', { name: 'Use this folder' }).click()
    await page.getByRole('heading', { level: 1, name: /2 classes · 100 pictures/ }).waitFor({ timeout: 120_000 })
  }, 240_000)
  afterAll(async () => {
    await door.close()
  })

  test.each([...GUIDE_PRESETS])('%s runs to its end and leaves everything', { timeout: TRAINING_MS + 120_000 }, async (preset) => {
    await rail(page, 'Configure').click()
    const reset = page.getByRole('button', { name: 'Reset all' })
    if (await reset.isVisible()) await reset.click()
    const more = page.getByRole('button', { name: /^More recipes/ })
    if ((await more.getAttribute('aria-expanded')) === 'false') await more.click()
    await page.getByRole('radio', { name: preset, exact: true }).check()
    const stages = await page.getByRole('textbox', { name: /^Epochs of/ }).evaluateAll((fields) => fields.map((field) => field.getAttribute('aria-label') ?? ''))
    if (stages.length > 1) for (const name of stages) await type(name, EPOCHS)
    else await type('Epochs', EPOCHS)
    const random = page.getByRole('button', { name: 'Start from random weights instead' })
    const train = panel().getByRole('button', { name: 'Train' })
    await expect.poll(async () => (await random.isVisible()) || (await train.isEnabled()), { timeout: 60_000 }).toBe(true)
    if (await random.isVisible()) await random.click()
    await page.getByRole('textbox', { name: 'Run name' }).fill(preset)
    await train.click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    const main = page.getByRole('main')
    await main.getByText(preset, { exact: true }).first().waitFor()
    const completed = main.getByText('Completed', { exact: true })
    const failure = main.getByRole('alert')
    await completed.or(failure).first().waitFor({ timeout: TRAINING_MS })
    if (await failure.isVisible()) throw new Error(await failure.innerText())

    const run = join(door.person.home, 'data', 'runs', /#\/run\/([^/]+)\/train$/.exec(page.url())?.[1] ?? '')
    const files = readdirSync(run, { recursive: true }).map(String)
    expect(files).toEqual(expect.arrayContaining(LEFT))
    const split = files.includes(join('evaluation', 'test_metrics.json')) ? 'test' : 'val'
    expect(files).toEqual(expect.arrayContaining(MEASURED.map((name) => join('evaluation', `${split}_${name}`))))
    const { preset: kept, epochs_done: done } = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { preset: string; epochs_done: number }
    expect([kept, done]).toEqual([preset, EPOCHS * Math.max(1, stages.length)])
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
