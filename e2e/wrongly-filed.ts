/** Pictures in the wrong folder, which nobody gets right: photographs where there are some, else drawn leaves; and a training on them. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { makeSampleDataset } from '../src/main/dataset/sample'
import type { Person } from './graft'
import { havePhotographs, PHOTOGRAPHS } from './photographs'

export interface WronglyFiled {
  readonly root: string
  readonly names: readonly [string, string]
  /** Below the root. */
  readonly wrong: ReadonlySet<string>
}

/**
 * Two classes below `home`.
 * @param leaves the classes of drawn leaves
 * @param place where a class's n-th picture goes: the split's folder (empty: none), and whether it is filed under the other class
 */
export async function fileWrongly(home: string, options: { perClass: number; leaves: readonly [string, string]; place: (classIndex: number, n: number) => { split: string; isWrong: boolean } }): Promise<WronglyFiled> {
  const { perClass, leaves, place } = options
  const source = havePhotographs ? PHOTOGRAPHS : await makeSampleDataset(join(home, 'leaves'), { perClass })
  const names: readonly [string, string] = havePhotographs ? ['dandelion', 'grass'] : leaves
  const root = join(home, 'pictures')
  const wrong = new Set<string>()
  for (const [classIndex, name] of names.entries()) {
    for (const [n, file] of readdirSync(join(source, name)).sort().slice(0, perClass).entries()) {
      const { split, isWrong } = place(classIndex, n)
      const folder = join(split, isWrong ? (names[1 - classIndex] ?? '') : name)
      mkdirSync(join(root, folder), { recursive: true })
      const path = join(folder, `${name}-${file}`)
      cpSync(join(source, name, file), join(root, path))
      if (isWrong) wrong.add(path)
    }
  }
  return { root, names, wrong }
}

/** A short training of them; the run's id. */
export async function trainShortly(person: Person, root: string, out: string, more: readonly string[] = []): Promise<string> {
  const { code, stderr, events } = await person.run(['train', root, '--preset', 'fast', '--epochs', '4', '--json', '--out', out, ...more])
  expect(code, stderr).toBe(0)
  return String(events.find((event) => event['event'] === 'start')?.['run_id'])
}
