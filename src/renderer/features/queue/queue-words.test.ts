import { expect, test } from 'vitest'
import type { QueueEnd, QueueView } from '../../../shared/domain/queue'
import { endsText, placeText, queueText } from './queue-words'

const entry = { runId: 'a', name: 'moss', addedAt: '2026-01-01T00:00:00.000Z', dataset: 'leaves', backbone: 'resnet18', epochsDone: 0, epochsPlanned: 5 }
const view = (patch: Partial<QueueView>): QueueView => ({ held: false, keeper: 'here', entries: [entry, { ...entry, runId: 'b' }], current: null, waitsFor: null, ended: [], ...patch })

test('the queue says how many wait and for what', () => {
  expect(queueText(view({}))).toBe('2 runs · the first begins in a moment')
  expect(queueText(view({ waitsFor: 'fern', entries: [entry] }))).toBe('1 run · the run waits for fern')
  expect(queueText(view({ held: true, waitsFor: 'fern' }))).toBe('2 runs · held: none begins until you go on')
  expect(queueText(view({ keeper: 'none' }))).toMatch(/no studio is open/)
})

test('places and ends are told in a few words', () => {
  expect([placeText(1), placeText(2), placeText(7)]).toEqual(['next in the queue', 'second in the queue', 'number 7 in the queue'])
  const end = (status: QueueEnd['status']): QueueEnd => ({ run_id: status, name: status, status, message: null, at: entry.addedAt })
  expect(endsText([end('completed'), end('failed'), end('completed'), end('interrupted'), end('stopped')])).toBe('2 done, 1 stopped, 2 failed')
})
