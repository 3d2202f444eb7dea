/** The contract means the same over every transport: called in process, over a message port, over a WebSocket. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient, isDefinedError, safe } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import type { ContractRouterClient } from '@orpc/contract'
import { createRouterClient } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Contract } from '../../shared/contract/contract'
import { placesFrom } from '../services/places'
import { createRouter } from '../services/router'
import { createStudio } from '../services/studio'
import { startServer } from './server'

type Client = ContractRouterClient<Contract>

const base = await mkdtemp(join(tmpdir(), 'graft-contract-'))
const pictures = join(base, 'home', 'pictures')
const studio = createStudio({ door: 'served', roots: [join(base, 'home')], version: '0.0.0', places: placesFrom(join(base, 'data'), join(base, 'cache')), installation: base })
const router = createRouter(studio)
const closers: (() => unknown)[] = []

const TRANSPORTS: Readonly<Record<string, () => Promise<Client>>> = {
  'in process': () => Promise.resolve(createRouterClient(router)),
  'message port': () => {
    const { port1, port2 } = new MessageChannel()
    new RPCHandler(router).upgrade(port1)
    port1.start()
    port2.start()
    closers.push(() => port1.close())
    return Promise.resolve(createORPCClient<Client>(new MessagePortLink({ port: port2 })))
  },
  WebSocket: async () => {
    const server = await startServer({ router, content: studio.content, rendererDirectory: base, host: '127.0.0.1', port: 0 })
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, { headers: { authorization: `Bearer ${server.token}` } })
    await new Promise((open, fail) => {
      socket.once('open', open)
      socket.once('error', fail)
    })
    closers.push(() => server.close())
    return createORPCClient<Client>(new WebSocketLink({ websocket: socket as unknown as globalThis.WebSocket }))
  },
}

beforeAll(async () => {
  for (const name of ['ripe', 'green']) {
    await mkdir(join(pictures, name), { recursive: true })
    for (let i = 0; i < 40; i++) {
      const picture = sharp({ create: { width: 32, height: 24, channels: 3, background: { r: i * 5, g: 90, b: name.length * 20 } } })
      await writeFile(join(pictures, name, `${i}.png`), await picture.png().toBuffer())
    }
  }
})
afterAll(async () => {
  for (const close of closers) await close()
  await studio.close()
  await rm(base, { recursive: true, force: true })
})

describe.each(Object.entries(TRANSPORTS))('over %s', (_name, connect) => {
  let client: Client
  beforeAll(async () => {
    client = await connect()
  })

  test('a call is answered as its schema says', async () => {
    expect(await client.system.info()).toMatchObject({ door: 'served', version: '0.0.0' })
    const { backbones } = await client.models.list()
    expect(backbones.map((backbone) => backbone.name)).toContain('resnet18')
  })

  test('a failure arrives typed, with what to do', async () => {
    const { error } = await safe(client.runs.get({ runId: 'nothing' }))
    expect(isDefinedError(error) && error.data).toMatchObject({ code: 'NOT_FOUND', action: expect.any(String) })
  })

  test('a call that breaks the schema is refused by the name of its field', async () => {
    const { error } = await safe(client.runs.rename({ runId: 'x', name: '' }))
    expect(isDefinedError(error) && error.data).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('name') })
  })

  test('a stream tells progress and ends with its result', async () => {
    const kinds: string[] = []
    let total = 0
    for await (const item of await client.datasets.open({ path: pictures })) {
      kinds.push(item.kind)
      if (item.kind === 'done') total = item.result.pictures
    }
    expect(kinds.at(-1)).toBe('done')
    expect(total).toBe(80)
  })

  test('leaving a stream ends the work behind it', async () => {
    const controller = new AbortController()
    const stream = await client.runs.changes(undefined, { signal: controller.signal })
    const reading = (async () => {
      for await (const change of stream) void change
    })()
    await sleep(50)
    controller.abort()
    await Promise.race([
      reading.catch(() => undefined),
      sleep(2000).then(() => {
        throw new Error('The stream went on after it was left')
      }),
    ])
  })
})
