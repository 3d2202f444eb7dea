/** The page that goes with a TensorFlow.js export, in a real Chromium. Needs the build, as the trainer does. */
import { appendFileSync } from 'node:fs'
import { rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodePicture } from '../../dataset/decode'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { patternPixels } from '../../dataset/test-pictures'
import { compileProgram } from '../../engine/compile/program'
import { NetworkSession } from '../../engine/runtime/network-session'
import { softmax } from '../../engine/train/metrics'
import type { ExportedModel } from './exporter'
import { browserPath, formulaModel, launchBrowser, serveFolder, writeExample } from './web-page.examples'

if (browserPath === null) {
  const skipped = { what: 'the page of TensorFlow.js exports in a browser', why: 'no Chromium-family browser is installed', how: 'install chromium, or set GRAFT_BROWSER to its path' }
  console.warn(`SKIPPED: ${skipped.what}: ${skipped.why}`)
  const log = process.env['GRAFT_SKIP_LOG']
  if (log !== undefined) appendFileSync(log, `${JSON.stringify(skipped)}\n`)
}

const LABELS = ['dandelion', 'grass', '<b>clover</b>', 'a class with a long name that has to be cut somewhere', 'moss', 'fern', 'nettle', 'thistle', 'daisy', 'plantain']

/** Slow without a graphics card: `GRAFT_ALL_BACK_ENDS=1` asks for them. */
const EXTRA =
  process.env['GRAFT_ALL_BACK_ENDS'] === undefined
    ? []
    : ([['efficientnet_b0', 'webgl'], ['resnet50', 'webgl'], ['resnet50', 'cpu'], ['efficientnet_b0', 'cpu'], ['efficientnet_lite0', 'webgl'], ['efficientnet_lite0', 'cpu']] as const)

/** The engine's own answer. */
function originalProbabilities(model: ExportedModel, pixels: Uint8Array): number[] {
  const { network, preprocessing, weights, state } = model
  const side = state.image_size
  const settings = { weightDecay: 0, momentum: 0, nesterov: false }
  const session = new NetworkSession(compileProgram({ network, imageSize: side, preprocessing, cut: 'input', trained: null, optimizer: 'adam', optimizerSettings: settings }))
  session.load(weights)
  const pictures = session.pictures({ shape: [1, side, side, 3], data: pixels }, null)
  const logits = session.evaluate(pictures)
  session.release(pictures)
  session.close()
  return softmax(logits, 0, state.num_classes)
}

/** In the page. */
interface PageGraft {
  classifier: { probabilities(pixels: Uint8Array): Promise<Float32Array>; backEnd: string }
  decodePicture(blob: Blob): Promise<{ pixels: Uint8Array; width: number; height: number }>
}

const ready = (page: Page) => page.locator('body[data-state="empty"]').waitFor()
const dropFiles = async (page: Page, paths: readonly string[]) => {
  // A real drop, as the browser gets it from the system.
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [...paths], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data })
}

describe.skipIf(browserPath === null)('the page of a TensorFlow.js export', () => {
  let browser: Browser
  let folder: string
  let served: Awaited<ReturnType<typeof serveFolder>>
  const model = formulaModel('efficientnet_lite0', 64, LABELS)
  const complaints: string[] = []
  const asked = new Set<string>()

  const open = async (address: string) => {
    const context = await browser.newContext({ viewport: { width: 1100, height: 720 } })
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => asked.add(new URL(request.url()).hostname))
    await page.goto(address)
    return page
  }

  beforeAll(async () => {
    browser = await launchBrowser()
    folder = await writeExample(model)
    served = await serveFolder(folder)
  })
  afterAll(async () => {
    await browser.close()
    served.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(['cpu', 'wasm', 'webgl'])('answers as the engine does for the same pixels, computed by %s', async (backEnd) => {
    const page = await open(`${served.address}/?backend=${backEnd}`)
    await ready(page)
    const pixels = patternPixels(64, 64, 3, 4)
    const got = await page.evaluate(
      async (given) => {
        const { classifier } = (globalThis as unknown as { graft: PageGraft }).graft
        return { backEnd: classifier.backEnd, values: [...(await classifier.probabilities(Uint8Array.from(given)))] }
      },
      [...pixels],
    )
    expect(got.backEnd).toBe(backEnd)
    const expected = originalProbabilities(model, Uint8Array.from(pixels))
    expect(Math.max(...expected.map((value, i) => Math.abs(value - (got.values[i] ?? NaN))))).toBeLessThan(1e-4)
    await page.close()
  })

  test.each([
    ['efficientnet_lite0', 'wasm'],
    ['efficientnet_b0', 'wasm'],
    ['resnet50', 'wasm'],
    ...EXTRA,
  ] as const)('%s at 224 answers as the engine does, computed by %s', async (name, backEnd) => {
    const large = formulaModel(name, 224, LABELS, name === 'efficientnet_b0' ? 10 : 1)
    const place = await writeExample(large)
    const other = await serveFolder(place)
    const page = await open(`${other.address}/?backend=${backEnd}`)
    await ready(page)
    const photograph = patternPixels(224, 224, 3, 5)
    const got = await page.evaluate(
      async (base64) => {
        const { classifier } = (globalThis as unknown as { graft: PageGraft }).graft
        const pixels = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
        const started = performance.now()
        return { values: [...(await classifier.probabilities(pixels))], milliseconds: Math.round(performance.now() - started) }
      },
      Buffer.from(photograph).toString('base64'),
    )
    const expected = originalProbabilities(large, photograph)
    const largest = Math.max(...expected.map((value, i) => Math.abs(value - (got.values[i] ?? NaN))))
    console.info(`${name} in the browser by ${backEnd}: largest difference ${largest.toExponential(1)}, ${got.milliseconds} ms a picture, top ${Math.max(...expected).toFixed(3)}`)
    expect(largest).toBeLessThan(1e-4)
    expect(got.values.indexOf(Math.max(...got.values))).toBe(expected.indexOf(Math.max(...expected)))
    await page.close()
    other.close()
    await rm(place, { recursive: true })
  }, 240_000)

  test('decodes a picture to the pixels that the trainer sees: orientation applied, transparency dropped', async () => {
    const page = await open(served.address)
    await ready(page)
    const raw = { raw: { width: 40, height: 30, channels: 3 } } as const
    const transparent = Uint8Array.from({ length: 40 * 30 * 4 }, (_, at) => (at % 4 === 3 ? (at * 7) % 256 : (at * 13) % 256))
    const files: Record<string, Buffer> = {
      'plain.png': await sharp(patternPixels(40, 30, 3, 1), raw).png().toBuffer(),
      'transparent.png': await sharp(transparent, { raw: { width: 40, height: 30, channels: 4 } }).png().toBuffer(),
      'turned.jpg': await sharp(patternPixels(40, 30, 3, 2), raw).withMetadata({ orientation: 6 }).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
    }
    for (const [name, bytes] of Object.entries(files)) {
      const decoded = await page.evaluate(
        async (given) => {
          const { pixels, width, height } = await (globalThis as unknown as { graft: PageGraft }).graft.decodePicture(new Blob([Uint8Array.from(given)]))
          return { pixels: [...pixels], width, height }
        },
        [...bytes],
      )
      const expected = await decodePicture(bytes)
      expect([decoded.width, decoded.height], name).toEqual([expected.width, expected.height])
      const largest = Math.max(...decoded.pixels.map((value, i) => Math.abs(value - (expected.pixels[i] ?? NaN))))
      // Two JPEG decoders may round apart.
      expect(largest, name).toBeLessThanOrEqual(name.endsWith('.jpg') ? 2 : 0)
    }
    await page.close()
  })

  test('classifies a dropped picture; is usable by keyboard and by screen readers, in light and dark; asks nobody else', async () => {
    const page = await open(served.address)
    await ready(page)
    await accessible(page, 'empty')
    const path = join(folder, 'picture.png')
    await sharp(patternPixels(300, 200, 3, 8), { raw: { width: 300, height: 200, channels: 3 } }).png().toFile(path)
    await dropFiles(page, [path])
    await page.waitForSelector('body[data-state="answered"]')
    const probabilities = originalProbabilities(model, resizeBilinearAntialiased(patternPixels(300, 200, 3, 8), 300, 200, 64, 64))
    const best = LABELS[probabilities.indexOf(Math.max(...probabilities))] ?? ''
    expect(await page.getByRole('status').innerText()).toContain(best)
    const rows = await page.locator('#bars li').evaluateAll((items) => items.map((item) => ({ label: item.querySelector('.label')?.textContent, share: Number(item.getAttribute('title')) })))
    expect(rows).toHaveLength(6)
    for (const { label, share } of rows) expect(Math.abs(share - (probabilities[LABELS.indexOf(label ?? '')] ?? NaN))).toBeLessThan(1e-4)
    await accessible(page, 'answered')
    await page.getByRole('button', { name: 'Show all 10 classes' }).press('Enter')
    expect(await page.locator('#bars li').count()).toBe(10)

    // What is no picture is said, and the answer stays.
    await writeFile(join(folder, 'notes.txt'), 'no picture')
    await dropFiles(page, [join(folder, 'notes.txt')])
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toMatch(/notes\.txt is not a picture.*JPEG/s)
    expect(await page.getByRole('status').innerText()).toContain(best)
    await accessible(page, 'error')
    await page.getByRole('button', { name: 'Dismiss' }).press('Enter')
    expect(await page.getByRole('alert').count()).toBe(0)
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose another picture' }).press('Enter')
    await (await chooser).setFiles(path)
    await page.locator('body[data-state="answered"]').waitFor()
    await page.close()
    // No host, as for blobs, is the page itself.
    expect([...asked].filter((host) => host !== '' && host !== '127.0.0.1')).toEqual([])
    expect(complaints).toEqual([])
  })

  test('opened from the disk it takes its folder, by drop or choice, and says what is missing', async () => {
    const address = `file://${join(folder, 'index.html')}`
    const page = await open(address)
    await accessible(page, 'from the disk')
    await dropFiles(page, [join(folder, 'picture.png')])
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toMatch(/no model\.json/)
    await dropFiles(page, [folder])
    await ready(page)
    expect(await page.getByRole('alert').count()).toBe(0)
    expect(await page.locator('footer').innerText()).toMatch(/WebAssembly|WebGL/)
    await dropFiles(page, [join(folder, 'picture.png')])
    await page.waitForSelector('body[data-state="answered"]')
    await page.close()

    const chosen = await open(address)
    const chooser = chosen.waitForEvent('filechooser')
    await chosen.getByRole('button', { name: 'Choose the folder' }).click()
    await (await chooser).setFiles(folder)
    await ready(chosen)
    await chosen.close()
  })

  test('a model that is not there is said', async () => {
    const alone = await writeExample(model)
    const other = await serveFolder(alone)
    await unlink(join(alone, 'group1-shard1of4.bin'))
    const page = await open(other.address)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toMatch(/could not be loaded.*group1-shard/s)
    await page.close()
    other.close()
    await rm(alone, { recursive: true })
  })

  /** Axe finds nothing in either scheme. */
  async function accessible(page: Page, what: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']).analyze()
      expect(violations.map(({ id, nodes }) => `${what}, ${colorScheme}: ${id} at ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)).toEqual([])
      const shots = process.env['GRAFT_SCREENSHOTS']
      if (shots !== undefined) await page.screenshot({ path: join(shots, `web-page-${what.replaceAll(' ', '-')}-${colorScheme}.png`) })
    }
  }
})
