/** The features of a stage's pictures that outlive the run. */
import { type RunConfig, viewOfEpoch } from '../../shared/domain/run-config'
import type { TensorMap } from '../engine/formats/tensor-map'
import type { KeptViews } from '../engine/train/feature-store'
import type { PictureSource } from '../engine/train/picture-source'
import type { Preprocessing } from '../engine/zoo/backbone'
import { networkShapes } from '../engine/zoo/network'
import type { FeatureCache } from '../storage/feature-cache'
import { featureKey, prefixFingerprint } from './feature-key'
import type { RunNetwork } from './run-session'

export interface StageFeatures {
  readonly cache: FeatureCache
  readonly run: RunNetwork
  readonly config: RunConfig
  readonly preprocessing: Preprocessing
  /** What the stage begins with. */
  readonly weights: TensorMap
  readonly computedBy: string
}

/** What a store keeps of a source's views, and `has`, which looks for one without reading it. */
export interface KeptSource extends KeptViews {
  has(view: number): boolean
}

/** Looks features up by what they depend on; the weights are hashed once. A source whose contents nobody knows has none. */
export function keptFeatures({ cache, run, config, preprocessing, weights, computedBy }: StageFeatures): (source: PictureSource) => KeptSource | undefined {
  const { network, cut, backbone } = run
  const size = (networkShapes(network, config.image_size).get(cut) ?? []).reduce((a, b) => a * b, 1)
  const ingredients = { prefix: prefixFingerprint(backbone.name, network, cut, weights), imageSize: config.image_size, preprocessing, computedBy }
  return ({ count, contents, keys }) => {
    if (contents === undefined || count === 0) return undefined
    const shapeOf = (view: number) => ({ key: featureKey(ingredients, { contents, keys }, view, config), count, size })
    return {
      count,
      open: (view) => cache.open(shapeOf(Number(view))),
      create: (view) => cache.create(shapeOf(Number(view))),
      has: (view) => cache.has(shapeOf(view)),
    }
  }
}

/** The views that a stage will show from here on, each once. */
export function viewsToCome({ views, stage }: Pick<RunNetwork, 'views' | 'stage'>, { epoch, stageEpoch }: { epoch: number; stageEpoch: number }): number[] {
  if (views === 0) return [0]
  const first = epoch - stageEpoch
  const shown = Array.from({ length: stage.epochs - stageEpoch }, (_, i) => first + viewOfEpoch(stageEpoch + i + 1, views))
  return [...new Set(shown)]
}

/** Says how much of a stage's features is there already. */
export function describeKept(train: KeptSource | undefined, val: KeptSource | undefined, views: readonly number[]): string | null {
  if (train === undefined || val === undefined) return null
  const found = views.filter((view) => train.has(view)).length
  const isValFound = val.has(0)
  const pictures = `Features of ${train.count + val.count} pictures${views.length === 1 ? '' : `, ${views.length} views of each to train on,`}`
  if (found === views.length && isValFound) return `${pictures} were kept before and are not computed again`
  if (found === 0 && !isValFound) return `${pictures} are computed, and kept for the next run`
  const parts = [...(found > 0 ? [`${found} of ${views.length} views to train on`] : []), ...(isValFound ? [`the ${val.count} validation pictures`] : [])]
  return `Features of ${parts.join(' and of ')} were kept before and are not computed again; the others are`
}
