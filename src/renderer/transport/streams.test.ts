import { createORPCClient, ORPCError } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { expect, onTestFinished, test } from 'vitest'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { asLost, ConnectionLost, SwitchingLink } from './connection'
import { failureOf, follow, resultOf } from './streams'
import { retryDelayMs } from './websocket'

async function* streamOf<T>(items: readonly T[], end?: Error): AsyncGenerator<T> {
  yield* items
  if (end !== undefined) throw end
}

const broken = (): Error => Object.assign(new Error('closed'), { name: 'AbortError' })

test('a progress stream ends with its result and tells what came before', async () => {
  const seen: number[] = []
  const result = await resultOf<string>(
    async () => streamOf([{ kind: 'progress', message: 'reading', done: 1, total: 2 } as const, { kind: 'done', result: 'all' } as const]),
    { signal: new AbortController().signal, onProgress: (progress) => seen.push(progress.done) },
  )
  expect(result).toBe('all')
  expect(seen).toEqual([1])
})

test('a failed stream throws its failure, one that just ends is an error, one that breaks says that the connection was lost', async () => {
  const { signal } = new AbortController()
  const failure = { code: 'NOT_FOUND', message: 'No such folder.', action: 'Check the path.' } as const
  await expect(resultOf(async () => streamOf([{ kind: 'failed', failure } as const]), { signal })).rejects.toMatchObject(failure)
  await expect(resultOf(async () => streamOf([]), { signal })).rejects.toMatchObject({ code: 'CRASHED' })
  await expect(resultOf(async () => streamOf([], broken()), { signal })).rejects.toBeInstanceOf(ConnectionLost)
})

test('a stream that was cancelled is not reported as a failure', async () => {
  const controller = new AbortController()
  controller.abort()
  const error: unknown = await resultOf(async () => streamOf([], broken()), { signal: controller.signal }).catch((reason: unknown) => reason)
  expect(failureOf(error)).toBeNull()
})

test('an event stream that breaks is opened again, and asks only for what is missing', async () => {
  const link = new SwitchingLink()
  const asked: number[] = []
  const seen: number[] = []
  let next = 0
  const open = async () => {
    asked.push(next)
    return asked.length === 1 ? streamOf([0, 1, 2], broken()) : streamOf([3, 4].filter((item) => item >= next))
  }
  const following = follow(link, open, (item) => ((next = item + 1), seen.push(item)), new AbortController().signal)
  link.lose(Date.now() + 1000, 1)
  setTimeout(() => link.use({ call: async () => undefined }), 400)
  await following
  expect(asked).toEqual([0, 3])
  expect(seen).toEqual([0, 1, 2, 3, 4])
})

test('an answer of the server ends the following', async () => {
  const link = new SwitchingLink()
  const refuse = async (): Promise<AsyncIterable<never>> => Promise.reject(new ORPCError('FAILURE', { data: { code: 'NOT_FOUND', message: 'No such run.' } }))
  await expect(follow(link, refuse, () => undefined, new AbortController().signal)).rejects.toBeInstanceOf(ORPCError)
})

test('calls wait for the connection, and a wait can be cancelled', async () => {
  const link = new SwitchingLink()
  const client = createORPCClient<{ hello: (input: undefined, options?: { signal?: AbortSignal }) => Promise<string> }>(link)
  const controller = new AbortController()
  const cancelled = client.hello(undefined, { signal: controller.signal })
  const answered = client.hello(undefined)
  controller.abort()
  await expect(cancelled).rejects.toBeInstanceOf(Cancelled)
  link.use({ call: async () => 'hello' })
  await expect(answered).resolves.toBe('hello')
})

test('a call whose answer never comes because the port went away is a lost connection', async () => {
  const { port1, port2 } = new MessageChannel()
  onTestFinished(() => port2.close())
  const link = new SwitchingLink()
  port1.start()
  link.use(new RPCLink({ port: port1 }))
  const call = link.call(['hello'], undefined, { context: {} })
  setTimeout(() => port2.close(), 50)
  await expect(call).rejects.toBeInstanceOf(ConnectionLost)
})

test('typed failures come through as they were sent, the rest as a report', () => {
  const failure = { code: 'CONFLICT', message: 'The run is live.', action: 'Stop it first.' }
  expect(failureOf(new ORPCError('FAILURE', { data: failure }))).toEqual(failure)
  expect(failureOf(new ORPCError('BAD_REQUEST'))).toMatchObject({ code: 'BAD_INPUT' })
  expect(failureOf(new GraftError('STORAGE', 'The disk is full'))).toEqual({ code: 'STORAGE', message: 'The disk is full' })
  expect(failureOf(new Cancelled())).toBeNull()
  const own = new GraftError('BUG', 'x')
  expect(asLost(own, undefined)).toBe(own)
})

test('tries to reach the server come quickly at first and never more than eight seconds apart', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map(retryDelayMs)).toEqual([400, 800, 1600, 3200, 6400, 8000, 8000])
})
