import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import type { SuspectsReport } from '../../shared/domain/suspects'
import { acquireMachineLock } from '../storage/machine-lock'
import { RunFolder } from '../storage/run-folder'
import { exampleManifest, exampleRecord } from '../storage/run-folder.examples'
import { keepSuspects } from '../storage/suspects-file'
import { lookerOf, suspectsKey } from '../trainer/suspects-key'
import { placesFrom } from './places'
import { createStudio } from './studio'
import { suspectsCsv } from './suspects'

async function studioWithRun() {
  const base = await mkdtemp(join(tmpdir(), 'graft-suspects-'))
  const places = placesFrom(join(base, 'data'), join(base, 'cache'))
  const folder = await RunFolder.create(join(places.runs, 'r1'), { record: { ...exampleRecord(), status: 'completed' }, config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
  // A trainer that is not there: what is asked of it here would fail.
  const studio = createStudio({ door: 'served', roots: null, version: '0', places, trainerPath: join(base, 'none.js'), installation: base })
  onTestFinished(async () => {
    await studio.close()
    await rm(base, { recursive: true, force: true })
  })
  return { studio, places, folder }
}

async function reportOn(folder: RunFolder): Promise<SuspectsReport> {
  const manifest = await folder.manifest()
  const picture = { path: 'a, b/1.jpg', classIndex: 0, split: 'train', guess: 1, top: [[1, 0.9], [0, 0.1]], margin: -0.8, closeness: 0.4 } as const // prettier-ignore
  const suspects = [{ ...picture, top: picture.top.map(([k, p]): [number, number] => [k, p]) }]
  const perClass = manifest.classes.map(() => ({ pictures: 0, recall: null, hardest: [], typical: [] }))
  const about = { classes: manifest.classes, pictures: manifest.pictures.length, unread: 0, backbone: 'b', weights: 'w', imageSize: 224, folds: 5, accuracy: 0.9, thresholds: [0.9, 0.9], joint: [[1, 1], [0, 2]] } // prettier-ignore
  return { key: suspectsKey(manifest, lookerOf(DEFAULT_RUN_CONFIG)), ...about, suspected: 1, suspects, perClass, alike: null, curve: null }
}

test('what nobody has looked for is null unless one may look', async () => {
  const { studio } = await studioWithRun()
  const items = []
  for await (const item of studio.suspects.look({ runId: 'r1', mayLook: false })) items.push(item)
  expect(items).toEqual([{ kind: 'done', result: null }])
})

test('looking waits for a training and says so; what is kept is told beside it', async () => {
  const { studio, places, folder } = await studioWithRun()
  const release = await acquireMachineLock('training of leaves', { path: places.lock })
  try {
    for await (const item of studio.suspects.look({ runId: 'r1', mayLook: true })) {
      expect(item).toMatchObject({ kind: 'progress', message: 'Waiting for the training of leaves to end' })
      break
    }
    const report = await reportOn(folder)
    await keepSuspects(folder.directory, report)
    const items = []
    for await (const item of studio.suspects.look({ runId: 'r1', mayLook: true })) items.push(item)
    expect(items).toEqual([{ kind: 'done', result: report }])
    // Of other labels it says nothing.
    const manifest = await folder.manifest()
    await folder.writeManifest({ ...manifest, pictures: manifest.pictures.slice(1) })
    for await (const item of studio.suspects.look({ runId: 'r1', mayLook: false })) expect(item).toEqual({ kind: 'done', result: null })
  } finally {
    await release()
  }
})

test('as CSV every listed picture is a line, with names quoted where they need it', async () => {
  const { folder } = await studioWithRun()
  const { classes, ...rest } = await reportOn(folder)
  const [head, line] = suspectsCsv({ ...rest, classes: ['x "y"', ...classes.slice(1)] }).split('\r\n')
  expect(head).toMatch(/^list,path,split,label,looks_like,/)
  expect(line).toBe(`suspected,"a, b/1.jpg",train,"x ""y""",${classes[1] ?? ''},0.1,0.9,-0.8,0.4`)
})
