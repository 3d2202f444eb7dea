import { expect, test } from 'vitest'
import { Broadcast } from '../services/broadcast'
import { keepAwake } from './power'

test('the machine is kept awake exactly while a run is live', async () => {
  const changes = new Broadcast<object>()
  let live = 0
  const said: string[] = []
  const blocker = { start: (kind: string) => said.push(`start ${kind}`), stop: (id: number) => Boolean(said.push(`stop ${id}`)) }
  const end = new AbortController()
  const ended = keepAwake({ changes: (signal) => changes.subscribe(signal), liveCount: () => live }, blocker, end.signal)
  const change = async (count: number): Promise<void> => {
    live = count
    changes.publish({})
    await new Promise((resolve) => setImmediate(resolve))
  }
  await change(0)
  expect(said).toEqual([])
  await change(1)
  await change(2)
  await change(1)
  expect(said).toEqual(['start prevent-app-suspension'])
  await change(0)
  expect(said).toEqual(['start prevent-app-suspension', 'stop 1'])
  await change(1)
  end.abort()
  await ended
  expect(said.slice(2)).toEqual(['start prevent-app-suspension', 'stop 3'])
})
