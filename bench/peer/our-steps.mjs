// Our side of bench/steps.mjs: seconds of one step on random pictures, one JSON line a network. Loaded by Vite, so that it may import the program's own sources.
import { compileProgram } from '../../src/main/engine/compile/program'
import { OPTIMIZER_RULES } from '../../src/main/engine/compile/optimizers'
import { randomWeights } from '../../src/main/engine/train/initial-weights'
import { NetworkSession } from '../../src/main/engine/runtime/network-session'
import { buildNetwork, defaultDropout, findBackbone } from '../../src/main/engine/zoo/registry'

const CLASSES = 10
const SETTINGS = { weightDecay: 0, momentum: 0.9, nesterov: false, beta1: 0.9, beta2: 0.999 }

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

function randomPixels(size) {
  const pixels = new Uint8Array(size)
  let state = 1
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    pixels[i] = state >>> 24
  }
  return pixels
}

/** @param {{ backbone: string, batch: number, side: number, steps: number, precision: 'float32' | 'bfloat16', what: 'train' | 'evaluate' }} question */
export function timeSteps({ backbone: name, batch, side, steps, precision, what }) {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: CLASSES, head: 'linear', dropout: defaultDropout(backbone, 'linear') })
  const withParameters = network.layers.filter(({ kind }) => kind === 'conv' || kind === 'batch_norm' || kind === 'linear')
  const session = new NetworkSession(
    compileProgram({
      network,
      imageSize: side,
      preprocessing: backbone.preprocessing,
      cut: 'input',
      trained: what === 'train' ? new Set(withParameters.map((layer) => layer.name)) : null,
      optimizer: 'adam',
      optimizerSettings: SETTINGS,
      precision,
    }),
  )
  session.load(randomWeights(network, 1))
  const pictures = session.pictures({ shape: [batch, side, side, 3], data: randomPixels(batch * side * side * 3) }, null)
  const targets = new Float32Array(batch * CLASSES)
  for (let row = 0; row < batch; row++) targets[row * CLASSES + (row % CLASSES)] = 1
  const input = { targets: { shape: [batch, CLASSES], data: targets }, weights: { shape: [batch], data: new Float32Array(batch).fill(1 / batch) }, randomKey: Int32Array.of(1, 0) }
  const seconds = []
  const processorSeconds = []
  let loss = null
  for (let step = 0; step <= steps; step++) {
    const startedAt = performance.now()
    const usedBefore = process.cpuUsage()
    if (what === 'train') loss = session.trainStep(pictures, { ...input, step, scalars: OPTIMIZER_RULES.adam.scalars(step + 1, 1e-3, SETTINGS) }).loss
    else session.evaluate(pictures)
    seconds.push((performance.now() - startedAt) / 1000)
    const used = process.cpuUsage(usedBefore)
    processorSeconds.push((used.user + used.system) / 1e6)
  }
  const [first, ...rest] = seconds
  return { backbone: name, batch, side, precision, what, first_s: first, step_s_min: Math.min(...rest), step_s_median: median(rest), processor_s_median: median(processorSeconds.slice(1)), loss, rss_mb: Math.round(process.resourceUsage().maxRSS / 1024) }
}
