/** A freeze plan, a measurement and a forecast as a terminal shows them. */
import type { Forecast, FreezePlan, Measurement } from '../../shared/domain/model'
import { assumedBatchSize, type RunConfig } from '../../shared/domain/run-config'
import { parameterWords } from '../../shared/domain/parameter-words'
import { formatBytes, formatCount, formatMagnitude, formatPlural, formatSeconds } from './format'
import { type Column, displayWidth, tableLines } from './table'

const number = { align: 'right' as const }
const COLUMNS: readonly Column[] = [
  { title: 'stage' },
  { title: 'layers', ...number },
  { title: 'value', ...number },
  { title: 'parameters', ...number },
  { title: 'trainable', ...number },
  { title: 'multiply-adds', ...number },
  { title: 'state' },
]

const shapeWords = (shape: readonly number[]) => shape.join('×')

function stateOf(frozen: number, all: number): string {
  if (frozen === 0) return 'trains'
  return frozen === all ? 'frozen' : `${frozen} of ${all} frozen`
}

/** How a layer runs, where it is frozen. */
const RUN_WORDS: Readonly<Record<FreezePlan['rows'][number]['runs'], string>> = { once: 'frozen, runs once', each_step: 'frozen, runs in each step' }

const FREEZING_WORDS = { stage: 'frozen by stage', all: 'the whole backbone frozen', none: 'nothing frozen' } as const

function freezingWords({ freeze, freeze_ratio }: Pick<RunConfig, 'freeze' | 'freeze_ratio'>): string {
  if (freeze === 'ratio') return `freeze ratio ${freeze_ratio}`
  if (typeof freeze === 'string') return FREEZING_WORDS[freeze]
  return `frozen: ${freeze.join(', ')}`
}

/** The table by stage (and by layer) with a rule where the freezing ends, then the totals. */
export function writePlan(plan: FreezePlan, { config, classes, hasLayers }: { config: RunConfig; classes: number; hasLayers: boolean }): string[] {
  const rows: string[][] = []
  // The freezing ends after the last frozen row of the table; −1: nothing is frozen.
  let lastFrozen = -1
  const push = (row: string[], isFrozen: boolean) => {
    if (isFrozen) lastFrozen = rows.length
    rows.push(row)
  }
  for (const stage of plan.stages) {
    const { name, layers, frozenLayers, shape, parameters, trainableParameters, macs } = stage
    push([name, String(layers), shapeWords(shape), formatCount(parameters), formatCount(trainableParameters), formatMagnitude(macs), stateOf(frozenLayers, layers)], frozenLayers > 0)
    if (!hasLayers) continue
    for (const layer of plan.rows.slice(stage.first, stage.first + layers)) {
      const state = layer.isFrozen ? RUN_WORDS[layer.runs] : 'trains'
      const trainable = layer.isFrozen ? '0' : formatCount(layer.parameters)
      push([`  ${layer.name}`, '', shapeWords(layer.shape), formatCount(layer.parameters), trainable, formatMagnitude(layer.macs), state], layer.isFrozen)
    }
  }
  rows.push([`head (${plan.head.name})`, '', String(classes), formatCount(plan.head.parameters), formatCount(plan.head.parameters), formatMagnitude(plan.head.macs), 'trains'])
  const [title = '', ...table] = tableLines(COLUMNS, rows).map((line) => line.replace(/ -(?= |$)/g, '  '))
  const width = Math.max(...[title, ...table].map(displayWidth))
  const mark = '── freezing ends here '.padEnd(width, '─')
  const body = lastFrozen < 0 ? table : [...table.slice(0, lastFrozen + 1), mark, ...table.slice(lastFrozen + 1)]
  return [
    `Stages for ${formatPlural(classes, 'class', 'classes')} and ${config.image_size}×${config.image_size} pixels, ${freezingWords(config)}: ${plan.frozenLayers} of ${plan.layers} layers keep their weights`,
    title,
    ...body,
    '',
    `Parameters ${parameterWords(plan)}: ${formatCount(plan.parameters)}, of which ${formatCount(plan.trainableParameters)} train`,
    `Cost       ${formatMagnitude(plan.macs.total)} multiply-adds a picture forward (FLOPs are twice that); ${formatMagnitude(plan.macs.step)} in a training step, gradients included`,
    `Kept       ${keptWords(plan)}`,
    `Memory     ${memoryWords(plan, assumedBatchSize(config))}`,
  ]
}

function keptWords({ frozenLayers, cut, kept, rows, macs }: FreezePlan): string {
  if (frozenLayers === 0) return 'nothing: the whole network trains'
  if (cut === null || kept === null) return 'nothing: no single value small enough to keep leaves the frozen part, so it runs again in each step'
  const again = rows.filter(({ isFrozen, runs }) => isFrozen && runs === 'each_step').length
  const rest = again === 0 ? '' : `; ${formatPlural(again, 'frozen layer')} after it ${again === 1 ? 'runs' : 'run'} in each step`
  return `${shapeWords(kept.shape)} (${formatBytes(kept.bytes)}) of each picture and view, up to ${cut}; ${Math.round((100 * macs.once) / macs.total)} % of the forward pass runs once${rest}`
}

function memoryWords({ memory }: FreezePlan, batchSize: number): string {
  const { weights, gradients, optimizer, activations } = memory
  return `${formatBytes(weights)} of weights, ${formatBytes(gradients)} of gradients, ${formatBytes(optimizer)} of optimizer, ${formatBytes(activations)} of values in a step on ${batchSize}; TensorFlow's own comes on top`
}

/** 8.1 ms, 240 ms, 2.1 s */
function formatMs(ms: number): string {
  if (ms >= 1000) return formatSeconds(ms / 1000)
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`
}

/** What was measured, and for a dataset what follows from it. */
export function writeMeasurement(measurement: Measurement, forecast: Forecast | null, config: RunConfig): string[] {
  const { forwardPictureMs, trainStepMs, batchSize, prefixPictureMs, memoryBytes } = measurement
  const lines = [
    `Measured   ${formatMs(forwardPictureMs)} a picture forward; ${formatMs(trainStepMs)} a training step on ${batchSize}, ${formatMs(trainStepMs / batchSize)} a picture`,
    ...(prefixPictureMs === 0 ? [] : [`           ${formatMs(prefixPictureMs)} for each new view of a picture, augmentation included`]),
  ]
  if (forecast === null) return [...lines, `           ${formatBytes(memoryBytes)} of memory before the dataset's own`]
  const { epochs } = config
  const { firstEpochSeconds, newViewEpochSeconds, newViewEpochs, epochSeconds, secondsLow, secondsHigh, prepareSeconds } = forecast
  const views = newViewEpochs > 1 ? `, ${formatSeconds(newViewEpochSeconds)} each up to epoch ${newViewEpochs}` : ''
  const steady = epochs > newViewEpochs ? `, then ${formatSeconds(epochSeconds)} each` : ''
  return [
    ...lines,
    `Forecast   ${formatSeconds(prepareSeconds)} before the first epoch, ${formatSeconds(firstEpochSeconds)} for the first${views}${steady}`,
    `           ${formatSeconds(secondsLow)} to ${formatSeconds(secondsHigh)} for ${formatPlural(epochs, 'epoch')}, ${formatBytes(forecast.memoryBytes)} of memory at the peak`,
  ]
}
