/** A model that another program trained becomes a run that can be evaluated, exported and trained on from. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, realpath, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Manifest } from '../../shared/domain/dataset'
import { Cancelled } from '../../shared/domain/error'
import type { ImportReport, ImportRequest } from '../../shared/domain/import'
import type { CheckpointState, RunRecord } from '../../shared/domain/run'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../shared/domain/run-config'
import { manifestForLabels } from '../dataset/manifest-for-labels'
import { manifestCounts } from '../dataset/split'
import type { RunFolder } from '../storage/run-folder'
import { isBelow } from '../storage/run-registry'
import { runJob } from '../trainer/host'
import type { ImportedModel } from '../trainer/messages'
import { availableCoresSync } from '../trainer/available-cores'
import type { DatasetsService } from './datasets'
import type { FilesService } from './files'
import type { Places } from './places'
import { progressStream, type ProgressStream, type Report } from './progress-stream'
import { newRunId } from './run-id'
import type { RunsService } from './runs'

export class ImportsService {
  constructor(
    private readonly places: Places,
    private readonly files: FilesService,
    private readonly datasets: DatasetsService,
    private readonly runs: RunsService,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  /** @throws GraftError, as the last item of the stream: NOT_FOUND, UNREADABLE, REFUSED, MISMATCH with a table of differences */
  start(input: ImportRequest, signal?: AbortSignal): ProgressStream<ImportReport> {
    return progressStream((report, inner) => this.import(input, report, inner), signal)
  }

  private async import(input: ImportRequest, report: Report, signal: AbortSignal): Promise<ImportReport> {
    const pictures = input.datasetId === null ? null : this.datasets.find(input.datasetId).manifest
    await mkdir(this.places.runs, { recursive: true })
    const weightsFile = join(this.places.runs, `.import-${randomBytes(4).toString('hex')}.safetensors`)
    try {
      const { backbone, labels, imageSize } = input
      const path = await this.modelPath(input.path)
      const onProgress = ({ message, done, total }: { message: string; done: number; total: number }) => report(done, total, message)
      const model = await runJob<'import'>(
        { kind: 'import', path, weightsFile, backbone, labels, imageSize, datasetClasses: pictures?.classes ?? null },
        { signal, onProgress, trainerPath: this.options.trainerPath },
      ).result
      const manifest = pictures === null ? emptyManifest(model.labels) : manifestForLabels(pictures, model.labels)
      const folder = await this.writeRun(input, model, manifest, await readFile(weightsFile))
      const record = await folder.record()
      if (pictures !== null) {
        try {
          await this.evaluate(folder, manifest, onProgress, signal)
          if (signal.aborted) throw new Cancelled()
        } catch (error) {
          // A cancelled or failed import leaves no run.
          await this.runs.remove({ runId: record.run_id })
          throw error
        }
      }
      return { runId: record.run_id, directory: folder.directory, backbone: model.backbone, head: model.head, classes: model.labels, imageSize: model.imageSize, notes: model.notes }
    } finally {
      await rm(weightsFile, { force: true })
    }
  }

  /** A run's own weights may come in again, with pictures, whichever folders the door is confined to. */
  private async modelPath(path: string): Promise<string> {
    const [real, runs] = await Promise.all([realpath(path).catch(() => null), realpath(this.places.runs)])
    return real !== null && isBelow(real, runs) ? real : this.files.confine(path)
  }

  private async writeRun(input: ImportRequest, model: ImportedModel, manifest: Manifest, weights: Uint8Array): Promise<RunFolder> {
    const now = new Date()
    const name = input.name?.trim() || basename(input.path, extname(input.path))
    const runId = newRunId(now, name)
    const { backbone, head, dropout, imageSize: image_size, labels } = model
    const config: RunConfig = { ...DEFAULT_RUN_CONFIG, backbone, head, dropout, image_size, weights: input.path, epochs: Math.max(1, model.epoch) }
    const record: RunRecord = {
      version: 1,
      run_id: runId,
      name,
      origin: 'imported',
      dataset_root: manifest.root,
      dataset_name: manifest.root === '' ? '' : basename(manifest.root) || 'pictures',
      created_at: now.toISOString(),
      updated_at: now.toISOString(),
      status: 'completed',
      backbone,
      preset: null,
      classes: labels,
      counts: manifestCounts(manifest).split,
      epochs_planned: model.epoch,
      epochs_done: model.epoch,
      best_epoch: null,
      best_metric: null,
      monitor: config.monitor,
      test_accuracy: null,
      device: null,
      total_s: 0,
      owner_pid: null,
      failure: null,
    }
    const folder = await this.runs.adopt({ record, config, manifest })
    const content = { weights, optimizer: null, state: checkpointState(model) }
    await folder.writeCheckpoint('best', content)
    await folder.writeCheckpoint('latest', content)
    await folder.writeModelInfo({ backbone, num_classes: labels.length, image_size, best_val_acc: model.metrics['val_acc'] ?? 0, best_epoch: model.epoch, labels, head, dropout })
    await folder.appendLog(`imported from ${input.path}`)
    for (const note of model.notes) await folder.appendEvent({ event: 'log', level: 'info', message: note })
    for (const [metric, value] of Object.entries(model.metrics)) {
      await folder.appendEvent({ event: 'log', level: 'info', message: `The file says ${metric} ${value}; it was not measured here.` })
    }
    return folder
  }

  /** On the pictures that came with it, so that there is something to look at. */
  private async evaluate(folder: RunFolder, manifest: Manifest, onProgress: (progress: { message: string; done: number; total: number }) => void, signal: AbortSignal): Promise<void> {
    const split = manifest.pictures.some((entry) => entry.split === 'test') ? 'test' : 'val'
    const source = { kind: 'run', directory: folder.directory, checkpoint: 'best' } as const
    const evaluation = await runJob<'evaluate'>({ kind: 'evaluate', source, split, datasetRoot: null }, { signal, onProgress, trainerPath: this.options.trainerPath }).result
    if (split === 'test') await folder.updateRecord({ test_accuracy: evaluation.report.accuracy })
  }
}

/** A run without pictures of its own. */
function emptyManifest(classes: readonly string[]): Manifest {
  const { train_ratio: train, val_ratio: val, test_ratio: test, seed } = DEFAULT_RUN_CONFIG
  return { version: 1, root: '', layout: 'folder-per-class', classes: [...classes], seed, ratios: { train, val, test }, pictures: [], setAside: [], ignored: [] }
}

/** The state of a model that was not trained here: nothing to resume. */
function checkpointState(model: ImportedModel): CheckpointState {
  return {
    version: 1,
    backbone: model.backbone,
    head: model.head,
    dropout: model.dropout,
    num_classes: model.labels.length,
    classes: model.labels,
    image_size: model.imageSize,
    preprocessing: { mean: model.mean, std: model.std, interpolation: 'bilinear' },
    frozen_layers: 0,
    epoch: model.epoch,
    step: 0,
    best_epoch: null,
    best_metric: null,
    monitor: DEFAULT_RUN_CONFIG.monitor,
    learning_rate: 0,
    plateau: { best: null, bad_epochs: 0 },
    early_stopping: { best: null, epochs_without_gain: 0 },
    history: [],
    intra_op_threads: availableCoresSync(),
    elapsed_s: 0,
    seed: 0,
  }
}
