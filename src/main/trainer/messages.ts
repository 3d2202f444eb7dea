/**
 * What the main process and its trainer child say to each other. The child does one job and exits; only the child loads
 * TensorFlow, so whatever happens to it leaves the window and the command line standing.
 */
import type { Manifest, ManifestEntry, Split } from '../../shared/domain/dataset'
import type { Failure } from '../../shared/domain/error'
import type { Explanations } from '../../shared/domain/explanation'
import type { ExportOptions, ExportReport } from '../../shared/domain/export'
import type { FigureFile, FigureFormat, FigureName } from '../../shared/domain/figure'
import type { Evaluation } from '../../shared/domain/metrics'
import type { Measurement } from '../../shared/domain/model'
import type { LayerTimes } from '../../shared/domain/profile'
import type { RateFinderResult } from '../../shared/domain/rate-finder'
import type { RunEvent, SequencedRunEvent } from '../../shared/domain/run'
import type { ListenedSteps } from './profile/primitives'
import type { HeadName, RunConfig } from '../../shared/domain/run-config'
import type { SuspectsReport } from '../../shared/domain/suspects'
import type { Device, DoctorCheck, SoFar } from '../../shared/domain/system'

export type CheckpointName = 'best' | 'latest'

/** A model to use: a run's checkpoint, or a folder written by `export`. */
export type ModelSource = { kind: 'run'; directory: string; checkpoint: CheckpointName } | { kind: 'export'; directory: string }

export interface PredictedPicture {
  path: string
  /** Highest first, at most `topK`. */
  top: { label: string; probability: number }[]
  /** Set where the picture could not be read; then `top` is empty. */
  failure: Failure | null
}

/** A model that another program trained, as its file tells it. */
export interface ImportedModel {
  backbone: string
  head: HeadName
  dropout: number
  /** In the order of the outputs. */
  labels: string[]
  labelsFrom: 'given' | 'file' | 'dataset' | 'numbers'
  imageSize: number
  epoch: number
  mean: number[]
  std: number[]
  /** As the file states them; not measured here. */
  metrics: Record<string, number>
  notes: string[]
}

/** A picture to be explained. */
export interface AskedPicture {
  /** With `isOfRun` relative to the dataset's root, as the run's manifest names it; else a file. */
  path: string
  isOfRun: boolean
  /** Heatmaps for these classes besides the predicted one and the truth. */
  classes: number[]
}

/** What was found about a step: its layers' times, or the steps whose primitives oneDNN has told on stdout. */
export type ProfiledPart = { part: 'layers'; layers: LayerTimes } | { part: 'primitives'; listened: ListenedSteps }

/** The result each kind of job ends with. */
export interface JobResults {
  /** `paused`: kept where it stood, to be resumed. */
  train: { status: 'completed' | 'stopped' | 'paused' }
  evaluate: Evaluation
  predict: { labels: string[]; pictures: PredictedPicture[] }
  /** It stays, and answers questions: see `jobs/answer`. */
  answer: never
  explain: Explanations
  suspects: SuspectsReport
  export: ExportReport
  import: ImportedModel
  forecast: Measurement
  'find-rate': RateFinderResult
  profile: ProfiledPart
  report: { path: string; sizeBytes: number }
  figure: FigureFile
  'self-test': { device: Device; checks: DoctorCheck[] }
}
export type JobKind = keyof JobResults

export type Job =
  /** `resume`: go on from the latest checkpoint (from the start where there is none yet). */
  | { kind: 'train'; runDirectory: string; resume: boolean; /** Where given, `profile.json` is written: the command began at this time, milliseconds since 1970. */ profile?: { startedAt: number } | undefined }
  | { kind: 'evaluate'; source: ModelSource; /** Null: test, or val where there is no test split. */ split: Split | null; /** Needed for an export, which has no pictures of its own. */ datasetRoot: string | null }
  | { kind: 'predict'; source: ModelSource; paths: string[]; topK: number }
  | { kind: 'answer' }
  | { kind: 'explain'; runDirectory: string; checkpoint: CheckpointName; pictures: AskedPicture[]; /** Nearest training pictures for each; 0: none. */ neighbours: number; /** What else has the machine: then features that are not kept yet are not computed. */ busyWith: string | null }
  /** Of all the run's pictures; the report is kept in its folder. */
  | { kind: 'suspects'; runDirectory: string }
  | { kind: 'export'; runDirectory: string; checkpoint: CheckpointName; directory: string; options: ExportOptions }
  | { kind: 'forecast'; config: RunConfig; classes: number; /** Fewer than a batch make one step. */ trainPictures: number; valPictures: number; /** A few of the pictures, to time their decoding. */ sample: { root: string; entries: ManifestEntry[] } }
  | { kind: 'find-rate'; config: RunConfig; manifest: Manifest }
  /** Its tensors are written to `weightsFile` under Graft's names. */
  | { kind: 'import'; path: string; weightsFile: string; backbone: string | null; labels: string[] | null; datasetClasses: string[] | null; imageSize: number | null }
  /** For `primitives` oneDNN must have been told to speak; what it says is on stdout. */
  | { kind: 'profile'; runDirectory: string; part: 'layers' | 'primitives' }
  /** Null: `report.html` in the run's folder. */
  | { kind: 'report'; runDirectory: string; file: string | null }
  | { kind: 'figure'; runDirectory: string; figure: FigureName; format: FigureFormat; /** Nothing to the training history. */ split: Split; checkpoint: CheckpointName }
  | { kind: 'self-test' }

export type ToTrainer =
  | { type: 'job'; job: Job }
  /** Only heard by training. */
  | { type: 'pause' }
  | { type: 'unpause' }
  | { type: 'stop' }

export type FromTrainer =
  /** Durable events carry the sequence they have in `history.jsonl`; passing ones (`progress`, `prepare`) repeat the last. */
  | { type: 'event'; event: SequencedRunEvent }
  | { type: 'progress'; message: string; done: number; total: number; soFar?: SoFar | undefined }
  /** What the person ought to know although the work goes on. */
  | { type: 'note'; message: string }
  | { type: 'result'; result: JobResults[JobKind] }
  | { type: 'failed'; failure: Failure }

/** True for events that are kept in `history.jsonl`. */
export function isDurable(event: RunEvent): boolean {
  return event.event !== 'progress' && event.event !== 'prepare'
}
