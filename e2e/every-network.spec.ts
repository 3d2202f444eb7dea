/** Networks trained for an epoch on photographs and exported in a real browser: one of each family, or with GRAFT_EVERY_NETWORK=1 all of them. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { havePhotographs, PHOTOGRAPHS } from './photographs'
import { browserPath, rail, StudioDoor } from './studio'

const IS_EVERY_NETWORK = process.env['GRAFT_EVERY_NETWORK'] === '1'
/** Small ones, one a family; the first has weights of its own where set-up has put them. */
const USUAL_NETWORKS = ['efficientnet_lite0', 'mobilenet_v3_small', 'resnet18']
/** Of these every format is written, of the others ONNX. */
const IN_EVERY_FORMAT = ['resnet50', 'efficientnet_b0']
const IMAGE_SIZE = 64
/** From random weights: in steps this few, larger batches leave most networks' running statistics so far behind that every picture gets the same answer. */
const RANDOM_BATCH_SIZE = 4
/** Of a probability; what exports in float32 promise. */
const BOUND = 1e-4

const TRAINING_MS = 600_000
const EXPORT_MS = 300_000

/** Of a run's history. */
interface Epoch {
  event: string
  seconds: number
  train_loss: number
  val_accuracy: number
  /** Rows are the truth. */
  confusion_matrix: number[][]
}

interface Exported {
  format: string
  pictures: number
  same: number
  largestDifference: number
}

interface Outcome {
  network: string
  weights: 'published' | 'random'
  epochSeconds: number
  accuracy: string
  /** How many of the classes it names at all; where it is one, that an export agrees says little. */
  classesNamed: number
  exports: Exported[]
}

const COLUMNS = ['network', 'weights', 'epoch', 'val accuracy', 'classes named', 'export', 'agreement', 'largest difference'] as const

/** One line an export, in columns. */
function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap(({ network, weights, epochSeconds, accuracy, classesNamed, exports }) =>
    exports.map(({ format, pictures, same, largestDifference }) => [network, weights, `${epochSeconds.toFixed(1)} s`, accuracy, String(classesNamed), format, `${same} of ${pictures}`, largestDifference.toExponential(1)]),
  )
  const lines = [[...COLUMNS], ...rows]
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}

describe.skipIf(browserPath === null || !havePhotographs)('every network in the studio', () => {
  const door = new StudioDoor()
  const exports = join(door.person.home, 'exports')
  const outcomes: Outcome[] = []
  const started = performance.now()
  let page: Page
  /** Of the cards: what a person reads, by the name that the engine knows. */
  let titles = new Map<string, string>()

  const main = (): Locator => page.getByRole('main')
  const cards = (): Locator => page.getByRole('radiogroup', { name: 'Backbone' }).getByRole('radio')

  /** Types over a setting; Enter takes it. */
  async function set(label: string, value: number): Promise<void> {
    const field = page.getByRole('textbox', { name: label, exact: true })
    await field.fill(String(value))
    await field.press('Enter')
    expect(await field.inputValue()).toBe(String(value))
  }

  /** Without published weights on this machine a network starts from random ones, and then all of it trains. */
  async function configure(network: string, title: string): Promise<Outcome['weights']> {
    await rail(page, 'Configure').click()
    await cards().first().waitFor()
    const reset = page.getByRole('button', { name: 'Reset all' })
    if (await reset.isVisible()) await reset.click()
    await cards().and(page.getByRole('radio', { name: title, exact: true })).check()
    const areHere = page.getByText(/ImageNet weights are on this machine/)
    const random = page.getByRole('button', { name: 'Start from random weights instead' })
    await areHere.or(random).waitFor()
    const isRandom = await random.isVisible()
    if (isRandom) {
      await random.click()
      await random.waitFor({ state: 'detached' })
      const handle = page.getByRole('slider', { name: 'Frozen layers' })
      await handle.focus()
      await page.keyboard.press('Home')
      expect(await handle.getAttribute('aria-valuetext')).toMatch(/^0 of \d+ layers frozen/)
    }
    if (isRandom) await set('Batch size', RANDOM_BATCH_SIZE)
    await set('Image size', IMAGE_SIZE)
    await set('Epochs', 1)
    await page.getByRole('textbox', { name: 'Run name' }).fill(network)
    return isRandom ? 'random' : 'published'
  }

  /** Trains until the run has ended: what its epoch took, and its accuracy as the screen states it. */
  async function train(network: string): Promise<Pick<Outcome, 'epochSeconds' | 'accuracy' | 'classesNamed'>> {
    await page.getByRole('complementary', { name: 'Start' }).getByRole('button', { name: 'Train' }).click()
    await page.getByRole('heading', { level: 1, name: 'Train' }).waitFor()
    await main().getByText(network, { exact: true }).waitFor()
    const completed = main().getByText('Completed', { exact: true })
    const failure = main().getByRole('alert')
    await completed.or(failure).first().waitFor({ timeout: TRAINING_MS })
    if (await failure.isVisible()) throw new Error(await failure.innerText())
    const accuracy = await main().locator('dl > div').filter({ hasText: 'Validation accuracy' }).locator('dd').innerText()
    const runId = /#\/run\/([^/]+)\/train$/.exec(page.url())?.[1] ?? ''
    const history = readFileSync(join(door.person.home, 'data', 'runs', runId, 'history.jsonl'), 'utf8').trim().split('\n')
    const epochs = history.map((line) => (JSON.parse(line) as { event: Epoch }).event).filter(({ event }) => event === 'epoch')
    const [epoch] = epochs
    if (epoch === undefined || epochs.length > 1) throw new Error(`One epoch was expected, ${epochs.length} were told`)
    expect(epoch.train_loss).toSatisfy(Number.isFinite)
    expect(accuracy).toBe(`${(epoch.val_accuracy * 100).toFixed(1)} %`)
    const classesNamed = epoch.confusion_matrix.filter((_, named) => epoch.confusion_matrix.some((row) => (row[named] ?? 0) > 0)).length
    return { epochSeconds: epoch.seconds, accuracy, classesNamed }
  }

  /** Exports once, to one format or all of them, and reads each verdict. */
  async function exportRun(network: string): Promise<Exported[]> {
    await rail(page, 'Export').click()
    const folder = page.getByRole('textbox', { name: 'Folder' })
    // What is proposed comes first; typing over it before would be typing beside it.
    await expect.poll(() => folder.inputValue()).not.toBe('')
    const boxes = page.getByRole('region', { name: 'Formats' }).getByRole('checkbox')
    const labels = await boxes.evaluateAll((all) => all.map((box) => box.getAttribute('aria-label') ?? ''))
    const formats = labels.filter((label) => !label.startsWith('Preprocessing inside'))
    const chosen = IN_EVERY_FORMAT.includes(network) ? formats : ['ONNX']
    for (const format of formats) await page.getByRole('checkbox', { name: format, exact: true }).setChecked(chosen.includes(format))
    const promised = Number(/asked about ([\d,]+) held-out pictures/.exec(await main().innerText())?.[1]?.replace(',', ''))
    const into = join(exports, network)
    await folder.fill(into)
    await main().getByRole('button', { name: 'Export', exact: true }).click()
    await page.getByRole('button', { name: 'New export' }).waitFor({ timeout: EXPORT_MS * chosen.length })
    const exported: Exported[] = []
    for (const format of chosen) {
      await page.getByRole('button', { name: format, exact: true }).click()
      const report = page.getByRole('article', { name: format })
      await report.waitFor()
      const failure = report.getByRole('alert')
      if (await failure.isVisible()) throw new Error(`${format}: ${await failure.innerText()}`)
      expect(await report.getByRole('region', { name: 'Export written' }).innerText()).toMatch(/^Verified in /)
      const words = await report.getByText(/^Same answer on/).innerText()
      const [, same, pictures, largestDifference] = /^Same answer on (\d+) of (\d+) pictures; the largest difference of a probability is (\S+), allowed/.exec(words)?.map(Number) ?? []
      if (same === undefined || pictures === undefined || largestDifference === undefined) throw new Error(`${format}: the verdict is “${words}”`)
      exported.push({ format, pictures, same, largestDifference })
    }
    expect(exported.map(({ pictures }) => pictures)).toEqual(chosen.map(() => promised))
    rmSync(into, { recursive: true, force: true })
    return exported
  }

  beforeAll(async () => {
    mkdirSync(exports, { recursive: true })
    page = await door.open([door.person.home, PHOTOGRAPHS])
    await page.getByRole('button', { name: 'Choose folder' }).first().click()
    const list = page.getByRole('dialog')
    await list.getByRole('button', { name: PHOTOGRAPHS }).click()
    await list.getByRole('button', { name: 'Use this folder' }).click()
    await page.getByRole('heading', { level: 1, name: /2 classes · 400 pictures/ }).waitFor({ timeout: 120_000 })
    await rail(page, 'Configure').click()
    await cards().first().waitFor()
    titles = new Map(await cards().evaluateAll((all) => all.map((card) => [card.getAttribute('value') ?? '', card.getAttribute('aria-label') ?? ''])))
  })
  afterAll(async () => {
    await door.close()
    console.log(`${table(outcomes)}\n${outcomes.length} of ${titles.size} networks, ${Math.round((performance.now() - started) / 1000)} s in all`)
  })

  test('a card for each that the command line lists', async () => {
    const { code, events, stderr } = await door.person.run(['models', '--json'])
    expect(code, stderr).toBe(0)
    expect([...titles.keys()].sort()).toEqual(events.map(({ name }) => name).sort())
    expect([...titles.keys()]).toEqual(expect.arrayContaining([...USUAL_NETWORKS, ...IN_EVERY_FORMAT]))
  })

  test('each trains for an epoch and is exported, and the export says the same', { timeout: IS_EVERY_NETWORK ? 7_200_000 : 1_200_000 }, async () => {
    const networks = [...titles].filter(([network]) => IS_EVERY_NETWORK || USUAL_NETWORKS.includes(network))
    const failures: string[] = []
    for (const [network, title] of networks) {
      // One that fails does not keep the others from being tried.
      try {
        const weights = await configure(network, title)
        const trained = await train(network)
        const outcome: Outcome = { network, weights, ...trained, exports: await exportRun(network) }
        outcomes.push(outcome)
        for (const { format, pictures, same, largestDifference } of outcome.exports) {
          if (same !== pictures || largestDifference > BOUND) failures.push(`${network}, ${format}: ${same} of ${pictures}, ${largestDifference}`)
        }
      } catch (error) {
        failures.push(`${network}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
    expect(failures).toEqual([])
    expect(outcomes).toHaveLength(networks.length)
  })

  test('the pages complained of nothing', () => {
    expect(door.complaints.filter((text) => !/favicon/.test(text))).toEqual([])
  })
})
