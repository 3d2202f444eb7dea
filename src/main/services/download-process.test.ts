/** Downloads by processes of their own: secure connections, proxies, names that do not exist, and being killed. */
import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundleFixture } from '../storage/fixtures/bundle'
import { type Certificate, certificatePath, exampleBytes, type FileAnswer, type FileServer, type Proxy, sendFile, serve, serveProxy, sha256 } from './fixtures/file-server'

const BYTES = exampleBytes(2_000_000)
const AUTHORITY = { NODE_EXTRA_CA_CERTS: certificatePath('authority') }
const base = await mkdtemp(join(tmpdir(), 'graft-download-process-'))
const closers: (() => Promise<void>)[] = []
let program = ''
let folder: string
let target: string
beforeAll(async () => {
  // Beside node_modules, where what it imports is found.
  const built = await bundleFixture(join(import.meta.dirname, 'fixtures', 'fetch-file.ts'), join(base, 'built'))
  program = join(base, 'fetch-file.mjs')
  await copyFile(built, program)
})
afterAll(() => rm(base, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(base, 'weights-'))
  target = join(folder, 'network.pth')
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** Compared at once: vitest's own comparison goes byte by byte. */
async function expectPublished(): Promise<void> {
  expect((await readFile(target)).equals(BYTES)).toBe(true)
}

async function publisher(certificate: Certificate, answer: FileAnswer = {}): Promise<FileServer> {
  const server = await serve((request, response) => void sendFile(request, response, BYTES, answer), { certificate })
  closers.push(() => server.close())
  return server
}

async function proxy(status?: number): Promise<Proxy> {
  const started = await serveProxy(status)
  closers.push(() => started.close())
  return started
}

function starting(url: string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [program, url, target, sha256(BYTES).slice(0, 8), String(BYTES.length)], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.on('data', (data: Buffer) => (out += data.toString()))
  child.stderr.on('data', (data: Buffer) => (err += data.toString()))
  const ended = new Promise<{ outcome: Record<string, unknown>; err: string }>((done) => {
    child.on('close', () => {
      const line = out.trim().split('\n').at(-1) ?? ''
      done({ outcome: line.startsWith('{') ? JSON.parse(line) : { killed: line }, err })
    })
  })
  return { child, ended }
}

const fetchIt = (url: string, environment?: Record<string, string>) => starting(url, environment).ended

test('over https with an authority of the network, which NODE_EXTRA_CA_CERTS names', async () => {
  const server = await publisher('localhost')
  expect((await fetchIt(`${server.url}network.pth`, AUTHORITY)).outcome).toEqual({ receivedBytes: BYTES.length })
  await expectPublished()
})

test.each<[Certificate, Record<string, string>, RegExp, RegExp]>([
  ['localhost', {}, /not signed by anybody this machine trusts \(TLS/, /NODE_EXTRA_CA_CERTS/],
  ['expired', AUTHORITY, /has expired \(TLS, CERT_HAS_EXPIRED\)/, /date of this machine/],
  ['other-name', AUTHORITY, /not one of localhost:\d+'s \(TLS/, /Check the address/],
])('a certificate that does not hold (%s) is said as such, with what to do', async (certificate, environment, words, action) => {
  const server = await publisher(certificate)
  const { outcome } = await fetchIt(`${server.url}network.pth`, environment)
  expect(outcome).toMatchObject({ code: 'NETWORK', message: expect.stringMatching(words), action: expect.stringMatching(action) })
  expect(outcome['action']).toContain('By hand.')
  expect(server.requests).toHaveLength(0)
})

test('a server that is not there, a name that does not exist, a port that speaks something else', async () => {
  const server = await publisher('localhost')
  const { port } = server
  expect((await fetchIt(`https://127.0.0.1:1/network.pth`)).outcome).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('refused the connection (connection, ECONNREFUSED)') })
  expect((await fetchIt('https://no-such-name.invalid/network.pth')).outcome).toMatchObject({ code: 'NETWORK', message: expect.stringMatching(/no-such-name\.invalid.*\(DNS, (ENOTFOUND|EAI_AGAIN)\)/) })
  expect((await fetchIt(`http://127.0.0.1:${port}/network.pth`)).outcome).toMatchObject({ code: 'NETWORK' })
  const plain = await serve((_, response) => void response.end())
  closers.push(() => plain.close())
  expect((await fetchIt(`https://localhost:${plain.port}/network.pth`)).outcome).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('No secure connection') })
  expect(await readdir(folder)).toEqual([])
})

test.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'])('through the proxy that %s names', async (variable) => {
  const server = await publisher('localhost')
  const through = await proxy()
  const { outcome } = await fetchIt(`${server.url}network.pth`, { ...AUTHORITY, [variable]: `http://ann:secret@127.0.0.1:${through.port}` })
  expect(outcome).toEqual({ receivedBytes: BYTES.length })
  expect(through.tunnels).toEqual([`localhost:${server.port}`])
  expect(through.authorizations).toEqual([`Basic ${Buffer.from('ann:secret').toString('base64')}`])
})

test('NO_PROXY leaves hosts out; an address without http:// is understood', async () => {
  const server = await publisher('localhost')
  const through = await proxy()
  const named = { ...AUTHORITY, HTTPS_PROXY: `127.0.0.1:${through.port}` }
  expect((await fetchIt(`${server.url}network.pth`, { ...named, NO_PROXY: 'example.org,localhost' })).outcome).toEqual({ receivedBytes: BYTES.length })
  expect(through.tunnels).toEqual([])
  await rm(target)
  expect((await fetchIt(`${server.url}network.pth`, { ...named, no_proxy: 'example.org' })).outcome).toEqual({ receivedBytes: BYTES.length })
  expect(through.tunnels).toHaveLength(1)
})

test('what a proxy refuses is said of the proxy, and its password is not shown', async () => {
  const server = await publisher('localhost')
  for (const [status, words] of [[407, /The proxy 127\.0\.0\.1:\d+ asks for a name and a password \(HTTP, 407\)/], [403, /The proxy 127\.0\.0\.1:\d+ refuses to give the file \(HTTP, 403\)/]] as const) {
    const through = await proxy(status)
    const { outcome, err } = await fetchIt(`${server.url}network.pth`, { ...AUTHORITY, HTTPS_PROXY: `http://ann:secret@127.0.0.1:${through.port}` })
    expect(outcome).toMatchObject({ code: 'NETWORK', message: expect.stringMatching(words) })
    expect(JSON.stringify(outcome) + err).not.toContain('secret')
  }
  const gone = await fetchIt(`${server.url}network.pth`, { ...AUTHORITY, HTTPS_PROXY: 'http://127.0.0.1:1' })
  expect(gone.outcome).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('The proxy 127.0.0.1:1 refused the connection') })
  const nameless = await fetchIt(`${server.url}network.pth`, { ...AUTHORITY, HTTPS_PROXY: 'http://no-such-proxy.invalid:3128' })
  expect(nameless.outcome).toMatchObject({ code: 'NETWORK', message: expect.stringContaining('the proxy no-such-proxy.invalid:3128') })
  expect((await fetchIt(`${server.url}network.pth`, { HTTPS_PROXY: 'socks5://127.0.0.1:1080' })).outcome).toMatchObject({ code: 'BAD_INPUT', message: expect.stringContaining('HTTPS_PROXY') })
})

test('killed in the middle: nothing is used, and the next process fetches the rest', async () => {
  await mkdir(folder, { recursive: true })
  const answers: FileAnswer[] = [{ pieceBytes: 50_000, delayMs: 40 }, { pieceBytes: 50_000, delayMs: 40 }, {}]
  const server = await serve((request, response) => void sendFile(request, response, BYTES, answers[server.requests.length - 1]))
  closers.push(() => server.close())
  let keptBytes = 0
  for (let time = 0; time < 2; time++) {
    const { child, ended } = starting(`${server.url}network.pth`)
    const before = keptBytes
    await expect.poll(() => stat(`${target}.part`).then(({ size }) => size, () => 0), { timeout: 20_000 }).toBeGreaterThan(before + 300_000)
    child.kill('SIGKILL')
    await ended
    expect(await readdir(folder)).not.toContain('network.pth')
    keptBytes = (await stat(`${target}.part`)).size
  }
  expect((await fetchIt(`${server.url}network.pth`)).outcome).toEqual({ receivedBytes: BYTES.length - keptBytes })
  await expectPublished()
  expect(await readdir(folder)).toEqual(['network.pth'])
  expect(server.requests.map(({ headers }) => headers.range !== undefined)).toEqual([false, true, true])
})
