// Each guide's recipe beside a PyTorch script of it: the same weights, the same augmented pictures in the same order, the loss of every step.
//
//   node bench/guides.mjs --data FOLDER_PER_CLASS --python PYTHON [--only a,b,b-update,c,d,e] [--steps 20] [--image-size 224] [--batch-size N] [--rate-scale 1]
//     [--double] [--out FILE.json]
//
// The scripts are bench/peer/guide_*.py, written from the guides' figures. A stage is cut to 2 epochs and `--steps` steps. Dropout is 0 on both sides,
// which cannot draw the same numbers. Frozen modules are in eval(); `b-update` is guide B as a plain script runs it, against frozen_batch_norm: update.
// Guide D is Lite0 from its published weights, the others begin with torchvision's random ones and running statistics of real pictures. With
// --double the script runs in float64 too: what its own float32 differs from that is the measure for ours. Adam's first steps go by the sign of each
// gradient, so that a network which trains whole from random weights (guide A) soon differs from itself in another precision; --rate-scale .01 shows the
// same arithmetic without that.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { runnerImport } from 'vite'
import { sourcePlugins } from '../scripts/source-plugins.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: process.env.GRAFT_PEER_PYTHON ?? 'python3' },
    only: { type: 'string' },
    steps: { type: 'string', default: '20' },
    'image-size': { type: 'string', default: '224' },
    'batch-size': { type: 'string' },
    'rate-scale': { type: 'string', default: '1' },
    double: { type: 'boolean', default: false },
    out: { type: 'string' },
  },
})
if (options.data === undefined) {
  console.error('Expected --data FOLDER, a folder of photographs with one sub-folder a class.')
  process.exit(2)
}

const CASES = [
  { name: 'a', preset: 'guide-a', script: 'guide_a.py' },
  { name: 'b', preset: 'guide-b', script: 'guide_b.py' },
  { name: 'b-update', preset: 'guide-b', script: 'guide_b.py', isPlain: true },
  { name: 'c', preset: 'guide-c', script: 'guide_c.py' },
  { name: 'd', preset: 'guide-d', script: 'guide_d.py' },
  { name: 'e', preset: 'guide-e', script: 'guide_e.py' },
]
const EPOCHS = 2
const VAL_PICTURES = 8

function python(script, what, folder, flags = []) {
  const result = spawnSync(options.python, [join(here, 'peer', script), what, folder, ...flags], { encoding: 'utf8', maxBuffer: 2 ** 26, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } })
  if (result.status !== 0) throw new Error(`${script} ${what} ended with ${result.status ?? result.signal}\n${result.stderr}`)
  return result.stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
}

const largest = (a, b, stage) => Math.max(...a.map((step, i) => (step.stage === stage ? Math.abs(step.loss - b[i].loss) : 0)))

const { module: ours } = await runnerImport(join(here, 'peer', 'ours.mjs'), { root: dirname(here), configFile: false, plugins: sourcePlugins(dirname(here)), logLevel: 'error' })
const rows = []
for (const { name, preset, script, isPlain = false } of CASES.filter((each) => options.only === undefined || options.only.split(',').includes(each.name))) {
  const folder = mkdtempSync(join(tmpdir(), `graft-guide-${name}-`))
  try {
    const batchSize = options['batch-size'] === undefined ? undefined : Number(options['batch-size'])
    const config = ours.guideConfig(preset, { imageSize: Number(options['image-size']), batchSize, epochs: EPOCHS, frozenBatchNorm: isPlain ? 'update' : 'keep', rateScale: Number(options['rate-scale']) })
    const photographs = await ours.loadPhotographs(options.data, (Number(options.steps) / EPOCHS) * config.batch_size + VAL_PICTURES)
    ours.writeBeginning(folder, config, photographs)
    python(script, 'weights', folder)
    const mine = await ours.trainOurs(folder, config, photographs)
    const flags = ['--rate-scale', options['rate-scale'], ...(isPlain ? ['--plain'] : [])]
    const theirs = python(script, 'train', folder, flags)
    const exact = options.double ? python(script, 'train', folder, [...flags, '--double']) : null
    if (mine.length !== theirs.length) throw new Error(`${mine.length} steps here, ${theirs.length} there`)
    for (const stage of new Set(mine.map((step) => step.stage))) {
      const [first, last] = [mine.find((step) => step.stage === stage), mine.findLast((step) => step.stage === stage)]
      const row = {
        guide: name,
        stage,
        backbone: config.backbone,
        batch: config.batch_size,
        side: config.image_size,
        rateScale: Number(options['rate-scale']),
        steps: mine.filter((step) => step.stage === stage).length,
        difference: largest(mine, theirs, stage),
        oursFromDouble: exact === null ? null : largest(mine, exact, stage),
        theirsFromDouble: exact === null ? null : largest(theirs, exact, stage),
      }
      rows.push({ ...row, ours: mine.filter((step) => step.stage === stage).map((step) => step.loss), theirs: theirs.filter((step) => step.stage === stage).map((step) => step.loss) })
      const measure = exact === null ? '' : `; from float64 ours ${row.oursFromDouble.toExponential(1)}, PyTorch's own ${row.theirsFromDouble.toExponential(1)}`
      console.log(`${name} stage ${stage}: ${row.steps} steps of ${row.batch} on ${config.backbone} at ${row.side}, loss ${first.loss.toFixed(4)} → ${last.loss.toFixed(4)}, largest difference ${row.difference.toExponential(1)}${measure}`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify(rows, null, 2))
process.exit(0)
