import { chmod, readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isThereSync, readAllParts, readPlain, readPlainSync, writePictureFile } from './picture-file'
import { asNobody, canBeNobody, temporaryFolder } from './test-pictures'

test.skipIf(!canBeNobody)('a file of somebody else’s is read where it may be, though its use cannot be noted; where it may not, it is as none', async () => {
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
  const theirs = await asNobody(everyWay)
  expect(theirs).toMatchObject({ found: ['read', 'read'], read: [plain, plain], isThere: true })
  expect(theirs.all).toMatchObject({ whole: { width: 2, height: 2 } })

  await chmod(path, 0o600)
  expect(await asNobody(everyWay)).toMatchObject({ found: ['missing', 'missing'], all: null, isThere: true })
  await chmod(folder, 0o700)
  expect(await asNobody(everyWay)).toMatchObject({ found: ['missing', 'missing'], all: null, isThere: false })
  expect(await readFile(path)).toHaveLength(36 + 24)
})
