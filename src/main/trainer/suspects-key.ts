/** Whose eyes a run's pictures are seen with, and what tells one answer about them from another. Main process and trainer both ask. */
import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { Manifest, ManifestEntry } from '../../shared/domain/dataset'
import type { RunConfig } from '../../shared/domain/run-config'
import { DECODER_VERSION } from '../dataset/decode'
import type { Backbone } from '../engine/zoo/backbone'
import { findBackbone, publishedWeights } from '../engine/zoo/registry'
import type { WeightsRow } from '../engine/zoo/weights-rows'
import { weightsPath } from './pretrained'

/** Raise it whenever the same pictures would be told of otherwise. */
const REPORT_VERSION = 1
/** Raise it whenever the same pictures and weights give other features. */
const FEATURES_VERSION = 1
/** Comes with Graft: for runs that began with weights which have seen the labels, or are not here any more. */
const STARTER = 'efficientnet_lite0'

/** Whose eyes the pictures are seen with. */
export interface Looker {
  readonly backbone: Backbone
  readonly row: WeightsRow
  readonly imageSize: number
}

/** The backbone and published weights that the run began with; where it began with others, or with none, those that come with Graft. */
export function lookerOf(config: Pick<RunConfig, 'backbone' | 'weights' | 'image_size'>): Looker {
  const backbone = findBackbone(config.backbone)
  const own = config.weights === 'none' ? null : publishedWeights(backbone, config.weights)
  if (own !== null && existsSync(weightsPath(own))) return { backbone, row: own, imageSize: config.image_size }
  const starter = findBackbone(STARTER)
  const row = publishedWeights(starter, 'imagenet')
  if (row === null) throw new Error(`${STARTER} has no published weights`)
  return { backbone: starter, row, imageSize: Math.max(config.image_size, 128) }
}

/** All that the features of these pictures depend on. */
export function featuresKey({ backbone, row, imageSize }: Looker, entries: readonly ManifestEntry[]): string {
  const { mean, std } = backbone.preprocessing
  const pictures = hash('sha256', entries.map(({ sha256 }) => sha256).join('\n'))
  return hash('sha256', JSON.stringify(['published', FEATURES_VERSION, DECODER_VERSION, backbone.name, row.sha256Prefix, imageSize, mean, std, pictures]))
}

/** By which a kept report is known to be of these pictures, labels and groups. */
export function suspectsKey(manifest: Manifest, looker: Looker): string {
  const labelled = manifest.pictures.map(({ path, classIndex, split, group }) => [path, classIndex, split, group ?? null])
  return hash('sha256', JSON.stringify([REPORT_VERSION, featuresKey(looker, manifest.pictures), manifest.classes, labelled]))
}
