import { expect, test } from 'vitest'
import { enlargeHeatmap } from '../../../shared/domain/heatmap'
import { type Digest, readGolden, relativeError } from '../golden/compare'
import { formulaPixels, formulaWeights } from '../golden/formula'
import { HeatmapSession } from '../runtime/heatmap-session'
import { liveTensorCount } from '../runtime/session'
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

test('a map is enlarged as torch.nn.functional.interpolate does it', () => {
  const { height, width, values, sizes } = golden.enlarged
  for (const size of sizes) {
    const found = enlargeHeatmap({ height, width, values }, size.width, size.height)
    expect(Math.max(...size.values.map((value, i) => Math.abs((found[i] ?? NaN) - value)))).toBeLessThan(2e-6)
  }
})
