import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSafetensors } from '../formats/safetensors'
import { readWeights } from '../formats/weights-file'
import { openNetwork, picturesByFormula, plainStep, TORCHVISION_NETWORKS } from './testing/open-network'

/** What scripts/golden/live-torchvision.py wrote: npm run parity makes the folder and runs this. */
interface Live {
  torchvision: string
  evaluation: { side: number; pixels: number; count: number; logits: number[] }[]
  pixels: number
  labels: number[]
  losses: number[]
}

const folder = process.env['GRAFT_PARITY_DIR'] ?? null
/** Share of the largest gradient below which a gradient is float32's rounding. */
const ROUNDING = 1e-6
const figures: Record<string, Record<string, string>> = {}

const read = (name: string) => readFileSync(join(folder ?? '', name))

function open(name: string, imageSize: number, trains: boolean) {
  const { session } = openNetwork(name, imageSize, trains)
  session.load(readWeights(read(`${name}.pth`), `${name}.pth`))
  return session
}

function compare(ours: Float32Array, theirs: Float32Array): { cosine: number; norm: number } {
  let dot = 0
  let ourSquares = 0
  let theirSquares = 0
  ours.forEach((value, i) => {
    const other = theirs[i] ?? NaN
    dot += value * other
    ourSquares += value * value
    theirSquares += other * other
  })
  return { cosine: dot / Math.sqrt(ourSquares * theirSquares), norm: Math.sqrt(ourSquares / theirSquares) }
}

const norm = (data: Float32Array) => Math.sqrt(data.reduce((sum, value) => sum + value * value, 0))

if (folder === null) {
  test('every network against a live torchvision', ({ skip }) => {
    skip('this needs a Python with torchvision: npm run parity does it')
  })
}

test.each(folder === null ? [] : TORCHVISION_NETWORKS)('%s as torchvision, with weights that torchvision made', { timeout: 600_000 }, (name) => {
  const expected = JSON.parse(read(`${name}.json`).toString('utf8')) as Live
  const seen: Record<string, string> = (figures[name] = {})
  for (const { side, pixels: seed, count, logits } of expected.evaluation) {
    const session = open(name, side, false)
    const pictures = session.pictures(picturesByFormula(seed, count, side), null)
    const got = session.evaluate(pictures)
    const difference = Math.max(...logits.map((value, i) => Math.abs(value - (got[i] ?? NaN))))
    seen[`logits at ${side}`] = difference.toExponential(1)
    expect(difference).toBeLessThan(1e-4)
    session.release(pictures)
    session.close()
  }

  const session = open(name, 64, true)
  const count = expected.labels.length
  const pictures = session.pictures(picturesByFormula(expected.pixels, count, 64), null)
  const gradients = readSafetensors(read(`${name}-gradients.safetensors`)).tensors
  const largest = Math.max(...[...gradients.values()].map(({ data }) => norm(data)))
  let worstCosine = 1
  let worstNorm = 0
  const exempt: string[] = []
  expected.losses.forEach((loss, index) => {
    const result = session.trainStep(pictures, plainStep(expected.labels, index, 1e-5))
    expect(Math.abs(result.loss - loss), `loss of step ${index}`).toBeLessThan(1e-4)
    if (index > 0) return
    const state = session.state()
    for (const [key, { data }] of gradients) {
      // Biases before a batch norm, and what a whole batch shares, have no gradient but rounding.
      if (norm(data) < ROUNDING * largest) {
        exempt.push(key)
        continue
      }
      const { cosine, norm: ratio } = compare(state.get(`momentum_buffer/${key}`)?.data ?? new Float32Array(0), data)
      worstCosine = Math.min(worstCosine, cosine)
      worstNorm = Math.max(worstNorm, Math.abs(ratio - 1))
      expect(cosine, `gradient of ${key}`).toBeGreaterThan(0.99999)
      expect(Math.abs(ratio - 1), `norm of the gradient of ${key}`).toBeLessThan(1e-3)
    }
  })
  seen['1 − cosine of gradients'] = (1 - worstCosine).toExponential(1)
  seen['gradients that are rounding alone'] = exempt.join(' ') || 'none'
  seen['norm of gradients'] = worstNorm.toExponential(1)
  const state = session.state()
  const statistics = readSafetensors(read(`${name}-statistics.safetensors`)).tensors
  let worst = 0
  for (const [key, { data }] of statistics) {
    const ours = state.get(key)?.data ?? new Float32Array(0)
    // A mean lies near zero: its error is told by the deviation of the same channels.
    const variances = statistics.get(key.replace('running_mean', 'running_var'))?.data ?? data
    const variance = variances.reduce((sum, value) => sum + value, 0) / variances.length
    const scale = key.endsWith('running_mean') ? Math.sqrt(variance) : variance
    data.forEach((value, i) => (worst = Math.max(worst, Math.abs(value - (ours[i] ?? NaN)) / scale)))
  }
  seen['running statistics after three steps'] = worst.toExponential(1)
  expect(worst).toBeLessThan(1e-3)
  session.release(pictures)
  session.close()
})

afterAll(() => {
  if (folder !== null) console.info('Networks against a live torchvision, largest differences:', figures)
})
