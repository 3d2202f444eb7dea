import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { JournalLine } from '../../shared/domain/fix-journal'
import { FixJournals } from './fix-journals'

const at = '2026-05-01T12:00:00.000Z'
const leftOut = (id: number, path: string): JournalLine => ({ kind: 'exclude', id, at, finding: null, pictures: [{ path, sha256: 'a'.repeat(64) }] })

/** As many processes would have them. */
async function journals(count: number): Promise<FixJournals[]> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-journals-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return Array.from({ length: count }, () => new FixJournals(folder))
}

const codes = (results: PromiseSettledResult<unknown>[]): string[] =>
  results.map((result) => (result.status === 'fulfilled' ? 'kept' : String((result.reason as { code?: string }).code))).sort()

test('of decisions made at the same time in two windows one is kept, and the other is told so', async () => {
  const all = await journals(3)
  const [first] = all
  if (first === undefined) throw new Error('No journal')
  expect(codes(await Promise.allSettled(all.map((journal, i) => journal.append('d', leftOut(1, `${i}.jpg`)))))).toEqual(['CONFLICT', 'CONFLICT', 'kept'])
  const { state } = await first.read('d')
  expect(state.decisions.map(({ decision }) => decision.id)).toEqual([1])
  await first.append('d', leftOut(2, 'later.jpg'))
  expect(codes(await Promise.allSettled(all.map((journal) => journal.append('d', { kind: 'undo', of: 2, at }))))).toEqual(['CONFLICT', 'CONFLICT', 'kept'])
  expect((await first.read('d')).state).toMatchObject({ undo: 1, redo: 2 })
  expect((await readFile(first.pathOf('d'), 'utf8')).trim().split('\n')).toHaveLength(3)
  expect(await readdir(dirname(first.pathOf('d')))).toEqual(['journal.jsonl'])
})
