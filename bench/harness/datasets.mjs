// Datasets to measure on: a folder of photographs cut into train/ and val/ by links, or pictures from Graft's own sample maker.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ours } from './processes.mjs'

/** Hashes name and cut, so that a cut is the same on every machine. */
const draw = (cut, name) => createHash('sha256').update(`${cut}/${name}`).digest('hex')

/** Links `folder`'s pictures, one sub-folder a class, into `target`/train and /val, `count` of them in all. */
export function cutFolder(folder, target, { count = Infinity, cut = 1, share = 0.8 } = {}) {
  const classes = readdirSync(folder).sort()
  const each = Math.floor(count / classes.length)
  for (const name of classes) {
    const pictures = readdirSync(join(folder, name)).sort((a, b) => (draw(cut, a) < draw(cut, b) ? -1 : 1)).slice(0, each)
    const first = Math.round(pictures.length * share)
    for (const [split, part] of [['train', pictures.slice(0, first)], ['val', pictures.slice(first)]]) {
      mkdirSync(join(target, split, name), { recursive: true })
      for (const picture of part) symlinkSync(resolve(folder, name, picture), join(target, split, name, picture))
    }
  }
  return target
}

/** `count` pictures of the sample's three classes, cut in the same way. */
export async function sampleFolder(directory, count) {
  const pictures = join(directory, 'pictures')
  await ours('our-sample.mjs', 'makeSample', { directory: pictures, perClass: Math.ceil(count / 3) })
  return cutFolder(pictures, join(directory, 'cut'), { count })
}
