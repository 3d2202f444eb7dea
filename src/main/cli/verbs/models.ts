/** graft models [NAME] */
import { resolve } from 'node:path'
import type { BackboneCard, Forecast, FreezePlan, Measurement } from '../../../shared/domain/model'
import { GraftError } from '../../../shared/domain/error'
import { assumedBatchSize, type RunConfig } from '../../../shared/domain/run-config'
import { combineConfig, requireSound } from '../../services/config/run-config'
import { nearestName } from '../../../shared/domain/nearest-name'
import type { Studio } from '../../services/studio'
import { addConfigOptions, configFromOptions } from '../config-options'
import { sayNotes } from '../config-text'
import { fetchWeights } from '../fetch-weights'
import { formatBytes, formatMagnitude, printable } from '../format'
import { writeMeasurement, writePlan } from '../freeze-plan-text'
import type { Verb } from '../program'
import { finishStream } from '../stream'
import { tableLines } from '../table'
import { writeLine, type Terminal } from '../terminal'

/** What freezing, time and memory depend on. */
const PLAN_KEYS = ['head', 'dropout', 'freeze', 'freeze_ratio', 'image_size', 'batch_size', 'epochs', 'views', 'optimizer', 'augment', 'num_workers', 'device', 'precision'] as const

interface ModelsOptions {
  classes: string
  layers?: boolean
  measure?: boolean
  data?: string
  fetch?: boolean
  weights?: string
  json?: boolean
}

export const modelsVerb: Verb = {
  name: 'models',
  define(command, { terminal, studio }) {
    command
      .description('List the backbones; or what of one trains and what keeps its weights, and how long that takes here')
      .argument('[name]', 'a backbone, for its stages in the order they are frozen')
    addConfigOptions(command, PLAN_KEYS)
    command
      .option('--classes <n>', 'Classes that the head tells apart; with --data its own', '2')
      .option('--layers', 'Every layer below its stage')
      .option('--measure', 'Measure a few steps on this machine')
      .option('--data <folder>', 'Measure, and tell how long training on these pictures takes and how much memory')
      .option('--fetch', "Fetch the backbone's published weights, check them and keep them for all runs; without it nothing goes out")
      .option('--weights <name>', 'With --fetch: which generation, imagenet1k_v1 or imagenet1k_v2 (default: the newest)')
      .option('--json', 'One object a line on stdout and nothing else')
      .action(async (name: string | undefined, options: ModelsOptions & Record<string, unknown>) => {
        const { backbones } = await studio().models.list()
        if (options.fetch === true || options.weights !== undefined) return fetchFor(terminal, studio(), name === undefined ? null : requireCard(backbones, name), options)
        if (name !== undefined) return showOne(terminal, studio(), requireCard(backbones, name), options)
        if (options.json === true) for (const card of backbones) writeLine(terminal.stdout, JSON.stringify(card))
        else writeCards(terminal, backbones)
      })
  },
}

async function fetchFor(terminal: Terminal, studio: Studio, card: BackboneCard | null, options: ModelsOptions): Promise<void> {
  if (card === null || options.fetch !== true) {
    throw new GraftError('BAD_INPUT', `${card === null ? 'A backbone' : '--fetch'} was expected with ${options.fetch === true ? '--fetch' : '--weights'}.`, { action: 'For example: graft models resnet50 --fetch.' })
  }
  const file = await fetchWeights(terminal, studio, { backbone: card.name, name: options.weights ?? null }, { quiet: options.json === true })
  writeLine(terminal.stdout, options.json === true ? JSON.stringify(file) : `${file.title} ${file.name}, checked: ${printable(file.path)}`)
}

function requireCard(cards: readonly BackboneCard[], name: string): BackboneCard {
  const card = cards.find((known) => known.name === name)
  if (card !== undefined) return card
  const names = cards.map((known) => known.name)
  const hint = nearestName(name, names)
  throw new GraftError('NOT_FOUND', `There is no backbone "${name}": one of ${names.join(', ')} was expected.`, {
    action: hint === null ? 'Choose one of them.' : `Did you mean ${hint}?`,
  })
}

function parseClasses(text: string): number {
  const classes = /^\d+$/.test(text) ? Number(text) : 0
  if (classes >= 2) return classes
  throw new GraftError('BAD_INPUT', `--classes expects a whole number of 2 or more, but "${text}" came.`, { action: 'Give such a value, for example --classes 2.' })
}

async function showOne(terminal: Terminal, studio: Studio, card: BackboneCard, options: ModelsOptions & Record<string, unknown>): Promise<void> {
  const isQuiet = options.json === true
  const resolved = combineConfig({ preset: null, flags: { ...configFromOptions(options), backbone: card.name } })
  sayNotes(terminal, requireSound(resolved, null))
  const { config } = resolved
  const { data } = options
  const path = data === undefined ? null : resolve(terminal.workingDirectory, data)
  const dataset = path === null ? null : await finishStream(terminal, { quiet: isQuiet }, (signal) => studio.datasets.open({ path }, signal))
  const classes = dataset?.classes.length ?? parseClasses(options.classes)
  const plan = await studio.models.freezePlan({ ...config, classes, imageSize: config.image_size, batchSize: assumedBatchSize(config) })
  const forecast = dataset === null ? null : await studio.models.forecast({ config, datasetId: dataset.datasetId })
  const measurement = forecast?.measurement ?? (options.measure === true ? await studio.models.measure({ config, classes }) : null)
  if (isQuiet) return writeLine(terminal.stdout, JSON.stringify({ ...card, config: planConfig(config), plan, measurement, forecast }))
  writeCard(terminal, card)
  writeLine(terminal.stdout, '')
  for (const line of planLines({ plan, config, classes, measurement, forecast, hasLayers: options.layers === true })) writeLine(terminal.stdout, line)
}

function planConfig(config: RunConfig): Partial<RunConfig> {
  return Object.fromEntries(PLAN_KEYS.map((key) => [key, config[key]]))
}

interface Shown {
  plan: FreezePlan
  config: RunConfig
  classes: number
  measurement: Measurement | null
  forecast: Forecast | null
  hasLayers: boolean
}

function planLines({ plan, config, classes, measurement, forecast, hasLayers }: Shown): string[] {
  const lines = writePlan(plan, { config, classes, hasLayers })
  return measurement === null ? [...lines, '', 'How long a step takes here is told with --measure, a whole training with --data FOLDER.'] : [...lines, '', ...writeMeasurement(measurement, forecast, config)]
}

function writeCards(terminal: Terminal, cards: readonly BackboneCard[]): void {
  const rows = cards.map((card) => [
    card.name,
    card.title,
    formatMagnitude(card.parameters),
    formatMagnitude(card.macs),
    String(card.layers.length),
    card.weights.some(({ isPresent }) => isPresent) ? 'on this machine' : 'not here',
  ])
  const columns = [
    { title: 'name' },
    { title: 'network' },
    { title: 'parameters', align: 'right' as const },
    { title: 'multiply-adds', align: 'right' as const },
    { title: 'layers', align: 'right' as const },
    { title: 'ImageNet weights' },
  ]
  for (const line of tableLines(columns, rows)) writeLine(terminal.stdout, line)
}

function writeCard(terminal: Terminal, card: BackboneCard): void {
  const write = (text = '') => writeLine(terminal.stdout, text)
  write(`${card.title} (${card.name})`)
  write(card.description)
  write(`Paper      ${card.paper}`)
  write(`Parameters ${card.parameters.toLocaleString('en')} with a head for 1000 classes; multiply-adds ${formatMagnitude(card.macs)} at 224 pixels`)
  for (const weights of card.weights) {
    write(`Weights    ${weights.name}, ${weights.licence}: ${weights.isPresent ? weights.path : 'not on this machine'}`)
    if (weights.isPresent) continue
    if (weights.url !== null) write(`           To have them (${formatBytes(weights.sizeBytes)}): graft models ${card.name} --fetch --weights ${weights.name}, which fetches ${weights.url}`)
    write(`           By hand: put ${weights.fileName} at ${weights.path}`)
  }
}
