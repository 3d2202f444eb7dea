import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { download, type DownloadOptions, type DownloadProgress, type PublishedFile } from './download'
import { exampleBytes, type FileAnswer, type FileServer, sendFile, serve, sha256 } from './fixtures/file-server'

const BYTES = exampleBytes(300_000)
const base = await mkdtemp(join(tmpdir(), 'graft-download-'))
afterAll(() => rm(base, { recursive: true, force: true }))
const closers: (() => Promise<void>)[] = []
let folder: string
let target: string
beforeEach(async () => {
  folder = await mkdtemp(join(base, 'weights-'))
  target = join(folder, 'network.pth')
})
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function started(listener: RequestListener): Promise<FileServer> {
  const server = await serve(listener)
  closers.push(() => server.close())
  return server
}

/** The n-th request gets the n-th answer, later ones the last. */
async function answering(answers: readonly FileAnswer[], bytes = BYTES): Promise<FileServer> {
  let count = 0
  return started((request, response) => void sendFile(request, response, bytes, answers[Math.min(count++, answers.length - 1)] ?? {}))
}

const file = (server: FileServer, bytes = BYTES): PublishedFile => ({
  url: new URL('network.pth', server.url),
  path: target,
  sha256Prefix: sha256(bytes).slice(0, 8),
  sizeBytes: bytes.length,
  byHand: `By hand: put it at ${target}.`,
})

function fetchIt(what: PublishedFile, options: { signal?: AbortSignal; timing?: DownloadOptions['timing']; told?: DownloadProgress[] } = {}) {
  return download(what, {
    signal: options.signal ?? new AbortController().signal,
    environment: {},
    timing: { stallMs: 5000, attempts: 3, backOffMs: 1, ...options.timing },
    onProgress: (progress) => options.told?.push(progress),
  })
}

/** Compared at once: vitest's own comparison goes byte by byte. */
async function expectPublished(bytes = BYTES): Promise<void> {
  expect((await readFile(target)).equals(bytes)).toBe(true)
}

const partBytes = (): Promise<number> => stat(`${target}.part`).then(({ size }) => size, () => 0)
const names = async (): Promise<string[]> => (await readdir(folder)).sort()

test('a file comes whole, with progress, and leaves nothing beside it', async () => {
  const server = await answering([{ pieceBytes: 50_000, delayMs: 2 }])
  const told: DownloadProgress[] = []
  expect(await fetchIt(file(server), { told })).toEqual({ receivedBytes: BYTES.length })
  await expectPublished()
  expect(await names()).toEqual(['network.pth'])
  const fetched = told.filter(({ phase }) => phase === 'fetching').map(({ doneBytes }) => doneBytes)
  expect(fetched).toEqual([...fetched].sort((a, b) => a - b))
  expect(told.at(-1)).toEqual({ phase: 'checking', doneBytes: BYTES.length, totalBytes: BYTES.length })
  // Once it is here, nothing goes out.
  expect(await fetchIt(file(server))).toEqual({ receivedBytes: 0 })
  expect(server.requests).toHaveLength(1)
})

const CUTS = [0, 1, 2, 1023, 65_535, 65_536, 65_537, ...Array.from({ length: 24 }, (_, i) => 7000 + i * 11_903), 299_998, 299_999]

test.each(CUTS)('cut off after %i bytes: nothing is used, and the next try fetches the rest', async (cut) => {
  const server = await answering([{ cutAfterBytes: cut }, {}])
  await expect(fetchIt(file(server), { timing: { attempts: 1 } })).rejects.toMatchObject({ code: 'NETWORK', action: expect.stringContaining(target) })
  expect(await names()).not.toContain('network.pth')
  const kept = await partBytes()
  // A cut connection may take bytes with it that were on their way.
  expect(kept).toBeLessThanOrEqual(cut)
  const { receivedBytes } = await fetchIt(file(server))
  expect(receivedBytes).toBe(BYTES.length - kept)
  expect(server.requests[1]?.headers.range).toBe(kept === 0 ? undefined : `bytes=${kept}-`)
  await expectPublished()
  expect(await names()).toEqual(['network.pth'])
})

test('broken transfers are taken up again within one download, as long as they get on', async () => {
  const server = await answering([{ cutAfterBytes: 70_000, pieceBytes: 10_000, delayMs: 5 }])
  const told: DownloadProgress[] = []
  expect(await fetchIt(file(server), { told })).toEqual({ receivedBytes: BYTES.length })
  expect(server.requests.length).toBeGreaterThanOrEqual(5)
  expect(told.some(({ phase }) => phase === 'retrying')).toBe(true)
})

test('a server that knows no ranges is asked for all of it again; one that never gets on is given up', async () => {
  const server = await answering([{ cutAfterBytes: 200_000 }, { ignoresRange: true }])
  await fetchIt(file(server))
  await expectPublished()
  await rm(target)
  const hopeless = await answering([{ cutAfterBytes: 100_000, ignoresRange: true }])
  await expect(fetchIt(file(hopeless))).rejects.toMatchObject({ code: 'NETWORK' })
  expect(hopeless.requests).toHaveLength(3)
})

test('a part of another version is not continued: by the tag where there is one, else by the hash of the whole', async () => {
  const old = exampleBytes(301_000).subarray(1000)
  const server = await answering([{ cutAfterBytes: 150_000 }], old)
  await expect(fetchIt(file(server), { timing: { attempts: 1 } })).rejects.toThrow()
  const renewed = await answering([{}])
  // Another address: its tag is not the old one's, so the pieces are put together and the hash says no.
  await fetchIt(file(renewed))
  await expectPublished()
  expect(renewed.requests.map(({ headers }) => headers.range)).toEqual([expect.stringContaining('bytes='), undefined])
  await rm(target)
  let bytes = old
  const changing = await started((request, response) => void sendFile(request, response, bytes, bytes === old ? { cutAfterBytes: 150_000 } : {}))
  await expect(fetchIt(file(changing), { timing: { attempts: 1 } })).rejects.toThrow()
  bytes = BYTES
  expect((await fetchIt(file(changing))).receivedBytes).toBe(BYTES.length)
  expect(changing.requests.at(-1)?.headers['if-range']).toMatch(/^"/)
})

test('parts that are whole, too long or garbage: used only where the hash says so', async () => {
  const server = await answering([{}])
  await writeFile(`${target}.part`, BYTES)
  expect(await fetchIt(file(server))).toEqual({ receivedBytes: 0 })
  expect(server.requests).toHaveLength(0)
  for (const part of [Buffer.concat([BYTES, Buffer.alloc(10)]), Buffer.alloc(BYTES.length), Buffer.alloc(100_000), Buffer.alloc(0)]) {
    await rm(target)
    await writeFile(`${target}.part`, part)
    await writeFile(`${target}.part.json`, '{"damaged')
    await fetchIt(file(server))
    await expectPublished()
  }
})

test('a file that is there but is not the published one is replaced by it', async () => {
  await writeFile(target, 'something else')
  await fetchIt(file(await answering([{}])))
  await expectPublished()
})

test('a wrong file is refused and not kept: other bytes, other sizes, with and without a length', async () => {
  const forged = Buffer.from(BYTES)
  forged[123_456] = (forged[123_456] ?? 0) ^ 1
  for (const [bytes, answer] of [
    [forged, {}],
    [forged, { hidesLength: true }],
    [exampleBytes(400_000), {}],
    [exampleBytes(400_000), { hidesLength: true }],
    [exampleBytes(3000), {}],
  ] as const) {
    const server = await answering([answer], bytes)
    await expect(fetchIt(file(server))).rejects.toMatchObject({ code: 'MISMATCH', action: expect.stringContaining(target) })
    expect(await names()).toEqual([])
  }
  const fine = await answering([{ hidesLength: true }])
  await fetchIt(file(fine))
  await expectPublished()
})

test.each([
  [404, /has no such file \(HTTP, 404\)/, 1],
  [403, /refuses to give the file \(HTTP, 403\)/, 1],
  [500, /out of order \(HTTP, 500\)/, 3],
  [503, /out of order \(HTTP, 503\)/, 3],
  [429, /asked too often \(HTTP, 429\)/, 3],
  [204, /did not give the file \(HTTP, 204\)/, 1],
])('status %i is said in words, and asked again only where that may help', async (status, words, requests) => {
  const server = await started((_, response) => void response.writeHead(status).end())
  await expect(fetchIt(file(server))).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringMatching(words), action: expect.stringContaining('By hand') })
  expect(server.requests).toHaveLength(requests)
})

test('a page at which a network asks one to log in is not taken for the file', async () => {
  const server = await started((_, response) => void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>'))
  await expect(fetchIt(file(server))).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('a web page instead of the file') })
})

test('redirects are followed a few times, never in a circle, never to what is not secure', async () => {
  const server = await started((request, response) => {
    if (request.url === '/network.pth') response.writeHead(302, { location: '/b' }).end()
    else if (request.url === '/b') response.writeHead(307, { location: 'c?x=1' }).end()
    else if (request.url === '/c?x=1') void sendFile(request, response, BYTES)
    else if (request.url === '/circle') response.writeHead(301, { location: '/circle' }).end()
    else response.writeHead(302, { location: 'http://192.0.2.1/file' }).end()
  })
  await fetchIt(file(server))
  await expectPublished()
  await rm(target)
  await expect(fetchIt({ ...file(server), url: new URL('/circle', server.url) })).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('redirects') })
  await expect(fetchIt({ ...file(server), url: new URL('/away', server.url) })).rejects.toMatchObject({ code: 'REFUSED', message: expect.stringContaining('192.0.2.1') })
})

test('a transfer that stalls is cut and taken up again', async () => {
  const server = await answering([{ stallAfterBytes: 120_000 }, {}])
  const began = performance.now()
  await fetchIt(file(server), { timing: { stallMs: 300 } })
  expect(performance.now() - began).toBeLessThan(10_000)
  await expectPublished()
  expect(server.requests[1]?.headers.range).toBe('bytes=120000-')
  await rm(target)
  const silent = await started(() => undefined)
  await expect(fetchIt(file(silent), { timing: { stallMs: 200, attempts: 2 } })).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('time-out') })
})

test('a cancelled download keeps its part for the next', async () => {
  const server = await answering([{ pieceBytes: 10_000, delayMs: 20 }, {}])
  const control = new AbortController()
  const gone = fetchIt(file(server), { signal: control.signal })
  await expect.poll(partBytes).toBeGreaterThan(30_000)
  control.abort()
  await expect(gone).rejects.toMatchObject({ name: expect.stringMatching(/Cancelled|AbortError/) })
  const kept = (await stat(`${target}.part`)).size
  expect((await fetchIt(file(server))).receivedBytes).toBe(BYTES.length - kept)
})

test('two that want the same file fetch it once; the second goes on where the first was cancelled', async () => {
  const server = await answering([{ pieceBytes: 30_000, delayMs: 20 }])
  const results = await Promise.all([fetchIt(file(server)), fetchIt(file(server)), fetchIt(file(server))])
  expect(results.map(({ receivedBytes }) => receivedBytes).sort((a, b) => a - b)).toEqual([0, 0, BYTES.length])
  expect(server.requests).toHaveLength(1)
  await rm(target)
  const control = new AbortController()
  const first = fetchIt(file(server), { signal: control.signal })
  await expect.poll(partBytes).toBeGreaterThan(30_000)
  const second = fetchIt(file(server))
  control.abort()
  await expect(first).rejects.toThrow()
  expect((await second).receivedBytes).toBeLessThan(BYTES.length)
  await expectPublished()
})

test('a folder that cannot be made is a failure of the disk, in words', async () => {
  await writeFile(join(folder, 'in-the-way'), '')
  const server = await answering([{}])
  await expect(fetchIt({ ...file(server), path: join(folder, 'in-the-way', 'network.pth') })).rejects.toMatchObject({ code: 'STORAGE' })
  expect(server.requests).toHaveLength(0)
})

/** A disk of 12 MiB, or null where this machine lets nobody mount one. */
async function mountSmallDisk(): Promise<string | null> {
  const path = join(base, 'small-disk')
  await mkdir(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', path], { stdio: 'ignore' })
    return path
  } catch {
    console.warn('SKIPPED: downloads to a full disk (mounting a small tmpfs needs root on Linux)')
    return null
  }
}
const smallDisk = await mountSmallDisk()
afterAll(() => {
  if (smallDisk !== null) execFileSync('umount', [smallDisk])
})

test.skipIf(smallDisk === null)('a full disk: refused before anything goes out, or in the middle, and completed once there is room', async () => {
  const disk = smallDisk ?? ''
  target = join(disk, 'network.pth')
  const filler = join(disk, 'filler')
  const bytes = exampleBytes(3 * 1024 * 1024)
  const server = await answering([{ pieceBytes: 256 * 1024, delayMs: 30 }], bytes)
  await writeFile(filler, Buffer.alloc(6 * 1024 * 1024))
  await expect(fetchIt(file(server, bytes))).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('are free in') })
  expect(server.requests).toHaveLength(0)
  await rm(filler)
  const failing = expect(fetchIt(file(server, bytes))).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('the disk is full'), action: expect.stringContaining('GRAFT_CACHE_DIR') })
  await expect.poll(partBytes).toBeGreaterThan(500_000)
  await writeFile(filler, Buffer.alloc(11 * 1024 * 1024)).catch(() => undefined)
  await failing
  expect(await readdir(disk)).not.toContain('network.pth')
  await rm(filler)
  await fetchIt(file(server, bytes))
  await expectPublished(bytes)
})
