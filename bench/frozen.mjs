// Times a whole run with the backbone frozen, ours and a peer's, one after the other, on the same train/ and val/ folders.
//
//   node bench/frozen.mjs --data FOLDER_PER_CLASS --peer "PYTHON PEER.PY" [--cuts 2] [--seeds 42,43,44] [--epochs 5] [--workers 0,2] [--out FILE.json]
//
// The pictures are cut 80/20 by links, once for each cut. Ours starts with empty picture caches and is timed from command to exit; the peer
// is timed in the same way, with each number of loader workers, and its better one counts. Run it on an otherwise idle machine.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cutFolder } from './harness/datasets.mjs'
import { machine } from './harness/machine.mjs'
import { measured, root } from './harness/processes.mjs'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    peer: { type: 'string' },
    cuts: { type: 'string', default: '2' },
    seeds: { type: 'string', default: '42,43,44' },
    epochs: { type: 'string', default: '5' },
    workers: { type: 'string', default: '0,2' },
    out: { type: 'string' },
  },
})
if (options.data === undefined) {
  console.error('Expected --data FOLDER, a folder of pictures with one sub-folder a class.')
  process.exit(2)
}

async function ours(cut, seed) {
  const data = mkdtempSync(join(tmpdir(), 'graft-bench-data-'))
  const recipe = ['--backbone', 'efficientnet_lite0', '--freeze-ratio', '1', '--epochs', options.epochs, '--learning-rate', '1e-3', '--batch-size', '32']
  const parameters = [join(root, 'scripts', 'start.mjs'), 'train', cut, ...recipe, '--views', options.epochs, '--seed', String(seed), '--json', '--out', join(data, 'run')]
  const result = await measured(process.execPath, parameters, { GRAFT_DATA_DIR: data, GRAFT_PICTURE_CACHE_DIR: join(data, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(data, 'features') })
  const accuracy = Math.max(...result.lines.filter((line) => line.event === 'epoch').map((line) => line.val_accuracy))
  rmSync(data, { recursive: true, force: true })
  return { seconds: result.seconds, peakBytes: result.peakBytes, accuracy }
}

async function peer(cut, seed, workers) {
  const [command, ...first] = options.peer.split(' ')
  const recipe = ['train', '--data', cut, '--backbone', 'efficientnet_lite0', '--freeze-ratio', '1.0', '--epochs', options.epochs, '--lr', '1e-3', '--batch', '32']
  const result = await measured(command, [...first, ...recipe, '--seed', String(seed), '--workers', String(workers)])
  return { seconds: result.seconds, peakBytes: result.peakBytes, accuracy: result.lines.at(-1).best_val_accuracy, workers }
}

const rows = []
for (let cut = 1; cut <= Number(options.cuts); cut++) {
  const folder = cutFolder(options.data, mkdtempSync(join(tmpdir(), `graft-bench-cut${cut}-`)), { cut })
  for (const seed of options.seeds.split(',')) {
    const mine = await ours(folder, seed)
    const theirs = []
    if (options.peer !== undefined) for (const workers of options.workers.split(',')) theirs.push(await peer(folder, seed, workers))
    const best = theirs.sort((a, b) => a.seconds - b.seconds)[0]
    rows.push({ cut, seed: Number(seed), ours: mine, peer: best ?? null, allPeers: theirs })
    const against = best === undefined ? '' : `, peer ${best.seconds.toFixed(1)} s (${best.workers} workers), accuracy ${best.accuracy}, ratio ${(mine.seconds / best.seconds).toFixed(3)}`
    console.log(`cut ${cut} seed ${seed}: ours ${mine.seconds.toFixed(1)} s, accuracy ${mine.accuracy.toFixed(4)}, peak ${(mine.peakBytes / 1e9).toFixed(2)} GB${against}`)
  }
  rmSync(folder, { recursive: true, force: true })
}
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length
console.log(`mean accuracy: ours ${mean(rows.map((row) => row.ours.accuracy)).toFixed(4)}${rows[0].peer === null ? '' : `, peer ${mean(rows.map((row) => row.peer.accuracy)).toFixed(4)}`}`)
if (options.out !== undefined) {
  writeFileSync(options.out, JSON.stringify({ machine: machine(options.peer?.split(' ')[0] ?? null), rows }, null, 2))
}
