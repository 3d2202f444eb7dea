import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { HeadName } from '../../../shared/domain/run-config'
import { encodeOnnx } from '../formats/onnx'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { OnnxSession } from '../runtime/onnx-session'
import { softmax } from '../train/metrics'
import { BACKBONES, buildNetwork, findBackbone } from '../zoo/registry'
import { compileOnnx, ONNX_INPUT, ONNX_OUTPUT } from './onnx'
import { compileProgram } from './program'

/** Weights by formula are scaled so that the answers depend on the picture and stay of the size that a trained network gives. */
const GAINS: Readonly<Record<string, number>> = { mobilenet_v3_large: 1.25, efficientnet_b0: 1.45, resnet18: 1, resnet34: 1, resnet50: 1, resnet101: 0.95 }
const USUAL_GAIN = 1.4
const COUNT = 2
/** Tensor of the formula that the pictures are. */
const PIXELS = 1

/** Where to leave the models with what they should answer, for scripts/golden/check-onnx.py; not written where this is not set. */
const keepIn = process.env['GRAFT_KEEP_ONNX']

interface Case {
  readonly name: string
  readonly head: HeadName
  readonly classes: number
  readonly side: number
}

/** The largest of each family are left to the first list: heads do not depend on the depth. */
const LARGE = new Set(['resnet34', 'resnet101', 'efficientnet_b2', 'efficientnet_b3'])
const otherHead = (i: number): HeadName => (i % 2 === 0 ? 'mlp' : 'deep')

/** Every backbone as it was published; the other heads, few classes and an odd size in turn. */
const CASES: readonly Case[] = [
  ...BACKBONES.map(({ name }) => ({ name, head: 'linear' as const, classes: 1000, side: 64 })),
  ...BACKBONES.filter(({ name }) => !LARGE.has(name)).map(({ name }, i) => ({ name, head: otherHead(i), classes: 2, side: 64 })),
  { name: 'efficientnet_lite0', head: 'deep', classes: 1000, side: 97 },
  { name: 'mobilenet_v3_small', head: 'mlp', classes: 2, side: 97 },
  { name: 'resnet18', head: 'linear', classes: 2, side: 97 },
]

const seen: Record<string, string> = {}

function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0)
}

test.each(CASES)('$name, head $head, $classes classes, $side pixels: ONNX Runtime answers as the original', async ({ name, head, classes, side }) => {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes, head, dropout: null })
  const gain = GAINS[name] ?? USUAL_GAIN
  const weights = formulaWeights(network, gain)
  const pixels = { shape: [COUNT, side, side, 3], data: formulaPixels(PIXELS, COUNT * side * side * 3) }

  const settings = { weightDecay: 0, momentum: 0, nesterov: false }
  const { preprocessing } = backbone
  const program = compileProgram({ network, imageSize: side, preprocessing, cut: 'input', trained: null, optimizer: 'sgd', optimizerSettings: settings })
  const original = new NetworkSession(program)
  original.load(weights)
  const pictures = original.pictures(pixels, null)
  const expected = original.evaluate(pictures)
  original.release(pictures)
  original.close()

  const model = compileOnnx({ network, imageSize: side, preprocessing, weights, precision: 'float32', resizes: false, metadata: {} })
  // The logits are what the softmax at the end reads.
  const logits = model.nodes.at(-1)?.inputs[0] ?? ''
  const outputs = [...model.outputs, { name: logits, type: 'float32' as const, shape: ['N', classes], description: '' }]
  const session = await OnnxSession.open(encodeOnnx({ ...model, outputs }))
  const got = await session.run(new Map([[ONNX_INPUT, pixels]]))
  await session.close()

  const size = Math.max(...expected.map(Math.abs))
  const onLogits = difference(got.get(logits)?.data ?? [], expected) / size
  const probabilities = Array.from({ length: COUNT }, (_, row) => softmax(expected, row * classes, classes)).flat()
  const onProbabilities = difference(got.get(ONNX_OUTPUT)?.data ?? [], probabilities)
  // The two pictures are told apart, or this would test little.
  expect(difference(expected.subarray(0, classes), expected.subarray(classes)) / size).toBeGreaterThan(0.01)
  expect(onLogits).toBeLessThan(1e-3)
  expect(onProbabilities).toBeLessThan(1e-4)
  if (keepIn !== undefined) {
    mkdirSync(keepIn, { recursive: true })
    const file = join(keepIn, `${name}-${head}-${classes}-${side}`)
    writeFileSync(`${file}.onnx`, encodeOnnx(model))
    writeFileSync(`${file}.json`, JSON.stringify({ name, head, classes, side, gain, count: COUNT, pixels: PIXELS, preprocessing, probabilities }))
  }
  seen[`${name} ${head} ${classes} ${side}`] = `logits ${onLogits.toExponential(1)}, probabilities ${onProbabilities.toExponential(1)}`
})

afterAll(() => {
  console.info('ONNX Runtime against the original, largest differences (logits relative to the largest):', seen)
})
