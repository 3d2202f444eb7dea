/** Where each value of the draft came from, what is to be said of it, and what of it is sent when the run starts. Pure. */
import { t } from '@lingui/core/macro'
import { type ConfigSource, layerConfig } from '../../shared/domain/config-layers'
import { type ConfigProblem, configProblems, type DatasetFacts } from '../../shared/domain/config-problems'
import type { DatasetSummary } from '../../shared/domain/dataset'
import { PRESET_CONFIGS } from '../../shared/domain/presets'
import type { RunConfig } from '../../shared/domain/run-config'
import type { Draft, DraftChanges } from './draft'

/** `changed`: by the person at the window; `policy`: an amount of the augmentation that comes with the policy they chose. */
export type DraftSource = 'default' | 'preset' | 'changed' | 'policy'

export interface DraftOrigin {
  /** By path: `epochs`, `augmentation.rotation`, `stages.2.learning_rate`. */
  readonly sourceOf: (path: string) => DraftSource
  readonly problems: readonly ConfigProblem[]
}

type Chosen = Pick<Draft, 'preset' | 'changes'>

function factsOf(dataset: DatasetSummary | null): DatasetFacts | null {
  return dataset === null ? null : { classes: dataset.classes.map(({ name }) => name), givenSplits: [] }
}

function layered({ preset, changes }: Chosen) {
  return layerConfig([
    { source: 'preset', values: PRESET_CONFIGS[preset] },
    { source: 'flag', values: changes },
  ])
}

const SOURCES: Readonly<Record<ConfigSource, DraftSource>> = { default: 'default', preset: 'preset', file: 'changed', flag: 'changed', measured: 'changed' }

/** What to do about it at the window, where there are buttons for it. */
function inStudio(problem: ConfigProblem): ConfigProblem {
  return problem.path === 'epochs' ? { ...problem, action: t`Beside the stages, share them out or keep the stages’ own.` } : problem
}

export function originOf(draft: Chosen, dataset: DatasetSummary | null): DraftOrigin {
  const { config, sources, replaced } = layered(draft)
  const changed = new Set(Object.keys(draft.changes))
  const amounts = new Set(Object.keys(draft.changes.augmentation ?? {}))
  const isOfPolicy = (path: string): boolean => typeof draft.changes.augmentation_policy === 'string' && path.startsWith('augmentation.') && !amounts.has(path.slice('augmentation.'.length))
  const problems = configProblems(config, { sources, replaced, restated: new Set(), isWholeFile: false }, factsOf(dataset)).map(inStudio)
  return {
    sourceOf: (path) => {
      if (isOfPolicy(path)) return 'policy'
      // A list that was emptied has no paths of its own.
      return changed.has(path) ? 'changed' : SOURCES[sources[path] ?? 'default']
    },
    problems,
  }
}

/** True for what has to be put right before a run can start; what only has no effect is said and left out. */
export function hinders({ path, severity }: ConfigProblem, config: RunConfig): boolean {
  if (severity !== 'error') return false
  const [key] = path.split('.')
  return path === 'epochs' || key === 'class_weights' || (key === 'focal_alpha' && config.loss === 'focal')
}

/** The first of the problems that keep a run from starting; null where there is none. */
export function hindrance(draft: Chosen, dataset: DatasetSummary | null): ConfigProblem | null {
  const { config } = layered(draft)
  return originOf(draft, dataset).problems.find((problem) => hinders(problem, config)) ?? null
}

/** What a run is started with: the changes without those that have no effect, as the trainer's side refuses these. */
export function draftRequest(draft: Chosen, dataset: DatasetSummary): DraftChanges {
  const { config } = layered(draft)
  let request: DraftChanges = draft.changes
  for (const problem of originOf(draft, dataset).problems) {
    if (problem.severity === 'error' && !hinders(problem, config)) request = without(request, problem.path)
  }
  const { train, val, test } = dataset.ratios
  // Where the folders give the split there is nothing to ask for.
  const ratios = dataset.layout === 'folder-per-class' ? { train_ratio: train, val_ratio: val, test_ratio: test } : {}
  return { ...request, ...ratios, seed: dataset.seed }
}

function without(changes: DraftChanges, path: string): DraftChanges {
  const [key = '', second = '', third = ''] = path.split('.')
  if (key === 'augmentation' && second !== '') return { ...changes, augmentation: omit(changes.augmentation ?? {}, second) }
  if (key === 'stages' && changes.stages !== undefined) {
    return { ...changes, stages: changes.stages.map((stage, index) => (String(index + 1) === second ? { ...stage, [third]: undefined } : stage)) }
  }
  return omit(changes, key)
}

function omit<T extends object>(from: T, key: string): Partial<T> {
  const kept: Partial<T> = { ...from }
  Reflect.deleteProperty(kept, key)
  return kept
}
