/** What a new run starts from: its configuration in full, and the split of its pictures. */
import type { ConfigValues } from '../../../shared/domain/config-layers'
import type { DatasetFacts } from '../../../shared/domain/config-problems'
import type { Manifest } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import { nearestName } from '../../../shared/domain/nearest-name'
import type { PresetName } from '../../../shared/domain/presets'
import type { RunConfig } from '../../../shared/domain/run-config'
import { shown, shownList } from '../../../shared/domain/shown'
import { plannedStages } from '../../../shared/domain/stages'
import { splitCurated, UNDECIDED } from '../../dataset/curation'
import type { Curation } from '../../dataset/curation'
import { frozenLayersOf } from '../../engine/zoo/freeze'
import { BACKBONES, buildNetwork } from '../../engine/zoo/registry'
import type { YamlOrigin } from '../../storage/config-yaml'
import type { OpenDataset } from '../datasets'
import type { ExpectedClasses } from './config-file'
import { combineConfig, requireSound, type ResolvedConfig } from './run-config'

export interface ChosenConfig {
  preset: string
  config: RunConfig
  manifest: Manifest
  /** For the run's config.yaml. */
  origin: YamlOrigin
}

/**
 * The configuration in full and the split that goes with it.
 * @param input `resolved`: where preset, file and flags were put together already; `config`, in part or whole, counts as flags otherwise
 * @throws GraftError BAD_INPUT
 */
export function chooseConfig(
  dataset: Pick<OpenDataset, 'scan' | 'manifest' | 'isSplitChosen'> & { curation?: Curation },
  input: { preset: PresetName | null; config: ConfigValues; resolved?: ResolvedConfig },
): ChosenConfig {
  const chosen = dataset.isSplitChosen ? dataset.manifest : null
  const resolved = input.resolved ?? combineConfig({ preset: input.preset, flags: input.config, areFlagsWhole: true })
  const { config, preset, origin, file } = resolved
  requireClasses(resolved.expected, dataset.scan.classes)
  requireSound(resolved, factsOf(dataset.scan))
  requireFreezable(config)
  const isTyped = (key: string): boolean => origin.sources[key] === 'flag' || origin.sources[key] === 'file'
  const isRatioGiven = isTyped('train_ratio') || isTyped('val_ratio') || isTyped('test_ratio')
  // A split that was chosen by hand is kept unless the configuration asks for other ratios.
  const keepsChosen = chosen !== null && !isRatioGiven
  const ratios = keepsChosen ? chosen.ratios : { train: config.train_ratio, val: config.val_ratio, test: config.test_ratio }
  const sources = keepsChosen ? { ...origin.sources, train_ratio: 'flag' as const, val_ratio: 'flag' as const, test_ratio: 'flag' as const } : origin.sources
  return { preset, config, manifest: splitCurated(dataset.scan, dataset.curation ?? UNDECIDED, ratios, chosen?.seed ?? config.seed), origin: { sources, preset, file } }
}

/** What the rules of a configuration need to know of the pictures. */
export function factsOf({ classes, pictures, layout }: OpenDataset['scan']): DatasetFacts {
  if (layout === 'folder-per-class') return { classes, givenSplits: [] }
  return { classes, givenSplits: [...new Set(pictures.flatMap(({ givenSplit }) => givenSplit ?? []))] }
}

/** @throws GraftError BAD_INPUT where a file says other classes than the pictures' folders */
export function requireClasses(expected: ExpectedClasses | null, classes: readonly string[]): void {
  if (expected === null) return
  const there = `The pictures' folders are ${shownList(classes)}.`
  const { names, count, place } = expected
  const unknown = names?.find((name) => !classes.includes(name))
  if (unknown !== undefined) {
    const near = nearestName(unknown, classes)
    throw new GraftError('BAD_INPUT', `${place}: there is no class "${shown(unknown)}". ${there}`, { action: near === null ? 'Correct the classes, or open other pictures.' : `Did you mean ${shown(near)}?` })
  }
  const missing = names === null ? [] : classes.filter((name) => !names.includes(name))
  if (missing.length > 0) {
    throw new GraftError('BAD_INPUT', `${place}: ${shownList(missing)} ${missing.length === 1 ? 'is a class' : 'are classes'} of the pictures, but not of the file.`, { action: 'Add it to the file, or take its folder out of the pictures.' })
  }
  if (count !== classes.length) {
    throw new GraftError('BAD_INPUT', `${place}: ${count} classes were expected, but the pictures have ${classes.length}. ${there}`, { action: 'Correct the number, or open other pictures.' })
  }
}

/** @throws GraftError BAD_INPUT where a layer or stage to freeze is not one of the network's */
function requireFreezable(config: RunConfig): void {
  const backbone = BACKBONES.find(({ name }) => name === config.backbone)
  const stages = plannedStages(config).filter(({ freeze }) => Array.isArray(freeze))
  // A network that there is not is refused elsewhere, with the nearest one.
  if (backbone === undefined || stages.length === 0) return
  const network = buildNetwork(backbone, { classes: 2, head: config.head, dropout: config.dropout })
  for (const stage of stages) frozenLayersOf(backbone, network, stage)
}
