import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scanSchema } from '../../shared/domain/dataset'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { scanDataset } from './scan'
import { bmp, havePhotographs, jpeg, pattern, PHOTOGRAPHS, pngThatClaims, STUBS, temporaryFolder, writeTree } from './test-pictures'

async function failure(promise: Promise<unknown>): Promise<GraftError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof GraftError)) throw new Error(`Expected a GraftError, got ${String(error)}`)
  return error
}

describe('layouts', () => {
  test('a folder per class, nested folders walked, hidden and system files listed', async () => {
    const root = await temporaryFolder()
    await writeTree(root, {
      'b/one.jpg': await jpeg(1),
      'b/deep/er/two.jpg': await jpeg(2),
      'a/three.jpg': await jpeg(3),
      'B/four.jpg': await jpeg(4),
      'b/.DS_Store': 'x',
      'b/Thumbs.db': 'x',
      'b/.hidden/five.jpg': await jpeg(5),
      '__MACOSX/a/six.jpg': await jpeg(6),
      '.ipynb_checkpoints/x.jpg': 'x',
      'readme.txt': 'hello',
    })
    const scan = await scanDataset(root)
    expect(() => scanSchema.parse(scan)).not.toThrow()
    expect(scan.layout).toBe('folder-per-class')
    expect(scan.classes).toEqual(['B', 'a', 'b'])
    expect(scan.pictures.map((picture) => [picture.path, picture.classIndex])).toEqual([
      ['B/four.jpg', 0],
      ['a/three.jpg', 1],
      ['b/deep/er/two.jpg', 2],
      ['b/one.jpg', 2],
    ])
    expect(scan.ignored.map((ignored) => ignored.path)).toEqual([
      '.ipynb_checkpoints',
      '__MACOSX',
      'b/.DS_Store',
      'b/.hidden',
      'b/Thumbs.db',
      'readme.txt',
    ])
    expect(scan.setAside).toEqual([])
  })

  test('split folders by any of their names; the classes are the union', async () => {
    const root = await temporaryFolder()
    await writeTree(root, {
      'Training/x/1.jpg': await jpeg(1),
      'Training/y/2.jpg': await jpeg(2),
      'VALID/x/3.jpg': await jpeg(3),
      'dev/w/4.jpg': await jpeg(4),
      'test/y/5.jpg': await jpeg(5),
      'extra/y/6.jpg': await jpeg(6),
      'test/stray.jpg': await jpeg(7),
    })
    const scan = await scanDataset(root)
    expect(scan.layout).toBe('split-folders')
    expect(scan.classes).toEqual(['w', 'x', 'y'])
    expect(scan.pictures.map((picture) => [picture.path, picture.classIndex, picture.givenSplit])).toEqual([
      ['Training/x/1.jpg', 1, 'train'],
      ['Training/y/2.jpg', 2, 'train'],
      ['VALID/x/3.jpg', 1, 'val'],
      ['dev/w/4.jpg', 0, 'val'],
      ['test/y/5.jpg', 2, 'test'],
    ])
    expect(scan.ignored.map((ignored) => ignored.path)).toEqual(['extra', 'test/stray.jpg'])
  })

  test('"train" may be a class, and a lone folder around everything is entered', async () => {
    const root = await temporaryFolder()
    await writeTree(root, { 'photos/train/1.jpg': await jpeg(1), 'photos/bus/2.jpg': await jpeg(2), 'photos/empty/readme.txt': 'x' })
    const scan = await scanDataset(root)
    expect(scan.layout).toBe('folder-per-class')
    expect(scan.classes).toEqual(['bus', 'empty', 'train'])
    expect(scan.pictures.map((picture) => picture.path)).toEqual(['photos/bus/2.jpg', 'photos/train/1.jpg'])
    expect(scan.setAside.map((file) => [file.path, file.reason])).toEqual([['photos/empty/readme.txt', 'not-a-picture']])
  })

  test('odd names come back as they are', async () => {
    const root = await temporaryFolder()
    const names = [
      'new\nline.jpg',
      '\u{1f33c}.jpg',
      '\u202Egpj.exe.jpg',
      '<img onerror=x>.jpg',
      `${'n'.repeat(251)}.jpg`,
      'e\u0301.jpg',
      '#%2e.jpg',
    ]
    for (const [index, name] of names.entries()) await writeTree(root, { [`a/${name}`]: await jpeg(index) })
    await writeTree(root, { 'b/1.jpg': await jpeg(99) })
    const scan = await scanDataset(root)
    expect(scan.pictures.map((picture) => picture.path).sort()).toEqual([...names.map((name) => `a/${name}`), 'b/1.jpg'].sort())
  })
})

describe('what is not a dataset', () => {
  test('missing, a file, no folders, pictures at the top, one class', async () => {
    const root = await temporaryFolder()
    expect((await failure(scanDataset(join(root, 'nowhere')))).code).toBe('NOT_FOUND')
    await writeTree(root, { 'file.jpg': await jpeg() })
    const file = await failure(scanDataset(join(root, 'file.jpg')))
    expect([file.code, file.message]).toEqual(['BAD_INPUT', expect.stringContaining('is a file')])
    const flat = await failure(scanDataset(root))
    expect([flat.code, flat.message]).toEqual(['BAD_INPUT', expect.stringContaining('1 file but no folders')])
    expect(flat.action).toContain('folder of their own')
    await writeTree(root, { 'only/1.jpg': await jpeg() })
    const single = await failure(scanDataset(root))
    expect([single.code, single.message]).toEqual(['BAD_INPUT', expect.stringContaining('found only "only"')])
  })

  test('cancelling before and during', async () => {
    const root = await temporaryFolder()
    for (let i = 0; i < 40; i++) await writeTree(root, { [`a/${i}.jpg`]: await jpeg(i), [`b/${i}.jpg`]: await jpeg(i + 100) })
    await expect(scanDataset(root, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Cancelled)
    const controller = new AbortController()
    const scanning = scanDataset(root, { signal: controller.signal, onProgress: () => controller.abort() })
    await expect(scanning).rejects.toBeInstanceOf(Cancelled)
  })
})

describe('files', () => {
  test('all formats by content, with size and hash', async () => {
    const root = await temporaryFolder()
    const files = {
      'a/jpeg.png': await pattern(31, 17).jpeg().toBuffer(),
      'a/png.jpg': await pattern(32, 18).png().toBuffer(),
      'a/webp': await pattern(33, 19).webp().toBuffer(),
      'a/gif.txt': await pattern(34, 20).gif().toBuffer(),
      'a/tiff.tif': await pattern(35, 21).tiff().toBuffer(),
      'a/avif.avif': await pattern(36, 22).avif().toBuffer(),
      'a/progressive.jpg': await pattern(37, 23).jpeg({ progressive: true }).toBuffer(),
      'a/garbage-after.jpg': Buffer.concat([await pattern(38, 24).jpeg().toBuffer(), Buffer.alloc(3000, 65)]),
      'a/bmp': bmp(39, 25),
      'b/1.jpg': await jpeg(),
    }
    await writeTree(root, files)
    const scan = await scanDataset(root)
    expect(scan.setAside).toEqual([])
    const byPath = Object.fromEntries(scan.pictures.map((picture) => [picture.path, picture]))
    const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'jpeg', 'jpeg', 'bmp']
    Object.entries(files)
      .slice(0, 9)
      .forEach(([path, bytes], index) => {
        expect(byPath[path]).toMatchObject({
          format: formats[index],
          width: 31 + index,
          height: 17 + index,
          sizeBytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        })
      })
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %i', async (orientation) => {
    const root = await temporaryFolder()
    await writeTree(root, { 'a/1.jpg': await pattern(30, 20).withMetadata({ orientation }).jpeg().toBuffer(), 'b/1.jpg': await jpeg() })
    const picture = (await scanDataset(root)).pictures[0]
    expect([picture?.width, picture?.height]).toEqual(orientation < 5 ? [30, 20] : [20, 30])
  })

  test('every kind that cannot be used is named', async () => {
    const root = await temporaryFolder()
    await writeTree(root, {
      'a/ok.jpg': await jpeg(1),
      'b/ok.jpg': await jpeg(2),
      ...Object.fromEntries(Object.entries(STUBS).map(([name, bytes]) => [`a/${name}`, bytes])),
      'a/empty.jpg': '',
      'a/noise.jpg': STUBS.noise,
      'a/photo.nef': await pattern(8, 8).tiff().toBuffer(),
      'a/header.jpg': Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]), Buffer.alloc(100, 7), Buffer.from([0xff, 0xd9])]),
    })
    const scan = await scanDataset(root)
    expect(Object.fromEntries(scan.setAside.map((file) => [file.path.slice(2), file.reason]))).toEqual({
      heic: 'corrupt',
      bmp: 'corrupt',
      svg: 'unsupported-format',
      ico: 'unsupported-format',
      psd: 'unsupported-format',
      'photo.nef': 'unsupported-format',
      html: 'not-a-picture',
      pdf: 'not-a-picture',
      text: 'not-a-picture',
      mp4: 'not-a-picture',
      webm: 'not-a-picture',
      zip: 'not-a-picture',
      noise: 'not-a-picture',
      'noise.jpg': 'corrupt',
      'header.jpg': 'corrupt',
      'empty.jpg': 'empty-file',
    })
    expect(scan.setAside.find((file) => file.path === 'a/heic')?.message).toContain('HEIC')
    for (const file of scan.setAside) expect(file.action.length).toBeGreaterThan(10)
  })

  const cuts = ['jpeg', 'progressive', 'png', 'webp', 'gif', 'avif', 'bmp'] as const
  test.each(cuts)('a cut-off %s is truncated wherever it is cut', async (name) => {
    const root = await temporaryFolder()
    const source = pattern(64, 48)
    const make = {
      jpeg: () => source.jpeg(),
      progressive: () => source.jpeg({ progressive: true }),
      png: () => source.png(),
      webp: () => source.webp(),
      gif: () => source.gif(),
      avif: () => source.avif(),
      bmp: () => ({ toBuffer: () => Promise.resolve(bmp(64, 48)) }),
    }
    const bytes = await make[name]().toBuffer()
    const lengths = [16, bytes.length >> 2, bytes.length >> 1, bytes.length - 20, bytes.length - 1].map(Math.floor)
    await writeTree(root, { 'a/whole': bytes, 'b/1.jpg': await jpeg() })
    for (const length of lengths) await writeTree(root, { [`a/cut-${length}`]: bytes.subarray(0, length) })
    const scan = await scanDataset(root)
    expect(scan.pictures.map((picture) => picture.path)).toEqual(['a/whole', 'b/1.jpg'])
    expect(scan.setAside.map((file) => file.reason)).toEqual(lengths.map(() => 'truncated'))
  })

  test("an end marker inside a JPEG's thumbnail does not make a cut file whole", async () => {
    const root = await temporaryFolder()
    const whole = await pattern(64, 48).jpeg().toBuffer()
    const thumbnail = await jpeg(3)
    const segment = Buffer.concat([Buffer.from([0xff, 0xe1, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255]), thumbnail])
    const bytes = Buffer.concat([whole.subarray(0, 2), segment, whole.subarray(2)])
    await writeTree(root, { 'a/whole.jpg': bytes, 'a/cut.jpg': bytes.subarray(0, bytes.length - 300), 'b/1.jpg': await jpeg() })
    const scan = await scanDataset(root)
    expect(scan.pictures.map((picture) => picture.path)).toEqual(['a/whole.jpg', 'b/1.jpg'])
    expect(scan.setAside).toMatchObject([{ path: 'a/cut.jpg', reason: 'truncated' }])
  })

  test('pixel and side limits', async () => {
    const root = await temporaryFolder()
    await writeTree(root, {
      'a/bomb.png': await pngThatClaims(11_000, 9_100),
      'a/long.png': await pngThatClaims(20_001, 4),
      'a/ok.png': await pngThatClaims(20_000, 5000),
      'b/1.jpg': await jpeg(),
    })
    const scan = await scanDataset(root)
    expect(scan.pictures.map((picture) => picture.path)).toEqual(['a/ok.png', 'b/1.jpg'])
    expect(scan.setAside.map((file) => [file.path, file.reason])).toEqual([
      ['a/bomb.png', 'too-large'],
      ['a/long.png', 'too-large'],
    ])
  })

  test('links: circles end, each real folder once, dangling ones listed; pipes are never opened', async () => {
    const root = await temporaryFolder()
    const outside = await temporaryFolder()
    await writeTree(root, { 'a/1.jpg': await jpeg(1), 'b/2.jpg': await jpeg(2) })
    await writeTree(outside, { '3.jpg': await jpeg(3) })
    await symlink('..', join(root, 'a/up'))
    await symlink('.', join(root, 'a/self'))
    await symlink('../b', join(root, 'a/b-again'))
    await symlink('loop', join(root, 'a/loop'))
    await symlink('nowhere.jpg', join(root, 'a/dangling.jpg'))
    await symlink('1.jpg', join(root, 'a/linked.jpg'))
    await symlink(outside, join(root, 'c'))
    await symlink('/', join(root, 'a/everything'))
    execFileSync('mkfifo', [join(root, 'a/pipe.jpg')])
    const scan = await scanDataset(root)
    expect(scan.classes).toEqual(['a', 'b', 'c'])
    expect(scan.pictures.map((picture) => picture.path)).toEqual(['a/1.jpg', 'a/linked.jpg', 'b/2.jpg', 'c/3.jpg'])
    expect(scan.ignored.map((ignored) => ignored.path)).toEqual([
      'a/b-again',
      'a/dangling.jpg',
      'a/everything',
      'a/loop',
      'a/pipe.jpg',
      'a/self',
      'a/up',
    ])
  })

  test('the pictures are not touched and progress ends at the total', async () => {
    const root = await temporaryFolder()
    await writeTree(root, { 'a/1.jpg': await jpeg(1), 'b/1.jpg': await jpeg(2) })
    await mkdir(join(root, 'c'))
    await writeFile(join(root, 'c', 'x.jpg'), 'x')
    const before = await readFile(join(root, 'a/1.jpg'))
    const reports: number[][] = []
    const scan = await scanDataset(root, { onProgress: (done, total) => reports.push([done, total]) })
    expect(reports.at(-1)).toEqual([3, 3])
    expect(await readFile(join(root, 'a/1.jpg'))).toEqual(before)
    expect(scan.classes).toEqual(['a', 'b', 'c'])
  })
})

test.skipIf(!havePhotographs)('real photographs', async () => {
  const scan = await scanDataset(PHOTOGRAPHS)
  expect(scan.classes).toEqual(['dandelion', 'grass'])
  expect(scan.pictures.length).toBe(400)
  expect(scan.setAside).toEqual([])
})
