import { expect, test } from 'vitest'
import { enlargeHeatmap } from '../../../shared/domain/heatmap'
import type { TensorMap } from '../formats/tensor-map'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { HeatmapSession } from '../runtime/heatmap-session'
import { liveTensorCount } from '../runtime/session'
import type { Network } from '../zoo/network'
import { BACKBONES, buildNetwork, findBackbone } from '../zoo/registry'
import { CLASSES } from '../zoo/testing/open-network'
import { compileHeatmaps, lastMap } from './heatmap'

/** PyTorch's numbers (float64), by hooks on the last feature map; made by scripts/golden/make-heatmaps.py. */
interface HeatmapsGolden {
  networks: Record<string, { sides: { side: number; maps: { picture: number; class: number; size: [number, number]; values: number[] }[]; pooled: Digest }[] }>
  enlarged: { height: number; width: number; values: number[]; sizes: { height: number; width: number; values: number[] }[] }
}
const golden = readGolden<HeatmapsGolden>('heatmaps.json')

function openFormulaNetwork(name: string, side: number): HeatmapSession {
  const { gain, damped } = readGolden<{ gain: number; damped: { endings: string[]; by: number } }>(`network-${name}.json`)
  const backbone = findBackbone(name)
  const network = buildNetwork(backbone, { classes: CLASSES, dropout: 0, stochasticDepth: 0 })
  const weights = formulaWeights(network, gain)
  for (const [key, { data }] of weights) if (damped.endings.some((ending) => key.endsWith(ending))) data.forEach((value, i) => (data[i] = value * damped.by))
  return new HeatmapSession(compileHeatmaps({ network, imageSize: side, preprocessing: backbone.preprocessing }), weights)
}

const CASES = Object.entries(golden.networks).flatMap(([name, { sides }]) => sides.map((of) => ({ name, ...of })))

test.each(CASES)('$name at $side pixels looks where PyTorch’s hooks say', ({ name, side, maps, pooled }) => {
  const session = openFormulaNetwork(name, side)
  const before = liveTensorCount()
  const pixels = formulaPixels(6100 + side, 2 * side * side * 3)
  const answers = session.answer(pixels, 2, () => maps.map(({ picture, class: classIndex }) => ({ picture, classIndex })))
  expect(relativeError(answers.pooled, pooled)).toBeLessThan(1e-4)
  expect(answers.heatmaps).toHaveLength(maps.length)
  maps.forEach(({ size, values }, i) => {
    const { height, width, values: found, peak } = answers.heatmaps[i] ?? { height: 0, width: 0, values: new Float32Array(), peak: NaN }
    expect([height, width]).toEqual(size)
    const largest = Math.max(...values)
    expect(Math.abs(peak - largest) / largest).toBeLessThan(1e-4)
    const worst = Math.max(...values.map((value, at) => Math.abs((found[at] ?? NaN) - value / largest)))
    expect(worst, `class ${maps[i]?.class}`).toBeLessThan(1e-4)
  })
  expect(liveTensorCount()).toBe(before)
  session.close()
})

test('the golden networks are of every family that torchvision has, turned half around and not', () => {
  const turned = CASES.map(({ name, side }) => {
    const { preprocessing, ...backbone } = findBackbone(name)
    return compileHeatmaps({ network: buildNetwork({ preprocessing, ...backbone }, { classes: CLASSES, dropout: 0 }), imageSize: side, preprocessing }).isTurned
  })
  expect(turned).toContain(true)
  expect(turned).toContain(false)
})

test.each(BACKBONES.map(({ name }) => name))('%s has a last map that the pooling reads', (name) => {
  const network = buildNetwork(findBackbone(name), { classes: CLASSES, dropout: null })
  const program = compileHeatmaps({ network, imageSize: 160, preprocessing: findBackbone(name).preprocessing })
  expect(network.layers.some((layer) => layer.name === lastMap(network))).toBe(true)
  expect(program.mapShape.slice(0, 2)).toEqual([5, 5])
})

/** The layers after the pooling in double precision, in inference form. */
function headOf(network: Network, weights: TensorMap): (pooled: readonly number[]) => number[] {
  const of = (name: string) => Array.from(weights.get(name)?.data ?? [])
  const layers = network.layers.slice(network.layers.findIndex(({ name }) => name === network.pooling) + 1)
  return (pooled) =>
    layers.reduce<number[]>((x, layer) => {
      if (layer.kind === 'linear') {
        const [matrix, bias] = [of(`${layer.name}.weight`), of(`${layer.name}.bias`)]
        return bias.map((start, row) => x.reduce((sum, value, i) => sum + value * (matrix[row * layer.in + i] ?? NaN), start))
      }
      if (layer.kind === 'batch_norm') {
        const [scale, shift, mean, variance] = ['weight', 'bias', 'running_mean', 'running_var'].map((part) => of(`${layer.name}.${part}`))
        return x.map((value, i) => ((value - (mean?.[i] ?? NaN)) / Math.sqrt((variance?.[i] ?? NaN) + layer.epsilon)) * (scale?.[i] ?? NaN) + (shift?.[i] ?? NaN))
      }
      return layer.kind === 'activation' ? x.map((value) => Math.max(0, value)) : x
    }, [...pooled])
}

test.each(['linear', 'mlp', 'deep'] as const)('through the head %s a map of one place is the slope of the logit along the features', (head) => {
  const backbone = findBackbone('resnet18')
  const network = buildNetwork(backbone, { classes: CLASSES, head, dropout: 0.5 })
  const weights = formulaWeights(network, readGolden<{ gain: number }>('network-resnet18.json').gain)
  const session = new HeatmapSession(compileHeatmaps({ network, imageSize: 32, preprocessing: backbone.preprocessing }), weights)
  const classes = Array.from({ length: CLASSES }, (_, classIndex) => ({ picture: 0, classIndex }))
  const { heatmaps, pooled, logits } = session.answer(formulaPixels(6200, 32 * 32 * 3), 1, () => classes)
  const evaluate = headOf(network, weights)
  const at = (scale: number) => evaluate(Array.from(pooled, (value) => value * scale))
  at(1).forEach((logit, i) => expect(Math.abs(logit - (logits[i] ?? NaN))).toBeLessThan(1e-3 * Math.max(1, Math.abs(logit))))
  const step = 1e-5
  const slopes = at(1 + step).map((above, i) => (above - (at(1 - step)[i] ?? NaN)) / (2 * step))
  const largest = Math.max(...slopes.map(Math.abs))
  expect(slopes.some((slope) => slope > 0) && slopes.some((slope) => slope < 0)).toBe(true)
  slopes.forEach((slope, i) => expect(Math.abs((heatmaps[i]?.peak ?? NaN) - Math.max(0, slope)) / largest).toBeLessThan(1e-3))
  session.close()
})

test('a map is enlarged as torch.nn.functional.interpolate does it', () => {
  const { height, width, values, sizes } = golden.enlarged
  for (const size of sizes) {
    const found = enlargeHeatmap({ height, width, values }, size.width, size.height)
    expect(Math.max(...size.values.map((value, i) => Math.abs((found[i] ?? NaN) - value)))).toBeLessThan(2e-6)
  }
})
