import { expect, test } from 'vitest'
import { KeyedRandom } from '../../../shared/domain/random'
import { softTargets } from '../compile/loss'
import { compileProgram } from '../compile/program'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaPixels } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { liveTensorCount } from '../runtime/session'
import { NetworkBuilder } from '../zoo/network'
import { cutAround, drawBeta, drawMix, type Mix, mixShares, mixTargets } from './mix'

interface Mixed {
  readonly pixels: number
  readonly lambda: number
  /** The point that CutMix's rectangle lies around. */
  readonly across: number
  readonly down: number
  readonly pictures: Digest
  readonly targets: readonly number[]
}

/** torchvision.transforms.v2's MixUp and CutMix, and scipy's Beta distribution; made by scripts/golden/make-augmentation.py. */
const golden = readGolden<{
  count: number
  side: number
  classes: number
  mixups: Mixed[]
  cutmixes: Mixed[]
  betas: { alpha: number; points: number[]; shares: number[] }[]
}>('augmentation-mix.json')
const { count, side, classes } = golden

function open(): NetworkSession {
  const net = new NetworkBuilder()
  const pooled = net.globalAveragePool(net.conv('conv', 'input', { in: 3, out: 2, kernel: 1 }))
  const network = net.build(pooled, net.linear('fc', pooled, 2, 2))
  const rest = { trained: null, optimizer: 'sgd', optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false } } as const
  return new NetworkSession(compileProgram({ network, imageSize: side, preprocessing: { mean: [0, 0, 0], std: [1, 1, 1] }, cut: 'input', ...rest }))
}

/** A batch of formula pictures, mixed where a mix is given. */
function mixed(seed: number, mix: Mix | null): Float32Array {
  const session = open()
  const pictures = session.pictures({ shape: [count, side, side, 3], data: formulaPixels(seed, count * side * side * 3) }, null)
  const values = session.read(mix === null ? pictures : session.mix(pictures, { shape: [side, side, 1], data: mixShares(mix, side) }))
  session.close()
  expect(liveTensorCount()).toBe(0)
  return values
}

const labels = softTargets([0, 1, 2, 2], classes, 0)
const cases = [
  ...golden.mixups.map((row) => ({ name: `MixUp, lambda ${row.lambda}`, row, mix: { lambda: row.lambda, box: null } })),
  ...golden.cutmixes.map((row) => ({ name: `CutMix, lambda ${row.lambda} at ${row.across}, ${row.down}`, row, mix: cutAround({ ...row, side }) })),
]

test.each(cases)('as torchvision: $name', ({ row, mix }) => {
  expect(relativeError(mixed(row.pixels, mix), row.pictures)).toBeLessThan(1e-6)
  const targets = mixTargets(labels, count, classes, mix.lambda)
  row.targets.forEach((target, i) => {
    expect(targets[i]).toBeCloseTo(target, 6)
  })
})

test('a lambda of 1 leaves pictures and targets to the bit, and rows of targets still sum to one', () => {
  expect(mixed(5, { lambda: 1, box: null })).toEqual(mixed(5, null))
  expect(mixTargets(labels, count, classes, 1)).toEqual(labels)
  const smooth = mixTargets(softTargets([0, 1, 2, 2], classes, 0.1), count, classes, 0.37)
  for (let row = 0; row < count; row++) expect(smooth.subarray(row * classes, (row + 1) * classes).reduce((a, b) => a + b)).toBeCloseTo(1, 6)
})

test('what CutMix does not cover stays to the bit, and what it covers is the partner’s', () => {
  const mix: Mix = { lambda: 0.5, box: { left: 2, top: 1, width: 5, height: 3 } }
  const plain = mixed(6, null)
  for (const [i, value] of mixed(6, mix).entries()) {
    const pixel = Math.floor(i / 3) % (side * side)
    const [row, column] = [Math.floor(pixel / side), pixel % side]
    const size = side * side * 3
    const from = row >= 1 && row < 4 && column >= 2 && column < 7 ? (i + (count - 1) * size) % (count * size) : i
    expect(value).toBe(plain[from])
  }
})

test('lambda follows scipy’s Beta distribution', () => {
  const draws = 20_000
  // The largest distance of an empirical distribution from its own passes this once in a million (Kolmogorov).
  const bound = Math.sqrt(Math.log(2 / 1e-6) / (2 * draws))
  for (const { alpha, points, shares } of golden.betas) {
    const values = Array.from({ length: draws }, (_, i) => drawBeta(new KeyedRandom(9, 'mix', i), alpha))
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
    points.forEach((point, i) => {
      const below = values.filter((value) => value <= point).length / draws
      expect(Math.abs(below - (shares[i] ?? NaN)), `Beta(${alpha}) up to ${point}`).toBeLessThan(bound)
    })
  }
})

test('a mix depends on seed and step alone, and is off where it is off', () => {
  const both = { mixup: 0.2, cutmix: 1 }
  const at = { seed: 3, step: 17, count: 8, side: 32 }
  const mix = drawMix(both, at)
  expect(drawMix(both, { ...at, count: 5 })).toEqual(mix)
  const others = [drawMix(both, { ...at, seed: 4 }), drawMix(both, { ...at, step: 18 }), drawMix(both, { ...at, seed: 3 + 2 ** 40 })]
  for (const other of others) expect(other?.lambda).not.toBe(mix?.lambda)
  expect(drawMix({ mixup: 0, cutmix: 0 }, at)).toBeNull()
  expect(drawMix(both, { ...at, count: 1 })).toBeNull()
})

test('where MixUp and CutMix are both on, a fair coin takes one, drawn as it would be alone', () => {
  const steps = Array.from({ length: 2000 }, (_, step) => ({ seed: 1, step, count: 4, side: 16 }))
  const mixes = steps.map((at) => drawMix({ mixup: 0.4, cutmix: 2 }, at))
  const cuts = mixes.filter((mix) => mix?.box !== null).length / mixes.length
  expect(Math.abs(cuts - 0.5)).toBeLessThan(5 * Math.sqrt(0.25 / mixes.length))
  mixes.forEach((mix, i) => {
    const at = steps[i]
    if (at === undefined) return
    expect(mix).toEqual(mix?.box === null ? drawMix({ mixup: 0.4, cutmix: 0 }, at) : drawMix({ mixup: 0, cutmix: 2 }, at))
  })
})
