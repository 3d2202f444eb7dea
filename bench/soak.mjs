// Trains for an hour in short epochs and watches what must not grow: TensorFlow's tensors, and the resident memory of the trainer and of the program around it.
//
//   node bench/soak.mjs [--minutes 60] [--warm-up 10] [--pictures 400] [--data FOLDER_PER_CLASS] [--config FILE.yaml] [--out FILE.json]
//
// The tensors must be as many after every epoch as after the first, and memory may grow by no more than 1 MB a minute once it is warm; where either
// does not hold it says so and ends with 1. Without --data it draws pictures of two colours. Frozen to 0.7, everything random on: head, later blocks,
// augmentation, kept features, checkpoints and history are all at work. Run it on an otherwise idle machine.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import sharp from 'sharp'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    'warm-up': { type: 'string', default: '10' },
    pictures: { type: 'string', default: '400' },
    data: { type: 'string' },
    config: { type: 'string' },
    out: { type: 'string' },
  },
})
const minutes = Number(options.minutes)
const warmUpMinutes = Math.min(Number(options['warm-up']), minutes / 3)
const MB = 1e6
const LARGEST_SLOPE = 1

async function drawPictures(folder, count) {
  for (const [at, name] of ['blue', 'red'].entries()) {
    mkdirSync(join(folder, name), { recursive: true })
    for (let i = 0; i < count / 2; i++) {
      const background = { r: at === 0 ? 60 + (i % 50) : 150 + (i % 60), g: 80 + ((i * 7) % 60), b: at === 0 ? 150 + (i % 60) : 60 + (i % 50) }
      // The noise makes every picture another one.
      const noise = { type: 'gaussian', mean: 128, sigma: 20 }
      const grain = await sharp({ create: { width: 96, height: 80, channels: 3, background, noise } }).png().toBuffer()
      const picture = sharp({ create: { width: 96, height: 80, channels: 3, background } }).composite([{ input: grain, blend: 'soft-light' }])
      await picture.png().toFile(join(folder, name, `${i}.png`))
    }
  }
}

/** Resident bytes of a process; null where that cannot be told. */
function residentBytes(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096
  } catch {
    return null
  }
}

/** Slope of a straight line through the points, by least squares. */
function slope(points) {
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / points.length
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / points.length
  const [xy, xx] = points.reduce(([a, b], [x, y]) => [a + (x - meanX) * (y - meanY), b + (x - meanX) ** 2], [0, 0])
  return xx === 0 ? 0 : xy / xx
}

const place = mkdtempSync(join(tmpdir(), 'graft-soak-'))
const data = options.data ?? join(place, 'pictures')
const config = options.config ?? join(place, 'config.yaml')
if (options.data === undefined) await drawPictures(data, Number(options.pictures))
// YAML takes JSON.
if (options.config === undefined) writeFileSync(config, JSON.stringify({ backbone: 'mobilenet_v3_small', weights: 'none', freeze_ratio: 0.7, image_size: 64, batch_size: 16, epochs: 10_000, views: 4, early_stopping_patience: 0 }))

const samples = []
const startedAt = performance.now()
const elapsed = () => (performance.now() - startedAt) / 60_000

/** Until time is up. */
function train() {
  const program = process.env.GRAFT_PROGRAM ?? join(root, 'scripts', 'start.mjs')
  const args = [program, 'train', data, '--config', config, '--json', '--out', join(place, 'run')]
  const environment = { ...process.env, GRAFT_DATA_DIR: join(place, 'data'), GRAFT_PICTURE_CACHE_DIR: join(place, 'cache'), GRAFT_FEATURE_CACHE_DIR: join(place, 'features') }
  const child = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
  return new Promise((done, fail) => {
    const stop = setTimeout(() => child.kill('SIGINT'), Math.max(0, minutes - elapsed()) * 60_000)
    createInterface(child.stdout).on('line', (line) => {
      if (!line.startsWith('{')) return
      const event = JSON.parse(line)
      if (event.event !== 'epoch') return
      samples.push({ epoch: event.epoch, minute: elapsed(), tensors: event.tensors ?? null, trainerBytes: event.memory_bytes, programBytes: residentBytes(child.pid) })
      if (process.stderr.isTTY) process.stderr.write(`\rminute ${elapsed().toFixed(1)}, epoch ${event.epoch}, ${(event.memory_bytes / MB).toFixed(0)} MB, ${event.tensors ?? '?'} tensors   `)
    })
    child.on('close', (code) => {
      clearTimeout(stop)
      if (code === 0 || elapsed() >= minutes) done()
      else fail(new Error(`The training ended with ${code}.`))
    })
  })
}

try {
  await train()
} finally {
  rmSync(place, { recursive: true, force: true })
}

const warm = samples.filter(({ minute }) => minute - samples[0].minute >= warmUpMinutes)
const tensors = [...new Set(samples.map((sample) => sample.tensors))]
const result = {
  minutes: elapsed(),
  epochs: samples.length,
  warmUpMinutes,
  tensors,
  trainer: { firstMB: samples[0]?.trainerBytes / MB, warmMB: warm[0]?.trainerBytes / MB, lastMB: warm.at(-1)?.trainerBytes / MB, slopeMBPerMinute: slope(warm.map((s) => [s.minute, s.trainerBytes / MB])) },
  program: { warmMB: warm[0]?.programBytes / MB, lastMB: warm.at(-1)?.programBytes / MB, slopeMBPerMinute: slope(warm.filter((s) => s.programBytes !== null).map((s) => [s.minute, s.programBytes / MB])) },
}
console.log(JSON.stringify(result, null, 2))
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify({ ...result, samples }))
const problems = []
if (warm.length < 10) problems.push(`only ${warm.length} epochs after the warm-up: too few to tell`)
if (tensors.length !== 1) problems.push(`the number of tensors varies: ${tensors.join(', ')}`)
else if (tensors[0] === null) problems.push('the trainer does not tell the number of tensors')
for (const [name, { slopeMBPerMinute }] of Object.entries({ trainer: result.trainer, program: result.program })) {
  if (slopeMBPerMinute > LARGEST_SLOPE) problems.push(`the ${name}'s memory grows by ${slopeMBPerMinute.toFixed(2)} MB a minute`)
}
console.log(problems.length === 0 ? 'Nothing grows.' : problems.join('\n'))
process.exitCode = problems.length === 0 ? 0 : 1
