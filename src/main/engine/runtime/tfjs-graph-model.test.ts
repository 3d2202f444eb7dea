import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { HEADS } from '../../../shared/domain/run-config'
import { compileProgram } from '../compile/program'
import { compileTfjsExport } from '../compile/tfjs-exported'
import { formulaPixels, formulaWeights } from '../golden/formula'
import type { HostTensor, TensorMap } from '../formats/tensor-map'
import { softmax } from '../train/metrics'
import type { Backbone, Preprocessing } from '../zoo/backbone'
import type { Network } from '../zoo/network'
import { BACKBONES, buildNetwork } from '../zoo/registry'
import { NetworkSession } from './network-session'
import { openTfjsGraphModel, tfjsTensorCount } from './tfjs-graph-model'

const CLASSES = 7
const COUNT = 3
/** Not a multiple of 32, so that strides meet odd sides. */
const SIDE = 72
/** What every back end for browsers has (the union of those that these networks need), by TensorFlow.js's names of operations. */
const BROWSER_OPERATIONS = new Set([
  'AddV2', 'BiasAdd', 'Cast', 'Const', 'Conv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative', 'MatMul', 'MaxPool', 'Mean', 'Mul', 'Pad', 'Placeholder',
  'RealDiv', 'Relu', 'Relu6', 'Reshape', 'Sigmoid', 'Softmax', 'Sub', '_FusedConv2D', '_FusedMatMul',
])
const SMALL = new Set(['efficientnet_lite0', 'mobilenet_v3_small', 'mobilenet_v2', 'efficientnet_b0', 'resnet18'])
const largest: Record<string, number> = {}

/** Noise in three strengths and tints. */
const PIXELS = formulaPixels(9, COUNT * SIDE * SIDE * 3).map((value, at) => {
  const picture = Math.floor(at / (SIDE * SIDE * 3))
  return value / (1 + ((picture + at) % 3)) + 20 * picture
})

/** Of the formula: what goes through a network neither grows out of bounds nor dies away. */
const gainOf = (backbone: Backbone) => (backbone.name.startsWith('resnet') ? 1 : 1.4)

/**
 * Weights whose answers are open, and the original's answers: a network of formula weights may be sure of one class, so its last
 * layer is moved and scaled until the pictures' logits differ by one or two.
 */
function openAnswers(options: { network: Network; imageSize: number; preprocessing: Preprocessing }, formula: ReadonlyMap<string, HostTensor>) {
  const settings = { weightDecay: 0, momentum: 0, nesterov: false }
  const session = new NetworkSession(compileProgram({ ...options, cut: 'input', trained: null, optimizer: 'adam', optimizerSettings: settings }))
  const logitsWith = (weights: TensorMap) => {
    session.load(weights)
    const pictures = session.pictures({ shape: [COUNT, SIDE, SIDE, 3], data: PIXELS }, null)
    const logits = session.evaluate(pictures)
    session.release(pictures)
    return logits
  }
  const logits = logitsWith(formula)
  const mean = Array.from({ length: CLASSES }, (_, c) => (logits[c]! + logits[CLASSES + c]! + logits[2 * CLASSES + c]!) / COUNT)
  const scale = 1.5 / Math.max(...logits.map((value, i) => Math.abs(value - mean[i % CLASSES]!)))
  const weights = new Map(formula)
  const change = (name: string, by: (value: number, at: number) => number) => {
    const { shape, data } = formula.get(name)!
    weights.set(name, { shape, data: data.map(by) })
  }
  change(`${options.network.output}.weight`, (value) => value * scale)
  change(`${options.network.output}.bias`, (value, c) => (value - mean[c]!) * scale)
  const open = logitsWith(weights)
  session.close()
  return { weights, expected: Array.from({ length: COUNT }, (_, i) => softmax(open, i * CLASSES, CLASSES)).flat() }
}

async function written(model: ReturnType<typeof compileTfjsExport>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'graft-tfjs-'))
  await writeFile(join(directory, 'model.json'), model.modelJson)
  for (const { name, content } of model.shards) await writeFile(join(directory, name), content)
  return directory
}

describe.each(BACKBONES.map((backbone) => [backbone.name, backbone] as const))('%s', (name, backbone) => {
  // The heads are the same on all; the large networks are tried with their own alone.
  test.each(SMALL.has(name) ? HEADS : (['linear'] as const))('with the head %s answers as the original does', async (head) => {
    const network = buildNetwork(backbone, { classes: CLASSES, head, dropout: null })
    const options = { network, imageSize: SIDE, preprocessing: backbone.preprocessing }
    const { weights, expected } = openAnswers(options, formulaWeights(network, gainOf(backbone)))

    const before = tfjsTensorCount()
    const model = compileTfjsExport({ ...options, weights, generatedBy: 'Graft test', metadata: { labels: ['a'] } })
    const json = JSON.parse(model.modelJson)
    for (const { op } of json.modelTopology.node) expect(BROWSER_OPERATIONS).toContain(op)
    const directory = await written(model)
    const running = await openTfjsGraphModel(directory)
    expect(running.metadata).toEqual({ labels: ['a'] })
    const got = running.probabilities(PIXELS, COUNT, SIDE)
    const loaded = tfjsTensorCount()
    running.probabilities(PIXELS, COUNT, SIDE)
    expect(tfjsTensorCount()).toBe(loaded)
    running.close()
    running.close()
    expect(tfjsTensorCount()).toBe(before)
    await rm(directory, { recursive: true })

    const difference = Math.max(...expected.map((value, i) => Math.abs(value - (got[i] ?? NaN))))
    largest[name] = Math.max(largest[name] ?? 0, difference)
    expect(difference).toBeLessThan(1e-4)
    // The pictures are told apart, or this would test little.
    expect(Math.max(...expected.slice(0, CLASSES).map((value, i) => Math.abs(value - (expected[CLASSES + i] ?? NaN))))).toBeGreaterThan(0.05)
  })
})

test('batch norms are folded and biases and activations fused: what is left to compute, and shards of 4 MiB', async () => {
  const backbone = BACKBONES.find(({ name }) => name === 'resnet50') ?? BACKBONES[0]!
  const network = buildNetwork(backbone, { classes: 1000, head: 'linear', dropout: null })
  const options = { network, imageSize: 64, preprocessing: backbone.preprocessing, weights: formulaWeights(network) }
  const { modelJson, shards } = compileTfjsExport({ ...options, generatedBy: 'Graft test', metadata: {} })
  const { node, versions } = JSON.parse(modelJson).modelTopology
  const count = (op: string) => node.filter((each: { op: string }) => each.op === op).length
  // 53 convolutions; the sixteen before an addition have their activation after it.
  expect([count('_FusedConv2D'), count('Conv2D'), count('BiasAdd'), count('Mul'), count('_FusedMatMul')]).toEqual([53, 0, 0, 0, 1])
  // The WebAssembly back end leaves transpositions out.
  expect(modelJson).not.toContain('"transpose_b":{"b":true}')
  expect(versions.producer).toBeGreaterThan(0)
  expect(shards.map(({ content }) => content.length).slice(0, -1).every((size) => size === 4 * 1024 * 1024)).toBe(true)
  const manifest = JSON.parse(modelJson).weightsManifest[0]
  expect(manifest.paths).toEqual(shards.map(({ name }) => name))
  const bytes = manifest.weights.reduce((sum: number, { shape }: { shape: number[] }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0)
  expect(shards.reduce((sum, { content }) => sum + content.length, 0)).toBe(bytes)
  const directory = await written({ modelJson, shards })
  expect(JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')).format).toBe('graph-model')
  await rm(directory, { recursive: true })
})

afterAll(() => {
  console.info('TensorFlow.js graph models beside the original, largest difference of a probability:', largest)
})
