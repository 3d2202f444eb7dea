// Our side of bench/parts/answer.mjs: one picture from its file to the answer, with a model that is open. Loaded by Vite.
import { decodePicture, readPictureFile } from '../../src/main/dataset/decode'
import { resizeBilinearAntialiased } from '../../src/main/dataset/resize'
import { randomWeights } from '../../src/main/engine/train/initial-weights'
import { buildNetwork, defaultDropout, findBackbone } from '../../src/main/engine/zoo/registry'
import { openNetwork } from '../../src/main/trainer/network-answers'

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

/** Milliseconds from file to probabilities, the median over `files` once each after some that warm up. */
export async function timeAnswers({ backbone: name, side, files }) {
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: 2, head: 'linear', dropout: defaultDropout(backbone, 'linear') })
  const model = openNetwork({ network, imageSize: side, preprocessing: backbone.preprocessing, weights: randomWeights(network, 1) })
  const times = []
  for (const file of files) {
    const startedAt = performance.now()
    const { pixels, width, height } = await decodePicture(await readPictureFile(file))
    const resized = resizeBilinearAntialiased(pixels, width, height, side, side)
    model.probabilities(resized, 1)
    times.push(performance.now() - startedAt)
  }
  model.close()
  return { backbone: name, ms: median(times.slice(10)) }
}
