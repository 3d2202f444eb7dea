import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type EpochAnswers, FULL_CONFIDENCE } from '../../shared/domain/epoch-answers'
import { cutEpochAnswers, EPOCH_ANSWERS, readEpochAnswers, writeEpochAnswers } from './epoch-answers-file'

const PATHS = ['a/1.png', 'a/2.png', 'b/3.png']
const answersOf = (epoch: number, count = PATHS.length): EpochAnswers => ({
  predictions: Uint16Array.from({ length: count }, (_, index) => (index * 7 + epoch) % 300),
  confidences: Uint16Array.from({ length: count }, (_, index) => FULL_CONFIDENCE - index - epoch),
})

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-answers-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, EPOCH_ANSWERS)
}

async function written(epochs: number): Promise<string> {
  const path = await place()
  for (let epoch = 1; epoch <= epochs; epoch++) await writeEpochAnswers(path, PATHS, epoch, answersOf(epoch))
  return path
}

test('every epoch is read back as it was written, and one that is not there is told', async () => {
  const path = await written(3)
  for (const epoch of [3, 1, 2]) expect(await readEpochAnswers(path, PATHS, epoch)).toEqual(answersOf(epoch))
  expect(await readEpochAnswers(path, PATHS, 4)).toBeNull()
  expect(await readEpochAnswers(await place(), PATHS, 1)).toBeNull()
})

test('a run that is cut and goes on leaves the same bytes, whether it was cut between two epochs, within a row, or before its checkpoint', async () => {
  const whole = await readFile(await written(4))
  for (const cut of [
    (path: string) => cutEpochAnswers(path, 2),
    async (path: string) => {
      await truncate(path, (await stat(path)).size - 5)
      await cutEpochAnswers(path, 2)
    },
    async (path: string) => {
      await appendFile(path, 'of an epoch that was not over')
      await cutEpochAnswers(path, 2)
    },
    (path: string) => cutEpochAnswers(path, 0),
  ]) {
    const path = await written(3)
    await cut(path)
    const kept = (await readEpochAnswers(path, PATHS, 1)) === null ? 0 : 2
    expect(await readEpochAnswers(path, PATHS, 3)).toBeNull()
    for (let epoch = kept + 1; epoch <= 4; epoch++) await writeEpochAnswers(path, PATHS, epoch, answersOf(epoch))
    expect((await readFile(path)).equals(whole)).toBe(true)
  }
})

test('a run that an older version began keeps what comes from now on', async () => {
  const path = await place()
  await cutEpochAnswers(path, 5)
  await writeEpochAnswers(path, PATHS, 6, answersOf(6))
  expect(await readEpochAnswers(path, PATHS, 6)).toEqual(answersOf(6))
  expect(await readEpochAnswers(path, PATHS, 5)).toBeNull()
})

test('damage, other pictures and another order are never taken for answers', async () => {
  const path = await written(2)
  expect(await readEpochAnswers(path, [...PATHS].reverse(), 1)).toBeNull()
  expect(await readEpochAnswers(path, PATHS.slice(1), 1)).toBeNull()
  const bytes = await readFile(path)
  bytes[32 + 8 + 1] = (bytes[32 + 8 + 1] ?? 0) ^ 1
  await writeFile(path, bytes)
  expect(await readEpochAnswers(path, PATHS, 1)).toBeNull()
  expect(await readEpochAnswers(path, PATHS, 2)).toEqual(answersOf(2))
})

test('a picture takes four bytes an epoch', async () => {
  const path = await place()
  const paths = Array.from({ length: 20_000 }, (_, index) => `c/${index}.png`)
  for (const epoch of [1, 2, 3]) await writeEpochAnswers(path, paths, epoch, answersOf(epoch, paths.length))
  expect((await stat(path)).size).toBe(32 + 3 * (8 + 4 * 20_000))
  expect(await readEpochAnswers(path, paths, 2)).toEqual(answersOf(2, paths.length))
})
