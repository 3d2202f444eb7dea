import { expect, test } from 'vitest'
import { exportOptionsSchema } from '../../shared/domain/export'
import { dropOf, type ExportBatch, type ExportStatus, isAtWork, shownTask } from './export'

function batchWith(chosen: string | null, ...statuses: ExportStatus[]): ExportBatch {
  const tasks = statuses.map((status, index) => ({
    id: String(index), options: exportOptionsSchema.parse({}), directory: '/x', status, progress: null, soFar: null, report: null, failure: null,
  }))
  return { runId: 'r', checkpoint: 'best', folder: '/x', chosen, tasks }
}

test('what is at work is looked at, then what was last, unless one is chosen', () => {
  const shown = (chosen: string | null, ...statuses: ExportStatus[]) => shownTask(batchWith(chosen, ...statuses))?.id
  expect(shown(null, 'waiting', 'waiting')).toBe('0')
  expect(shown(null, 'written', 'busy', 'waiting')).toBe('1')
  expect(shown(null, 'written', 'failed')).toBe('1')
  expect(shown('0', 'written', 'busy')).toBe('0')
})

test('what waits counts as at work', () => {
  expect(isAtWork(batchWith(null, 'written', 'waiting'))).toBe(true)
  expect(isAtWork(batchWith(null, 'written', 'declined', 'cancelled'))).toBe(false)
  expect(isAtWork(null)).toBe(false)
})

test('only a refusal for its accuracy has a drop to agree to', () => {
  expect(dropOf({ code: 'MISMATCH', message: 'It is worse.', figures: { accuracyDrop: 0.02 } })).toBe(0.02)
  expect(dropOf({ code: 'MISMATCH', message: 'A probability differs.' })).toBeNull()
})
