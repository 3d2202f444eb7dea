import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { cacheDirectory, dataDirectory } from './paths'
import type { PathSurroundings } from './paths'

const cases: PathSurroundings[] = [
  { environment: {}, platform: 'linux', home: '/home/ann' },
  { environment: { XDG_CACHE_HOME: '/c', XDG_DATA_HOME: '/d' }, platform: 'linux', home: '/home/ann' },
  { environment: { GRAFT_CACHE_DIR: 'own', GRAFT_DATA_DIR: 'data' }, platform: 'linux', home: '/home/ann' },
  { environment: { GRAFT_CACHE_DIR: '' }, platform: 'darwin', home: '/Users/ann' },
  { environment: { LOCALAPPDATA: 'local', APPDATA: 'roaming' }, platform: 'win32', home: 'ann' },
  { environment: {}, platform: 'win32', home: 'ann' },
]

test('set-up and the program agree on the cache folder', async () => {
  const address = pathToFileURL(resolve(import.meta.dirname, '../../../scripts/setup/context.mjs')).href
  const setUp = (await import(/* @vite-ignore */ address)) as { cacheFolder: (environment: object, platform: string, home: string) => string }
  for (const where of cases) expect(cacheDirectory(where)).toBe(setUp.cacheFolder(where.environment, where.platform, where.home))
})

test('the data folder follows the system', () => {
  expect(cases.map((where) => dataDirectory(where))).toEqual([
    '/home/ann/.local/share/graft',
    '/d/graft',
    resolve('data'),
    '/Users/ann/Library/Application Support/Graft',
    join('roaming', 'Graft'),
    join('ann', 'AppData', 'Roaming', 'Graft'),
  ])
})
