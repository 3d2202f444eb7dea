import { chmod, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isThereSync, readAllParts, readPlain, readPlainSync, writePictureFile } from './picture-file'
import { temporaryFolder } from './test-pictures'

const NOBODY = 65534
const isRoot = process.platform === 'linux' && process.geteuid?.() === 0
if (!isRoot) console.warn('SKIPPED: a picture cache that belongs to somebody else (needs root on Linux)')

/** With this user's rights and no others. */
async function as<T>(user: number, work: () => Promise<T>): Promise<T> {
  process.seteuid?.(user)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

test.skipIf(!isRoot)('a file of somebody else’s is read where it may be, though its use cannot be noted; where it may not, it is as none', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'a.pixels')
  const plain = Uint8Array.from({ length: 12 }, (_, i) => i)
  await writePictureFile(path, { plain, whole: { pixels: plain, width: 2, height: 2 } })
  const longAgo = new Date(Date.now() - 10 * 3_600_000)
  await utimes(path, longAgo, longAgo)
  const everyWay = async () => {
    const [quick, slow] = [new Uint8Array(12), new Uint8Array(12)]
    return { found: [readPlainSync(path, quick), await readPlain(path, slow)], read: [quick, slow], all: await readAllParts(path, 12), isThere: isThereSync(path) }
  }
  await chmod(folder, 0o755)
  await chmod(path, 0o644)
  const theirs = await as(NOBODY, everyWay)
  expect(theirs).toMatchObject({ found: ['read', 'read'], read: [plain, plain], isThere: true })
  expect(theirs.all).toMatchObject({ whole: { width: 2, height: 2 } })

  await chmod(path, 0o600)
  expect(await as(NOBODY, everyWay)).toMatchObject({ found: ['missing', 'missing'], all: null, isThere: true })
  await chmod(folder, 0o700)
  expect(await as(NOBODY, everyWay)).toMatchObject({ found: ['missing', 'missing'], all: null, isThere: false })
  expect(await readFile(path)).toHaveLength(36 + 24)
})
