import { afterAll, describe, expect, test } from 'vitest'
import { compileProgram } from '../compile/program'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { frozenLayersOf, frozenNames, prefixCut } from '../zoo/freeze'
import { buildNetwork, findBackbone } from '../zoo/registry'
import { NetworkSession } from './network-session'
import { choosePrefix, type PrefixOptions, type PrefixRunner, SessionPrefix } from './prefix-runner'

const COUNT = 3
const worst: Record<string, number> = {}

interface Opened {
  readonly session: NetworkSession
  readonly open: (pictures: number, other?: Pick<PrefixOptions, 'device' | 'opensFrom'>) => PrefixRunner
  readonly cut: string
  readonly isTurned: boolean
}

function openBackbone(name: string, side: number, ratio: number): Opened {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: 3, dropout: 0, stochasticDepth: 0 })
  const frozen = frozenNames(frozenLayersOf(backbone, network, { freeze: 'ratio', freeze_ratio: ratio }))
  const cut = prefixCut(network, frozen, side)
  const trained = new Set(network.layers.map((layer) => layer.name).filter((layer) => !frozen.has(layer)))
  const { preprocessing } = backbone
  const program = compileProgram({ network, imageSize: side, preprocessing, cut, trained, optimizer: 'sgd', optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false } })
  const session = new NetworkSession(program)
  const weights = formulaWeights(network, 1)
  session.load(weights)
  return { session, cut, isTurned: program.isTurned, open: (pictures, other) => choosePrefix(session, { network, imageSize: side, preprocessing, weights, cut, pictures, ...other }) }
}

const picturesOf = (side: number) => ({ shape: [COUNT, side, side, 3], data: Float32Array.from(formulaPixels(6100, COUNT * side * side * 3), (level) => level / 255) })

describe('ONNX Runtime gives what the session gives for the frozen part', () => {
  // Feature maps that are turned and upright, with odd sides, and the pooled vector.
  test.each([
    ['mobilenet_v3_small', 64, 0.7, true],
    ['mobilenet_v3_small', 97, 0.7, false],
    ['mobilenet_v3_small', 80, 0.7, true],
    ['mobilenet_v2', 64, 1, true],
    ['efficientnet_b0', 64, 0.8, true],
    ['efficientnet_lite0', 64, 0.7, false],
  ] as const)('%s at %i pixels, frozen to %f', async (name, side, ratio, isTurned) => {
    const opened = openBackbone(name, side, ratio)
    expect(opened.cut).not.toBe('input')
    expect(opened.isTurned).toBe(isTurned)
    const theirs = new SessionPrefix(opened.session)
    const prefix = opened.open(1000)
    expect(prefix.computedBy).toMatch(/^onnxruntime \d/)
    const [ours, expected] = [await prefix.run(picturesOf(side)), await theirs.run(picturesOf(side))]
    expect(ours).toHaveLength(expected.length)
    const typical = Math.sqrt(expected.reduce((sum, value) => sum + value * value, 0) / expected.length)
    expect(typical).toBeGreaterThan(0)
    let largest = 0
    expected.forEach((value, i) => (largest = Math.max(largest, Math.abs(value - (ours[i] ?? NaN)) / Math.max(typical, Math.abs(value)))))
    worst[`${name} ${side}`] = largest
    expect(largest).toBeLessThan(1e-5)

    // In another session of its own the bits are the same.
    const again = opened.open(1000)
    expect(await again.run(picturesOf(side))).toEqual(ours)
    await prefix.close()
    await again.close()
    opened.session.close()
  })
})

test('it is opened where enough pictures are to come, and never for dense convolutions or beside a GPU', async () => {
  const few = openBackbone('mobilenet_v3_small', 64, 0.7)
  expect(few.open(99).computedBy).toMatch(/^TensorFlow/)
  const unused = few.open(100)
  expect(unused.computedBy).toMatch(/^onnxruntime/)
  await unused.close()
  expect(few.open(1, { opensFrom: 0 }).computedBy).toMatch(/^onnxruntime/)
  expect(few.open(100_000, { device: { kind: 'gpu' } }).computedBy).toMatch(/^TensorFlow/)
  few.session.close()
  const dense = openBackbone('resnet18', 64, 0.5)
  expect(dense.open(100_000).computedBy).toMatch(/^TensorFlow/)
  dense.session.close()
})

afterAll(() => {
  console.info('ONNX Runtime against the session, largest relative differences of features:', worst)
})
