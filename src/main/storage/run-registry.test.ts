import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runConfigSchema } from '../../shared/domain/run-config'
import { RunFolder } from './run-folder'
import { exampleManifest, exampleRecord } from './run-folder.examples'
import { discoverRuns, registerRun } from './run-registry'

test('runs elsewhere that are registered at once are all remembered, once each', async () => {
  const base = await mkdtemp(join(tmpdir(), 'graft-registry-'))
  const registry = join(base, 'data', 'runs.json')
  const runs = ['a', 'b', 'c', 'd'].map((name) => join(base, name))
  await Promise.all([...runs, ...runs].map((directory) => registerRun(directory, join(base, 'runs'), registry)))
  const { directories } = JSON.parse(await readFile(registry, 'utf8')) as { directories: string[] }
  expect(directories.sort()).toEqual(runs)
  expect(await readdir(join(base, 'data'))).toEqual(['runs.json'])
  await rm(base, { recursive: true })
})

test('a record that was rewritten is read anew, one that was not is not', async () => {
  const base = await mkdtemp(join(tmpdir(), 'graft-registry-'))
  const runs = join(base, 'runs')
  await mkdir(runs)
  const folder = await RunFolder.create(join(runs, 'r1'), { record: exampleRecord(), config: runConfigSchema.parse({ backbone: 'resnet18' }), manifest: exampleManifest() })
  const found = async () => (await discoverRuns(runs, join(base, 'runs.json'))).runs[0]?.record
  const first = await found()
  expect(await found()).toBe(first)
  await folder.updateRecord({ status: 'failed' })
  expect(await found()).toMatchObject({ status: 'failed' })
  await rm(base, { recursive: true })
})
