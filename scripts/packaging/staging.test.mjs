import { existsSync, readFileSync } from 'node:fs'
import { lstat, mkdir, mkdtemp, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { repositoryRoot } from '../setup/context.mjs'
import { starterWeights } from '../setup/weights.mjs'
import { productionPackages, stageEngine, stageLicences, stageWeights } from './staging.mjs'

let folder
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-dist-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function write(path, text) {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, text)
}

test('the engine is staged with its own links as links and foreign ones as files', async () => {
  const kept = join(folder, 'cache', 'engine', 'some')
  await write(join(kept, 'deps', 'lib', 'libtensorflow.so.2'), 'library')
  await symlink('libtensorflow.so.2', join(kept, 'deps', 'lib', 'libtensorflow.so'))
  await write(join(folder, 'elsewhere', 'libother.so'), 'other')
  await symlink(join(folder, 'elsewhere', 'libother.so'), join(kept, 'deps', 'lib', 'libother.so'))
  await write(join(kept, 'lib', 'napi-v8', 'tfjs_binding.node'), 'addon')
  await write(join(kept, 'engine.json'), '{}')
  const installed = join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
  await mkdir(installed, { recursive: true })
  await symlink(join(kept, 'deps'), join(installed, 'deps'))
  await symlink(join(kept, 'lib'), join(installed, 'lib'))

  const target = join(folder, 'staged')
  const bytes = await stageEngine({ root: folder }, target)
  expect(bytes).toBe('library'.length + 'other'.length + 'addon'.length)
  expect(await readlink(join(target, 'deps', 'lib', 'libtensorflow.so'))).toBe('libtensorflow.so.2')
  expect((await lstat(join(target, 'deps', 'lib', 'libother.so'))).isFile()).toBe(true)
  expect(await readFile(join(target, 'lib', 'napi-v8', 'tfjs_binding.node'), 'utf8')).toBe('addon')
  expect(existsSync(join(target, 'engine.json'))).toBe(true)
})

test('a missing engine and half a file of weights are told, with what to do', async () => {
  await expect(stageEngine({ root: folder }, join(folder, 'staged'))).rejects.toMatchObject({ action: expect.stringContaining('doctor') })
  await write(join(folder, 'weights', starterWeights.file), 'half')
  await expect(stageWeights({ cache: folder }, join(folder, 'staged'))).rejects.toThrow(/starter weights are not at/)
})

test('licences of every production package, none of a development one', async () => {
  const packages = await productionPackages(repositoryRoot)
  const names = packages.map(({ name }) => name)
  expect(names).toContain('sharp')
  expect(names).toContain('commander')
  expect(names).not.toContain('vitest')
  expect(packages.filter(({ licence }) => licence === 'not stated').map(({ name }) => name)).toEqual([])
  await stageLicences({ root: repositoryRoot }, join(folder, 'licences'))
  expect(await readFile(join(folder, 'licences', 'packages.txt'), 'utf8')).toMatch(/fastify \d[\s\S]*Licence: MIT/)
  expect(existsSync(join(folder, 'licences', 'parts.md'))).toBe(true)
})

test('what the packages are made of is there, and the main program is among it', () => {
  const configuration = parse(readFileSync(join(repositoryRoot, 'electron-builder.yml'), 'utf8'))
  for (const icon of [configuration.linux.icon, configuration.mac.icon, configuration.win.icon]) expect(existsSync(join(repositoryRoot, icon)), icon).toBe(true)
  const { main } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'))
  expect(configuration.files.some((pattern) => pattern.startsWith('out/main/') && main.startsWith('out/main/'))).toBe(true)
  expect(configuration.asarUnpack).toContain('out/main/**')
  expect(configuration.npmRebuild).toBe(false)
  // The trainer child is Electron run as Node.
  expect(configuration.electronFuses.runAsNode).toBe(true)
})
