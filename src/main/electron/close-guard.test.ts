import { expect, test } from 'vitest'
import type { CloseAnswer } from './channels'
import { CloseGuard } from './close-guard'

function guardWith(setting: { live: number; pageListens?: boolean; nativeAnswer?: CloseAnswer }) {
  const done: string[] = []
  const setup = { pageListens: true, nativeAnswer: 'stay' as CloseAnswer, ...setting }
  let stopped = (): void => undefined
  const guard = new CloseGuard({
    liveCount: () => setup.live,
    askInPage: () => {
      if (setup.pageListens) done.push('asked in the page')
      return setup.pageListens
    },
    askNatively: async () => {
      done.push('asked natively')
      return setup.nativeAnswer
    },
    stopRuns: () => {
      done.push('stopping')
      return new Promise((resolve) => {
        stopped = () => resolve()
      })
    },
    show: () => done.push('shown'),
    goToBackground: () => done.push('in the background'),
    close: () => {
      done.push('close')
      done.push(closes() ? 'closed' : 'held')
    },
  })
  /** True where the window may go. */
  const closes = (): boolean => {
    let isHeld = false
    guard.onClose({ preventDefault: () => (isHeld = true) })
    return !isHeld
  }
  return { guard, done, setup, closes, finishStopping: () => stopped() }
}

test('without a live run the window closes unasked', () => {
  const { closes, done } = guardWith({ live: 0 })
  expect(closes()).toBe(true)
  expect(done).toEqual([])
})

test('stay: the window stays, and asks again the next time', () => {
  const { guard, closes, done } = guardWith({ live: 1 })
  expect(closes()).toBe(false)
  guard.answer('stay')
  expect(closes()).toBe(false)
  expect(done).toEqual(['shown', 'asked in the page', 'shown', 'asked in the page'])
})

test('background: the window hides; closing it later, with the run at its end, asks no more', () => {
  const { guard, closes, done, setup } = guardWith({ live: 1 })
  closes()
  guard.answer('background')
  expect(done.at(-1)).toBe('in the background')
  setup.live = 0
  expect(closes()).toBe(true)
})

test('stop: the window stays until the run has kept its best, then closes', async () => {
  const { guard, closes, done, finishStopping } = guardWith({ live: 1 })
  closes()
  guard.answer('stop')
  expect(done.at(-1)).toBe('stopping')
  expect(closes()).toBe(false)
  guard.answer('background')
  expect(done.at(-1)).toBe('stopping')
  finishStopping()
  await new Promise((resolve) => setImmediate(resolve))
  expect(done.slice(-2)).toEqual(['close', 'closed'])
})

test('an answer that nobody asked for does nothing', () => {
  const { guard, done } = guardWith({ live: 1 })
  for (const answer of ['stop', 'background', 'stay'] as const) guard.answer(answer)
  expect(done).toEqual([])
})

test('where the page cannot ask, the system’s dialog does, also when the page goes while it asks', async () => {
  const { closes, done } = guardWith({ live: 1, pageListens: false, nativeAnswer: 'background' })
  closes()
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual(['shown', 'asked natively', 'in the background'])

  const later = guardWith({ live: 1, nativeAnswer: 'stop' })
  later.closes()
  later.setup.pageListens = false
  later.guard.onPageLost()
  await new Promise((resolve) => setImmediate(resolve))
  expect(later.done).toEqual(['shown', 'asked in the page', 'asked natively', 'stopping'])
})

test('a signal stops runs and closes without asking', async () => {
  const { guard, done, finishStopping } = guardWith({ live: 1 })
  const ended = guard.stopAndClose()
  finishStopping()
  await ended
  expect(done).toEqual(['stopping', 'close', 'closed'])
})
