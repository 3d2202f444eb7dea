import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { atomicDirectory, atomicWrite, newDirectory, writeVerified } from './atomic-write'
import { bundleFixture } from './fixtures/bundle'
import { exampleManifest, exampleRecord, exampleState } from './run-folder.examples'
import { RunFolder } from './run-folder'

let base: string
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'graft-atomic-'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

/** A disk of 3 MiB, or null where this machine lets nobody mount one. */
function mountSmallDiskSync(): string | null {
  const path = join(tmpdir(), `graft-small-disk-${process.pid}`)
  mkdirSync(path, { recursive: true })
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path], { stdio: 'ignore' })
    return path
  } catch {
    return null
  }
}

const smallDisk = mountSmallDiskSync()
if (smallDisk === null) console.warn('SKIPPED: writes on a full disk (mounting a small tmpfs needs root on Linux)')
afterAll(async () => {
  if (smallDisk !== null) execFileSync('umount', [smallDisk])
  await rm(join(tmpdir(), `graft-small-disk-${process.pid}`), { recursive: true, force: true })
})

test.skipIf(smallDisk === null)('a full disk at every size: the old file stays whole, and the error says how much is needed', async () => {
  const disk = smallDisk ?? ''
  const path = join(disk, 'file')
  const good = Buffer.alloc(1024 * 1024, 7)
  await atomicWrite(path, good)
  let refused = 0
  for (let kib = 1024; kib <= 4096; kib += 128) {
    const bytes = Buffer.alloc(kib * 1024 + 13, 9)
    try {
      await atomicWrite(path, bytes)
      expect((await readFile(path)).equals(bytes)).toBe(true)
      await rm(path)
      await atomicWrite(path, good)
    } catch (error) {
      refused++
      expect(error).toMatchObject({ code: 'STORAGE', message: expect.stringContaining(`${bytes.length} bytes`) })
      expect((await readFile(path)).equals(good)).toBe(true)
    }
    expect(await readdir(disk)).toEqual(['file'])
  }
  expect(refused).toBeGreaterThan(10)
  await rm(path)
})

test.skipIf(smallDisk === null)('a checkpoint and an event that do not fit leave the ones before them', async () => {
  const folder = await RunFolder.create(join(smallDisk ?? '', 'run'), { record: exampleRecord(), config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
  await folder.writeCheckpoint('latest', { weights: new Uint8Array(700_000), optimizer: null, state: exampleState(1) })
  await folder.appendEvent({ event: 'log', level: 'info', message: 'fits' })
  const tooLarge = folder.writeCheckpoint('latest', { weights: new Uint8Array(2_500_000), optimizer: null, state: exampleState(2) })
  await expect(tooLarge).rejects.toMatchObject({ code: 'STORAGE', message: expect.stringContaining('disk is full') })
  expect((await folder.readCheckpoint('latest'))?.state.epoch).toBe(1)
  expect(await readdir(join(folder.directory, 'checkpoints'))).toEqual(['latest'])
  await expect(folder.appendEvent({ event: 'log', level: 'info', message: 'x'.repeat(3_000_000) })).rejects.toMatchObject({ code: 'STORAGE' })
  await folder.appendEvent({ event: 'log', level: 'info', message: 'fits again' })
  expect((await folder.events()).map(({ sequence }) => sequence)).toEqual([0, 1])
})

test('a failed filling leaves the old folder and nothing else', async () => {
  const path = join(base, 'folder')
  await atomicDirectory(path, async (temporary) => {
    await writeVerified(join(temporary, 'a'), Buffer.from('old'))
  })
  const failing = atomicDirectory(path, async (temporary) => {
    await writeVerified(join(temporary, 'a'), Buffer.from('new'))
    throw new Error('stop here')
  })
  await expect(failing).rejects.toThrow('stop here')
  expect(await readFile(join(path, 'a'), 'utf8')).toBe('old')
  expect((await readdir(base)).filter((name) => name.startsWith('.'))).toEqual([])
})

test('what a dead process left beside a folder is removed by the next write', async () => {
  const path = join(base, 'left')
  await mkdir(join(base, '.left.tmp-4194303-abc'))
  await writeFile(join(base, '.left.tmp-4194303-abc', 'x'), 'x')
  await atomicDirectory(path, async () => undefined)
  expect((await readdir(base)).filter((name) => name.startsWith('.left'))).toEqual([])
})

test('what others keep beside a folder is left alone, also where it has the names that we use', async () => {
  const path = join(base, 'out')
  const put = async (name: string): Promise<string> => {
    await mkdir(join(base, name), { recursive: true })
    await writeFile(join(base, name, 'theirs'), 'precious')
    return join(base, name, 'theirs')
  }
  const other = await put('.others.tmp-4194303-abc')
  const aside = await put('.out.previous')
  const fill = (text: string) => (temporary: string) => writeVerified(join(temporary, 'a'), Buffer.from(text)).then(() => undefined)
  await atomicDirectory(path, fill('one'))
  await expect(atomicDirectory(path, fill('two'))).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('.out.previous') })
  expect(await readdir(path)).toEqual(['a'])
  expect(await readFile(join(path, 'a'), 'utf8')).toBe('one')
  for (const file of [other, aside]) expect(await readFile(file, 'utf8')).toBe('precious')
  await rm(join(base, '.out.previous'), { recursive: true })
  await atomicDirectory(path, fill('two'))
  expect(await readFile(join(path, 'a'), 'utf8')).toBe('two')
  expect((await readdir(base)).filter((name) => name.startsWith('.out'))).toEqual([])
  await rm(join(base, '.others.tmp-4194303-abc'), { recursive: true })
})

test('a new folder takes an empty one’s place and never that of anything else, which may come while it is built', async () => {
  const place = join(base, 'new')
  await mkdir(place)
  const path = join(place, 'out')
  const writing = (meanwhile: () => Promise<unknown>) => async (temporary: string) => {
    await writeVerified(join(temporary, 'a'), Buffer.from('ours'))
    await meanwhile()
  }
  const refused = { code: 'CONFLICT', message: expect.stringMatching(/is not an empty folder: something else was put there/) }
  await expect(newDirectory(path, writing(() => mkdir(path).then(() => writeFile(join(path, 'theirs'), 'precious'))))).rejects.toMatchObject(refused)
  expect([await readdir(place), await readdir(path), await readFile(join(path, 'theirs'), 'utf8')]).toEqual([['out'], ['theirs'], 'precious'])
  await rm(path, { recursive: true })
  await expect(newDirectory(path, writing(() => writeFile(path, 'a file')))).rejects.toMatchObject(refused)
  expect([await readdir(place), await readFile(path, 'utf8')]).toEqual([['out'], 'a file'])
  await rm(path)
  await mkdir(path)
  await newDirectory(path, writing(async () => undefined))
  await expect(newDirectory(path, writing(async () => undefined))).rejects.toMatchObject(refused)
  expect([await readdir(place), await readdir(path)]).toEqual([['out'], ['a']])
  await mkdir(join(place, 'elsewhere'))
  await symlink(join(place, 'elsewhere'), join(place, 'link'), 'junction')
  await newDirectory(join(place, 'link'), writing(async () => undefined))
  expect([(await readdir(place)).sort(), await readdir(join(place, 'elsewhere'))]).toEqual([['elsewhere', 'link', 'out'], ['a']])
})

test('of two that build the same new folder one is told that the other was first', async () => {
  const path = join(base, 'contested')
  const build = (text: string) => newDirectory(path, (temporary) => writeVerified(join(temporary, text), Buffer.from(text)).then(() => undefined))
  const results = await Promise.allSettled([build('one'), build('two')])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'CONFLICT' } })
  expect(await readdir(path)).toEqual([results[0]?.status === 'fulfilled' ? 'one' : 'two'])
})

test('killed 25 times while writing checkpoints: a whole one is always there and the epoch never falls', { timeout: 120_000 }, async () => {
  const folder = await RunFolder.create(join(base, 'run'), { record: exampleRecord(), config: DEFAULT_RUN_CONFIG, manifest: exampleManifest() })
  const script = await bundleFixture(join(import.meta.dirname, 'fixtures', 'write-checkpoints.ts'), base)
  let before = 0
  for (let time = 0; time < 25; time++) {
    let told = before
    const child = spawn(process.execPath, [script, folder.directory], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.on('data', (data: Buffer) => (told = Number(data.toString().trim().split('\n').at(-1))))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    // A spread of moments within the tens of milliseconds that one checkpoint takes.
    await sleep(time * 1.7)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const read = await folder.readCheckpoint('latest')
    const epoch = read?.state.epoch ?? 0
    expect(epoch).toBeGreaterThanOrEqual(told)
    expect(told).toBeGreaterThan(before)
    expect(read?.weights.every((byte) => byte === epoch % 251)).toBe(true)
    expect(read?.weights.length).toBe(600_000)
    before = epoch
  }
})
