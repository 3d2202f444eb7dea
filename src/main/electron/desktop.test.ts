/** The composition root itself, against the fake: window, port, contract, closing. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { MessagePort } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { ContractRouterClient } from '@orpc/contract'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Contract } from '../../shared/contract/contract'
import * as fake from './testing/fake-electron'

vi.mock('electron', () => import('./testing/fake-electron'))

const base = await mkdtemp(join(tmpdir(), 'graft-desktop-'))
vi.stubEnv('GRAFT_DATA_DIR', join(base, 'data'))
vi.stubEnv('GRAFT_CACHE_DIR', join(base, 'cache'))
const signalsBefore = process.listenerCount('SIGINT')

function window(): fake.BrowserWindow {
  const [made] = fake.BrowserWindow.made
  if (made === undefined) throw new Error('No window was made')
  return made
}

/** Asks for a port as a frame would; null where none was given. */
function askForPort(frame: fake.FakeFrame): MessagePort | null {
  fake.ipcMain.emit('graft:port', { sender: window().webContents, senderFrame: frame })
  return frame.posted.at(-1)?.ports[0] ?? null
}

function clientOver(port: MessagePort): ContractRouterClient<Contract> {
  const client = createORPCClient<ContractRouterClient<Contract>>(new RPCLink({ port: port }))
  port.start()
  return client
}

beforeAll(async () => {
  Object.defineProperty(process, 'resourcesPath', { value: join(base, 'resources'), configurable: true })
  await import('../index')
  await vi.waitFor(() => expect(window().loaded).not.toBeNull())
})
afterAll(async () => {
  await rm(base, { recursive: true, force: true })
})

test('one sandboxed window shows the studio, and Electron’s own files lie below our data', () => {
  expect(fake.BrowserWindow.made).toHaveLength(1)
  expect(window().loaded).toBe('graft://studio/')
  expect(window().isVisible).toBe(true)
  expect(window().options['webPreferences']).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false })
  expect(fake.app.paths['userData']).toBe(join(base, 'data', 'window'))
  expect(Object.keys(fake.handlers)).toEqual(['graft'])
  expect(process.listenerCount('SIGINT')).toBe(signalsBefore + 1)
})

test('a second start brings the window back', () => {
  window().hide()
  fake.app.emit('second-instance', {}, ['graft'], base)
  expect(window().isVisible).toBe(true)
})

test('what the system asks to be opened reaches the page once it listens, and again after it was loaded anew', async () => {
  const opened = () => window().webContents.sentValues.filter((_, i) => window().webContents.sent[i] === 'graft:open-requested')
  const listens = () => fake.ipcMain.emit('graft:open-listening', { sender: window().webContents, senderFrame: window().webContents.mainFrame })
  const prevented = fake.deniable()
  fake.app.emit('open-file', prevented, '/pictures/on-the-dock')
  expect(prevented.isPrevented).toBe(true)
  expect(opened()).toEqual([])
  listens()
  expect(opened()).toEqual([['/pictures/on-the-dock']])
  // Relative to where the second start was made; switches and what is not there are no paths.
  await mkdir(join(base, 'a run'))
  fake.app.emit('second-instance', {}, ['graft', '--allow-file-access', 'a run', 'nothing'], base)
  expect(opened().at(-1)).toEqual([join(base, 'a run')])
  window().webContents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false })
  fake.app.emit('open-file', fake.deniable(), '/pictures/again')
  expect(opened()).toHaveLength(2)
  listens()
  expect(opened().at(-1)).toEqual(['/pictures/again'])
  fake.ipcMain.emit('graft:open-listening', { sender: new fake.FakeContents(), senderFrame: new fake.FakeFrame('https://example.org/') })
})

test('the menu asks the page for the palette’s commands, and shows the logs', async () => {
  const item = (label: string) => fake.Menu.application.flatMap(({ submenu }) => submenu ?? []).find((entry) => entry.label === label)
  item('Open a folder of pictures…')?.click?.()
  expect([window().webContents.sent.at(-1), window().webContents.sentValues.at(-1)]).toEqual(['graft:command', ['choose']])
  item('Copy diagnostics')?.click?.()
  expect(window().webContents.sentValues.at(-1)).toEqual(['diagnostics'])
  item('Show the logs')?.click?.()
  await vi.waitFor(() => expect(fake.shell.opened).toEqual([join(base, 'data', 'logs')]))
})

test('frames that are not the studio’s top frame get no port', () => {
  expect(askForPort(new fake.FakeFrame('https://example.org/'))).toBeNull()
  expect(askForPort(new fake.FakeFrame('graft://studio/', window().webContents.mainFrame))).toBeNull()
  const stranger = new fake.FakeFrame('graft://studio/')
  fake.ipcMain.emit('graft:port', { sender: new fake.FakeContents(), senderFrame: stranger })
  expect(stranger.posted).toEqual([])
})

test('the contract runs over the port: calls, typed failures, streams, the desktop’s own abilities', async () => {
  const port = askForPort(window().webContents.mainFrame)
  if (port === null) throw new Error('No port came')
  const client = clientOver(port)
  expect(await client.system.info()).toMatchObject({ door: 'desktop' })
  expect(await client.files.chooseFolder({ title: 'Choose a folder' })).toEqual({ path: '/home/pictures' })
  expect(await client.files.chooseModelFile({ title: 'Choose a model' })).toEqual({ path: '/home/pictures' })
  expect(fake.dialog.opened.map(({ properties }) => properties)).toEqual([['openDirectory', 'createDirectory'], ['openFile']])
  expect(fake.dialog.opened[1]?.filters?.[0]?.extensions).toEqual(['pth', 'pt', 'bin', 'safetensors'])
  await client.files.reveal({ path: base })
  expect(fake.shell.shown).toHaveLength(1)
  await expect(client.runs.get({ runId: 'none' })).rejects.toMatchObject({ code: 'FAILURE', data: { code: 'NOT_FOUND' } })
  const stream = await client.datasets.open({ path: join(base, 'missing') })
  const kinds: string[] = []
  for await (const { kind } of stream) kinds.push(kind)
  expect(kinds.at(-1)).toBe('failed')
})

test('a page that is loaded again gets a new port, and its old one ends', async () => {
  const old = askForPort(window().webContents.mainFrame)
  if (old === null) throw new Error('No port came')
  const ended = once(old, 'close')
  const fresh = askForPort(window().webContents.mainFrame)
  if (fresh === null) throw new Error('No port came')
  await ended
  expect(await clientOver(fresh).runs.list()).toEqual({ runs: [] })
})

test.each([['not JSON', 'hello'], ['not a text', { method: 'GET' }], ['too long', JSON.stringify({ text: 'x'.repeat(300 * 1024) })]])('a message that is %s closes the port', async (_what, message) => {
  const port = askForPort(window().webContents.mainFrame)
  if (port === null) throw new Error('No port came')
  const ended = once(port, 'close')
  port.postMessage(message)
  await ended
})

test('closing without a live run ends the program, once nothing is at work any more', async () => {
  window().close()
  expect(window().isGone).toBe(true)
  // The first attempt to quit is held until the services have closed; the second goes through.
  await vi.waitFor(() => expect(fake.app.quits).toBe(2))
})
