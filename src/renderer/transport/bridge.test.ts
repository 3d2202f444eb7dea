import { RPCHandler } from '@orpc/server/message-port'
import { os } from '@orpc/server'
import { afterEach, expect, test, vi } from 'vitest'
import { connectBridge, type GraftBridge } from './bridge'

afterEach(() => {
  vi.unstubAllGlobals()
})

/** A window that messages can be posted to, and a preload that gives a port when told to. */
function desktop() {
  const page = new EventTarget()
  vi.stubGlobal('window', page)
  let announce = (): void => undefined
  const bridge: GraftBridge = { door: 'desktop', onPort: (callback) => void (announce = callback), pathForFile: () => '/pictures' }
  const post = (message: unknown, source: unknown = page) => {
    const { port1, port2 } = new MessageChannel()
    port1.start()
    new RPCHandler({ system: { info: os.handler(() => 'the host') } }).upgrade(port1, { context: {} })
    page.dispatchEvent(Object.assign(new Event('message'), { data: message, source, ports: [port2] }))
    return () => port1.close()
  }
  return { connection: connectBridge(bridge), announce: () => announce(), post }
}

test('calls go over the port that the preload announced and posted', async () => {
  const { connection, announce, post } = desktop()
  expect(connection.link.state.kind).toBe('connecting')
  announce()
  const close = post('graft:port')
  expect(connection.link.state.kind).toBe('online')
  expect(await connection.client.system.info()).toBe('the host')
  close()
})

test('a port that was not announced, of another name or from another window is not taken', () => {
  const { connection, announce, post } = desktop()
  post('graft:port')()
  announce()
  post('another')()
  post('graft:port', {})()
  expect(connection.link.state.kind).toBe('connecting')
})
