/** The desktop program itself, where Electron's program is here and can show a window. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipLoudly } from './photographs'

const ROOT = resolve(import.meta.dirname, '..')
const PROGRAM = join(ROOT, 'out', 'main', 'index.js')

/** Electron's program, or what is missing and how to get it. */
function findElectron(): { path: string } | { why: string; how: string } {
  const folder = join(ROOT, 'node_modules', 'electron')
  const named = join(folder, 'path.txt')
  const path = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8').trim()) : null
  if (path === null || !existsSync(path)) {
    return { why: "Electron's program is not in node_modules", how: 'node node_modules/electron/install.js, where its download can be reached' }
  }
  if (!existsSync(PROGRAM)) return { why: 'the desktop program is not built', how: 'npm run build' }
  if (process.platform === 'linux') {
    const { DISPLAY, WAYLAND_DISPLAY } = process.env
    if (!DISPLAY && !WAYLAND_DISPLAY) return { why: 'there is no display', how: 'xvfb-run npm test' }
    if (process.getuid?.() === 0) return { why: "Electron's sandbox does not work for root", how: 'run the tests as another user' }
  }
  return { path }
}

const electron = findElectron()
if ('why' in electron) skipLoudly('specs that need Electron', electron.why, electron.how)

describe.skipIf('why' in electron)('the desktop program', () => {
  const home = mkdtempSync(join(tmpdir(), 'graft-electron-'))
  let program: ElectronApplication
  let page: Page

  function launch(): Promise<ElectronApplication> {
    const env = { ...process.env, GRAFT_DATA_DIR: join(home, 'data'), GRAFT_PICTURE_CACHE_DIR: join(home, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(home, 'features') }
    const executablePath = 'path' in electron ? electron.path : ''
    return _electron.launch({ executablePath, args: [PROGRAM], cwd: ROOT, env })
  }

  beforeAll(async () => {
    program = await launch()
    page = await program.firstWindow()
    await page.waitForLoadState('load')
  })
  afterAll(async () => {
    await program.close()
    rmSync(home, { recursive: true, force: true })
  })

  test('shows the studio from its own protocol, and the studio reaches its host', async () => {
    expect(page.url()).toMatch(/^graft:\/\/studio\//)
    expect(await page.title()).toBe('Graft')
    await page.getByRole('heading').first().waitFor()
    expect(await page.evaluate(() => Object.keys((window as unknown as { graft: object }).graft).sort())).toEqual([
      'answerClose',
      'door',
      'onCloseRequested',
      'onPort',
      'pathForFile',
    ])
  })

  test('the page is shut in: no Node, no network, no other page, no new window, no permission', async () => {
    const seen = await page.evaluate(async () => ({
      node: typeof (globalThis as { require?: unknown }).require + typeof (globalThis as { process?: unknown }).process,
      network: await fetch('https://example.org/').then(
        () => 'came',
        () => 'refused',
      ),
      outside: await fetch('/..%2f..%2fpackage.json').then(({ status }) => status),
      window: window.open('graft://studio/') === null,
      permission: await Notification.requestPermission(),
    }))
    expect(seen).toEqual({ node: 'undefinedundefined', network: 'refused', outside: 404, window: true, permission: 'denied' })
    await page.evaluate(() => {
      location.href = 'https://example.org/'
    })
    await page.waitForTimeout(500)
    expect(page.url()).toMatch(/^graft:\/\/studio\//)
    // A script that stands in the page, as one from a hostile class name would: the content security policy forbids it.
    const ran = await page.evaluate(() => {
      const script = document.createElement('script')
      script.textContent = 'window.wasRun = true'
      document.body.append(script)
      return 'wasRun' in window
    })
    expect(ran).toBe(false)
  })

  test('the window has the preferences of the checklist', async () => {
    const preferences = await program.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      const { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag } = contents.getLastWebPreferences()
      return { sandbox, contextIsolation, nodeIntegration, webSecurity, webviewTag }
    })
    expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false })
  })

  test('a second start ends, and the first one stays', async () => {
    const second = await launch().catch(() => null)
    await second?.waitForEvent('close').catch(() => undefined)
    expect(page.isClosed()).toBe(false)
    expect(await program.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })
})
