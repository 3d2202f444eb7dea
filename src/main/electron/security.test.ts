import { expect, test, vi } from 'vitest'
import type { App, Session, WebContents, WebFrameMain } from 'electron'
import { confinePages, confineSession } from './security'
import { isFromStudio, isStudioAddress } from './sender'
import * as fake from './testing/fake-electron'
import { webPreferences } from './window'

vi.mock('electron', () => import('./testing/fake-electron'))

test('the preferences are those of the checklist', () => {
  expect(webPreferences('/preload.cjs', true)).toEqual({
    preload: '/preload.cjs',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInSubFrames: false,
    nodeIntegrationInWorker: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  })
})

test('a page can neither navigate, nor open windows, nor hold another page', () => {
  confinePages(fake.app as unknown as App)
  expect(fake.app.isSandboxed).toBe(true)
  const contents = new fake.FakeContents()
  fake.app.emit('web-contents-created', {}, contents)
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview']) {
    const event = fake.deniable()
    contents.emit(name, event, 'graft://studio/')
    expect(event.isPrevented, name).toBe(true)
  }
  expect(contents.openHandler?.({ url: 'https://example.org/' })).toEqual({ action: 'deny' })
  expect(contents.openHandler?.({ url: 'graft://studio/' })).toEqual({ action: 'deny' })
})

test('permissions are denied, but for writing to the clipboard and for the camera, from the studio itself', () => {
  const session = new fake.FakeSession()
  confineSession(session as unknown as Session)
  const request = session.set['request'] as (contents: unknown, permission: string, callback: (granted: boolean) => void) => void
  const check = session.set['check'] as (contents: unknown, permission: string, origin: string) => boolean
  const device = session.set['device'] as () => boolean
  const requested = (permission: string, url: string): boolean => {
    let answer = true
    request({ mainFrame: new fake.FakeFrame(url) }, permission, (granted) => {
      answer = granted
    })
    return answer
  }
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read', 'display-capture', 'fullscreen', 'openExternal', 'fileSystem', 'unknown']) {
    expect(requested(permission, 'graft://studio/'), permission).toBe(false)
    expect(check(null, permission, 'graft://studio/'), permission).toBe(false)
  }
  const asked = (url: string, mediaTypes: readonly string[]): boolean => {
    let answer: boolean | null = null
    const handler = session.set['request'] as (contents: unknown, permission: string, callback: (granted: boolean) => void, details: unknown) => void
    handler({ mainFrame: new fake.FakeFrame(url) }, 'media', (granted) => (answer = granted), { mediaTypes })
    return answer ?? true
  }
  expect(asked('graft://studio/', ['video']), 'the camera, to try pictures').toBe(true)
  expect(asked('graft://studio/', ['video', 'audio'])).toBe(false)
  expect(asked('graft://studio/', ['audio'])).toBe(false)
  expect(asked('graft://studio/', [])).toBe(false)
  expect(asked('https://example.org/', ['video'])).toBe(false)
  expect(requested('clipboard-sanitized-write', 'graft://studio/')).toBe(true)
  expect(requested('clipboard-sanitized-write', 'https://example.org/')).toBe(false)
  expect(check(null, 'clipboard-sanitized-write', 'https://example.org/')).toBe(false)
  expect(device()).toBe(false)
  expect(session.blocked).toContain('https://*/*')
  let outcome: unknown
  const blocker = session.blocker as (details: unknown, callback: (answer: unknown) => void) => void
  blocker({ url: 'https://example.org/' }, (answer) => {
    outcome = answer
  })
  expect(outcome).toEqual({ cancel: true })
})

test.each([
  ['graft://studio/', true],
  ['graft://studio/index.html#/runs', true],
  ['graft://studio.evil/', false],
  ['graft://studio:1/', false],
  ['graft://studio@evil/', false],
  ['graft://evil/studio', false],
  ['graftx://studio/', false],
  ['file://studio/', false],
  ['https://studio/', false],
  ['about:blank', false],
  ['', false],
])('the address %s is the studio’s: %s', (address, expected) => {
  expect(isStudioAddress(address)).toBe(expected)
})

test('only the top frame of our own window is heard', () => {
  const own = new fake.FakeContents()
  const heard = (sender: fake.FakeContents, frame: fake.FakeFrame | null): boolean =>
    isFromStudio({ sender: sender as unknown as WebContents, senderFrame: frame as unknown as WebFrameMain | null }, own as unknown as WebContents)
  expect(heard(own, own.mainFrame)).toBe(true)
  expect(heard(own, new fake.FakeFrame('https://example.org/'))).toBe(false)
  expect(heard(own, new fake.FakeFrame('graft://studio/', own.mainFrame))).toBe(false)
  expect(heard(own, null)).toBe(false)
  expect(heard(new fake.FakeContents(), own.mainFrame)).toBe(false)
  expect(isFromStudio({ sender: own as unknown as WebContents, senderFrame: null }, null)).toBe(false)
})
