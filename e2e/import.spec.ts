/** A PyTorch file comes in through the studio: refused where it must be, else opened, measured, exported and trained on from. */
import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHOTS, shot } from './shots'
import { browserPath, expectAccessible, rail, StudioDoor } from './studio'

/** A safetensors file with one tensor of zeros a name. */
function safetensors(shapes: Readonly<Record<string, readonly number[]>>): Buffer {
  let end = 0
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const begin = end
      end += 4 * shape.reduce((a, b) => a * b, 1)
      return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }]
    }),
  )
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, Buffer.alloc(end)])
}

const OTHER_NETWORK = safetensors({
  'conv1.weight': [64, 3, 7, 7],
  'bn1.weight': [64],
  'bn1.bias': [64],
  'layer1.0.conv1.weight': [64, 64, 1, 1],
  'transformer.encoder.layers.0.self_attn.in_proj_weight': [768, 256],
  'fc.weight': [3, 512],
  'fc.bias': [3],
})

/** A pickle that calls a program when Python loads it; here it is only ever read. */
const HOSTILE = "cposix\nsystem\n(S'true'\ntR."

const heading = (page: Page, name: RegExp | string) => page.getByRole('heading', { level: 1, name })

describe.skipIf(browserPath === null)('a model from PyTorch', () => {
  const door = new StudioDoor()
  const { home } = door.person
  const models = join(home, 'models')
  let page: Page
  const dialog = () => page.getByRole('dialog')

  async function drop(path: string): Promise<void> {
    const devtools = await page.context().newCDPSession(page)
    const data = { items: [], files: [path], dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await devtools.send('Input.dispatchDragEvent', { type, x: 640, y: 400, data })
    await devtools.detach()
  }

  beforeAll(async () => {
    mkdirSync(join(home, 'exports'), { recursive: true })
    mkdirSync(models)
    writeFileSync(join(models, 'hostile.pth'), HOSTILE)
    writeFileSync(join(models, 'holiday.pt'), Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(4096)]))
    writeFileSync(join(models, 'other-network.safetensors'), OTHER_NETWORK)
    page = await door.open([models, join(home, 'exports')])
  })
  afterAll(() => door.close())

  test('is asked for on the list of runs', async () => {
    await rail(page, 'Runs').click()
    await page.getByText('No runs yet.').waitFor()
    await shot(page, 'import-01-no-runs')
    await page.getByRole('button', { name: 'Bring in a model' }).click()
    await dialog().getByRole('button', { name: 'Choose file' }).waitFor()
    expect(await dialog().getByRole('button', { name: 'Bring in', exact: true }).isDisabled()).toBe(true)
    await shot(page, 'import-02-empty')
    await expectAccessible(page, 'import, empty')
  })

  test('a file that would run a program is sent, refused with its name and why, and is not kept', async () => {
    await drop(join(models, 'hostile.pth'))
    await dialog().getByText('hostile.pth', { exact: true }).waitFor()
    await shot(page, 'import-03-dropped')
    await dialog().getByRole('button', { name: 'Bring in', exact: true }).click()
    const alert = dialog().getByRole('alert')
    await alert.waitFor({ timeout: 60_000 })
    expect(await alert.innerText()).toMatch(/posix\.system[\s\S]*never runs them/)
    await shot(page, 'import-04-refused')
    await expectAccessible(page, 'import, refused')
  })

  test('a picture that is called like a model is answered with what was expected', async () => {
    await dialog().getByRole('button', { name: 'Choose another file' }).click()
    const list = page.getByRole('dialog', { name: 'Choose the model’s file' })
    await list.getByRole('button', { name: models }).click()
    await list.getByRole('button', { name: /holiday\.pt/ }).click()
    await shot(page, 'import-05-list')
    await expectAccessible(page, 'import, list of models')
    await list.getByRole('button', { name: 'Use this file' }).click()
    await dialog().getByRole('button', { name: 'Bring in', exact: true }).click()
    const alert = dialog().getByRole('alert')
    await alert.waitFor({ timeout: 60_000 })
    expect(await alert.innerText()).toContain('a JPEG picture')
    await shot(page, 'import-06-unreadable')
    await expectAccessible(page, 'import, unreadable')
  })

  test('a file of another network is answered with a table, which can be copied', async () => {
    await dialog().getByRole('button', { name: 'Back' }).click()
    await drop(join(models, 'other-network.safetensors'))
    await dialog().getByRole('button', { name: 'Bring in', exact: true }).click()
    await dialog().getByRole('alert').waitFor({ timeout: 60_000 })
    const table = dialog().locator('pre')
    expect(await table.innerText()).toMatch(/Missing in the file[\s\S]*What to do/)
    expect(await dialog().getByRole('alert').innerText()).not.toContain('Missing in the file')
    await dialog().getByRole('button', { name: 'Copy the table' }).click()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(await table.innerText())
    await shot(page, 'import-07-mismatch')
    await expectAccessible(page, 'import, mismatch')
    await dialog().getByRole('button', { name: 'Close' }).click()
    await page.getByText('No runs yet.').waitFor()
    await expect.poll(() => readdirSync(join(home, 'data', 'uploads')).filter((name) => !name.startsWith('.'))).toEqual([])
  })

  test('comes in with the open dataset, is measured on it, and is told to be imported', async () => {
    await rail(page, 'Dataset').click()
    await page.getByRole('button', { name: 'Use the sample' }).first().click()
    await heading(page, /3 classes · 300 pictures/).waitFor({ timeout: 120_000 })
    const sample = await page.getByText(/[\\/]leaves$/).first().innerText()
    // A state dict as a PyTorch script leaves it.
    const trained = await door.person.run(['train', sample, '--preset', 'fast', '--epochs', '1', '--json', '--out', join(home, 'trained')])
    expect(trained.code, trained.stderr).toBe(0)
    const written = await door.person.run(['export', join(home, 'trained'), '--to', join(home, 'state-dict'), '--format', 'pytorch', '--json'])
    expect(written.code, written.stderr).toBe(0)
    renameSync(join(home, 'state-dict', 'model.pth'), join(models, 'lab.pth'))

    await drop(join(models, 'lab.pth'))
    await dialog().getByRole('radio', { name: /The open dataset/ }).check()
    await shot(page, 'import-08-form')
    await expectAccessible(page, 'import, form')
    await dialog().getByRole('button', { name: 'Bring in', exact: true }).click()
    await dialog().getByRole('progressbar').waitFor()
    if (SHOTS !== undefined) await page.screenshot({ path: join(SHOTS, 'import-09-busy.png') })
    await page.getByRole('dialog', { name: 'The model is here' }).waitFor({ timeout: 120_000 })
    expect(await dialog().innerText()).toContain('The file names no classes')
    await page.getByRole('grid', { name: /Confusion matrix/ }).waitFor({ timeout: 60_000 })
    await shot(page, 'import-10-done')
    await expectAccessible(page, 'import, done')
    await dialog().getByRole('button', { name: 'See the results' }).click()
    await dialog().waitFor({ state: 'detached' })
    expect(await page.getByText('How it learned').count()).toBe(0)
    await shot(page, 'import-11-results')
    await expectAccessible(page, 'results of an imported run')
    expect(readdirSync(join(home, 'data', 'uploads')).filter((name) => !name.startsWith('.'))).toEqual([])

    // What it was trained to say it says here: the same pictures, the same share of them right.
    const accuracy = await page.locator('dl dd').first().textContent()
    const own = await door.person.run(['evaluate', join(home, 'trained'), '--split', 'test', '--json'])
    const share = (own.events.at(-1)?.['report'] as { accuracy: number } | undefined)?.accuracy ?? NaN
    const [value, interval] = (accuracy ?? '').split(/(?<=%) /)
    expect(value).toBe(`${(share * 100).toFixed(1)} %`)
    expect(interval).toMatch(/^\d+\.\d–\d+\.\d %$/)

    await rail(page, 'Train').click()
    await page.getByRole('heading', { name: 'This model was trained elsewhere' }).waitFor()
    await shot(page, 'import-12-train')
    await expectAccessible(page, 'train screen of an imported run')
    await rail(page, 'Runs').click()
    const row = page.getByRole('row', { name: /^lab / })
    expect(await row.innerText()).toMatch(/Imported/)
    await row.click()
    await shot(page, 'import-13-runs')
    await expectAccessible(page, 'runs with an imported one')
  })

  test('is exported as any run is', async () => {
    await rail(page, 'Export').click()
    const folder = page.getByRole('textbox', { name: /folder/i })
    // What is proposed comes first; typing over it before would be typing beside it.
    await expect.poll(() => folder.inputValue()).not.toBe('')
    await folder.fill(join(home, 'exports', 'lab'))
    await page.getByRole('main').getByRole('button', { name: 'Export', exact: true }).click()
    const region = page.getByRole('region', { name: 'Export written' })
    await region.waitFor({ timeout: 180_000 })
    expect(await region.innerText()).toMatch(/verified/i)
    expect(readdirSync(join(home, 'exports', 'lab'))).toContain('labels.txt')
    await shot(page, 'import-14-exported')
  })

  test('is trained on from, with its head, as the classes are the same', async () => {
    await rail(page, 'Results').click()
    await page.getByRole('button', { name: 'Train on from this model' }).click()
    const note = page.getByRole('region', { name: 'Starting model' })
    await note.waitFor()
    expect(await note.innerText()).toMatch(/Trains on from lab\.[\s\S]*with its head/)
    await shot(page, 'import-15-configure')
    await expectAccessible(page, 'configure, trained on from')
    const epochs = page.getByRole('textbox', { name: 'Epochs', exact: true })
    await epochs.fill('1')
    await epochs.press('Enter')
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByText('Completed', { exact: true }).first().waitFor({ timeout: 240_000 })
    await page.getByRole('button', { name: /^Log/ }).click()
    await page.getByText('The head of weights.safetensors fits these classes and is trained on').first().waitFor()
    // The way back.
    await rail(page, 'Configure').click()
    await note.getByRole('button', { name: 'Begin with the published weights instead' }).click()
    await note.waitFor({ state: 'detached' })
  })

  test('without pictures it has no results until some are chosen', async () => {
    await rail(page, 'Runs').click()
    await page.getByRole('button', { name: 'Bring in a model' }).click()
    await drop(join(models, 'lab.pth'))
    await dialog().getByLabel('Name of the run').fill('bare')
    await dialog().getByRole('button', { name: 'Bring in', exact: true }).click()
    await page.getByRole('dialog', { name: 'The model is here' }).waitFor({ timeout: 60_000 })
    await shot(page, 'import-16-done-bare')
    await dialog().getByRole('button', { name: 'Look at it' }).click()
    await page.getByRole('heading', { name: 'This model was trained elsewhere' }).waitFor()
    await shot(page, 'import-17-train-bare')
    await rail(page, 'Results').click()
    await page.getByText(/came without pictures/).waitFor()
    await shot(page, 'import-18-results-bare')
    await expectAccessible(page, 'results without pictures')
    await page.getByRole('button', { name: 'Choose pictures' }).click()
    await dialog().getByRole('button', { name: 'Bring in', exact: true }).click()
    await page.getByRole('dialog', { name: 'The model is here' }).waitFor({ timeout: 120_000 })
    await dialog().getByRole('button', { name: 'See the results' }).click()
    await page.getByRole('grid', { name: /Confusion matrix/ }).waitFor({ timeout: 60_000 })
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
