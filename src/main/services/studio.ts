/** Everything that the product does, put together. The doors (window, browser, command line) hold one of these. */
import { GraftError } from '../../shared/domain/error'
import { installationRoot } from '../installation'
import { FixJournals } from '../storage/fix-journals'
import { RunFolder } from '../storage/run-folder'
import { requireConfined } from './confined-run'
import type { PictureRequest, StudioContent, Thumbnail } from './content'
import { ComparisonsService } from './comparisons'
import { AnsweringService } from './answering'
import { DatasetAnalyses } from './dataset-analysis'
import { DatasetsService } from './datasets'
import { EpochAnswersService } from './epoch-answers'
import { DiagnosticsService } from './diagnostics'
import { ExplanationsService } from './explanations'
import { ExportsService } from './exports'
import { FilesService } from './files'
import { HealthService } from './health'
import { ImportsService } from './imports'
import { ModelsService } from './models'
import { placesFrom } from './places'
import type { Places } from './places'
import { PreviewService } from './preview'
import { ProfilesService } from './profiles'
import { QueueService } from './queue'
import { RateFinderService } from './rate-finder'
import { ResultsService } from './results'
import { RunFixesService } from './run-fixes'
import { RunShelf } from './run-shelf'
import { RunsService } from './runs'
import { SettingsService } from './settings'
import { StorageUsageService } from './storage-usage'
import { SuspectsService } from './suspects'
import { SystemService } from './system'
import type { Door } from './system'
import { ThresholdsService } from './thresholds'
import { Thumbnails } from './thumbnails'
import { UploadsService } from './uploads'
import { WeightsService, type WeightsOptions } from './weights'

/** What only a door with a desktop can do. */
export interface DesktopAbilities {
  /** Null when the person closed the dialog. */
  chooseFolder(title: string): Promise<string | null>
  chooseModelFile(title: string): Promise<string | null>
  reveal(path: string): Promise<void>
  /** For the system's own list of what was opened last. */
  readonly noteRecent: (path: string) => void
  /** The system's trash, from which the file manager puts things back. */
  readonly trashItem: (path: string) => Promise<void>
}

export interface StudioOptions {
  door: Door
  /** Folders that may be looked into; null: all. */
  roots: readonly string[] | null
  version: string
  desktop?: DesktopAbilities | undefined
  places?: Places | undefined
  /** For tests. */
  trainerPath?: string | undefined
  installation?: string | undefined
  weights?: WeightsOptions | undefined
}

export interface Studio {
  places: Places
  system: SystemService
  diagnostics: DiagnosticsService
  storage: StorageUsageService
  settings: SettingsService
  files: FilesService
  datasets: DatasetsService
  health: HealthService
  uploads: UploadsService
  models: ModelsService
  previews: PreviewService
  rateFinder: RateFinderService
  weights: WeightsService
  runs: RunsService
  shelf: RunShelf
  /** Begins nothing by itself until a door that stays says `begin`. */
  queue: QueueService
  profiles: ProfilesService
  results: ResultsService
  thresholds: ThresholdsService
  runFixes: RunFixesService
  answering: AnsweringService
  comparisons: ComparisonsService
  epochAnswers: EpochAnswersService
  explanations: ExplanationsService
  suspects: SuspectsService
  exports: ExportsService
  imports: ImportsService
  /** Pictures and uploads as bytes, beside the contract. */
  content: StudioContent
  chooseFolder(title: string): Promise<{ path: string | null }>
  chooseModelFile(title: string): Promise<{ path: string | null }>
  reveal(path: string): Promise<{ revealed: boolean }>
  /** The run that a path leads to; null where there is none. */
  runAt(path: string): Promise<{ runId: string | null }>
  /** Stops live runs, keeping their best; resolves when nothing is at work any more. */
  close(): Promise<void>
}

export function createStudio(options: StudioOptions): Studio {
  const { door, version, desktop, trainerPath } = options
  const places = options.places ?? placesFrom()
  const files = new FilesService(options.roots, [places.uploads, places.sample])
  const settings = new SettingsService(places.settings, desktop?.noteRecent)
  const care = { analyses: new DatasetAnalyses(places.cache), journals: new FixJournals(places.data) }
  const datasets = new DatasetsService(files, settings, places.sample, care)
  const models = new ModelsService(places, datasets, { trainerPath })
  const runs = new RunsService(places, datasets, models, { trainerPath, isBackground: async () => (await settings.get()).background })
  const health = new HealthService(datasets, care)
  const uploads = new UploadsService(places.uploads)
  const queue = new QueueService(places, runs)
  const answering = new AnsweringService(runs, files, { trainerPath })
  const previews = new PreviewService(datasets)
  const system = new SystemService({ door, version, places, root: options.installation ?? installationRoot(), trainerPath })
  return {
    places,
    system,
    diagnostics: new DiagnosticsService({ door, version, places, root: options.installation ?? installationRoot() }, system, settings, runs),
    storage: new StorageUsageService(places),
    settings,
    files,
    datasets,
    health,
    uploads,
    models,
    previews,
    rateFinder: new RateFinderService(places, datasets, models, { trainerPath }),
    weights: new WeightsService(places, options.weights),
    runs,
    shelf: new RunShelf(runs, desktop?.trashItem),
    queue,
    profiles: new ProfilesService(places, { trainerPath }),
    results: new ResultsService(runs, { trainerPath }),
    thresholds: new ThresholdsService(runs),
    runFixes: new RunFixesService(runs, health, care.journals),
    answering,
    comparisons: new ComparisonsService(runs),
    epochAnswers: new EpochAnswersService(runs),
    explanations: new ExplanationsService(places, runs, { trainerPath }),
    suspects: new SuspectsService(places, runs, { trainerPath }),
    exports: new ExportsService(runs, files, settings, { trainerPath }),
    imports: new ImportsService(places, files, datasets, runs, { trainerPath }),
    content: createContent(datasets, runs, uploads),
    async chooseFolder(title) {
      if (desktop === undefined) throw desktopOnly()
      return { path: await desktop.chooseFolder(title) }
    },
    async chooseModelFile(title) {
      if (desktop === undefined) throw desktopOnly()
      return { path: await desktop.chooseModelFile(title) }
    },
    async reveal(path) {
      if (desktop === undefined) throw desktopOnly()
      await desktop.reveal(await files.confine(path))
      return { revealed: true }
    },
    async runAt(path) {
      const real = await files.confine(path)
      const folder = options.roots === null ? null : await RunFolder.at(real)
      if (folder !== null) await requireConfined(folder, { files, runs, uploads: places.uploads })
      return runs.at(real)
    },
    async close() {
      answering.close()
      await previews.close()
      queue.stop()
      await runs.close()
      await queue.close()
      await system.close()
    },
  }
}

function createContent(datasets: DatasetsService, runs: RunsService, uploads: UploadsService): StudioContent {
  const thumbnails = new Thumbnails()
  // Reading a run's manifest for each of a page's pictures would take longer than the pictures.
  const namedPaths = new Map<string, { root: string; paths: Set<string> }>()
  async function named(source: PictureRequest['source']): Promise<{ root: string; paths: ReadonlySet<string> }> {
    const key = 'datasetId' in source ? `dataset ${source.datasetId}` : `run ${source.runId}`
    const scan = 'datasetId' in source ? datasets.find(source.datasetId).scan : null
    const known = namedPaths.get(key)
    if (known !== undefined && scan === null) return known
    const { root, pictures } = 'runId' in source ? await (await runs.folder(source.runId)).manifest() : datasets.find(source.datasetId).scan
    if (known !== undefined && known.paths.size === pictures.length) return known
    const fresh = { root, paths: new Set(pictures.map(({ path }) => path)) }
    namedPaths.delete(key)
    namedPaths.set(key, fresh)
    for (const old of namedPaths.keys()) {
      if (namedPaths.size <= 8) break
      namedPaths.delete(old)
    }
    return fresh
  }
  return {
    async thumbnail({ source, path, side }: PictureRequest): Promise<Thumbnail> {
      const { root, paths } = await named(source)
      // Only what the scan has listed is ever opened, by exactly its name: no other path leads anywhere.
      if (!paths.has(path)) throw new GraftError('NOT_FOUND', 'There is no such picture in this dataset.', { action: 'Open the dataset again.' })
      return thumbnails.make(root, path, side)
    },
    async receiveFile(uploadId, path, body, sizeBytes) {
      const received = await uploads.receive(uploadId, path, body)
      if (sizeBytes !== null && received.sizeBytes !== sizeBytes) {
        throw new GraftError('BAD_INPUT', `${path} has ${sizeBytes} bytes, but ${received.sizeBytes} came.`, { action: 'Upload the folder again.' })
      }
    },
  }
}

function desktopOnly(): GraftError {
  return new GraftError('UNSUPPORTED', 'Only the desktop window can do this.', { action: 'Choose from the list instead.' })
}
