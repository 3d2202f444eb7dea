/** In a language of accents no plain English is left on a screen: every sentence of the studio goes through the catalogue. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeThresholdRun, thresholdPicture } from '../src/main/services/thresholds.examples'
import { shot } from './shots'
import { browserPath, StudioDoor } from './studio'

const PICTURES = 60
const CLASSES = ['healthy', 'rust']

/** Names of things, presets, formats, months. */
const NAMES = /\b(Graft|EfficientNet-Lite0|MobileNetV3|Small|Large|MLP|stem|spotted|wilted|CPU|threads|linux|fast|balanced|best|float32|float16|bfloat16|int8|Jan|healthy|rust|leaves|two|other|val|test|train|ctrl|shift|esc|tab|alt|del|home|end|enter|json|csv|png|svg|jpg|onnx|pytorch|tensorflow|savedmodel|safetensors|imagenet|adam|adamw|sgd|min|max|resnet\w*|efficientnet\w*|mobilenet\w*|mixup|cutmix|randaugment)\b/gi

/** What the main process says, in English alone so far: what it makes of pictures and of a run's curves, and what networks are like. */
const SAID_ELSEWHERE = /^(Even its training pictures|The smallest class|No sign of it|Their detail is lost)|is blurred|arXiv|Its ImageNet weights|more epochs than|more pictures, of the smallest/

/** Words of three plain letters and more that are seen or read out. */
async function plainWords(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const found: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { parentElement: parent, textContent: text } = walker.currentNode
      if (parent === null || text === null || parent.closest('script, style, .recharts-measurement-span, .mono, code, kbd') !== null) continue
      if (parent.checkVisibility()) found.push(text)
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder], [aria-description], [aria-valuetext]')) {
      if (element.closest('[aria-hidden="true"]') !== null || !element.checkVisibility()) continue
      for (const name of ['aria-label', 'title', 'placeholder', 'aria-description', 'aria-valuetext']) {
        const value = element.getAttribute(name)
        if (value !== null) found.push(value)
      }
    }
    return found
  })
  return [...new Set(texts)]
    .filter((text) => !SAID_ELSEWHERE.test(text))
    .filter((text) => /(?<![\p{L}\p{M}])[A-Za-z]{3,}(?![\p{L}\p{M}])/u.test(text.replace(NAMES, '').replace(/\S*[/_.]\S*/g, '')))
}

describe.skipIf(browserPath === null)('in another language', () => {
  const door = new StudioDoor()
  const { home } = door.person
  let page: Page

  beforeAll(async () => {
    const root = join(home, 'leaves')
    for (const split of ['val', 'test'] as const) {
      mkdirSync(join(root, split), { recursive: true })
      for (let index = 0; index < PICTURES; index++) writeFileSync(join(root, thresholdPicture(split, index)), await sharp({ create: { width: 64, height: 48, channels: 3, background: { r: index * 4, g: 90, b: 60 } } }).jpeg().toBuffer())
    }
    mkdirSync(join(home, 'data', 'runs'), { recursive: true })
    for (const name of ['two', 'other']) await makeThresholdRun(join(home, 'data', 'runs', name), name, { root, classes: CLASSES, pictures: PICTURES })
    page = await door.open([home], {}, { before: () => localStorage.setItem('graft.language', 'en-XA') })
    await page.locator('[lang="en-XA"] nav').waitFor()
  }, 180_000)
  afterAll(() => door.close())

  test.each([
    ['dataset', '#/dataset'],
    ['train', '#/run/two/train'],
    ['results', '#/run/two/results'],
    ['export', '#/run/two/export'],
    ['runs', '#/runs'],
    ['compare', '#/compare/two,other'],
    ['settings', '#/settings'],
  ])('%s has no plain English', async (name, hash) => {
    await page.evaluate((to) => (window.location.hash = to), hash)
    await page.waitForTimeout(3000)
    await shot(page, `words-${name}`)
    expect(await plainWords(page)).toEqual([])
  })

  test('nor have a dataset, its configuration, the palette and the keys', async () => {
    await page.evaluate(() => (window.location.hash = '#/dataset'))
    await page.getByRole('main').getByRole('button').nth(1).click()
    await page.locator('main h1').filter({ hasText: '300' }).waitFor({ timeout: 120_000 })
    await page.waitForTimeout(5000)
    await shot(page, 'words-opened')
    expect(await plainWords(page)).toEqual([])
    await page.locator('nav a[href^="#/configure"]').click()
    await page.waitForTimeout(3000)
    await shot(page, 'words-configure')
    expect(await plainWords(page)).toEqual([])
    for (const key of ['?', 'Control+k']) {
      await page.keyboard.press(key)
      await page.waitForTimeout(1000)
      await shot(page, `words-${key}`)
      expect(await plainWords(page)).toEqual([])
      await page.keyboard.press('Escape')
    }
    expect(door.complaints).toEqual([])
  })
})
