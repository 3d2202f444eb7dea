import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { build } from './build.mjs'
import { cacheFolder, createContext } from './context.mjs'
import { dependencies } from './dependencies.mjs'

let root
let context
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'graft-stamp-'))
  context = createContext({ root, environment: { GRAFT_CACHE_DIR: join(root, 'cache') } })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const silent = { start() {}, progress() {}, note() {}, done() {}, fail() {}, say() {} }

function write(path, text) {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}

/** A stand-in for electron-vite that copies a source and counts its runs. */
function writeFakeBuilder() {
  write(
    'node_modules/electron-vite/bin/electron-vite.js',
    `const fs = require('fs'); fs.mkdirSync('out/main', { recursive: true }); fs.copyFileSync('src/main/cli.ts', 'out/main/cli.js'); fs.appendFileSync('runs', 'x')`,
  )
}
const runs = () => readFileSync(join(root, 'runs'), 'utf8').length

test('the build runs again when a source changes, and only then', async () => {
  writeFakeBuilder()
  write('package.json', '{}')
  write('src/main/cli.ts', 'one')
  expect(build.isDone(context)).toBe(false)
  await build.run(silent, context)
  expect(build.isDone(context)).toBe(true)

  write('src/main/cli.test.ts', 'a test is not built')
  expect(build.isDone(context)).toBe(true)

  utimesSync(join(root, 'src/main/cli.ts'), new Date(), new Date(Date.now() + 5000))
  expect(build.isDone(context)).toBe(false)
  await build.run(silent, context)
  expect(runs()).toBe(1)
  expect(build.isDone(context)).toBe(true)

  write('src/main/cli.ts', 'two')
  expect(build.isDone(context)).toBe(false)
  await build.run(silent, context)
  expect(runs()).toBe(2)

  rmSync(join(root, 'out/main/cli.js'))
  expect(build.isDone(context)).toBe(false)
})

test('a build that fails leaves no stamp', async () => {
  write('node_modules/electron-vite/bin/electron-vite.js', `console.error('broken here'); process.exit(3)`)
  write('src/main/cli.ts', 'one')
  await expect(build.run(silent, context)).rejects.toThrow('broken here')
  expect(build.isDone(context)).toBe(false)
})

test('an install made by hand is taken as it is; another lock file is not', async () => {
  const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.0.0', optional: true } } }
  write('package-lock.json', JSON.stringify(lock))
  write('node_modules/a/package.json', '{}')
  write('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }))
  expect(dependencies.isDone(context)).toBe(false)
  await dependencies.run(silent, context)
  expect(dependencies.isDone(context)).toBe(true)
  lock.packages['node_modules/a'].version = '1.0.1'
  write('package-lock.json', JSON.stringify(lock))
  expect(dependencies.isDone(context)).toBe(false)
})

test('a failing npm says its last words and leaves no stamp', async () => {
  write('package.json', '{ cut off')
  write('package-lock.json', '{ "lockfileVersion": 3, "packages": { "node_modules/a": { "version": "1.0.0" } } }')
  mkdirSync(join(root, 'home'))
  const alone = { ...context, environment: { ...process.env, HOME: join(root, 'home') } }
  await expect(dependencies.run(silent, alone)).rejects.toThrow(/npm ci ended with code/)
  expect(dependencies.isDone(context)).toBe(false)
})

test('the cache folder follows the system, and an empty variable counts as not set', () => {
  expect(cacheFolder({ GRAFT_CACHE_DIR: '', XDG_CACHE_HOME: '' }, 'linux', '/home/a')).toBe('/home/a/.cache/graft')
  expect(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux', '/home/a')).toBe('/x/graft')
  expect(cacheFolder({}, 'darwin', '/Users/a')).toBe('/Users/a/Library/Caches/graft')
  expect(cacheFolder({ GRAFT_CACHE_DIR: '/own' }, 'darwin', '/Users/a')).toBe('/own')
})
