import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { registerRun } from './run-registry'

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
