import { expect, test } from 'vitest'
import { GraftError, isCancellation } from '../../shared/domain/error'
import { droppedModel, walkDrop, type DroppedEntry } from './dropped-files'

const BATCH = 100

function file(name: string, text = 'x'): DroppedEntry {
  return { name, isFile: true, isDirectory: false, file: (resolve: (file: File) => void) => resolve(new File([text], name)) } as DroppedEntry
}

/** Gives its entries in batches, as a browser does. */
function folder(name: string, entries: DroppedEntry[]): DroppedEntry {
  const createReader = () => {
    let at = 0
    return { readEntries: (resolve: (entries: DroppedEntry[]) => void) => resolve(entries.slice(at, (at += BATCH))) }
  }
  return { name, isFile: false, isDirectory: true, createReader } as DroppedEntry
}

const quiet = { signal: new AbortController().signal, onFound: () => undefined }

test('one folder: its content, without its own name, hidden files left out', async () => {
  const many = Array.from({ length: 250 }, (_, index) => file(`${index}.jpg`, 'ab'))
  const dropped = await walkDrop([folder('leaves', [folder('healthy', many), folder('.git', [file('x')]), file('.DS_Store')])], quiet)
  expect(dropped.name).toBe('leaves')
  expect(dropped.files).toHaveLength(250)
  expect(dropped.files[249]?.relativePath).toBe('healthy/249.jpg')
  expect(dropped.sizeBytes).toBe(500)
})

test('several folders keep their names, as the classes that they are', async () => {
  const dropped = await walkDrop([folder('cat', [file('1.png')]), folder('dog', [file('1.png')])], quiet)
  expect(dropped.files.map((entry) => entry.relativePath)).toEqual(['cat/1.png', 'dog/1.png'])
})

test('files alone and empty folders are refused with what to do', async () => {
  for (const entries of [[file('a.jpg')], [folder('empty', [])]]) {
    const error: unknown = await walkDrop(entries, quiet).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(GraftError)
    expect((error as GraftError).action).toContain('one folder for each class')
  }
})

test('a walk can be cancelled', async () => {
  const controller = new AbortController()
  const options = { signal: controller.signal, onFound: () => controller.abort() }
  const error: unknown = await walkDrop([folder('leaves', [file('1'), file('2')])], options).catch((caught: unknown) => caught)
  expect(isCancellation(error)).toBe(true)
})

test('one file that is called like a model is one; a folder of that name, two, or another file are not', async () => {
  expect((await droppedModel([file('best.PTH', 'abc')]))?.name).toBe('best.PTH')
  for (const entries of [[], [folder('best.pth', [])], [file('a.pt'), file('b.pt')], [file('notes.txt')]]) expect(await droppedModel(entries)).toBeNull()
})
