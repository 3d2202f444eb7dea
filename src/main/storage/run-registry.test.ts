import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
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

test('of copies of a run the one is found that was made here or is remembered, and the others are told', async () => {
  const base = await mkdtemp(join(tmpdir(), 'graft-registry-'))
  const runs = join(base, 'runs')
  const registry = join(base, 'runs.json')
  const make = (directory: string, runId: string) =>
    RunFolder.create(directory, { record: { ...exampleRecord(), run_id: runId }, config: runConfigSchema.parse({ backbone: 'resnet18' }), manifest: exampleManifest() })
  const found = async (runId: string) => (await discoverRuns(runs, registry)).runs.filter(({ record }) => record.run_id === runId).map(({ folder }) => folder.directory)
  await mkdir(runs)
  await make(join(runs, 'r1'), 'r1')
  await make(join(base, 'elsewhere'), 'r2')
  await registerRun(join(base, 'elsewhere'), runs, registry)
  await cp(join(runs, 'r1'), join(runs, 'a copy'), { recursive: true })
  await cp(join(runs, 'r1'), join(base, 'backup'), { recursive: true })
  await registerRun(join(base, 'backup'), runs, registry)
  await cp(join(base, 'elsewhere'), join(runs, 'elsewhere copy'), { recursive: true })
  await symlink(join(base, 'elsewhere'), join(base, 'link'))
  await registerRun(join(base, 'link'), runs, registry)
  expect([await found('r1'), await found('r2')]).toEqual([[join(runs, 'r1')], [join(base, 'elsewhere')]])
  const { unreadable } = await discoverRuns(runs, registry)
  expect(unreadable.map(({ directory, failure }) => [directory, failure.code]).sort()).toEqual([join(base, 'backup'), join(runs, 'a copy'), join(runs, 'elsewhere copy')].sort().map((path) => [path, 'CONFLICT']))
  // A backup is what is left of a damaged one.
  await writeFile(join(runs, 'r1', 'run.json'), '{')
  expect(await found('r1')).toEqual([join(base, 'backup')])
  await rm(base, { recursive: true })
})
