import type { BrowserWindow } from 'electron'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { guardClosing } from './closing'
import { recoverLostPage } from './lost-page'
import * as fake from './testing/fake-electron'
import { createTray } from './tray'

vi.mock('electron', () => import('./testing/fake-electron'))

let window = new fake.BrowserWindow({})
let stops = 0
beforeEach(() => {
  window = new fake.BrowserWindow({})
  window.isVisible = true
  stops = 0
  const real = window as unknown as BrowserWindow
  const tray = createTray(real, '/assets', () => window.close())
  guardClosing(real, { liveCount: () => 1, stopRuns: async () => void stops++, showTray: () => tray.show() })
  recoverLostPage(real)
})
afterEach(() => {
  fake.ipcMain.removeAllListeners()
  fake.dialog.asked.length = 0
})

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
function send(channel: string, frame = window.webContents.mainFrame, answer?: unknown): void {
  fake.ipcMain.emit(channel, { sender: window.webContents, senderFrame: frame }, answer)
}

test('the page asks, and "background" hides the window behind a tray icon that brings it back', () => {
  send('graft:close-listening')
  window.close()
  expect(window.webContents.sent).toEqual(['graft:close-requested'])
  send('graft:close-answer', undefined, 'background')
  expect([window.isGone, window.isVisible, fake.Tray.shown.length]).toEqual([false, false, 1])
  fake.Tray.shown[0]?.menu.find(({ label }) => label === 'Open Graft')?.click?.()
  expect([window.isVisible, fake.Tray.shown.length]).toEqual([true, 0])
})

test('"stop" stops the runs, then the window goes', async () => {
  send('graft:close-listening')
  window.close()
  send('graft:close-answer', undefined, 'stop')
  await settled()
  expect([stops, window.isGone]).toEqual([1, true])
})

test('answers from other frames and other words are not heard', async () => {
  send('graft:close-listening')
  window.close()
  send('graft:close-answer', new fake.FakeFrame('https://example.org/'), 'stop')
  send('graft:close-answer', new fake.FakeFrame('graft://studio/', window.webContents.mainFrame), 'stop')
  send('graft:close-answer', undefined, 'explode')
  send('graft:close-answer', undefined, { toString: () => 'stop' })
  await settled()
  expect([stops, window.isGone, window.isVisible]).toEqual([0, false, true])
})

test.each([
  ['has not said that it listens', () => undefined],
  ['was loaded again', () => window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })],
  ['hangs', () => window.emit('unresponsive')],
])('a page that %s is not waited for: the system’s dialog asks', async (what, lose) => {
  if (what !== 'has not said that it listens') send('graft:close-listening')
  lose()
  fake.dialog.response = 1
  window.close()
  await settled()
  expect(window.webContents.sent).toEqual([])
  expect(fake.dialog.asked).toEqual(['A run is still at work.'])
  expect(stops).toBe(1)
})

test('a step within the page does not count as a new page', () => {
  send('graft:close-listening')
  window.webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: true })
  window.close()
  expect(window.webContents.sent).toEqual(['graft:close-requested'])
})

test('a page whose process ended is explained and loaded again', async () => {
  fake.dialog.response = 0
  window.webContents.emit('render-process-gone', {}, { reason: 'oom', exitCode: 1 })
  await settled()
  expect(fake.dialog.asked).toEqual(['The window’s process ran out of memory.'])
  expect(window.webContents.reloads).toBe(1)
})
