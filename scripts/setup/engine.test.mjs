import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createContext } from './context.mjs'
import { engine, listCandidates, readEngineInfo } from './engine.mjs'
import { wheels } from './engine-sources.mjs'

let root
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graft-engine-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** A PATH that holds nothing but the programs named, each of which ends well and says a version. */
function pathWith(...names) {
  const folder = join(root, 'bin')
  mkdirSync(folder, { recursive: true })
  for (const name of names) {
    writeFileSync(join(folder, name), '#!/bin/sh\necho 1.0\n')
    chmodSync(join(folder, name), 0o755)
  }
  return folder
}
const contextWith = (engineSource, path = '') =>
  createContext({ root, engine: engineSource, environment: { PATH: path, GRAFT_CACHE_DIR: join(root, 'cache') } })

function writeEngine(folder, more = {}) {
  mkdirSync(join(folder, 'deps', 'lib'), { recursive: true })
  mkdirSync(join(folder, 'lib'), { recursive: true })
  writeFileSync(join(folder, 'deps', 'lib', 'libtensorflow.so'), 'library')
  const files = [{ path: 'deps/lib/libtensorflow.so', sizeBytes: 7, sha256: '' }]
  writeFileSync(join(folder, 'engine.json'), JSON.stringify({ format: 1, version: '2.15.1', source: 'wheel', verified: true, files, ...more }))
}
function link(kept) {
  const target = join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu')
  mkdirSync(target, { recursive: true })
  for (const name of ['deps', 'lib']) symlinkSync(join(kept, name), join(target, name))
}

test('the order of sources: wheel, then the package, unless one is asked for', async () => {
  const sources = async (wanted, platform, arch) => (await listCandidates(contextWith(wanted), platform, arch)).map(({ source }) => source)
  expect(await sources('auto', 'linux', 'x64')).toEqual(['wheel', 'package'])
  expect(await sources('auto', 'win32', 'x64')).toEqual(['package'])
  expect(await sources('wheel', 'linux', 'x64')).toEqual(['wheel'])
  expect(await sources('package', 'linux', 'x64')).toEqual(['package'])
  expect(await sources(root, 'linux', 'x64')).toEqual(['folder'])
  await expect(listCandidates(contextWith('wheel'), 'win32', 'x64')).rejects.toThrow('no TensorFlow wheel')
  await expect(listCandidates(contextWith(join(root, 'nowhere')), 'linux', 'x64')).rejects.toThrow('expected auto, wheel, package, or a folder')
})

test.runIf(process.platform === 'linux')('what the wheel route lacks is named, with how to get it', async () => {
  const lacks = async (path) => (await listCandidates(contextWith('wheel', path), 'linux', 'x64'))[0].lacks()
  const bare = await lacks(pathWith())
  expect(bare.what).toContain('a C++ compiler')
  expect(bare.what).toContain('make')
  expect(bare.action).toContain('apt-get install g++ make python3')
  expect((await lacks(pathWith('g++', 'make', 'python3')))).toBeUndefined()
  rmSync(join(root, 'bin', 'make'))
  expect((await lacks(join(root, 'bin'))).what).toBe('TensorFlow wheel: not found on PATH: make (to compile the addon).')
})

test('a linked engine is done; one with a file cut off, unverified, or of another source is not', () => {
  const kept = join(root, 'cache', 'engine', 'key')
  writeEngine(kept)
  expect(engine.isDone(contextWith('auto'))).toBe(false)
  link(kept)
  expect(engine.isDone(contextWith('auto'))).toBe(true)
  expect(engine.isDone(contextWith('wheel'))).toBe(true)
  expect(engine.isDone(contextWith('package'))).toBe(false)
  expect(engine.isDone(contextWith('/somewhere/else'))).toBe(false)

  writeFileSync(join(kept, 'deps', 'lib', 'libtensorflow.so'), 'lib')
  expect(readEngineInfo(kept)).toBeUndefined()
  expect(engine.isDone(contextWith('auto'))).toBe(false)

  writeEngine(kept, { verified: false })
  expect(engine.isDone(contextWith('auto'))).toBe(false)
})

test('a table row names a whole checksum, and the addon version is the one that is installed', () => {
  for (const wheel of Object.values(wheels)) {
    expect(wheel.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(wheel.libraries).toHaveLength(2)
  }
  const pinned = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).dependencies['@tensorflow/tfjs-node-gpu']
  const source = readFileSync(new URL('./engine-sources.mjs', import.meta.url), 'utf8')
  expect(source).toContain(`addonVersion = '${pinned}'`)
})
