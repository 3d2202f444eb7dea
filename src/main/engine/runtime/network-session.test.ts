import { expect, test } from 'vitest'
import { GraftError } from '../../../shared/domain/error'
import { softTargets } from '../compile/loss'
import { OPTIMIZER_RULES } from '../compile/optimizers'
import { compileProgram, FEEDS, type Program } from '../compile/program'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { NetworkBuilder } from '../zoo/network'
import { NetworkSession, type TrainStepInput } from './network-session'
import { type Feed, liveTensorCount, Session } from './session'
import { loadTensorFlow } from './tensorflow'

const SIDE = 8
const BATCH = 4
const CLASSES = 3
const SETTINGS = { weightDecay: 1e-3, momentum: 0.9, nesterov: false }

/** Every layout of parameters, and dropout. */
function network() {
  const net = new NetworkBuilder()
  let x = net.conv('conv', 'input', { in: 3, out: 5, kernel: 3, stride: 2 })
  x = net.activation(net.batchNorm('bn', x, 5), 'hard_swish')
  x = net.activation(net.conv('depthwise', x, { in: 5, out: 5, kernel: 3, groups: 5, bias: true }), 'relu6')
  const gate = net.conv('squeeze', net.globalAveragePool(x), { in: 5, out: 5, kernel: 1, bias: true })
  const pooled = net.globalAveragePool(net.scale(x, net.activation(gate, 'hard_sigmoid')))
  return net.build(pooled, net.linear('fc', net.dropout(pooled, 0.3), 5, CLASSES))
}

function compile(options: { cut?: string; evaluatesOnly?: boolean } = {}): Program {
  return compileProgram({
    network: network(),
    imageSize: SIDE,
    preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    cut: options.cut ?? 'input',
    trained: options.evaluatesOnly === true ? null : new Set(['depthwise', 'squeeze', 'fc', ...(options.cut === undefined ? ['conv', 'bn'] : [])]),
    optimizer: 'adam',
    optimizerSettings: SETTINGS,
  })
}

function open(options: Parameters<typeof compile>[0] = {}, gain = 1): NetworkSession {
  const session = new NetworkSession(compile(options))
  session.load(formulaWeights(network(), gain))
  return session
}

const pixels = (seed = 1, count = BATCH) => ({ shape: [count, SIDE, SIDE, 3], data: formulaPixels(seed, count * SIDE * SIDE * 3) })

const input = (step: number): TrainStepInput => ({
  targets: { shape: [BATCH, CLASSES], data: softTargets([0, 1, 2, step % CLASSES], CLASSES, 0) },
  weights: { shape: [BATCH], data: new Float32Array(BATCH).fill(1 / BATCH) },
  scalars: OPTIMIZER_RULES.adam.scalars(step + 1, 1e-2, SETTINGS),
  randomKey: Int32Array.of(4, 0),
  step,
})

/** The addon's own counts, which also see what was never handed to this code. */
function native(): { tensors: number; models: number } {
  const addon = loadTensorFlow().addon as unknown as { getNumOfTensors(): number; getNumOfSavedModels(): number }
  return { tensors: addon.getNumOfTensors(), models: addon.getNumOfSavedModels() }
}

test.each(['input', 'bn/hard_swish'])('training and evaluation leave no tensor behind, cut at %s', (cut) => {
  const before = native()
  const session = open(cut === 'input' ? {} : { cut })
  for (let step = 0; step < 20; step++) {
    const augmentation = {
      transforms: Float32Array.from(Array.from({ length: BATCH }, () => [-1, 0, SIDE - 1, 0, 1, 0, 0, 0]).flat()),
      jitters: [{ jitter: 'hue' as const, amounts: new Float32Array(BATCH).fill(0.1) }, { jitter: 'contrast' as const, amounts: new Float32Array(BATCH).fill(1.1) }],
    }
    const head = session.features(session.pictures(pixels(step), augmentation))
    session.trainStep(head, input(step))
    session.evaluate(head)
    session.release(head)
    session.state()
    session.load(session.state())
  }
  expect(liveTensorCount()).toBe(0)
  expect(native().tensors).toBe(before.tensors)
  expect(native().models).toBe(before.models + 1)
  session.close()
  session.close()
  expect(native()).toEqual(before)
})

test('what is loaded comes back, in every layout, with the optimizer’s averages', () => {
  const session = open()
  const weights = formulaWeights(network())
  const fresh = session.state()
  for (const [name, { shape, data }] of weights) expect(fresh.get(name)).toEqual({ shape, data })
  for (const [name, { data }] of fresh) if (name.includes('/')) expect(data.every((value) => value === 0), name).toBe(true)
  const head = session.pictures(pixels(), null)
  session.trainStep(head, input(0))
  session.release(head)
  const trained = session.state()
  const other = open({}, 2)
  expect(other.state()).not.toEqual(trained)
  other.load(trained)
  expect(other.state()).toEqual(trained)
  session.close()
  other.close()
})

test('variables are copies of what was fed: memory of JavaScript is let go of in the same run, on its own thread', () => {
  const session = open()
  const weights = formulaWeights(network())
  session.load(weights)
  const before = session.state()
  for (const { data } of weights.values()) data.fill(9)
  expect(session.state()).toEqual(before)
  session.close()
})

test('two sessions of one process share nothing, and the same steps give the same bits', () => {
  const run = (session: NetworkSession) => {
    const losses = [0, 1, 2, 3].map((step) => {
      const head = session.pictures(pixels(step), null)
      const { loss } = session.trainStep(head, input(step))
      session.release(head)
      return loss
    })
    return { losses, state: session.state() }
  }
  const first = open()
  const second = open({}, 2)
  const alone = run(first)
  const bystander = second.state()
  run(first)
  expect(second.state()).toEqual(bystander)
  const again = open()
  expect(run(again)).toEqual(alone)
  for (const session of [first, second, again]) session.close()
})

test('pictures in another order give logits in that order', () => {
  const session = open({ evaluatesOnly: true })
  const { data } = pixels()
  const size = SIDE * SIDE * 3
  const order = [2, 0, 3, 1]
  const logits = (bytes: Uint8Array) => {
    const pictures = session.pictures({ shape: [BATCH, SIDE, SIDE, 3], data: bytes }, null)
    const result = session.evaluate(pictures)
    session.release(pictures)
    return result
  }
  const plain = logits(data)
  const permuted = logits(Uint8Array.from(order.flatMap((index) => [...data.subarray(index * size, (index + 1) * size)])))
  order.forEach((index, row) => {
    for (let c = 0; c < CLASSES; c++) expect(permuted[row * CLASSES + c]).toBeCloseTo(plain[index * CLASSES + c] ?? NaN, 5)
  })
  session.close()
})

test('a feed of the wrong shape, type, size or name is refused before TensorFlow sees it', () => {
  const program = compile()
  const session = new Session(program.savedModel, program.placeholders)
  const before = native()
  const run = (name: string, feed: Feed, fetches = program.plain.fetches) => () => session.run(new Map([[name, feed]]), fetches)
  const good = pixels()
  expect(run('pixel', good)).toThrow('The graph has no input named pixel')
  expect(run(FEEDS.pixels, { ...good, shape: [BATCH, SIDE, SIDE, 4] })).toThrow('pixels takes [-1, 8, 8, 3], not [4, 8, 8, 4]')
  expect(run(FEEDS.pixels, { ...good, shape: [BATCH * SIDE, SIDE, 3] })).toThrow('pixels takes [-1, 8, 8, 3], not [32, 8, 3]')
  expect(run(FEEDS.pixels, { ...good, data: Float32Array.from(good.data) })).toThrow('pixels takes 768 uint8 numbers, not 768 of float32')
  expect(run(FEEDS.pixels, { ...good, data: good.data.subarray(1) })).toThrow('pixels takes 768 uint8 numbers, not 767 of uint8')
  const [pictures] = session.run(new Map([[FEEDS.pixels, good]]), program.plain.fetches)
  if (pictures === undefined) throw new Error('no pictures')
  expect(run(FEEDS.transforms, pictures)).toThrow('transforms takes [-1, 8], not [4, 8, 8, 3]')
  expect(run(FEEDS.learningRate, { shape: [], data: Float32Array.of(1) })).toThrow('learning_rate takes [1], not []')
  // A refusal after a good feed leaves nothing of the good one behind.
  const transforms = { shape: [BATCH, 8], data: Float32Array.of(1) }
  expect(() => session.run(new Map<string, Feed>([[FEEDS.pixels, good], [FEEDS.transforms, transforms]]), program.geometry.fetches)).toThrow('transforms takes 32')
  session.release(pictures)
  expect(native()).toEqual(before)
  expect(liveTensorCount()).toBe(0)
  session.close()
})

test('weights of another size and training where nothing trains are refused', () => {
  const session = open({ evaluatesOnly: true })
  const state = session.state()
  expect(() => {
    session.load(new Map(state).set('fc.weight', { shape: [2, 5], data: new Float32Array(10) }))
  }).toThrow('fc.weight takes [3, 5], not [2, 5]')
  expect(session.state()).toEqual(state)
  const head = session.pictures(pixels(), null)
  expect(() => session.trainStep(head, input(0))).toThrow('only evaluates')
  session.release(head)
  session.close()
  expect(liveTensorCount()).toBe(0)
})

test('what only TensorFlow can see is wrong comes back as a typed error with its words', () => {
  const session = open()
  const head = session.pictures(pixels(1, 2), null)
  let thrown: unknown
  try {
    session.trainStep(head, input(0))
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(GraftError)
  expect(thrown).toMatchObject({ code: 'BUG', detail: expect.stringMatching(/loss|broadcast|size/i) })
})
