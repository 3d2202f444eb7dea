import { expect, test } from 'vitest'
import { decisionsInForce, journalLineSchema, replayJournal, type JournalLine } from './fix-journal'

const at = '2026-11-21T12:00:00.000Z'
const exclude = (id: number): JournalLine => ({ kind: 'exclude', id, at, finding: 'blurry', pictures: [{ path: `${id}.jpg`, sha256: 'ab' }] })
const undo = (of: number): JournalLine => ({ kind: 'undo', of, at })
const redo = (of: number): JournalLine => ({ kind: 'redo', of, at })
const told = (...lines: JournalLine[]) => {
  const state = replayJournal(lines.map((line) => journalLineSchema.parse(JSON.parse(JSON.stringify(line)))))
  return [decisionsInForce(state).map(({ id }) => id), state.undo, state.redo]
}

test('undo takes back the last one, redo makes it again, a new decision ends what could be redone', () => {
  expect(told()).toEqual([[], null, null])
  expect(told(exclude(1), exclude(2))).toEqual([[1, 2], 2, null])
  expect(told(exclude(1), exclude(2), undo(2))).toEqual([[1], 1, 2])
  expect(told(exclude(1), exclude(2), undo(2), undo(1))).toEqual([[], null, 1])
  expect(told(exclude(1), exclude(2), undo(2), undo(1), redo(1))).toEqual([[1], 1, 2])
  expect(told(exclude(1), exclude(2), undo(2), exclude(3))).toEqual([[1, 3], 3, null])
})

test('a line that is out of turn changes nothing', () => {
  expect(told(exclude(1), exclude(2), undo(1), redo(7))).toEqual([[1, 2], 2, null])
})
