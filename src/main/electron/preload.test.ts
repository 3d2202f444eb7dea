import { expect, test, vi } from 'vitest'
import * as fake from './testing/fake-electron'

vi.mock('electron', () => import('./testing/fake-electron'))

const posted: unknown[][] = []
vi.stubGlobal('window', { location: { origin: 'graft://studio' }, postMessage: (...values: unknown[]) => posted.push(values) })
await import('./preload')
const bridge = fake.exposed['graft'] as {
  door: string
  onPort(callback: () => void): void
  pathForFile(file: { name: string }): string
  onCloseRequested(callback: (...values: unknown[]) => void): void
  answerClose(answer: string): void
  onOpenRequested(callback: (...values: unknown[]) => void): void
  onCommand(callback: (...values: unknown[]) => void): void
}

test('the page gets exactly seven members, under one name, and none of them is Electron’s', () => {
  expect(Object.keys(fake.exposed)).toEqual(['graft'])
  expect(Object.keys(bridge).sort()).toEqual(['answerClose', 'door', 'onCloseRequested', 'onCommand', 'onOpenRequested', 'onPort', 'pathForFile'])
  expect(bridge.door).toBe('desktop')
  expect(bridge.pathForFile({ name: 'pictures' })).toBe('/home/pictures')
})

test('a port is announced, then posted to the own origin alone', () => {
  const order: string[] = []
  bridge.onPort(() => order.push(`announced after ${posted.length} posts`))
  expect(fake.ipcRenderer.sent.at(-1)).toEqual(['graft:port'])
  const port = {}
  fake.ipcRenderer.emit('graft:port', { ports: [port] })
  expect(order).toEqual(['announced after 0 posts'])
  expect(posted).toEqual([['graft:port', 'graft://studio', [port]]])
})

test('a path to be opened and a command of the menu come as text alone', () => {
  const heard: unknown[][] = []
  bridge.onOpenRequested((...values) => heard.push(values))
  expect(fake.ipcRenderer.sent.at(-1)).toEqual(['graft:open-listening'])
  bridge.onCommand((...values) => heard.push(values))
  fake.ipcRenderer.emit('graft:open-requested', { sender: 'secret' }, '/pictures')
  fake.ipcRenderer.emit('graft:command', { sender: 'secret' }, 'choose')
  expect(heard).toEqual([['/pictures'], ['choose']])
})

test('a request to close carries nothing of Electron, and its answer goes to one channel', () => {
  const heard: unknown[][] = []
  bridge.onCloseRequested((...values) => heard.push(values))
  expect(fake.ipcRenderer.sent.at(-1)).toEqual(['graft:close-listening'])
  fake.ipcRenderer.emit('graft:close-requested', { sender: 'secret' })
  expect(heard).toEqual([[]])
  bridge.answerClose('stay')
  expect(fake.ipcRenderer.sent.at(-1)).toEqual(['graft:close-answer', 'stay'])
})
