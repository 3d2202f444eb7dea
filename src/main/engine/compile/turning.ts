/**
 * Whether a session turns pictures and kernels half around. PyTorch pads a convolution with a stride alike on both sides and leaves the
 * last pixel unread; TensorFlow's 'SAME' adds only what is needed, at the end. Over even sides the one is the other upside down: turned
 * networks need no copies of feature maps with zeros around them, forwards or backwards.
 */
import { windowGeometry } from '../layers/conv'
import { mapShape, type Layer } from '../layers/layer'
import { inputShapes, type Network, networkShapes } from '../zoo/network'

/** True where turning leaves nothing to pad. Networks that also read single pixels with a stride, as ResNets do, gain nothing by it. */
export function gainsByTurning(network: Network, imageSize: number): boolean {
  const shapes = networkShapes(network, imageSize)
  const padded = (isTurned: boolean) => network.layers.filter((layer) => needsPadding(layer, inputShapes(layer, shapes)[0] ?? [], isTurned)).length
  return padded(true) === 0 && padded(false) > 0
}

function needsPadding(layer: Layer, input: readonly number[], isTurned: boolean): boolean {
  if (input.length !== 3 || (layer.kind !== 'conv' && layer.kind !== 'max_pool')) return false
  return !windowGeometry(layer, mapShape(input, layer), isTurned).isSame
}
