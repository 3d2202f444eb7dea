import { expect, test } from 'vitest'
import { datasetSummarySchema } from '../../shared/domain/dataset'
import { findFindings, summarise } from './health'
import { scanDataset } from './scan'
import { splitDataset } from './split'
import { havePhotographs, jpeg, PHOTOGRAPHS, STUBS, temporaryFolder, writeTree } from './test-pictures'

const RATIOS = { train: 0.6, val: 0.2, test: 0.2 }

test('every kind of finding, dearest first, on a folder that has them all', async () => {
  const root = await temporaryFolder()
  const files: Record<string, Buffer | string> = {}
  for (let i = 0; i < 70; i++) files[`train/many/${i}.jpg`] = await jpeg(i, 80, 80)
  for (let i = 0; i < 21; i++) files[`train/some/${i}.jpg`] = await jpeg(100 + i, 80, 80)
  files['val/many/a.jpg'] = await jpeg(201, 80, 80)
  files['val/some/a.jpg'] = await jpeg(202, 80, 80)
  files['val/few/a.jpg'] = await jpeg(203, 80, 80)
  files['train/few/small.jpg'] = await jpeg(204, 20, 80)
  files['test/many/a.jpg'] = await jpeg(205, 80, 80)
  files['train/many/copy.jpg'] = await jpeg(0, 80, 80)
  files['val/many/leak.jpg'] = await jpeg(1, 80, 80)
  files['train/some/conflict.jpg'] = await jpeg(2, 80, 80)
  files['train/some/photo.heic'] = STUBS.heic
  files['readme.txt'] = 'x'
  await writeTree(root, files)
  const scan = await scanDataset(root)
  const manifest = splitDataset(scan, RATIOS, 1)
  const findings = findFindings(scan, manifest)
  expect(findings.map((finding) => [finding.kind, finding.severity, finding.count])).toEqual([
    ['missing-class-in-split', 'look', 2],
    ['duplicate-across-classes', 'look', 2],
    ['duplicate-across-splits', 'look', 2],
    ['set-aside', 'look', 1],
    ['few-pictures', 'look', 1],
    ['imbalance', 'look', 2],
    ['small-pictures', 'note', 1],
    ['duplicate', 'note', 2],
    ['ignored', 'note', 1],
  ])
  const pathsOf = (kind: string): string[] | undefined => findings.find((finding) => finding.kind === kind)?.paths
  expect(pathsOf('duplicate-across-classes')).toEqual(['train/many/2.jpg', 'train/some/conflict.jpg'])
  expect(pathsOf('duplicate-across-splits')).toEqual(['train/many/1.jpg', 'val/many/leak.jpg'])
  expect(pathsOf('duplicate')).toEqual(['train/many/0.jpg', 'train/many/copy.jpg'])
  expect(pathsOf('small-pictures')).toEqual(['train/few/small.jpg'])
  const summary = summarise(scan, manifest, 'id')
  expect(() => datasetSummarySchema.parse(summary)).not.toThrow()
  expect(summary.classes.map(({ name, pictures }) => [name, pictures])).toEqual([
    ['few', 2],
    ['many', 74],
    ['some', 23],
  ])
  const stopped = findFindings(scan, {
    ...manifest,
    pictures: manifest.pictures.filter((picture) => picture.split !== 'val' || picture.classIndex !== 0),
  })
  expect(stopped[0]).toMatchObject({ kind: 'missing-class-in-split', severity: 'stop' })
})

test.skipIf(!havePhotographs)('real photographs have nothing to stop for', async () => {
  const scan = await scanDataset(PHOTOGRAPHS)
  const findings = findFindings(scan, splitDataset(scan, RATIOS, 42))
  expect(findings.filter((finding) => finding.severity === 'stop')).toEqual([])
  expect(findings.map((finding) => finding.kind)).not.toContain('imbalance')
})
