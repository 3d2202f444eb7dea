// Final accuracies of Lite0, ours and a plain PyTorch script's, one after the other: backbone frozen, .7 frozen, three stages.
//
//   GRAFT_TRAINER=out/main/trainer.js node bench/accuracy.mjs --data FOLDER_PER_CLASS --python PYTHON [--cuts 2] [--seeds 42,43,44]
//     [--recipes frozen,ratio,stages] [--epochs frozen:10,ratio:15,stages:5] [--image-size 224] [--precision auto|float32|bfloat16] [--out FILE.json]
//
// The pictures are cut 60/20/20 by links, once for each cut, and both train on the same. What counts is the accuracy of the best epoch (by val
// accuracy) on the test pictures; it is also told on val. `--epochs` of `stages` are those of each of the three.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { sourcePlugins } from '../scripts/source-plugins.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: process.env.GRAFT_PEER_PYTHON ?? 'python3' },
    cuts: { type: 'string', default: '2' },
    seeds: { type: 'string', default: '42,43,44' },
    recipes: { type: 'string', default: 'frozen,ratio,stages' },
    epochs: { type: 'string', default: 'frozen:10,ratio:15,stages:5' },
    'image-size': { type: 'string', default: '224' },
    precision: { type: 'string', default: 'auto' },
    out: { type: 'string' },
  },
})
if (options.data === undefined) {
  console.error('Expected --data FOLDER, a folder of photographs with one sub-folder a class.')
  process.exit(2)
}
const epochsOf = Object.fromEntries(options.epochs.split(',').map((part) => [part.split(':')[0], Number(part.split(':')[1])]))
process.env.GRAFT_TRAINER = resolve(process.env.GRAFT_TRAINER ?? join(here, '..', 'out', 'main', 'trainer.js'))

/** Hashes name and cut, so that a cut is the same on every machine. */
const draw = (cut, name) => createHash('sha256').update(`${cut}/${name}`).digest('hex')

function makeCut(cut) {
  const folder = mkdtempSync(join(tmpdir(), `graft-accuracy-cut${cut}-`))
  for (const name of readdirSync(options.data)) {
    const pictures = readdirSync(join(options.data, name)).sort((a, b) => (draw(cut, a) < draw(cut, b) ? -1 : 1))
    const [first, second] = [Math.round(pictures.length * 0.6), Math.round(pictures.length * 0.8)]
    for (const [split, part] of [['train', pictures.slice(0, first)], ['val', pictures.slice(first, second)], ['test', pictures.slice(second)]]) {
      mkdirSync(join(folder, split, name), { recursive: true })
      for (const picture of part) symlinkSync(resolve(options.data, name, picture), join(folder, split, name, picture))
    }
  }
  return folder
}

function script(recipe, folder, seed) {
  const parameters = [recipe, folder, '--epochs', String(epochsOf[recipe]), '--seed', String(seed), '--image-size', options['image-size']]
  const result = spawnSync(options.python, [join(here, 'peer', 'accuracy.py'), ...parameters], { encoding: 'utf8', env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
  if (result.status !== 0) throw new Error(`accuracy.py ended with ${result.status ?? result.signal}\n${result.stderr}`)
  return JSON.parse(result.stdout.trim().split('\n').at(-1))
}

const { module: ours } = await runnerImport(join(here, 'peer', 'our-run.mjs'), { root: dirname(here), configFile: false, plugins: sourcePlugins(dirname(here)), logLevel: 'error' })
const percent = (share) => (100 * share).toFixed(2)
const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length
const rows = []
for (const recipe of options.recipes.split(',')) {
  for (let cut = 1; cut <= Number(options.cuts); cut++) {
    const folder = makeCut(cut)
    for (const seed of options.seeds.split(',').map(Number)) {
      const directory = mkdtempSync(join(tmpdir(), 'graft-accuracy-run-'))
      const mine = await ours.trainRecipe(recipe, folder, directory, { epochs: epochsOf[recipe], seed, imageSize: Number(options['image-size']), precision: options.precision })
      const theirs = script(recipe, folder, seed)
      rows.push({ recipe, cut, seed, ours: mine, theirs })
      console.log(`${recipe}, cut ${cut}, seed ${seed}: test ${percent(mine.test)} ours, ${percent(theirs.test)} theirs; val ${percent(mine.val)} and ${percent(theirs.val)}`)
      rmSync(directory, { recursive: true, force: true })
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const of = rows.filter((row) => row.recipe === recipe)
  for (const split of ['test', 'val']) {
    const [a, b] = [mean(of.map((row) => row.ours[split])), mean(of.map((row) => row.theirs[split]))]
    console.log(`${recipe}, mean of ${of.length} on ${split}: ours ${percent(a)}, theirs ${percent(b)}, difference ${(100 * (a - b)).toFixed(2)} points`)
  }
}
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify({ options, rows }, null, 2))
process.exit(0)
