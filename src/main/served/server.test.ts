/** Who gets in: every mixture of Host, Origin, secret and method, as raw requests to a real socket. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { GraftError } from '../../shared/domain/error'
import { cookieName, cookieValue } from './token'
import { type RunningServer, startServer } from './server'

let folder: string
let server: RunningServer
const lines: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-served-'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Studio</title>')
  const content = {
    thumbnail: () => Promise.reject(new GraftError('NOT_FOUND', 'There is no such picture.')),
    receiveFile: () => Promise.resolve(),
  }
  server = await startServer({ router: {}, content, rendererDirectory: folder, host: '127.0.0.1', port: 0, audit: (line) => lines.push(line) })
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false, timeout: 3000 }, (response) => {
      let body = ''
      response.on('data', (data: Buffer) => {
        body += data.toString()
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: '' })
    })
    asked.on('timeout', () => asked.destroy(new Error(`No answer to ${options.method ?? 'GET'} ${path} ${JSON.stringify(options.headers)}`)))
    asked.on('error', reject)
    asked.end()
  })
}

const UPGRADE = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }
const own = () => `127.0.0.1:${server.port}`
const secrets = {
  none: () => ({}),
  wrong: () => ({ authorization: `Bearer ${'0'.repeat(48)}` }),
  header: () => ({ authorization: `Bearer ${server.token}` }),
  cookie: () => ({ cookie: `${cookieName(server.port)}=${cookieValue(server.token, server.port)}` }),
}
const hosts = { own, localhost: () => `localhost:${server.port}`, evil: () => 'evil.test', nip: () => `127.0.0.1.nip.io:${server.port}` }
const origins = { none: () => null, own: () => `http://${own()}`, evil: () => 'http://evil.test', null: () => 'null' }

/** What must come of one mixture: the rules, written a second time and shorter. */
function expected(what: { host: keyof typeof hosts; origin: keyof typeof origins; secret: keyof typeof secrets; kind: 'GET' | 'PUT' | 'upgrade' }): number {
  if (what.host === 'evil' || what.host === 'nip') return 403
  const sameOrigin = what.origin === 'own' && what.host === 'own'
  if (what.origin !== 'none' && !sameOrigin) return 403
  if (what.origin === 'none' && what.kind !== 'GET' && what.secret !== 'header') return 403
  if (what.secret === 'none' || what.secret === 'wrong') return 401
  return what.kind === 'GET' ? 200 : what.kind === 'PUT' ? 204 : 101
}

const cells = (Object.keys(hosts) as (keyof typeof hosts)[]).flatMap((host) =>
  (Object.keys(origins) as (keyof typeof origins)[]).flatMap((origin) =>
    (Object.keys(secrets) as (keyof typeof secrets)[]).flatMap((secret) => (['GET', 'PUT', 'upgrade'] as const).map((kind) => ({ host, origin, secret, kind }))),
  ),
)

test(`${cells.length} mixtures of host, origin, secret and method get exactly the status they should`, async () => {
  const wrong: string[] = []
  for (const cell of cells) {
    const origin = origins[cell.origin]()
    const headers: Record<string, string> = {
      host: hosts[cell.host](),
      ...(origin === null ? {} : { origin }),
      ...(secrets[cell.secret]() as Record<string, string>),
      ...(cell.kind === 'upgrade' ? UPGRADE : {}),
    }
    const path = cell.kind === 'GET' ? '/' : cell.kind === 'PUT' ? '/uploads/u1?path=a%2Fb.jpg' : '/rpc'
    const { status } = await ask(path, { method: cell.kind === 'PUT' ? 'PUT' : 'GET', headers })
    if (status !== expected(cell)) wrong.push(`${JSON.stringify(cell)}: ${status}, expected ${expected(cell)}`)
  }
  expect(wrong).toEqual([])
})

test('a refused upgrade does not keep its socket, also when its peer never closes it', async () => {
  const socket = connect(server.port, '127.0.0.1')
  const head = Object.entries({ ...UPGRADE, host: own() }).map(([name, value]) => `${name}: ${value}`)
  socket.write(['GET /rpc HTTP/1.1', ...head, '', ''].join('\r\n'))
  let said = ''
  socket.on('data', (data: Buffer) => {
    said += data.toString()
  })
  await new Promise((resolve) => socket.once('close', resolve))
  expect(said).toMatch(/^HTTP\/1\.1 403 /)
  expect(said).toContain('</html>')
})

describe('logging in', () => {
  test('the address with the token becomes a cookie that scripts cannot read, and the token leaves the address', async () => {
    const { status, headers } = await ask(`/?token=${server.token}`, { headers: { host: own() } })
    expect(status).toBe(303)
    expect(headers['location']).toBe('/')
    expect(String(headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
    expect(String(headers['set-cookie'])).not.toContain(server.token)
  })

  test('a token anywhere else in an address counts for nothing, and is never logged', async () => {
    expect((await ask(`/pictures/runs/x?token=${server.token}`, { headers: { host: own() } })).status).toBe(401)
    expect((await ask(`/rpc?token=${server.token}`, { headers: { host: own(), origin: `http://${own()}`, ...UPGRADE } })).status).toBe(401)
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.join('\n')).not.toContain(server.token)
  })
})

test('every answer forbids framing, sniffing and foreign content', async () => {
  for (const path of ['/', '/nowhere', `/?token=${server.token}`]) {
    const { headers } = await ask(path, { headers: { host: own(), ...secrets.header() } })
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('no-referrer')
    expect(headers['access-control-allow-origin']).toBeUndefined()
  }
})

test('no spelling of a path leaves the studio, other methods are refused, and what fails is said in words', async () => {
  const headers = { host: own(), ...secrets.header() }
  for (const path of ['/../package.json', '/%2e%2e/package.json', '/%252e%252e/x', '/..%5c..%5cx', '/index.html%00', '//etc/passwd', '/.hidden']) {
    const { status, body } = await ask(path, { headers })
    expect([400, 403, 404], path).toContain(status)
    expect(body).not.toMatch(/\n\s+at |graft"/)
  }
  for (const method of ['POST', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE']) expect((await ask('/', { method, headers })).status, method).toBe(405)
  const missing = await ask('/pictures/runs/x?path=a.jpg&side=96', { headers })
  expect(missing.status).toBe(404)
  expect(missing.body).toMatch(/no such picture/)
})
