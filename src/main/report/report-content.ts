/** What the report of a run is made of. */
import type { Finding } from '../../shared/domain/advice'
import type { Manifest } from '../../shared/domain/dataset'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import type { RunRecord } from '../../shared/domain/run'
import type { RunConfig } from '../../shared/domain/run-config'

/** A picture that was taken for another class. */
export interface Mistake {
  /** Relative to the dataset's root. */
  readonly path: string
  readonly truth: string
  readonly prediction: string
  readonly probability: number
  /** A small JPEG as a `data:` address; null where the picture cannot be read any more. */
  readonly image: string | null
}

export interface ReportContent {
  readonly record: RunRecord
  readonly config: RunConfig
  /** `config.yaml` as it is. */
  readonly configText: string
  readonly manifest: Manifest
  readonly epochs: readonly EpochRecord[]
  /** The best checkpoint on the split that is the measure, and on others; empty where it was never measured. */
  readonly evaluations: readonly Evaluation[]
  readonly findings: readonly Finding[]
  /** Of the first evaluation, surest first. */
  readonly mistakes: readonly Mistake[]
  /** How many mistakes there are in all. */
  readonly mistakesCount: number
  readonly network: { readonly parameters: number; readonly trainable: number; readonly frozenLayers: number; readonly layers: number } | null
  /** Program and version, as told on the last lines. */
  readonly versions: readonly (readonly [name: string, version: string])[]
}
