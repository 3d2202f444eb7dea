/** Datasets that are open in this process: what was found in a folder and how it is split. */
import { mkdir } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { DatasetSummary, Manifest, Scan, Split, SplitRatios } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { decisionsInForce } from '../../shared/domain/fix-journal'
import { DEFAULT_RUN_CONFIG } from '../../shared/domain/run-config'
import { splitCurated } from '../dataset/curation'
import type { Curation } from '../dataset/curation'
import { summarise } from '../dataset/health'
import { findCopies } from '../dataset/look-alikes'
import { makeSampleDataset } from '../dataset/sample'
import { scanDataset } from '../dataset/scan'
import { datasetIdOf, type FixJournals } from '../storage/fix-journals'
import type { Analysis, DatasetAnalyses } from './dataset-analysis'
import type { FilesService } from './files'
import { progressStream } from './progress-stream'
import type { ProgressStream, Report } from './progress-stream'
import type { SettingsService } from './settings'

const DEFAULT_RATIOS: SplitRatios = {
  train: DEFAULT_RUN_CONFIG.train_ratio,
  val: DEFAULT_RUN_CONFIG.val_ratio,
  test: DEFAULT_RUN_CONFIG.test_ratio,
}

export interface OpenDataset {
  id: string
  scan: Scan
  /** What a person decided, and which pictures belong together as far as that is known yet. */
  curation: Curation
  manifest: Manifest
  /** The split was asked for by hand, so a run takes it over. */
  isSplitChosen: boolean
}

export interface PictureInfo {
  index: number
  path: string
  classIndex: number
  split: Split
}

export interface PicturePage {
  datasetId: string
  classIndex?: number | null
  split?: Split | null
  offset?: number
  limit?: number
}

export class DatasetsService {
  private readonly open_ = new Map<string, OpenDataset>()

  constructor(
    private readonly files: FilesService,
    private readonly settings: SettingsService,
    private readonly sampleDirectory: string,
    private readonly care: { analyses: DatasetAnalyses; journals: FixJournals },
  ) {}

  /** Scans a folder and proposes a split. */
  open(input: { path: string }, signal?: AbortSignal): ProgressStream<DatasetSummary> {
    return progressStream(async (report, inner) => this.scan(await this.files.confine(input.path), report, inner), signal)
  }

  /** Draws the sample dataset if it is not there yet, then opens it. */
  openSample(signal?: AbortSignal): ProgressStream<DatasetSummary> {
    return progressStream(async (report, inner) => {
      await mkdir(dirname(this.sampleDirectory), { recursive: true })
      await makeSampleDataset(this.sampleDirectory, { onProgress: report, signal: inner })
      return this.scan(await this.files.confine(this.sampleDirectory), report, inner)
    }, signal)
  }

  /** The split again, with other ratios or another seed. */
  async split(input: { datasetId: string; ratios: SplitRatios; seed: number }): Promise<DatasetSummary> {
    const dataset = this.find(input.datasetId)
    dataset.manifest = splitCurated(dataset.scan, dataset.curation, input.ratios, input.seed)
    dataset.isSplitChosen = true
    return this.get(input)
  }

  async get(input: { datasetId: string }): Promise<DatasetSummary> {
    const { scan, manifest, id } = this.find(input.datasetId)
    return summarise(scan, manifest, id)
  }

  /** Looks at the pixels, if nobody has yet; from then on the split keeps together what looks alike. @throws Cancelled */
  async lookAt(datasetId: string, report: Report = () => undefined, signal?: AbortSignal): Promise<Analysis> {
    const { scan } = this.find(datasetId)
    const analysis = await this.care.analyses.of(scan, report, signal)
    const dataset = this.find(datasetId)
    // The folder may have been opened anew meanwhile.
    if (dataset.scan === scan && dataset.curation.alikes !== analysis.alikes) this.recurate(dataset, { ...dataset.curation, alikes: analysis.alikes })
    return analysis
  }

  /** The dataset under other decisions. @throws GraftError BAD_INPUT where too little is left of a class; then nothing has changed */
  recurate(dataset: OpenDataset, curation: Curation): void {
    dataset.manifest = splitCurated(dataset.scan, curation, dataset.manifest.ratios, dataset.manifest.seed)
    dataset.curation = curation
  }

  async pictures(input: PicturePage): Promise<{ total: number; pictures: PictureInfo[] }> {
    const { manifest } = this.find(input.datasetId)
    const { classIndex = null, split = null, offset = 0, limit = 100 } = input
    const all = manifest.pictures.flatMap((picture, index) => {
      if ((classIndex !== null && picture.classIndex !== classIndex) || (split !== null && picture.split !== split)) return []
      return [{ index, path: picture.path, classIndex: picture.classIndex, split: picture.split }]
    })
    return { total: all.length, pictures: all.slice(offset, offset + limit) }
  }

  isOpen(datasetId: string): boolean {
    return this.open_.has(datasetId)
  }

  /** @throws GraftError NOT_FOUND when it is not open in this process */
  find(datasetId: string): OpenDataset {
    const dataset = this.open_.get(datasetId)
    if (dataset === undefined) throw new GraftError('NOT_FOUND', 'This dataset is not open.', { action: 'Open its folder again.' })
    return dataset
  }

  private async scan(root: string, report: Report, signal: AbortSignal): Promise<DatasetSummary> {
    const scan = await scanDataset(root, { signal, onProgress: report })
    const id = datasetIdOf(scan.root)
    const before = this.open_.get(id)
    const ratios = before?.isSplitChosen === true ? before.manifest.ratios : DEFAULT_RATIOS
    const seed = before?.isSplitChosen === true ? before.manifest.seed : DEFAULT_RUN_CONFIG.seed
    const { state } = await this.care.journals.read(id)
    const decisions = decisionsInForce(state)
    const curation = { decisions, alikes: findCopies(scan.pictures) }
    const manifest = withDecisionsNamed(decisions.length, () => splitCurated(scan, curation, ratios, seed))
    this.open_.set(id, { id, scan, curation, manifest, isSplitChosen: before?.isSplitChosen ?? false })
    await this.settings.rememberDataset(scan.root, basename(scan.root) || scan.root)
    return summarise(scan, manifest, id)
  }
}

/** Says with the error that decisions are part of the reason. */
function withDecisionsNamed(decisions: number, split: () => Manifest): Manifest {
  try {
    return split()
  } catch (error) {
    if (decisions === 0 || !(error instanceof GraftError)) throw error
    throw new GraftError(error.code, `${error.message} Decisions about its pictures are in force.`, {
      action: `${error.action ?? ''} Or take the last decision back: graft fix FOLDER --undo.`.trim(),
      cause: error,
    })
  }
}
