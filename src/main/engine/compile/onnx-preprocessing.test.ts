import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodePicture } from '../../dataset/decode'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { havePhotographs, patternPixels, PHOTOGRAPHS } from '../../dataset/test-pictures'
import { encodeOnnx, ONNX_TYPES } from '../formats/onnx'
import { OnnxSession } from '../runtime/onnx-session'
import { onnxAttribute, OnnxBuilder } from './onnx-builder'
import { writeChannelsFirst, writeResize } from './onnx-preprocessing'

const SIDES = [224, 97] as const
const sessions = new Map<number, OnnxSession>()
const milliseconds: Record<string, number> = {}

/** The resizing alone: uint8 [1, height, width, 3] → the same numbers [1, side, side, 3] as float32. */
function resizeModel(side: number): Uint8Array {
  const graph = new OnnxBuilder()
  const resized = writeResize(graph, writeChannelsFirst(graph, graph.input('pictures')), side)
  const last = graph.add('Transpose', [resized], { perm: onnxAttribute.ints([0, 2, 3, 1]) })
  graph.add('Cast', [last], { to: onnxAttribute.int(ONNX_TYPES.float32) }, 'resized')
  return encodeOnnx({
    graphName: 'resize',
    description: '',
    inputs: [{ name: 'pictures', type: 'uint8', shape: ['N', 'height', 'width', 3], description: '' }],
    outputs: [{ name: 'resized', type: 'float32', shape: ['N', side, side, 3], description: '' }],
    nodes: graph.nodes,
    initializers: graph.initializers,
    metadata: {},
  })
}

async function resizeInGraph(side: number, pixels: Uint8Array, width: number, height: number): Promise<Uint8Array> {
  const inputs = new Map([['pictures', { shape: [1, height, width, 3], data: pixels }]])
  const started = performance.now()
  const result = (await sessions.get(side)?.run(inputs))?.get('resized')
  milliseconds[`${width} x ${height} to ${side}`] = Math.round(performance.now() - started)
  expect(result?.shape).toEqual([1, side, side, 3])
  return Uint8Array.from(result?.data ?? [])
}

/** How many bytes differ. */
const differing = (a: Uint8Array, b: Uint8Array) => a.reduce((count, value, i) => count + (value === b[i] ? 0 : 1), 0)

beforeAll(async () => {
  for (const side of SIDES) sessions.set(side, await OnnxSession.open(resizeModel(side)))
})
afterAll(async () => {
  for (const session of sessions.values()) await session.close()
  console.info('Resizing inside an ONNX graph, milliseconds:', milliseconds)
})

const SIZES = [
  [1, 1], [1, 300], [3, 2], [97, 97], [97, 500], [224, 224], [500, 224], [223, 225], [448, 448], [500, 333], [333, 500], [30, 900], [1344, 672], [2048, 1365], [4000, 3000],
] as const

test.each(SIZES)('%d x %d: resizing in the graph equals resizing before it, to the bit', async (width, height) => {
  const pixels = patternPixels(width, height, 3, width + height)
  for (const side of SIDES) {
    const expected = resizeBilinearAntialiased(pixels, width, height, side, side)
    expect(differing(await resizeInGraph(side, pixels, width, height), expected), `to ${side}`).toBe(0)
  }
})

test('a white picture stays white, where the rounded weights may add up to more than one', async () => {
  const white = new Uint8Array(701 * 457 * 3).fill(255)
  for (const side of SIDES) expect(differing(await resizeInGraph(side, white, 701, 457), new Uint8Array(side * side * 3).fill(255))).toBe(0)
})

test.skipIf(!havePhotographs)('photographs: resizing in the graph equals resizing before it, to the bit', async () => {
  for (const label of readdirSync(PHOTOGRAPHS)) {
    const folder = join(PHOTOGRAPHS, label)
    const names = readdirSync(folder).sort()
    for (const name of names.filter((_, i) => i % 20 === 0)) {
      const { pixels, width, height } = await decodePicture(join(folder, name))
      const expected = resizeBilinearAntialiased(pixels, width, height, 224, 224)
      expect(differing(await resizeInGraph(224, pixels, width, height), expected), name).toBe(0)
    }
  }
})
