/** What comes before the network in an ONNX graph: resizing, if it is asked for, and normalising. */
import { ONNX_TYPES } from '../formats/onnx'
import type { Preprocessing } from '../zoo/backbone'
import { onnxAttribute, type OnnxBuilder, type OnnxOutput } from './onnx-builder'

const cast = (graph: OnnxBuilder, x: OnnxOutput, type: keyof typeof ONNX_TYPES) => graph.add('Cast', [x], { to: onnxAttribute.int(ONNX_TYPES[type]) })

/** [N, H, W, 3] → [N, 3, H, W]. */
export function writeChannelsFirst(graph: OnnxBuilder, pixels: OnnxOutput): OnnxOutput {
  return graph.add('Transpose', [pixels], { perm: onnxAttribute.ints([0, 3, 1, 2]) })
}

/** uint8 [N, 3, side, side] → float32, (x / 255 − mean) / std per channel. */
export function writeOnnxNormalise(graph: OnnxBuilder, pixels: OnnxOutput, { mean, std }: Preprocessing): OnnxOutput {
  const perChannel = (values: readonly number[]) => graph.constant('float32', values, [1, 3, 1, 1])
  const scaled = graph.add('Mul', [cast(graph, pixels, 'float32'), perChannel(std.map((deviation) => 1 / (255 * deviation)))])
  return graph.add('Sub', [scaled, perChannel(mean.map((value, channel) => value / (std[channel] ?? NaN)))])
}

/** Pillow's fixed-point weights: whole numbers that add up to 2²². */
const WEIGHT_BITS = 22
/**
 * A sum of pixels times 22-bit weights needs 30 bits, and float32 holds 24. So a weight is cut into a high and a low half of 11 bits:
 * each half's sums are whole numbers that float32 holds exactly (the low half's up to shrinking 32-fold or so; beyond, they are off by
 * 2⁻²² of a level), and they are put together as int32.
 */
const HALF_BITS = 11
/** Output pixels computed together. Each reads only the part of the picture that it needs; one product for all would be mostly zeros. */
const BLOCK = 32

/**
 * uint8 [N, 3, height, width] of any size → uint8 [N, 3, side, side], equal to the bit to src/main/dataset/resize.ts: Pillow's
 * antialiased bilinear, across first, then down, rounded to 8 bits between. ONNX's own Resize is not: its antialiasing is the same
 * filter, but onnxruntime works out the positions in float32 and is off by a level here and there.
 */
export function writeResize(graph: OnnxBuilder, pixels: OnnxOutput, side: number): OnnxOutput {
  const shape = graph.add('Shape', [pixels])
  const across = graph.scoped('across', () => writeResizeAxis(graph, pixels, sizeOf(graph, shape, 3), 3, side))
  return graph.scoped('down', () => writeResizeAxis(graph, across, sizeOf(graph, shape, 2), 2, side))
}

/** One size of a shape, int64 [1]. */
function sizeOf(graph: OnnxBuilder, shape: OnnxOutput, axis: number): OnnxOutput {
  return graph.add('Slice', [shape, graph.constant('int64', [axis]), graph.constant('int64', [axis + 1])])
}

/** One pass: along the width (axis 3) or the height (axis 2) of [N, 3, H, W]. `size` is that axis's. */
function writeResizeAxis(graph: OnnxBuilder, pixels: OnnxOutput, size: OnnxOutput, axis: 2 | 3, side: number): OnnxOutput {
  const int64 = (value: number) => graph.constant('int64', [value])
  // In units of 1 / (2 · side) input pixels, everything about positions is a whole number. The filter reaches this far to either side.
  const reach = graph.add('Mul', [graph.add('Max', [size, int64(side)]), int64(2)])
  const blocks: OnnxOutput[] = []
  for (let from = 0; from < side; from += BLOCK) {
    const to = Math.min(from + BLOCK, side)
    blocks.push(
      graph.scoped(`pixels_${from}`, () => {
        // The input pixels that the block may read, generously: those out of the filter's reach weigh nothing.
        const low = graph.add('Sub', [graph.add('Mul', [size, int64(2 * from + 1)]), reach])
        const begin = graph.add('Div', [graph.add('Max', [low, int64(0)]), int64(2 * side)])
        const high = graph.add('Add', [graph.add('Mul', [size, int64(2 * to - 1)]), reach])
        const end = graph.add('Min', [graph.add('Add', [graph.add('Div', [high, int64(2 * side)]), int64(1)]), size])
        const weights = writeResizeWeights(graph, { size, reach, begin, end, from, to, side })
        const part = cast(graph, graph.add('Slice', [pixels, begin, end, int64(axis)]), 'float32')
        return writeWeightedSum(graph, part, weights, axis)
      }),
    )
  }
  return graph.add('Concat', blocks, { axis: onnxAttribute.int(axis) })
}

interface ResizeBlock {
  /** int64 [1]: of the input along the axis. */
  readonly size: OnnxOutput
  /** int64 [1]: of the filter. */
  readonly reach: OnnxOutput
  /** int64 [1] each: the input pixels that are read. */
  readonly begin: OnnxOutput
  readonly end: OnnxOutput
  /** The output pixels. */
  readonly from: number
  readonly to: number
  readonly side: number
}

/** Pillow's weights for some output pixels, as whole numbers in float64: [end − begin, to − from]. */
function writeResizeWeights(graph: OnnxBuilder, block: ResizeBlock): OnnxOutput {
  const { side } = block
  const float64 = (value: number) => graph.constant('float64', value)
  const first = graph.add('Squeeze', [block.begin])
  const indices = graph.add('Range', [first, graph.add('Squeeze', [block.end]), graph.constant('int64', 1)])
  const column = cast(graph, graph.add('Unsqueeze', [indices, graph.constant('int64', [1])]), 'float64')
  // Pixel t's middle lies at (2t + 1) · side, output pixel p's at (2p + 1) · size.
  const positions = graph.add('Add', [graph.add('Mul', [column, float64(2 * side)]), float64(side)])
  const outputs = Array.from({ length: block.to - block.from }, (_, i) => 2 * (block.from + i) + 1)
  const centres = graph.add('Mul', [cast(graph, block.size, 'float64'), graph.constant('float64', outputs, [1, outputs.length])])
  const distance = graph.add('Abs', [graph.add('Sub', [positions, centres])])
  const triangle = graph.add('Relu', [graph.add('Sub', [cast(graph, block.reach, 'float64'), distance])])
  const total = graph.add('ReduceSum', [triangle, graph.constant('int64', [0])], { keepdims: onnxAttribute.int(1) })
  const share = graph.add('Div', [triangle, total])
  return graph.add('Floor', [graph.add('Add', [graph.add('Mul', [share, float64(2 ** WEIGHT_BITS)]), float64(0.5)])])
}

/** float32 pixels times weights along an axis, rounded half up and clipped: uint8. */
function writeWeightedSum(graph: OnnxBuilder, pixels: OnnxOutput, weights: OnnxOutput, axis: 2 | 3): OnnxOutput {
  const half = graph.constant('float64', 2 ** HALF_BITS)
  const high = graph.add('Floor', [graph.add('Div', [weights, half])])
  const low = graph.add('Sub', [weights, graph.add('Mul', [high, half])])
  const product = (part: OnnxOutput) => {
    const matrix = cast(graph, part, 'float32')
    const sum = axis === 3 ? graph.add('MatMul', [pixels, matrix]) : graph.add('MatMul', [graph.add('Transpose', [matrix]), pixels])
    return cast(graph, sum, 'int32')
  }
  const int32 = (value: number) => graph.constant('int32', value)
  const sum = graph.add('Add', [graph.add('Mul', [product(high), int32(2 ** HALF_BITS)]), product(low)])
  const level = graph.add('Div', [graph.add('Add', [sum, int32(2 ** (WEIGHT_BITS - 1))]), int32(2 ** WEIGHT_BITS)])
  return cast(graph, graph.add('Min', [level, int32(255)]), 'uint8')
}
