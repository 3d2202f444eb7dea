// Times a whole run with the backbone frozen, ours and a peer's, one after the other, on the same train/ and val/ folders.
//
//   node bench/frozen.mjs --data FOLDER_PER_CLASS --peer "PYTHON PEER.PY" [--cuts 2] [--seeds 42,43,44] [--epochs 5] [--workers 0,2] [--out FILE.json]
//
// The pictures are cut 80/20 by links, once for each cut. Ours starts with empty picture caches and is timed from command to exit; the peer
// is timed in the same way, with each number of loader workers, and its better one counts. Run it on an otherwise idle machine.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
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

/** Hashes name and cut, so that a cut is the same on every machine. */
const draw = (cut, name) => createHash('sha256').update(`${cut}/${name}`).digest('hex')

function makeCut(cut) {
  const folder = mkdtempSync(join(tmpdir(), `graft-bench-cut${cut}-`))
  for (const name of readdirSync(options.data)) {
    const pictures = readdirSync(join(options.data, name)).sort((a, b) => (draw(cut, a) < draw(cut, b) ? -1 : 1))
    const first = Math.round(pictures.length * 0.8)
    for (const [split, part] of [['train', pictures.slice(0, first)], ['val', pictures.slice(first)]]) {
      mkdirSync(join(folder, split, name), { recursive: true })
      for (const picture of part) symlinkSync(resolve(options.data, name, picture), join(folder, split, name, picture))
    }
  }
  return folder
}

/** Resident bytes of a process and all its descendants (Linux). */
function treeBytes(pid) {
  try {
    const resident = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    return children.reduce((sum, child) => sum + treeBytes(child), resident)
  } catch {
    return 0
  }
}

function time(command, args, env = {}) {
  return new Promise((done, fail) => {
    const started = performance.now()
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    let peakBytes = 0
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, treeBytes(child.pid))), 50)
    child.stdout.on('data', (data) => (output += data))
    child.on('close', (code) => {
      clearInterval(watch)
      const lines = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      if (code !== 0) fail(new Error(`${command} ${args.join(' ')} ended with ${code}\n${output}`))
      else done({ seconds: (performance.now() - started) / 1000, peakBytes, lines })
    })
  })
}

async function ours(cut, seed) {
  const data = mkdtempSync(join(tmpdir(), 'graft-bench-data-'))
  const recipe = ['--backbone', 'efficientnet_lite0', '--freeze-ratio', '1', '--epochs', options.epochs, '--learning-rate', '1e-3', '--batch-size', '32']
  const args = ['scripts/start.mjs', 'train', cut, ...recipe, '--views', options.epochs, '--seed', String(seed), '--json', '--out', join(data, 'run')]
  const result = await time(process.execPath, args.map((arg, i) => (i === 0 ? join(root, arg) : arg)), { GRAFT_DATA_DIR: data, GRAFT_PICTURE_CACHE_DIR: join(data, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(data, 'features') })
  const accuracy = Math.max(...result.lines.filter((line) => line.event === 'epoch').map((line) => line.val_accuracy))
  rmSync(data, { recursive: true, force: true })
  return { seconds: result.seconds, peakBytes: result.peakBytes, accuracy }
}

async function peer(cut, seed, workers) {
  const [command, ...first] = options.peer.split(' ')
  const recipe = ['train', '--data', cut, '--backbone', 'efficientnet_lite0', '--freeze-ratio', '1.0', '--epochs', options.epochs, '--lr', '1e-3', '--batch', '32']
  const result = await time(command, [...first, ...recipe, '--seed', String(seed), '--workers', String(workers)])
  return { seconds: result.seconds, peakBytes: result.peakBytes, accuracy: result.lines.at(-1).best_val_accuracy, workers }
}

const rows = []
for (let cut = 1; cut <= Number(options.cuts); cut++) {
  const folder = makeCut(cut)
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
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version }
  writeFileSync(options.out, JSON.stringify({ machine, rows }, null, 2))
}
