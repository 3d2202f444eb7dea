import { expect, test } from 'vitest'
import { droppedPictures, firstOf, MOST_TRIED } from './tried-files'

interface Item {
  name: string
  items?: Item[]
}

/** As Chromium gives them: folders in batches, and each of them among the files too. */
function entryOf({ name, items }: Item): object {
  const file = new File(['x'], name)
  if (items === undefined) return { name, isFile: true, isDirectory: false, file: (take: (file: File) => void) => take(file) }
  return {
    name,
    isFile: false,
    isDirectory: true,
    createReader: () => {
      const batches = [items.slice(0, 2), items.slice(2), []]
      return { readEntries: (take: (entries: object[]) => void) => take((batches.shift() ?? []).map(entryOf)) }
    },
  }
}

const dropped = (...items: Item[]) => ({ files: items.map(({ name }) => new File(['x'], name)), items: items.map((item) => ({ webkitGetAsEntry: () => entryOf(item) })) }) as unknown as DataTransfer
const names = async (data: DataTransfer) => (await droppedPictures(data)).files.map(({ name }) => name)

test('files are taken as they are, whatever they are called', async () => {
  expect(await names(dropped({ name: 'a.jpg' }, { name: 'letter.txt' }))).toEqual(['a.jpg', 'letter.txt'])
})

test('of folders the pictures are taken, those within folders too, hidden ones not', async () => {
  const folder = { name: 'leaves', items: [{ name: '1.jpg' }, { name: 'notes.md' }, { name: 'more', items: [{ name: '2.HEIC' }] }, { name: '.3.jpg' }] }
  expect(await names(dropped(folder, { name: '4.png' }))).toEqual(['1.jpg', '2.HEIC', '4.png'])
})

test('what is too many is counted', async () => {
  const items = Array.from({ length: MOST_TRIED + 5 }, (_, i) => ({ name: `${i}.jpg` }))
  expect(await droppedPictures(dropped({ name: 'all', items }))).toMatchObject({ files: { length: MOST_TRIED }, more: 5 })
  expect(await droppedPictures(dropped(...items))).toMatchObject({ files: { length: MOST_TRIED }, more: 5 })
  // Files beside a full folder, and files that were chosen or pasted.
  expect(await droppedPictures(dropped({ name: 'all', items }, { name: 'a.jpg' }, { name: 'b.jpg' }))).toMatchObject({ files: { length: MOST_TRIED }, more: 7 })
  expect(firstOf(items.map(({ name }) => new File(['x'], name)))).toMatchObject({ files: { length: MOST_TRIED }, more: 5 })
})
