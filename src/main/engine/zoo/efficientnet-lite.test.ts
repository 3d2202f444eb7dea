import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { decodePicture } from '../../dataset/decode'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { starterWeightsFile } from '../../storage/paths'
import { compileProgram } from '../compile/program'
import { readWeights } from '../formats/weights-file'
import { readGolden } from '../golden/compare'
import { formulaPixels } from '../golden/formula'
import { NetworkSession } from '../runtime/network-session'
import { argmax } from '../train/metrics'
import { buildNetwork, findBackbone } from './registry'

interface Logits {
  top1: number
  /** The five largest, in order. */
  topFive: number[]
  every40th: number[]
}
/** The Python peer's numbers with the published weights; made by scripts/golden/make-networks.py. */
const golden = readGolden<{ formula: (Logits & { side: number; pixels: number })[]; photographs: (Logits & { file: string })[] }>('lite0.json')

const weightsFile = starterWeightsFile()
const missingWeights = existsSync(weightsFile) ? null : `the starter weights are not at ${weightsFile}; set-up brings them`
const photographs = resolve(import.meta.dirname, '../../../../../shared/data/dandelion-grass')
const missingPhotographs = existsSync(photographs) ? null : `there are no photographs at ${photographs}`
const seen: Record<string, number> = {}

function open(imageSize: number): NetworkSession {
  const backbone = findBackbone('efficientnet_lite0')
  const session = new NetworkSession(
    compileProgram({
      network: buildNetwork(backbone, { classes: 1000, dropout: null }),
      imageSize,
      preprocessing: backbone.preprocessing,
      cut: 'input',
      trained: null,
      optimizer: 'sgd',
      optimizerSettings: { weightDecay: 0, momentum: 0, nesterov: false },
    }),
  )
  session.load(readWeights(readFileSync(weightsFile), weightsFile))
  return session
}

function logitsOf(session: NetworkSession, side: number, data: Uint8Array): Float32Array {
  const pictures = session.pictures({ shape: [1, side, side, 3], data }, null)
  const logits = session.evaluate(pictures)
  session.release(pictures)
  return logits
}

/** The largest difference over the values that the golden file keeps. */
function difference(logits: Float32Array, expected: Logits): number {
  const topFive = [...logits].sort((a, b) => b - a).slice(0, 5)
  const every40th = [...logits].filter((_, i) => i % 40 === 0)
  const ours = [...topFive, ...every40th]
  const theirs = [...expected.topFive, ...expected.every40th]
  expect(ours).toHaveLength(theirs.length)
  return Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] ?? NaN))))
}

test.for(golden.formula)('EfficientNet-Lite0 gives the Python peer’s logits from the same pixels, side $side', (expected, { skip }) => {
  if (missingWeights !== null) skip(missingWeights)
  const session = open(expected.side)
  const logits = logitsOf(session, expected.side, formulaPixels(expected.pixels, expected.side ** 2 * 3))
  session.close()
  expect(argmax(logits, 0, 1000)).toBe(expected.top1)
  const largest = difference(logits, expected)
  seen[`formula, side ${expected.side}`] = largest
  expect(largest).toBeLessThan(1e-4)
})

test('EfficientNet-Lite0 sees photographs as Pillow, torchvision and the Python peer do', async ({ skip }) => {
  const missing = missingWeights ?? missingPhotographs
  if (missing !== null) skip(missing)
  const session = open(224)
  for (const expected of golden.photographs) {
    const { pixels, width, height } = await decodePicture(join(photographs, expected.file))
    const logits = logitsOf(session, 224, resizeBilinearAntialiased(pixels, width, height, 224, 224))
    expect(argmax(logits, 0, 1000), expected.file).toBe(expected.top1)
    const largest = difference(logits, expected)
    seen[expected.file] = largest
    expect(largest, expected.file).toBeLessThan(0.05)
  }
  session.close()
})

afterAll(() => {
  console.info('EfficientNet-Lite0 against the Python peer, largest differences of logits:', seen)
})
