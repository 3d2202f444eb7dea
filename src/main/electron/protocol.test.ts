import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { GraftError } from '../../shared/domain/error'
import { answer, registerStudioScheme } from './protocol'
import { schemes } from './testing/fake-electron'

vi.mock('electron', () => import('./testing/fake-electron'))

const base = await mkdtemp(join(tmpdir(), 'graft-protocol-'))
const rendererDirectory = join(base, 'renderer')
const asked: unknown[] = []
const files = {
  rendererDirectory,
  content: {
    async thumbnail(request: { path: string }) {
      asked.push(request)
      if (request.path === 'gone.jpg') throw new GraftError('NOT_FOUND', 'There is no such picture.')
      return { bytes: new Uint8Array([1, 2, 3]), contentType: 'image/webp' }
    },
  },
}

beforeAll(async () => {
  await mkdir(join(rendererDirectory, 'assets'), { recursive: true })
  await mkdir(join(base, 'renderer-of-another'))
  await writeFile(join(rendererDirectory, 'index.html'), '<!doctype html>')
  await writeFile(join(rendererDirectory, 'assets', 'index.js'), 'export {}')
  await writeFile(join(rendererDirectory, '.secret.json'), 'secret')
  await writeFile(join(base, 'secret.json'), 'secret')
  await writeFile(join(base, 'renderer-of-another', 'secret.json'), 'secret')
  await symlink(join(base, 'secret.json'), join(rendererDirectory, 'link.json'))
  await symlink(base, join(rendererDirectory, 'up'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

/** Requests as Electron hands them over: the address as it came, not tidied by Node. */
function get(path: string, init: { method?: string; origin?: string } = {}): Promise<Response> {
  const request = { method: init.method ?? 'GET', url: `${init.origin ?? 'graft://studio'}${path}`, signal: new AbortController().signal }
  return answer(request as Request, files)
}

test('the scheme is an origin of its own without further rights', () => {
  registerStudioScheme()
  expect(schemes).toEqual([{ scheme: 'graft', privileges: { standard: true, secure: true, supportFetchAPI: true } }])
})

test('the studio’s files come with their type and the policy', async () => {
  const page = await get('/')
  expect(page.status).toBe(200)
  expect(page.headers.get('Content-Type')).toBe('text/html; charset=utf-8')
  expect(page.headers.get('Content-Security-Policy')).toMatch(/^default-src 'none'; script-src 'self';/)
  expect(page.headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(await page.text()).toBe('<!doctype html>')
  const script = await get('/assets/index.js')
  expect([script.status, script.headers.get('Content-Type')]).toEqual([200, 'text/javascript; charset=utf-8'])
})

test.each([
  '/../secret.json',
  '/..%2fsecret.json',
  '/%2e%2e/secret.json',
  '/%2e%2e%2fsecret.json',
  '/%252e%252e%252fsecret.json',
  '/..%5csecret.json',
  '/assets/..%2f..%2fsecret.json',
  '/../renderer-of-another/secret.json',
  '/..%2frenderer-of-another%2fsecret.json',
  '//etc/passwd',
  '/%2fetc%2fpasswd',
  '/link.json',
  '/up/secret.json',
  '/.secret.json',
  '/index.html%00.js',
  '/%E0%A4%A',
  '/C:%2fsecret.json',
  '/assets',
  '/assets/',
  '/missing.js',
])('%s leads nowhere', async (path) => {
  const response = await get(path)
  expect(response.status).toBe(404)
  expect(await response.text()).not.toContain('secret')
  expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
})

test('other hosts, other schemes and writing are refused', async () => {
  expect((await get('/', { origin: 'graft://other' })).status).toBe(404)
  expect((await get('/', { origin: 'graft://studio.evil' })).status).toBe(404)
  expect((await get('/', { origin: 'file://studio' })).status).toBe(404)
  expect((await get('/', { method: 'POST' })).status).toBe(405)
})

test('pictures come from the content service, shut in, and failures by their status', async () => {
  const picture = await get('/pictures/datasets/abc?path=ripe%2F1.jpg&side=96')
  expect(asked.at(-1)).toEqual({ source: { datasetId: 'abc' }, path: 'ripe/1.jpg', side: 96 })
  expect([picture.status, picture.headers.get('Content-Type'), picture.headers.get('Content-Security-Policy')]).toEqual([200, 'image/webp', "default-src 'none'; sandbox"])
  expect(new Uint8Array(await picture.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]))
  expect((await get('/pictures/runs/abc?path=gone.jpg&side=96')).status).toBe(404)
  expect((await get('/pictures/datasets/abc?path=1.jpg&side=97')).status).toBe(400)
})
