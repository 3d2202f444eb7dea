/** A model trained on photographs, exported to TensorFlow.js, and its page asked about photographs in a real browser. */
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { chromium } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { Person } from './graft'
import { havePhotographs, PHOTOGRAPHS } from './photographs'
import { browserPath } from './studio'

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.wasm': 'application/wasm' }

/** Any static server. */
async function serve(folder: string): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const name = path === '/' ? 'index.html' : path
    readFile(join(folder, name)).then(
      (content) => response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

describe.skipIf(browserPath === null || !havePhotographs)('the page of a TensorFlow.js export', () => {
  const person = new Person()
  afterAll(() => {
    person.leave()
  })

  test('says of a dropped photograph what graft predict says', async () => {
    const run = join(person.home, 'run')
    const exported = join(person.home, 'exported')
    const trained = await person.run(['train', PHOTOGRAPHS, '--preset', 'fast', '--epochs', '2', '--json', '--out', run])
    expect(trained.code, trained.stderr).toBe(0)
    const written = await person.run(['export', run, '--to', exported, '--format', 'tfjs', '--json'])
    expect(written.code, written.stderr).toBe(0)

    const paths = ['dandelion', 'grass'].flatMap((label) => readdirSync(join(PHOTOGRAPHS, label)).sort().slice(0, 6).map((name) => join(PHOTOGRAPHS, label, name)))
    const predicted = await person.run(['predict', run, '--json', ...paths])
    const answers = new Map(predicted.events.map((event) => [event['path'], event['top'] as { label: string; probability: number }[]]))

    const { server, address } = await serve(exported)
    const browser = await chromium.launch({ executablePath: browserPath ?? '', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
    try {
      const page = await browser.newPage()
      await page.goto(address)
      await page.locator('body[data-state="empty"]').waitFor()
      const session = await page.context().newCDPSession(page)
      const differences: number[] = []
      const milliseconds: number[] = []
      for (const path of paths) {
        await page.evaluate(() => {
          document.querySelector('#meta')?.replaceChildren()
        })
        const data = { items: [], files: [path], dragOperationsMask: 1 }
        for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await session.send('Input.dispatchDragEvent', { type, x: 200, y: 300, data })
        await page.locator('#meta', { hasText: / ms$/ }).waitFor()
        const shown = await page.locator('#bars li').evaluateAll((items) => items.map((item) => ({ label: item.querySelector('.label')?.textContent ?? '', share: Number(item.getAttribute('title')) })))
        const expected = answers.get(path) ?? []
        expect(shown[0]?.label, path).toBe(expected[0]?.label)
        for (const { label, probability } of expected) differences.push(Math.abs(probability - (shown.find((row) => row.label === label)?.share ?? NaN)))
        milliseconds.push(Number(/(\d+) ms/.exec(await page.locator('#meta').innerText())?.[1]))
      }
      console.info(`${await page.locator('footer').innerText()}: ${paths.length} photographs, largest difference ${Math.max(...differences).toExponential(1)}, ${milliseconds.join(' ')} ms`)
      // The browser's JPEG decoder may differ from libvips' by a level here and there.
      expect(Math.max(...differences)).toBeLessThan(1e-3)
    } finally {
      await browser.close()
      server.close()
    }
  })
})
