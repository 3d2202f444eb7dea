import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../../shared/domain/run-config'
import { placesFrom } from '../../services/places'
import { createStudio } from '../../services/studio'
import { RunFolder } from '../../storage/run-folder'
import { exampleManifest, exampleRecord } from '../../storage/run-folder.examples'
import { keepSuspects } from '../../storage/suspects-file'
import { lookerOf, suspectsKey } from '../../trainer/suspects-key'
import { runProgram } from '../program'
import { capturedTerminal } from '../testing/captured-terminal'

const base = await mkdtemp(join(tmpdir(), 'graft-suspects-verb-'))
const run = join(base, 'run')
const KEPT = 12
let folder: RunFolder

beforeAll(async () => {
  folder = await RunFolder.create(run, { record: { ...exampleRecord(), status: 'completed' }, config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
})
afterAll(() => rm(base, { recursive: true, force: true }))

async function graft(suspected: number, ...parameters: string[]): Promise<string> {
  const manifest = exampleManifest()
  const suspects = Array.from({ length: Math.min(suspected, KEPT) }, (_, i) => ({ path: `c/${i}.jpg`, classIndex: 0, split: 'train' as const, guess: 1, top: [[1, 0.9], [0, 0.1]] as [number, number][], margin: -0.8, closeness: 0.4 }))
  const perClass = manifest.classes.map(() => ({ pictures: 0, recall: null, hardest: [], typical: [] }))
  await keepSuspects(folder.directory, {
    key: suspectsKey(manifest, lookerOf(DEFAULT_RUN_CONFIG)), classes: manifest.classes, pictures: 900, unread: 0, backbone: 'b', weights: 'w', imageSize: 224, folds: 5, accuracy: 0.9,
    thresholds: [0.9, 0.9], joint: [[1, 1], [0, 2]], suspected, suspects, perClass, alike: null, curve: null,
  }) // prettier-ignore
  const terminal = capturedTerminal({ workingDirectory: base })
  const places = placesFrom(join(base, 'data'), join(base, 'cache'))
  await runProgram(['suspects', run, ...parameters], { terminal, version: '0.0.0', createStudio: () => createStudio({ door: 'served', roots: null, version: '0.0.0', places, installation: base }), logDirectory: () => base })
  return terminal.out()
}

test('what is not printed is counted, and --count is named only where it prints more', async () => {
  expect(await graft(11)).toContain('and 1 more; --count prints more of them')
  expect(await graft(700)).toContain('and 690 more; --count prints up to 12')
  expect(await graft(700, '--count', '12')).toMatch(/c\/11\.jpg.*\n +and 688 more, of which only the number is kept/)
  expect(await graft(12, '--count', '12')).not.toContain('more')
})
