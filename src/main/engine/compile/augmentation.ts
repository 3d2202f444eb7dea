/**
 * Augmentation as graph parts, each as torchvision's transforms on float tensors define it. Every picture has its own amounts,
 * which are fed; pictures are [N, side, side, 3].
 */
import { attribute, type GraphBuilder, type Output } from './graph-builder'

const FLOAT = attribute.type('float32')
/** Luma weights of torchvision's rgb_to_grayscale. */
const GREY = [0.2989, 0.587, 0.114]

export const JITTERS = ['brightness', 'contrast', 'saturation', 'hue'] as const
export type Jitter = (typeof JITTERS)[number]

/** The augmentation of a batch, drawn beforehand. Empty parts are skipped. */
export interface BatchAugmentation {
  /** [N, 8] output → input maps; null: not moved. */
  readonly transforms: Float32Array | null
  /** Changes the moved pictures, uint8 [N, side, side, 3], in place, before the colours; left out: nothing does. */
  readonly changePixels?: (pixels: Uint8Array) => void
  /** In the order they are applied, with an amount a picture. */
  readonly jitters: readonly { readonly jitter: Jitter; readonly amounts: Float32Array }[]
  /** [N, 4] boxes that are covered at last: first row, first column, and those after the last, all 0 for none; left out: none at all. */
  readonly erased?: Float32Array
}

/** Flips, rotation and the rest of the affine map in one resampling: nearest pixel, black outside. `transforms` [N, 8] map output pixels to input pixels. */
export function writeGeometry(graph: GraphBuilder, pixels: Output, transforms: Output, side: number): Output {
  const moved = graph.add('ImageProjectiveTransformV3', [pixels, transforms, graph.int([side, side]), graph.float(0)], {
    dtype: attribute.type('uint8'),
    interpolation: attribute.string('NEAREST'),
    fill_mode: attribute.string('CONSTANT'),
  })
  return writeToUnit(graph, moved)
}

/** Whole numbers 0…255 → float32 0…1. */
export function writeToUnit(graph: GraphBuilder, pixels: Output, dtype: 'uint8' | 'int32' = 'uint8'): Output {
  return graph.float32('RealDiv', [graph.cast(pixels, dtype, 'float32'), graph.float(255)])
}

/** (x − mean) / std per channel. */
export function writeNormalise(graph: GraphBuilder, pictures: Output, mean: readonly number[], std: readonly number[]): Output {
  return graph.float32('RealDiv', [graph.minus(pictures, graph.float(mean)), graph.float(std)])
}

const clamp = (graph: GraphBuilder, x: Output) => graph.float32('ClipByValue', [x, graph.float(0), graph.float(1)])

/** [N, H, W, 1]. */
const grey = (graph: GraphBuilder, pictures: Output) => graph.reduce('Sum', graph.mul(pictures, graph.float(GREY)), [3], true)

/** factor · picture + (1 − factor) · other, clamped. */
function blend(graph: GraphBuilder, pictures: Output, other: Output, factor: Output): Output {
  return clamp(graph, graph.plus(graph.mul(pictures, factor), graph.mul(other, graph.minus(graph.float(1), factor))))
}

/** A rectangle of each picture covered with `colour`; `boxes` [N, 4] are first row, first column, and those after the last, all 0 for none. */
export function writeErasing(graph: GraphBuilder, pictures: Output, boxes: Output, colour: readonly number[], side: number): Output {
  const edges = graph.add('Unpack', [boxes], { T: FLOAT, num: attribute.int(4), axis: attribute.int(1) })
  const places = graph.float(Array.from({ length: side }, (_, i) => i), [1, side])
  const edge = (i: number) => graph.reshape(`${edges}:${i}`, [-1, 1])
  const within = (first: Output, end: Output) => {
    const isAfter = graph.float32('GreaterEqual', [places, first])
    return graph.cast(graph.add('LogicalAnd', [isAfter, graph.float32('Less', [places, end])]), 'bool', 'float32')
  }
  const rows = graph.reshape(within(edge(0), edge(2)), [-1, side, 1, 1])
  const columns = graph.reshape(within(edge(1), edge(3)), [-1, 1, side, 1])
  const covered = graph.mul(rows, columns)
  return graph.plus(graph.mul(pictures, graph.minus(graph.float(1), covered)), graph.mul(covered, graph.float(colour)))
}

/** Every picture blended with the one before it in the batch; `shares` [side, side, 1] says how much of each pixel stays its own. */
export function writeMix(graph: GraphBuilder, pictures: Output, shares: Output): Output {
  const partners = graph.add('Roll', [pictures, graph.int([1]), graph.int([0])], { T: FLOAT, Tshift: attribute.type('int32'), Taxis: attribute.type('int32') })
  return graph.plus(graph.mul(pictures, shares), graph.mul(partners, graph.minus(graph.float(1), shares)))
}

/** `pictures` in 0…1; `amounts` [N]: a factor, or for hue a shift of the colour circle. */
export function writeJitter(graph: GraphBuilder, jitter: Jitter, pictures: Output, amounts: Output): Output {
  const factor = graph.reshape(amounts, [-1, 1, 1, 1])
  switch (jitter) {
    case 'brightness':
      return clamp(graph, graph.mul(pictures, factor))
    case 'contrast':
      return blend(graph, pictures, graph.reduce('Mean', grey(graph, pictures), [1, 2], true), factor)
    case 'saturation':
      return blend(graph, pictures, grey(graph, pictures), factor)
    case 'hue': {
      const hsv = graph.add('RGBToHSV', [pictures], { T: FLOAT })
      const moved = graph.plus(hsv, graph.mul(factor, graph.float([1, 0, 0])))
      const wrapped = graph.minus(moved, graph.mul(graph.float32('Floor', [moved]), graph.float([1, 0, 0])))
      return graph.add('HSVToRGB', [wrapped], { T: FLOAT })
    }
  }
}
