/** The served studio in a real browser, as a person opens it. */
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { Person, type Started } from './graft'
import { skipLoudly } from './photographs'

/** A Chromium-family browser: the one `npm test` found, or the system's. */
export function findBrowser(): string | null {
  const candidates = [process.env['GRAFT_BROWSER'], '/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser']
  return candidates.find((path) => path !== undefined && path !== '' && existsSync(path)) ?? null
}

export const browserPath = findBrowser()
if (browserPath === null) skipLoudly('specs in a browser', 'no Chromium-family browser is installed', 'install chromium, or set GRAFT_BROWSER to its path')

const SWITCHES = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run', '--disable-component-update', '--disable-sync']

export class StudioDoor {
  readonly person: Person
  private server: Started | null = null
  private browser: Browser | null = null
  private context: BrowserContext | null = null
  /** What the pages complained of; the specs expect nothing. */
  readonly complaints: string[] = []

  constructor(person = new Person()) {
    this.person = person
  }

  /** Serves with these roots and logs in. */
  async open(roots: readonly string[], env: NodeJS.ProcessEnv = {}, extra: { switches?: readonly string[]; permissions?: readonly string[]; before?: () => void } = {}): Promise<Page> {
    const address = await this.serve(roots, env)
    this.browser = await chromium.launch({ executablePath: browserPath ?? '', args: [...SWITCHES, ...(extra.switches ?? [])] })
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, permissions: ['clipboard-read', 'clipboard-write', ...(extra.permissions ?? [])] })
    if (extra.before !== undefined) await this.context.addInitScript(extra.before)
    return this.page(address)
  }

  /** Starts the server and gives the address to log in with; for a page that is open already too. */
  async serve(roots: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
    this.server = this.person.start(['serve', ...roots.flatMap((root) => ['--root', root])], env)
    const line = await this.server.line((text) => text.includes('http://'))
    return /http:\S+/.exec(line)?.[0] ?? ''
  }

  async page(address: string): Promise<Page> {
    if (this.context === null) throw new Error('The studio is not open')
    const page = await this.context.newPage()
    page.on('pageerror', (error) => this.complaints.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    await page.goto(address)
    return page
  }

  async close(): Promise<void> {
    await this.browser?.close()
    this.server?.child.kill('SIGINT')
    await this.server?.ended
    this.person.leave()
  }
}

/** axe finds nothing in either theme. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForTimeout(200)
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).analyze()
    const found = violations.map(({ id, nodes }) => `${screen}, ${colorScheme}: ${id} at ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`)
    expect(found).toEqual([])
  }
  await page.emulateMedia({ colorScheme: 'light' })
}

/** One of the places in the rail. */
export const rail = (page: Page, name: string) => page.getByRole('navigation', { name: 'Studio' }).getByRole('link', { name })
