import { expect, test } from 'vitest'
import { type RunConfig, runConfigSchema } from '../../../shared/domain/run-config'
import { FEEDS } from '../../engine/compile/program'
import { type Feed, Session } from '../../engine/runtime/session'
import { randomWeights } from '../../engine/train/initial-weights'
import { toSessionLayout } from '../../engine/compile/variables'
import { networkParameters, networkShapes } from '../../engine/zoo/network'
import { compileRun, runNetwork } from '../run-session'
import { blocksOf, stepParts } from './step-parts'

const SIDE = 64
const CLASSES = 3
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

function opened(given: Partial<RunConfig>, precision: 'float32' | 'bfloat16' = 'float32') {
  const config = runConfigSchema.parse({ weights: 'none', freeze_ratio: 0, image_size: SIDE, ...given })
  const run = runNetwork(config, CLASSES)
  const program = compileRun(run, config, { precision })
  const session = new Session(program.savedModel, program.placeholders)
  const weights = randomWeights(run.network, 1)
  const state = program.variables.map((spec): [string, Feed] => {
    const name = program.stateIn.feeds.get(spec.name) ?? ''
    const shape = program.placeholders.find((each) => each.name === name)?.shape ?? []
    const data = weights.get(spec.name)?.data
    return [name, { shape, data: data === undefined ? new Float32Array(size(shape)) : toSessionLayout(spec, data, program.isTurned) }]
  })
  session.release(...session.run(new Map(state), [program.stateIn.fetch]))
  const head = program.prefix === null ? [SIDE, SIDE, 3] : (networkShapes(run.network, SIDE).get(run.cut) ?? [])
  const feeds = new Map<string, Feed>([
    [program.prefix === null ? FEEDS.pictures : FEEDS.features, { shape: [2, ...head], data: new Float32Array(2 * size(head)).fill(0.5) }],
    [FEEDS.targets, { shape: [2, CLASSES], data: Float32Array.of(1, 0, 0, 0, 1, 0) }],
    [FEEDS.weights, { shape: [2], data: Float32Array.of(0.5, 0.5) }],
    [FEEDS.randomKey, { shape: [2], data: Int32Array.of(1, 0) }],
    [FEEDS.randomCounter, { shape: [4], data: new Int32Array(4) }],
  ])
  const shapesOf = (fetches: readonly string[]) => {
    const values = session.run(feeds, fetches)
    session.release(...values)
    return values.map(({ shape }) => shape)
  }
  return { run, program, session, shapesOf }
}

const NETWORKS = ['mobilenet_v3_small', 'efficientnet_b0', 'resnet18'] as const

test.each(NETWORKS)('%s: forward ends with each block’s own value, backward leaves the gradients of all that it has passed', (backbone) => {
  const { run, program, session, shapesOf } = opened({ backbone })
  const shapes = networkShapes(run.network, SIDE)
  const blockOf = blocksOf(run.network, 'input')
  const { blocks, loss } = stepParts(program, run.network, 'input')
  expect(blocks.reduce((sum, block) => sum + block.layers, 0)).toBe(run.network.layers.length)
  expect(blocks.length).toBeGreaterThan(8)
  const passed: number[] = []
  for (const [place, block] of [...blocks.entries()].reverse()) {
    const members = run.network.layers.filter(({ name }) => blockOf.get(name.split('/')[0] ?? '') === block.name)
    const parameters = networkParameters(run.network).filter(({ name }) => members.some((layer) => name.startsWith(`${layer.name}.`) && !name.includes('running')))
    passed.push(...parameters.map(({ shape }) => size(shape)))
    // TensorFlow compiles every part, which takes time.
    if (![0, Math.floor(blocks.length / 2), blocks.length - 1].includes(place)) continue
    // Squeeze and excitation, and shortcuts, end within a block.
    expect(shapesOf(block.forward), block.name).toEqual([[2, ...(shapes.get(members.at(-1)?.name ?? '') ?? [])]])
    const left = shapesOf(block.backward).map(size)
    // Besides, the gradient by what the first of these blocks reads; on its shortcut too, where it has one.
    const input = 2 * size(shapes.get(members[0]?.inputs[0] ?? '') ?? [])
    const hasShortcut = members.some(({ kind }) => kind === 'add')
    const beyond = block === blocks[0] ? [] : hasShortcut ? [input, input] : [input]
    expect(sorted(left), block.name).toEqual(sorted([...passed, ...beyond]))
  }
  expect(shapesOf(loss)).toEqual([[2, CLASSES]])
  session.close()
})

test('behind a frozen part there are the blocks that a step runs, and nothing goes back through a frozen one', () => {
  const { run, program, session, shapesOf } = opened({ backbone: 'efficientnet_lite0', freeze_ratio: 0.7 })
  const { blocks } = stepParts(program, run.network, run.cut)
  expect(blocks.map(({ name }) => name)).toEqual(['_blocks.11', '_blocks.12', '_blocks.13', '_blocks.14', '_blocks.15', '_conv_head', '_fc'])
  const trained = networkParameters(run.network).filter(({ name }) => run.trained.has(name.slice(0, name.lastIndexOf('.'))) && !name.includes('running'))
  expect(sorted(shapesOf(blocks[0]?.backward ?? []).map(size))).toEqual(sorted(trained.map(({ shape }) => size(shape))))
  session.close()
})

test('frozen blocks that run in the step have no way back', () => {
  const { run, program, session, shapesOf } = opened({ backbone: 'resnet18', freeze_ratio: 0.5, frozen_batch_norm: 'update' })
  const { blocks } = stepParts(program, run.network, run.cut)
  expect(blocks[0]?.backward).toEqual([])
  expect(shapesOf(blocks[0]?.forward ?? [])).toHaveLength(1)
  session.close()
})

test('in bfloat16 too, and with neighbours together', () => {
  const { run, program, session, shapesOf } = opened({ backbone: 'resnet18' }, 'bfloat16')
  const { blocks } = stepParts(program, run.network, 'input', 4)
  expect(blocks.map(({ name }) => name)).toEqual(['conv1 to layer1.1', 'layer2.0 to layer2.1', 'layer3.0 to layer4.0', 'layer4.1 to fc'])
  for (const block of blocks) {
    expect(shapesOf(block.forward)).toHaveLength(1)
    expect(shapesOf(block.backward).length).toBeGreaterThan(1)
  }
  session.close()
})
