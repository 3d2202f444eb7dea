/** Where the stages and layers of a network are drawn, and what moving the freeze handle or clicking a stage means. Pure. */
import { t } from '@lingui/core/macro'
import type { BackboneCard, FreezePlan } from '../../../shared/domain/model'
import type { RunConfig } from '../../../shared/domain/run-config'

type Layers = BackboneCard['layers']
export type Freezing = Pick<RunConfig, 'freeze' | 'freeze_ratio'>

export interface StageLayout {
  readonly name: string
  readonly label: string
  /** Place of its first layer among all. */
  readonly first: number
  readonly layers: number
  /** Shares of the drawing's width. */
  readonly left: number
  readonly width: number
  readonly parameters: number
  readonly macs: number
  /** 0 to 1; a block's area is its share of the network. */
  readonly macsHeight: number
  readonly parametersHeight: number
}

export interface NetworkLayout {
  readonly stages: readonly StageLayout[]
  /** Shares of the width at which a layer begins, and the end: one more than there are layers. */
  readonly edges: readonly number[]
}

/** A stage of few layers is drawn no narrower than this share; where there are few stages, wide enough for its words. */
const narrowest = (stages: number) => Math.max(0.045, Math.min(0.1, 0.47 / stages))
/** A band of one stage that is at least so wide also has room for the channels. */
const WIDE_BAND = 0.15

/** `_blocks.7` is 7, `_conv_stem` is stem: what fits below a few layers. */
export function stageLabel(name: string): string {
  if (name === '_conv_head') return t`last`
  return name.replace(/^(_blocks|features)\./, '').replace(/^_conv_/, '')
}

/** Neighbouring layers of one stage together. */
export function stagesOf(layers: Layers): { name: string; first: number; layers: Layers }[] {
  const stages: { name: string; first: number; layers: Layers }[] = []
  layers.forEach((layer, index) => {
    const last = stages.at(-1)
    if (last?.name === layer.stage) last.layers.push(layer)
    else stages.push({ name: layer.stage, first: index, layers: [layer] })
  })
  return stages
}

export function layoutOf(layers: Layers): NetworkLayout {
  const stages = stagesOf(layers)
  const wanted = stages.map((stage) => Math.max(narrowest(stages.length), stage.layers.length / Math.max(1, layers.length)))
  const all = wanted.reduce((a, b) => a + b, 0)
  const sums = stages.map((stage) => ({
    parameters: stage.layers.reduce((sum, layer) => sum + layer.parameters, 0),
    macs: stage.layers.reduce((sum, layer) => sum + layer.macs, 0),
  }))
  const widths = wanted.map((width) => width / all)
  // Area, not height, is the share: a wide stage is not made to look larger than it is.
  const highest = (key: 'parameters' | 'macs') => Math.max(...sums.map((sum, i) => sum[key] / (widths[i] ?? 1)), Number.MIN_VALUE)
  const tallest = { parameters: highest('parameters'), macs: highest('macs') }
  const edges: number[] = []
  let left = 0
  const placed = stages.map((stage, i): StageLayout => {
    const width = widths[i] ?? 0
    const { parameters, macs } = sums[i] ?? { parameters: 0, macs: 0 }
    stage.layers.forEach((_, layer) => edges.push(left + (width * layer) / stage.layers.length))
    const result = {
      name: stage.name,
      label: stageLabel(stage.name),
      first: stage.first,
      layers: stage.layers.length,
      left,
      width,
      parameters,
      macs,
      macsHeight: macs / width / tallest.macs,
      parametersHeight: parameters / width / tallest.parameters,
    }
    left += width
    return result
  })
  return { stages: placed, edges: [...edges, 1] }
}

/** The number of frozen layers whose end is nearest to a share of the width. */
export function nearestEdge({ edges }: NetworkLayout, share: number): number {
  let nearest = 0
  edges.forEach((edge, i) => {
    if (Math.abs(edge - share) < Math.abs((edges[nearest] ?? 0) - share)) nearest = i
  })
  return nearest
}

/** Where a key takes the handle: arrows by layer, Page keys by stage, Home and End. Null for any other key. */
export function movedByKey({ stages, edges }: NetworkLayout, position: number, key: string): number | null {
  const last = edges.length - 1
  const boundaries = [...stages.map(({ first }) => first), last]
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return Math.min(last, position + 1)
    case 'ArrowLeft':
    case 'ArrowDown':
      return Math.max(0, position - 1)
    case 'PageUp':
      return boundaries.find((boundary) => boundary > position) ?? last
    case 'PageDown':
      return boundaries.filter((boundary) => boundary < position).at(-1) ?? 0
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}

/** The number of layers that a ratio freezes, as the trainer counts it. */
export function positionOf(ratio: number, layers: number): number {
  return Math.floor(ratio * layers + 1e-9)
}

/** The shortest ratio that freezes so many layers. */
export function ratioOf(position: number, layers: number): number {
  if (layers === 0) return 0
  for (let digits = 1; digits <= 6; digits++) {
    const scale = 10 ** digits
    for (const round of [Math.round, Math.ceil]) {
      const ratio = round((position / layers) * scale) / scale
      if (ratio <= 1 && positionOf(ratio, layers) === position) return ratio
    }
  }
  return position / layers
}

/** Which layers keep their weights; by stage only the trainer knows, so that is told by its plan (or by nothing until it comes). */
export function frozenLayers(layers: Layers, { freeze, freeze_ratio }: Freezing, plan: FreezePlan | null): readonly boolean[] {
  if (freeze === 'ratio') {
    const position = positionOf(freeze_ratio, layers.length)
    return layers.map((_, i) => i < position)
  }
  if (freeze === 'all' || freeze === 'none') return layers.map(() => freeze === 'all')
  const names = new Set(freeze === 'stage' ? (plan?.frozenLayerNames ?? []) : freeze)
  return layers.map(({ name, stage }) => names.has(name) || (freeze !== 'stage' && names.has(stage)))
}

/** The handle stands where the beginning that is frozen without a gap ends. */
export function handlePosition(frozen: readonly boolean[]): number {
  const first = frozen.indexOf(false)
  return first < 0 ? frozen.length : first
}

/** What is frozen, written as stages where they are whole, else as layers. Nothing at all is a ratio of 0, as a list may not be empty. */
export function listOf(layers: Layers, frozen: readonly boolean[]): Freezing | Pick<Freezing, 'freeze'> {
  const names = stagesOf(layers).flatMap((stage) => {
    const kept = stage.layers.filter((_, i) => frozen[stage.first + i])
    return kept.length === stage.layers.length ? [stage.name] : kept.map(({ name }) => name)
  })
  return names.length === 0 ? { freeze: 'ratio', freeze_ratio: 0 } : { freeze: names }
}

/** A click on a stage: frozen as a whole, or let go when it was. */
export function toggledStage(layers: Layers, frozen: readonly boolean[], stage: string): Freezing | Pick<Freezing, 'freeze'> {
  const isWhole = layers.every((layer, i) => layer.stage !== stage || frozen[i] === true)
  return listOf(layers, layers.map((layer, i) => (layer.stage === stage ? !isWhole : frozen[i] === true))) // prettier-ignore
}

interface Band {
  words: string
  left: number
  width: number
}

/** Stages beside each other whose values have the same height and width, as one band: `14×14`; a wide one of one stage with its channels. */
export function bandsOf(stages: readonly StageLayout[], shapes: ReadonlyMap<string, readonly number[]>): Band[] {
  const bands: (Band & { channels: number | null })[] = []
  for (const { name, left, width } of stages) {
    const [high, wide, channels = null] = shapes.get(name) ?? []
    const words = high === undefined || wide === undefined ? '' : `${high}×${wide}`
    const last = bands.at(-1)
    if (last?.words === words) Object.assign(last, { width: last.width + width, channels: null })
    else bands.push({ words, left, width, channels })
  }
  return bands.map(({ words, left, width, channels }) => ({ words: channels !== null && width >= WIDE_BAND ? `${words} · ${channels}` : words, left, width }))
}
