import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import type { WeightsFile } from '../../shared/domain/model'
import { writeSafetensors } from '../engine/formats/safetensors'
import { readWeights } from '../engine/formats/weights-file'
import { BACKBONES } from '../engine/zoo/registry'
import type { WeightsRow } from '../engine/zoo/weights-rows'
import { exampleBytes, type FileServer, sendFile, serve, sha256 } from './fixtures/file-server'
import type { ProgressItem } from './progress-stream'
import { weightsAddress, type WeightsOwner, WeightsService } from './weights'

const base = await mkdtemp(join(tmpdir(), 'graft-weights-'))
afterAll(() => rm(base, { recursive: true, force: true }))
const servers: FileServer[] = []
let cache: string
beforeEach(async () => {
  cache = await mkdtemp(join(base, 'cache-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

/** A file that our own reader takes, under the name that a publisher would give it. */
const TENSORS = new Map([['fc.weight', { shape: [1000, 64], data: new Float32Array(64_000).map((_, index) => Math.sin(index)) }]])
const FILE = Buffer.from(writeSafetensors(TENSORS))
const NEW_FILE = exampleBytes(200_000)

function row(name: string, bytes: Buffer, url: string | null = 'https://publisher.example/models/'): WeightsRow {
  const fileName = `tiny-${sha256(bytes).slice(0, 8)}.pth`
  const evaluation = { resize: 256, crop: 224, interpolation: 'bilinear' as const }
  return { name, fileName, sha256Prefix: sha256(bytes).slice(0, 8), url: url === null ? null : url + fileName, sizeBytes: bytes.length, licence: 'BSD-3-Clause', top1: 0.7, evaluation }
}
const TINY: WeightsOwner = { name: 'tiny', title: 'Tiny', weights: [row('imagenet1k_v1', FILE), row('imagenet1k_v2', NEW_FILE)] }
const STARTER: WeightsOwner = { name: 'starter', title: 'Starter', weights: [row('imagenet1k_v1', FILE, null)] }

function service(environment: Record<string, string> = {}): WeightsService {
  return new WeightsService({ cache }, { backbones: [TINY, STARTER], environment, timing: { attempts: 1, backOffMs: 1 } })
}

/** A mirror on this machine: the files under their names. */
async function mirror(): Promise<FileServer> {
  const files = new Map([FILE, NEW_FILE].map((bytes) => [`/weights/tiny-${sha256(bytes).slice(0, 8)}.pth`, bytes]))
  const server = await serve((request, response) => {
    const bytes = files.get(request.url ?? '')
    if (bytes === undefined) response.writeHead(404).end()
    else void sendFile(request, response, bytes, { pieceBytes: 5_000, delayMs: 12 })
  })
  servers.push(server)
  return server
}

async function finish(stream: AsyncIterable<ProgressItem<WeightsFile>>): Promise<{ last: ProgressItem<WeightsFile> | undefined; messages: string[] }> {
  const messages: string[] = []
  let last: ProgressItem<WeightsFile> | undefined
  for await (last of stream) if (last.kind === 'progress') messages.push(last.message)
  return { last, messages }
}

test('a fetched file is checked, told, and readable by runs; a mirror is asked for it by its name', async () => {
  const server = await mirror()
  const weights = service({ GRAFT_WEIGHTS_URL: `${server.url}weights` })
  expect(await weights.find('tiny', 'imagenet')).toMatchObject({ name: 'imagenet1k_v2', isDefault: true, isPresent: false, partBytes: 0, url: `${server.url}weights/${TINY.weights[1]?.fileName}` })
  const { last, messages } = await finish(weights.fetch({ backbone: 'tiny', name: 'imagenet1k_v1' }))
  expect(messages).toContain('Fetching')
  expect(messages.at(-1)).toBe('Checking')
  expect(last).toMatchObject({ kind: 'done', result: { isPresent: true, sizeBytes: FILE.length } })
  const found = await weights.find('tiny', 'imagenet1k_v1')
  const tensor = readWeights(await readFile(found?.path ?? ''), 'tiny.pth').get('fc.weight')
  expect(tensor?.data.slice(0, 100)).toEqual(TENSORS.get('fc.weight')?.data.slice(0, 100))
  expect((await weights.list()).files.map(({ backbone, name, isPresent }) => `${backbone} ${name} ${isPresent}`)).toEqual([
    'tiny imagenet1k_v1 true',
    'tiny imagenet1k_v2 false',
    // The same file, by its name.
    'starter imagenet1k_v1 true',
  ])
  // What comes with set-up is on a mirror too.
  await rm(found?.path ?? '')
  expect(await finish(weights.fetch({ backbone: 'starter', name: null }))).toMatchObject({ last: { kind: 'done' } })
})

test('listing and looking never go out', async () => {
  const server = await mirror()
  const weights = service({ GRAFT_WEIGHTS_URL: `${server.url}weights/` })
  await weights.list()
  await weights.find('tiny', 'imagenet')
  expect(server.requests).toHaveLength(0)
})

test('what a broken download left is told, and a cancelled stream leaves it', async () => {
  const server = await mirror()
  const weights = service({ GRAFT_WEIGHTS_URL: `${server.url}weights/` })
  const control = new AbortController()
  const stream = weights.fetch({ backbone: 'tiny', name: null }, control.signal)
  await expect(
    (async () => {
      for await (const item of stream) if (item.kind === 'progress' && item.done > 60_000) control.abort()
    })(),
  ).rejects.toMatchObject({ name: 'Cancelled' })
  const left = await weights.find('tiny', 'imagenet')
  expect(left?.partBytes).toBeGreaterThan(60_000)
  expect(left?.isPresent).toBe(false)
})

test('a failure says what to do, with the way by hand', async () => {
  const weights = service({ GRAFT_WEIGHTS_URL: 'http://127.0.0.1:1/weights/' })
  const { last } = await finish(weights.fetch({ backbone: 'tiny', name: null }))
  const path = join(cache, 'weights', TINY.weights[1]?.fileName ?? '')
  expect(last).toMatchObject({ kind: 'failed', failure: { code: 'NETWORK', action: expect.stringContaining(`By hand: download http://127.0.0.1:1/weights/${TINY.weights[1]?.fileName} in any way and put it at ${path}.`) } })
  expect((await finish(service().fetch({ backbone: 'starter', name: null }))).last).toMatchObject({ kind: 'failed', failure: { code: 'UNSUPPORTED' } })
  expect((await finish(service().fetch({ backbone: 'tiny', name: 'imagenet1k_v3' }))).last).toMatchObject({ kind: 'failed', failure: { code: 'NOT_FOUND', message: expect.stringContaining('imagenet1k_v1, imagenet1k_v2') } })
  expect((await finish(service().fetch({ backbone: 'huge', name: null }))).last).toMatchObject({ kind: 'failed', failure: { code: 'NOT_FOUND' } })
})

test('a file put there by hand counts as there, and fetching replaces one that is not the published', async () => {
  const server = await mirror()
  const weights = service({ GRAFT_WEIGHTS_URL: `${server.url}weights/` })
  const path = join(cache, 'weights', TINY.weights[1]?.fileName ?? '')
  await mkdir(join(cache, 'weights'))
  await writeFile(path, NEW_FILE)
  expect(await weights.find('tiny', 'imagenet')).toMatchObject({ isPresent: true })
  await finish(weights.fetch({ backbone: 'tiny', name: null }))
  expect(server.requests).toHaveLength(0)
  await writeFile(path, 'not the published file')
  await finish(weights.fetch({ backbone: 'tiny', name: null }))
  expect((await readFile(path)).equals(NEW_FILE)).toBe(true)
})

test('addresses: the publisher, a mirror with or without a slash, and what is refused', () => {
  const resnet = BACKBONES.find(({ name }) => name === 'resnet50')?.weights.at(-1)
  if (resnet === undefined) throw new Error('no resnet50')
  expect(weightsAddress(resnet, {})?.href).toBe('https://download.pytorch.org/models/resnet50-11ad3fa6.pth')
  expect(weightsAddress(resnet, { GRAFT_WEIGHTS_URL: '' })?.host).toBe('download.pytorch.org')
  expect(weightsAddress(resnet, { GRAFT_WEIGHTS_URL: 'https://mirror.lab/torch?token=1' })?.href).toBe('https://mirror.lab/torch/resnet50-11ad3fa6.pth')
  for (const wrong of ['mirror.lab', 'http://mirror.lab/', 'ftp://mirror.lab/', 'https://ann:secret@mirror.lab/']) {
    expect(() => weightsAddress(resnet, { GRAFT_WEIGHTS_URL: wrong })).toThrow(expect.objectContaining({ code: 'BAD_INPUT', message: expect.not.stringContaining('secret') }))
  }
  // Every address of the table is one that is fetched from, and every name says its hash.
  for (const { weights } of BACKBONES) for (const { url, fileName, sha256Prefix } of weights) if (url !== null) expect([url, fileName]).toEqual([expect.stringMatching(/^https:/), expect.stringContaining(`-${sha256Prefix.slice(0, 8)}.`)])
})
