import { existsSync, statSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { moveToTrash, putBack } from './xdg-trash'

async function folder(parent = tmpdir()): Promise<string> {
  const made = await mkdtemp(join(parent, 'graft-trash-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

async function run(parent: string): Promise<string> {
  const directory = join(parent, 'r1')
  await mkdir(directory)
  await writeFile(join(directory, 'run.json'), '{}')
  return directory
}

describe.skipIf(process.platform !== 'linux')('the trash of a Linux desktop', () => {
  test('what lies in it without a note, as other programs leave it, is not touched', async () => {
    const base = await folder()
    const stranger = join(base, 'Trash', 'files', 'r1')
    await mkdir(stranger, { recursive: true })
    await writeFile(join(stranger, 'thesis.txt'), 'mine')
    await writeFile(join(base, 'Trash', 'files', 'r1.2'), 'mine too')
    const trashed = await moveToTrash(await run(base), { XDG_DATA_HOME: base })
    expect(trashed.to).toBe(join(base, 'Trash', 'files', 'r1.3'))
    expect(await readdir(stranger)).toEqual(['thesis.txt'])
    expect(await readdir(join(base, 'Trash', 'info'))).toEqual(['r1.3.trashinfo'])
  })

  const shared = '/dev/shm'
  const isOtherDisk = existsSync(shared) && statSync(shared).dev !== statSync(tmpdir()).dev
  const own = join(shared, `.Trash-${process.getuid?.() ?? 0}`)
  describe.skipIf(!isOtherDisk || existsSync(own))('another disk has its own', () => {
    test('with a path from its top in the note, as the specification has it; it comes back', async () => {
      onTestFinished(() => rm(own, { recursive: true, force: true }))
      const [home, other] = [await folder(), await folder(shared)]
      const directory = await run(other)
      const trashed = await moveToTrash(directory, { XDG_DATA_HOME: home, DISPLAY: ':0' })
      expect(trashed.to).toBe(join(own, 'files', 'r1'))
      expect(await readFile(trashed.note, 'utf8')).toContain(`\nPath=${directory.slice(shared.length + 1)}\n`)
      await putBack(trashed)
      expect(await readdir(directory)).toEqual(['run.json'])
    })

    test('a link that somebody else has put in its place is not followed', async () => {
      onTestFinished(() => rm(own, { recursive: true, force: true }))
      const [home, other, theirs] = [await folder(), await folder(shared), await folder(shared)]
      await symlink(theirs, own)
      const directory = await run(other)
      await expect(moveToTrash(directory, { XDG_DATA_HOME: home, DISPLAY: ':0' })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
      expect(await readdir(theirs)).toEqual([])
      expect(await readdir(directory)).toEqual(['run.json'])
    })
  })
})
