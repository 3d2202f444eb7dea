import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { starterWeightsFile } from '../storage/paths'
import { archiveRoot, chooseTrainer, plainRoot, provideStarterWeights } from './package-layout'

const base = await mkdtemp(join(tmpdir(), 'graft-package-'))
afterAll(() => rm(base, { recursive: true, force: true }))

test('in a package the trainer is started from plain files; in a checkout from its own', () => {
  const chosen = (root: string, environment: NodeJS.ProcessEnv = {}): string | undefined => {
    chooseTrainer(root, environment)
    return environment['GRAFT_TRAINER']
  }
  expect(chosen(join('/opt', 'Graft', 'resources', 'app.asar'))).toBe(join('/opt', 'Graft', 'resources', 'app.asar.unpacked', 'out', 'main', 'trainer.js'))
  expect(chosen(join('/home', 'graft'))).toBe(join('/home', 'graft', 'out', 'main', 'trainer.js'))
  expect(chosen(join('/home', 'graft'), { GRAFT_TRAINER: '/own.js' })).toBe('/own.js')
  expect(plainRoot(join('/home', 'app.asar', 'graft'))).toBe(join('/home', 'app.asar', 'graft'))
  expect(archiveRoot(join('/opt', 'app.asar.unpacked'))).toBe(join('/opt', 'app.asar'))
  expect(archiveRoot(join('/opt', 'app.asar'))).toBe(join('/opt', 'app.asar'))
  expect(archiveRoot(join('/home', 'graft'))).toBe(join('/home', 'graft'))
})

test('the starter weights of a package are put where they are looked for, and never over others', async () => {
  const resources = join(base, 'resources')
  const cache = join(base, 'cache')
  const target = starterWeightsFile(cache)
  await provideStarterWeights(resources, cache) // a checkout: nothing to put
  await expect(readFile(target)).rejects.toThrow('ENOENT')
  await mkdir(join(resources, 'weights'), { recursive: true })
  await writeFile(join(resources, 'weights', 'efficientnet_lite0-57934424.pth'), 'weights')
  await provideStarterWeights(resources, cache)
  expect(await readFile(target, 'utf8')).toBe('weights')
  await writeFile(target, 'others')
  await provideStarterWeights(resources, cache)
  expect(await readFile(target, 'utf8')).toBe('others')
})
