/** From a wrong cell to a picture, to where the model looked in it, to the training pictures it took it for; the same from the command line. */
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Explanations } from '../src/shared/domain/explanation'
import { Person } from './graft'
import { shot } from './shots'
import { browserPath, expectAccessible, StudioDoor } from './studio'
import { fileWrongly, trainShortly } from './wrongly-filed'

/** Files of a class that validation holds, and of these how many lie in the other class's folder: what nobody gets right. */
const HELD = 10
const SWAPPED = 3

/** Two classes in train/ and val/, a few pictures of the first filed under the second. */
const filed = (home: string) =>
  fileWrongly(home, { perClass: 40, leaves: ['healthy', 'wilted'], place: (classIndex, n) => ({ split: n < HELD ? 'val' : 'train', isWrong: classIndex === 0 && n < SWAPPED }) })

describe.skipIf(browserPath === null)('a mistake in the studio', () => {
  const door = new StudioDoor()
  const { home } = door.person
  let page: Page
  let root = ''
  let names: readonly [string, string] = ['', '']
  let runId = ''
  const dialog = () => page.getByRole('dialog')
  const modes = () => dialog().getByRole('radio')
  const neighbours = () => dialog().getByRole('region', { name: 'Most alike in training' })

  beforeAll(async () => {
    ;({ root, names } = await filed(home))
    runId = await trainShortly(door.person, root, join(home, 'run'))
    page = await door.open([home])
    await openCell()
  })
  afterAll(() => door.close())

  /** The pictures of the first class that lie in the second's folder. */
  async function openCell(): Promise<void> {
    await page.evaluate((id) => (location.hash = `#/run/${id}/results`), runId)
    await page.getByRole('grid', { name: /^Confusion matrix on the (test|validation) pictures/ }).getByRole('gridcell', { name: new RegExp(`truth ${names[1]}, predicted ${names[0]}: [1-9]`) }).click()
    await page.getByRole('list', { name: 'Pictures', exact: true }).getByRole('button').first().waitFor()
  }
  const openFirst = () => page.getByRole('list', { name: 'Pictures', exact: true }).getByRole('button').first().click()

  test('opens large, with the training pictures most alike below it', async () => {
    await openFirst()
    await dialog().waitFor()
    await shot(page, 'explain-01-opening')
    await neighbours().getByRole('listitem').nth(5).waitFor({ timeout: 60_000 })
    expect(await modes().count()).toBe(4)
    const first = await neighbours().getByRole('button').first().getAttribute('aria-label')
    expect(first).toMatch(new RegExp(`^(${names.join('|')}), alike 0\\.\\d{3}: train/`))
    await shot(page, 'explain-02-picture')
    await expectAccessible(page, 'a picture with its neighbours')
  })

  test('a number shows where the model looked for the truth, for its answer, and for both', async () => {
    expect(await dialog().locator('canvas').count()).toBe(0)
    await page.keyboard.press('2')
    await dialog().getByRole('img', { name: new RegExp(`(for ${names[1]} the model looked mostly at the|nothing in it speaks for ${names[1]})`) }).waitFor()
    await shot(page, 'explain-03-truth')
    await page.keyboard.press('3')
    await dialog().getByRole('img', { name: new RegExp(`for ${names[0]} the model looked mostly at the (upper|middle|lower|left|right)`) }).waitFor()
    // The map is drawn: dark where nothing spoke for the class, bright where most did.
    const [least, most] = await dialog().locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [0] }
      const reds = Array.from({ length: data.length / 4 }, (_, i) => data[i * 4] ?? 0)
      return [Math.min(...reds), Math.max(...reds)]
    })
    expect(least).toBeLessThan(120)
    expect(most).toBeGreaterThan(230)
    await shot(page, 'explain-04-answer')
    await expectAccessible(page, 'a heatmap')
    await page.keyboard.press('4')
    await expect.poll(() => dialog().locator('canvas').count()).toBe(2)
    await shot(page, 'explain-05-both')
    await expectAccessible(page, 'two heatmaps')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await shot(page, 'explain-06-both-wide')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('the map is made fainter with the slider, by keys that do not leave the picture', async () => {
    await page.keyboard.press('3')
    const slider = dialog().getByRole('slider', { name: 'Opacity of the heatmap' })
    await slider.focus()
    const place = await dialog().getByText(/^1 of \d+$/).innerText()
    for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowLeft')
    expect(await slider.getAttribute('aria-valuenow')).toBe('35')
    await expect.poll(() => dialog().locator('canvas').evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe('0.35')
    expect(await dialog().getByText(/^1 of \d+$/).innerText()).toBe(place)
  })

  test('a training picture opens large and Escape leads back; the next picture is there at once', async () => {
    await neighbours().getByRole('button').first().click()
    await dialog().getByText(/^Training picture of \w+, alike 0\.\d{3}$/).waitFor()
    await shot(page, 'explain-07-training-picture')
    await expectAccessible(page, 'a training picture')
    await page.keyboard.press('Escape')
    await dialog().getByText(/^Training picture of/).waitFor({ state: 'detached' })
    await page.keyboard.press('ArrowRight')
    await dialog().getByText(/^2 of \d+$/).waitFor()
    await dialog().locator('canvas').waitFor({ timeout: 2000 })
    await page.keyboard.press('Escape')
    await dialog().waitFor({ state: 'detached' })
  })

  test('beside a training the heatmaps come and the training pictures wait, which is said', async () => {
    rmSync(join(home, 'features'), { recursive: true, force: true })
    const other = door.person.start(['train', root, '--preset', 'balanced', '--epochs', '200', '--early-stopping-patience', '0', '--json', '--out', join(home, 'other')])
    try {
      await other.line((line) => line.includes('"event":"epoch"'))
      await page.reload()
      await openCell()
      await openFirst()
      await page.keyboard.press('3')
      await dialog().locator('canvas').waitFor({ timeout: 60_000 })
      await neighbours().getByText(/Another run has the machine/).waitFor({ timeout: 60_000 })
      await shot(page, 'explain-08-beside-a-training')
      await expectAccessible(page, 'beside a training')
    } finally {
      other.child.kill('SIGINT')
      await other.ended
    }
    await neighbours().getByRole('button', { name: 'Look again' }).click()
    await neighbours().getByRole('listitem').nth(5).waitFor({ timeout: 60_000 })
    await page.keyboard.press('Escape')
  })

  test('a picture that has gone is said to have', async () => {
    renameSync(root, `${root}-elsewhere`)
    try {
      await page.reload()
      await openCell()
      await openFirst()
      await neighbours().getByText(/vanished|moved|not there/).waitFor({ timeout: 60_000 })
      await shot(page, 'explain-09-gone')
      await expectAccessible(page, 'a picture that has gone')
    } finally {
      renameSync(`${root}-elsewhere`, root)
    }
    door.complaints.splice(0, door.complaints.length, ...door.complaints.filter((text) => !/404|Not Found|500/i.test(text)))
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})

describe('graft explain', () => {
  const person = new Person()
  const out = join(person.home, 'explained')
  let root = ''
  let names: readonly [string, string] = ['', '']
  beforeAll(async () => {
    ;({ root, names } = await filed(person.home))
    await trainShortly(person, root, join(person.home, 'run'))
  })
  afterAll(() => person.leave())

  test('writes a picture for each heatmap and all numbers beside them', async () => {
    const pictures = join(root, 'val', names[1])
    const { code, stderr, events } = await person.run(['explain', join(person.home, 'run'), pictures, '--out', out, '--neighbours', '3', '--json'])
    expect(code, stderr).toBe(0)
    const [answer] = events as unknown as [Explanations & { files: { path: string; label: string; file: string }[] }]
    expect(answer.pictures).toHaveLength(HELD + SWAPPED)
    for (const { truth, prediction, heatmaps, neighbours } of answer.pictures) {
      expect(truth).toBe(1)
      expect(heatmaps.map(({ classIndex }) => classIndex)).toEqual([...new Set([1, prediction])])
      expect(neighbours).toHaveLength(3)
    }
    expect(answer.files).toHaveLength(answer.pictures.flatMap(({ heatmaps }) => heatmaps).length)
    for (const { file } of answer.files) expect(Math.max(...Object.values(await sharp(file).metadata().then(({ width, height }) => ({ width, height }))))).toBe(768)
    const numbers = JSON.parse(readFileSync(join(out, 'explanations.json'), 'utf8')) as Explanations
    expect(numbers.pictures).toEqual(answer.pictures)
  })

  test('a class that the run does not have is answered with those that it has', async () => {
    const { code, stderr } = await person.run(['explain', join(person.home, 'run'), root, '--out', join(person.home, 'none'), '--class', `${names[0]}s`])
    expect(code).toBe(2)
    expect(stderr).toMatch(new RegExp(`has no class "${names[0]}s"[^]*Did you mean "${names[0]}"`))
    expect(existsSync(join(person.home, 'none'))).toBe(false)
  })
})
