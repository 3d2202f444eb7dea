import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { EXPORT_PRECISIONS, type ExportPrecision } from '../../../shared/domain/export'
import { decodePicture } from '../../dataset/decode'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { havePhotographs, PHOTOGRAPHS } from '../../dataset/test-pictures'
import { starterWeightsFile } from '../../storage/paths'
import { encodeOnnx } from '../formats/onnx'
import { readWeights } from '../formats/weights-file'
import { formulaUniform } from '../golden/formula'
import { OnnxSession } from '../runtime/onnx-session'
import { argmax } from '../train/metrics'
import { buildNetwork, findBackbone } from '../zoo/registry'
import { compileOnnx, ONNX_INPUT, ONNX_OUTPUT } from './onnx'
import { quantiseWeight } from './onnx-weights'

const SIDE = 224
const seen: Record<string, unknown> = {}

test('int8 weights are at most half a step away, each output channel with a step of its own', () => {
  const weights = formulaUniform(7, 6 * 50)
  weights.subarray(50, 100).forEach((_, i, channel) => (channel[i] = (channel[i] ?? 0) * 1e-4))
  weights.fill(0, 100, 150)
  const { values, scales } = quantiseWeight(weights, 6)
  for (let channel = 0; channel < 6; channel++) {
    const scale = scales[channel] ?? NaN
    const rows = [weights, values].map((all) => Array.from(all.subarray(channel * 50, (channel + 1) * 50)))
    const [exact = [], steps = []] = rows
    steps.forEach((step, i) => expect(Math.abs(step * scale - (exact[i] ?? NaN))).toBeLessThanOrEqual(scale * 0.5001))
    if (channel !== 2) expect(Math.max(...steps.map(Math.abs))).toBe(127)
  }
})

const weightsFile = starterWeightsFile()

/** The published Lite0 in a precision: its size and its answers on some photographs. */
async function answers(precision: ExportPrecision, pictures: readonly Uint8Array[]) {
  const backbone = findBackbone('efficientnet_lite0')
  const network = buildNetwork(backbone, { classes: 1000, dropout: null })
  const weights = readWeights(readFileSync(weightsFile), weightsFile)
  const bytes = encodeOnnx(compileOnnx({ network, imageSize: SIDE, preprocessing: backbone.preprocessing, weights, precision, resizes: false, metadata: {} }))
  const session = await OnnxSession.open(bytes)
  const result: Float32Array[] = []
  const started = performance.now()
  for (const data of pictures) {
    const outputs = await session.run(new Map([[ONNX_INPUT, { shape: [1, SIDE, SIDE, 3], data }]]))
    result.push(outputs.get(ONNX_OUTPUT)?.data ?? new Float32Array())
  }
  const millisecondsPerPicture = (performance.now() - started) / pictures.length
  await session.close()
  return { sizeBytes: bytes.length, result, millisecondsPerPicture }
}

test('the published Lite0 on photographs: float16 is half the size, int8 a quarter, and they say nearly the same', async ({ skip }) => {
  if (!existsSync(weightsFile)) skip(`the starter weights are not at ${weightsFile}; set-up brings them`)
  if (!havePhotographs) skip(`there are no photographs at ${PHOTOGRAPHS}`)
  const files = readdirSync(PHOTOGRAPHS).flatMap((label) => readdirSync(join(PHOTOGRAPHS, label)).map((name) => join(PHOTOGRAPHS, label, name)))
  const pictures: Uint8Array[] = []
  for (const file of files.filter((_, i) => i % 10 === 0)) {
    const { pixels, width, height } = await decodePicture(file)
    pictures.push(resizeBilinearAntialiased(pixels, width, height, SIDE, SIDE))
  }
  const exact = await answers('float32', pictures)
  for (const precision of EXPORT_PRECISIONS) {
    const { sizeBytes, result, millisecondsPerPicture } = await answers(precision, pictures)
    let largest = 0
    let agreed = 0
    result.forEach((probabilities, i) => {
      const expected = exact.result[i] ?? new Float32Array()
      probabilities.forEach((value, c) => (largest = Math.max(largest, Math.abs(value - (expected[c] ?? NaN)))))
      if (argmax(probabilities, 0, 1000) === argmax(expected, 0, 1000)) agreed++
    })
    const agreement = agreed / pictures.length
    seen[precision] = { sizeBytes, largestDifference: largest, agreement, millisecondsPerPicture }
    const bounds = { float32: [1, 0, 1], float16: [0.51, 1e-2, 0.975], int8: [0.27, 1, 0.8] } as const
    const [size, difference, agreeing] = bounds[precision]
    expect(sizeBytes / exact.sizeBytes).toBeLessThanOrEqual(size)
    expect(largest).toBeLessThanOrEqual(difference)
    expect(agreement).toBeGreaterThanOrEqual(agreeing)
  }
})

afterAll(() => {
  console.info('Published EfficientNet-Lite0 as ONNX on photographs:', seen)
})
