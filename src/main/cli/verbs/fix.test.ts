import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFaultyFolder } from '../../dataset/test-scene'
import { placesFrom } from '../../services/places'
import { createStudio } from '../../services/studio'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

const base = mkdtempSync(join(tmpdir(), 'graft-fix-'))
const places = placesFrom(join(base, 'data'), join(base, 'cache'))
beforeAll(() => writeFaultyFolder(join(base, 'pets')))
afterAll(() => rmSync(base, { recursive: true, force: true }))

async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: base })
  const createIt = (roots: readonly string[] | null) => createStudio({ door: 'served', roots, version: '1.2.3', places })
  const code = await runProgram(parameters, { terminal, version: '1.2.3', createStudio: createIt, logDirectory: () => join(base, 'logs') })
  return { code, out: terminal.out(), err: terminal.err() }
}

test('health says what is wrong and how to fix it, and as JSON', async () => {
  const { code, out } = await graft('health', 'pets')
  expect(code).toBe(0)
  expect(out).toMatch(/^60 pictures looked at in /)
  expect(out).toContain('9 pictures in 4 groups that the split keeps together')
  expect(out).toContain('Worth a look: 1 picture is nearly black [dark]')
  expect(out).toContain('graft fix DATA --keep-largest near-duplicate')
  const report = JSON.parse((await graft('health', 'pets', '--json')).out) as { findings: { kind: string }[] }
  expect(report.findings.map(({ kind }) => kind)).toContain('burst')
  expect((await graft('health', 'pets', '--finding', 'burst')).out).toBe('dogs/burst-a.jpg  dogs/burst-b.jpg  dogs/burst-c.jpg\n')
})

test('fix decides, lists, takes back; a decision at a time', async () => {
  expect((await graft('fix', 'pets')).out).toBe('Nothing was decided yet.\n')
  const excluded = await graft('fix', 'pets', '--exclude', 'cats/dark.jpg', 'cats/bright.jpg')
  expect(excluded.out).toMatch(/1 {2}.* {2}Excluded 2 pictures {2}cats\/dark\.jpg …\n\n58 pictures left, 2 pictures left out: \d+ train, \d+ val, \d+ test\n$/)
  expect((await graft('fix', 'pets', '--keep-largest', 'duplicate')).out).toContain('57 pictures left')
  expect((await graft('fix', 'pets', '--move', 'dogs/conflict.jpg', '--to', 'cats')).out).toContain('Moved 1 picture to cats')
  expect((await graft('fix', 'pets', '--undo')).out).toContain('Moved 1 picture to cats (taken back)')
  const journal = JSON.parse((await graft('fix', 'pets', '--redo', '--json')).out) as { entries: { isApplied: boolean }[] }
  expect(journal.entries.map(({ isApplied }) => isApplied)).toEqual([true, true, true])
  expect((await graft('fix', 'pets', '--keep', 'cats/dark.jpg')).out).toMatch(/Said that 1 picture is fine {2}cats\/dark\.jpg\n\n58 pictures left/)
  expect((await graft('fix', 'pets', '--undo')).out).toContain('57 pictures left')
  expect(await graft('fix', 'pets', '--undo', '--redo')).toMatchObject({ code: 2, err: expect.stringContaining('One decision at a time') })
  expect(await graft('fix', 'pets', '--move', 'dogs/conflict.jpg')).toMatchObject({ code: 2, err: expect.stringContaining('--to') })
  expect(await graft('fix', 'pets', '--exclude', 'cats/none.jpg')).toMatchObject({ code: 3, err: expect.stringContaining('cats/none.jpg') })
  expect((await graft('inspect', 'pets')).out).toContain('57 pictures in 2 classes')
})

test('where the folder cannot be opened any more for what was decided, the decision can still be taken back', async () => {
  await writeFaultyFolder(join(base, 'shrunk'))
  const cats = readdirSync(join(base, 'shrunk', 'cats')).map((name) => `cats/${name}`)
  expect((await graft('fix', 'shrunk', '--exclude', ...cats.slice(4))).code).toBe(0)
  for (const path of cats.slice(0, 3)) rmSync(join(base, 'shrunk', path))
  expect(await graft('inspect', 'shrunk')).toMatchObject({ code: 2, err: expect.stringContaining('graft fix FOLDER --undo') })
  expect(await graft('fix', 'shrunk', '--undo')).toMatchObject({ code: 0, out: expect.stringMatching(/ \(taken back\)[^]*pictures left: /) })
  expect((await graft('inspect', 'shrunk')).code).toBe(0)
  // A reason of another kind is told as it is.
  for (const path of cats.slice(4)) rmSync(join(base, 'shrunk', path))
  expect(await graft('fix', 'shrunk', '--undo')).toMatchObject({ code: 2, err: expect.stringContaining('usable picture') })
})
