// Asks for the forecast of a training, trains, and compares: seconds an epoch, seconds in all, peak memory of the trainer.
//
//   node bench/forecast.mjs --data FOLDER_PER_CLASS [--only TEXT,TEXT] [--epochs 4] [--repeat 1] [--out FILE.json]
//
// The forecast is asked for before and after each run: `drift` is after / before, and far from 1 says that the machine was not steady (others
// used it), so that the row says little of the forecast. Ratios are what the run took / the mean of both forecasts; with --repeat the median of them.
// Each run starts with an empty picture cache, from random weights. Peak memory is Linux's VmHWM. Run it on an otherwise idle machine, built.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string', default: '' },
    epochs: { type: 'string', default: '4' },
    repeat: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
})
if (options.data === undefined) {
  console.error('Expected --data FOLDER, a folder of pictures with one sub-folder a class.')
  process.exit(2)
}
if (!(Number(options.epochs) >= 3)) {
  console.error('Expected --epochs of 3 or more: the first two each see a view of their own, and what comes after is timed too.')
  process.exit(2)
}
const program = join(root, 'out', 'main', 'cli.js')
if (!existsSync(program)) {
  console.error('Nothing is built: npm run build first.')
  process.exit(2)
}

const CASES = [
  ['resnet18', '--freeze-ratio', '1', '--batch-size', '32'],
  ['resnet18', '--freeze-ratio', '0.7', '--batch-size', '16'],
  ['resnet18', '--freeze-ratio', '0', '--batch-size', '16'],
  ['mobilenet_v3_small', '--freeze-ratio', '0.7', '--batch-size', '32'],
  ['mobilenet_v3_small', '--freeze-ratio', '0', '--batch-size', '32'],
  ['efficientnet_b0', '--freeze-ratio', '0.8', '--batch-size', '16'],
  ['efficientnet_lite0', '--freeze-ratio', '1', '--batch-size', '32'],
  ['efficientnet_lite0', '--freeze-ratio', '0.7', '--batch-size', '16'],
  ['efficientnet_lite0', '--freeze-ratio', '0.3', '--batch-size', '16'],
  ['resnet50', '--freeze', 'stage', '--batch-size', '32'],
  ['efficientnet_lite0', '--freeze-ratio', '1', '--batch-size', '32', '--head', 'mlp'],
  ['mobilenet_v3_small', '--freeze-ratio', '0.7', '--batch-size', '16', '--head', 'deep'],
]

/** The highest resident memory that a child of a process has had so far; its own is not counted. */
function childPeakBytes(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)
    const peaks = children.map((child) => Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0) * 1024)
    return Math.max(0, ...peaks)
  } catch {
    return 0
  }
}

/** The command line with --json: its objects, how long it took and its trainer's peak. */
function graft(args, home) {
  return new Promise((done, fail) => {
    const started = performance.now()
    const env = { ...process.env, GRAFT_DATA_DIR: join(home, 'data'), GRAFT_PICTURE_CACHE_DIR: join(home, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(home, 'features') }
    const child = spawn(process.execPath, [program, ...args, '--json'], { env, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    let peakBytes = 0
    const watch = setInterval(() => (peakBytes = Math.max(peakBytes, childPeakBytes(child.pid))), 20)
    child.stdout.on('data', (data) => (output += data))
    child.on('close', (code) => {
      clearInterval(watch)
      const lines = output.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
      if (code === 0) done({ seconds: (performance.now() - started) / 1000, peakBytes, lines })
      else fail(new Error(`graft ${args.join(' ')} ended with ${code}\n${output.slice(-2000)}`))
    })
  })
}

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)]

/** Two views, so that some epochs see a new one and some do not. */
async function once([name, ...args]) {
  const home = mkdtempSync(join(tmpdir(), 'graft-bench-'))
  const epochs = Number(options.epochs)
  const recipe = [...args, '--epochs', String(epochs), '--views', '2']
  try {
    const asked = await graft(['models', name, '--data', options.data, ...recipe], home)
    const run = await graft(['train', options.data, '--backbone', name, '--weights', 'none', ...recipe, '--out', join(home, 'run')], home)
    rmSync(join(home, 'pictures'), { recursive: true, force: true })
    const again = await graft(['models', name, '--data', options.data, ...recipe], home)
    const forecasts = [asked, again].map(({ lines }) => lines[0].forecast)
    const of = (key) => mean(forecasts.map((forecast) => forecast[key]))
    const seconds = run.lines.filter(({ event }) => event === 'epoch').map((epoch) => epoch.seconds)
    // Where nothing is kept, all epochs but the first are alike.
    const withNewView = forecasts[0].newViewEpochs
    const expectedEpochs = (of('firstEpochSeconds') + (withNewView - 1) * of('newViewEpochSeconds') + (epochs - withNewView) * of('epochSeconds')) / epochs
    return {
      name: [name, ...args].join(' '),
      askSeconds: asked.seconds,
      drift: forecasts[1].seconds / forecasts[0].seconds,
      first: [of('firstEpochSeconds'), seconds[0]],
      later: [of('epochSeconds'), median(seconds.slice(withNewView))],
      epoch: [expectedEpochs, mean(seconds)],
      total: [of('seconds'), run.lines.at(-1).total_s],
      memory: [of('memoryBytes') / 1e6, run.peakBytes / 1e6],
      load: loadavg()[0],
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

const ratio = ([expected, got]) => got / expected
const cell = (pair, digits) => `${pair[0].toFixed(digits)} → ${pair[1].toFixed(digits)} (${ratio(pair).toFixed(2)})`.padStart(24)
const only = options.only === '' ? [] : options.only.split(',')
const rows = []
console.log(`forecast → run (ratio)\n${'case'.padEnd(62)}${['first epoch, s', 'later epochs, s', 'mean epoch, s', 'in all, s', 'peak memory, MB'].map((title) => title.padStart(24)).join('')}   drift  asked, s  load`)
for (const entry of CASES.filter((args) => only.length === 0 || only.some((text) => args.join(' ').includes(text)))) {
  const tries = []
  for (let i = 0; i < Number(options.repeat); i++) {
    const row = await once(entry)
    tries.push(row)
    const cells = [cell(row.first, 2), cell(row.later, 2), cell(row.epoch, 2), cell(row.total, 1), cell(row.memory, 0)].join('')
    console.log(`${row.name.padEnd(62)}${cells}   ${row.drift.toFixed(2)}  ${row.askSeconds.toFixed(1).padStart(8)}  ${row.load.toFixed(1)}`)
  }
  rows.push({ name: tries[0].name, tries, epochRatio: median(tries.map(({ epoch }) => ratio(epoch))), totalRatio: median(tries.map(({ total }) => ratio(total))), memoryRatio: median(tries.map(({ memory }) => ratio(memory))) })
}
const isOff = (value) => value < 0.75 || value > 1.25
const off = rows.filter((row) => isOff(row.epochRatio) || isOff(row.totalRatio) || isOff(row.memoryRatio))
console.log(off.length === 0 ? `All ${rows.length} within a quarter.` : `Beyond a quarter: ${off.map((row) => `${row.name} (epoch ${row.epochRatio.toFixed(2)}, in all ${row.totalRatio.toFixed(2)}, memory ${row.memoryRatio.toFixed(2)})`).join('; ')}`)
if (options.out !== undefined) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryBytes: totalmem(), node: process.version }
  writeFileSync(options.out, JSON.stringify({ machine, rows }, null, 2))
}
