// Seconds of ONNX Runtime's evaluation of random pictures, beside our-steps.mjs's. Loaded by Vite.
import { compileOnnx } from '../../src/main/engine/compile/onnx'
import { encodeOnnx } from '../../src/main/engine/formats/onnx'
import { OnnxSession } from '../../src/main/engine/runtime/onnx-session'
import { randomWeights } from '../../src/main/engine/train/initial-weights'
import { buildNetwork, defaultDropout, findBackbone } from '../../src/main/engine/zoo/registry'

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

export async function timeOnnx({ backbone: name, batch, side, steps }) {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: 10, head: 'linear', dropout: defaultDropout(backbone, 'linear') })
  const model = encodeOnnx(compileOnnx({ network, imageSize: side, preprocessing: backbone.preprocessing, weights: randomWeights(network, 1), precision: 'float32', resizes: false, metadata: {} }))
  const session = await OnnxSession.open(model)
  const pixels = new Uint8Array(batch * side * side * 3).map((_, i) => (i * 7919) & 255)
  const seconds = []
  for (let step = 0; step <= steps; step++) {
    const startedAt = performance.now()
    await session.run(new Map([['pictures', { shape: [batch, side, side, 3], data: pixels }]]))
    seconds.push((performance.now() - startedAt) / 1000)
  }
  const [first, ...rest] = seconds
  return { backbone: name, batch, side, first_s: first, step_s_min: Math.min(...rest), step_s_median: median(rest), rss_mb: Math.round(process.resourceUsage().maxRSS / 1024) }
}
