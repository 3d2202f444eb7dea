// Pictures a second from JPEG files to batches of 32: ours with an empty picture cache and with a filled one, the peer's DataLoader with its best number of workers.
// Of each the fastest of three passes in one process counts; the first, with the start of its threads or workers, is said beside it.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measured, median, ours, root } from '../harness/processes.mjs'

const LARGE_PICTURES = 60

/** Rows of one folder. Each round asks ours cold, the peer, ours warm. */
async function ofFolder(name, folder, directory, { peer, rounds, say, batch = 32, side = 224 }) {
  const manifest = join(directory, `${name}.json`)
  await ours('our-pictures.mjs', 'scan', { folder, file: manifest })
  const taken = []
  for (let round = 0; round < rounds; round++) {
    const cache = mkdtempSync(join(directory, 'cache-'))
    const question = { manifest, directory: cache, batch, side }
    const cold = await ours('our-pictures.mjs', 'timePictures', question)
    const { lines } = await measured(peer[0], [join(root, 'bench', 'peer', 'loader.py'), folder, '--batch', String(batch), '--side', String(side)])
    const warm = await ours('our-pictures.mjs', 'timePictures', question)
    if (cold.set_aside > 0 || warm.sha256 !== cold.sha256) throw new Error(`Cold and warm gave other pictures: ${JSON.stringify({ cold, warm })}`)
    const best = lines.reduce((a, b) => (b.per_second > a.per_second ? b : a))
    say(`${name}, round ${round + 1}: cold ${cold.per_second.toFixed(0)} (first ${cold.first_per_second.toFixed(0)}), warm ${warm.per_second.toFixed(0)} (first ${warm.first_per_second.toFixed(0)}), DataLoader ${lines.map(({ workers, per_second, first_per_second }) => `${per_second.toFixed(0)} (${workers}; first ${first_per_second.toFixed(0)})`).join(' ')} pictures/s`)
    say(JSON.stringify({ cold, warm, peer: lines }))
    taken.push({ cold, warm, peer: lines, best: best.per_second })
  }
  return ['cold', 'warm'].map((state) => ({
    what: `pictures, ${name}, ${state} cache : DataLoader`,
    backbone: '',
    ratio: median(taken.map((each) => each.best / each[state].per_second)),
    bar: state === 'cold' ? 0.5 : 0.1,
    taken,
  }))
}

export async function pictures(question) {
  const { data, isWhole, say } = question
  if (data === null) {
    say('pictures: left out, it wants --data FOLDER_PER_CLASS')
    return []
  }
  const directory = mkdtempSync(join(tmpdir(), 'graft-bench-pictures-'))
  try {
    const rows = await ofFolder('as given', data, directory, question)
    if (!isWhole) return rows
    const large = join(directory, 'large')
    for (const name of ['a', 'b']) mkdirSync(join(large, name), { recursive: true })
    await ours('our-pictures.mjs', 'enlarge', { from: data, to: large, count: LARGE_PICTURES })
    return [...rows, ...(await ofFolder('12 megapixels', large, directory, { ...question, rounds: 1 }))]
  } finally {
    rmSync(directory, { recursive: true })
  }
}
