import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { GraftError } from '../../shared/domain/error'
import { Broadcast } from './broadcast'
import { progressStream } from './progress-stream'
import type { ProgressItem } from './progress-stream'

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}

test('progress is thinned to ten a second, but each phase, each end and the result are told', async () => {
  const items = await all(
    progressStream(async (report) => {
      for (const phase of ['one', 'two']) {
        for (let done = 0; done <= 1000; done++) {
          report(done, 1000, phase)
          if (done % 50 === 0) await sleep(1)
        }
      }
      return 7
    }),
  )
  expect(items.at(-1)).toEqual({ kind: 'done', result: 7 })
  expect(items.length).toBeLessThan(20)
  const ends = items.filter((item) => item.kind === 'progress' && item.done === 1000)
  expect(ends.map((item) => item.kind === 'progress' && item.message)).toEqual(['one', 'two'])
})

test('a failure is the last item; work starts only when the stream is read', async () => {
  let began = false
  const stream = progressStream<number>(async () => {
    began = true
    throw new GraftError('CONFLICT', 'no')
  })
  await sleep(1)
  expect(began).toBe(false)
  expect(await all(stream)).toEqual([{ kind: 'failed', failure: { code: 'CONFLICT', message: 'no' } }] satisfies ProgressItem<number>[])
})

test('leaving the loop aborts the work and waits for it; an aborted signal is thrown as a cancellation', async () => {
  const seen: string[] = []
  const endless = (signal?: AbortSignal): AsyncGenerator<ProgressItem<never>, void, void> =>
    progressStream<never>(async (report, inner) => {
      report(0, 1, 'begun')
      await sleep(60_000, undefined, { signal: inner }).catch(() => undefined)
      seen.push('ended')
      throw inner.reason
    }, signal)
  for await (const item of endless()) {
    expect(item.kind).toBe('progress')
    break
  }
  expect(seen).toEqual(['ended'])
  const control = new AbortController()
  const stream = endless(control.signal)
  await stream.next()
  control.abort()
  await expect(stream.next()).rejects.toMatchObject({ name: 'Cancelled' })
  await expect(endless(AbortSignal.abort()).next()).rejects.toMatchObject({ name: 'Cancelled' })
})

test('a reader hears what was published since it subscribed, in order, and superfluous values fall away', async () => {
  const news = new Broadcast<number>({ replaces: (waiting, newer) => waiting < 0 && newer < 0 })
  news.publish(1)
  const slow = news.subscribe()
  for (const value of [2, -1, -2, -3, 3, -4]) news.publish(value)
  news.close()
  expect(await all(slow)).toEqual([2, -3, 3, -4])
  expect(await all(news.subscribe())).toEqual([])
})
