/** A model that another program trained becomes a run that can be evaluated, exported and trained on from. */
import { readFile, realpath } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { Manifest } from '../../shared/domain/dataset'
import { Cancelled } from '../../shared/domain/error'
import type { ImportReport, ImportRequest } from '../../shared/domain/import'
import type { CheckpointState, RunRecord } from '../../shared/domain/run'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../shared/domain/run-config'
import { manifestForLabels } from '../dataset/manifest-for-labels'
import { manifestCounts } from '../dataset/split'
import { RunFolder } from '../storage/run-folder'
import { isBelow } from '../storage/run-registry'
import { runJob } from '../trainer/host'
import type { ImportedModel } from '../trainer/messages'
import { availableCoresSync } from '../trainer/available-cores'
import { modelFileFailure } from '../trainer/model-file'
import type { DatasetsService } from './datasets'
import type { FilesService } from './files'
import { withImportWorkspace } from './import-workspace'
import type { Places } from './places'
import { progressStream, type ProgressStream, type Report } from './progress-stream'
import { newRunId } from './run-id'
import type { RunsService } from './runs'
import { asShare, compareAccuracy } from './stated-accuracy'

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

  /** The run is made whole in a hidden folder and only then listed, so that one that is cancelled, killed or fails is never seen. */
  private async import(input: ImportRequest, report: Report, signal: AbortSignal): Promise<ImportReport> {
    if (input.datasetId !== null) await this.datasets.lookAt(input.datasetId, report, signal)
    const pictures = input.datasetId === null ? null : this.datasets.find(input.datasetId).manifest
    return withImportWorkspace(this.places.runs, async (workspace) => {
      const weightsFile = join(workspace, 'weights.safetensors')
      const { backbone, labels, imageSize } = input
      const path = await this.modelPath(input.path)
      const onProgress: OnProgress = ({ message, done, total }) => report(done, total, message)
      const model = await runJob<'import'>(
        { kind: 'import', path, weightsFile, backbone, labels, imageSize, datasetClasses: pictures?.classes ?? null },
        { signal, onProgress, trainerPath: this.options.trainerPath },
      ).result
      const manifest = pictures === null ? emptyManifest(model.labels) : manifestForLabels(pictures, model.labels)
      const notes = [...model.notes]
      const made = await this.writeRun(input, model, manifest, { directory: join(workspace, 'run'), weights: await readFile(weightsFile) })
      if (pictures !== null) {
        const compared = await this.evaluate(made, model, manifest, onProgress, signal)
        if (compared !== null) notes.push(compared)
      }
      if (signal.aborted) throw new Cancelled()
      const { run_id: runId } = await made.record()
      const { directory } = await this.runs.adopt(runId, made.directory)
      return { runId, directory, backbone: model.backbone, head: model.head, classes: model.labels, imageSize: model.imageSize, notes }
    })
  }

  /** A run's own weights may come in again, with pictures, whichever folders the door is confined to. */
  private async modelPath(path: string): Promise<string> {
    const [real, runs] = await Promise.all([realpath(path).catch(() => null), realpath(this.places.runs)])
    if (real !== null && isBelow(real, runs)) return real
    try {
      return await this.files.confine(path)
    } catch (error) {
      throw modelFileFailure(error, path)
    }
  }

  private async writeRun(input: ImportRequest, model: ImportedModel, manifest: Manifest, { directory, weights }: { directory: string; weights: Uint8Array }): Promise<RunFolder> {
    const now = new Date()
    const name = input.name?.trim() || basename(input.path, extname(input.path))
    const runId = newRunId(now, name)
    const { backbone, head, dropout, imageSize: image_size, labels } = model
    const config: RunConfig = { ...DEFAULT_RUN_CONFIG, backbone, head, dropout, image_size, weights: input.path, epochs: Math.min(Math.max(1, model.epoch), MOST_EPOCHS) }
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
      last_metric: null,
      monitor: config.monitor,
      resolved: {},
      environment: {},
      reproduces: null,
      test_accuracy: null,
      device: null,
      total_s: 0,
      owner_pid: null,
      failure: null,
      tags: [],
      note: '',
      archived: false,
    }
    const folder = await RunFolder.create(directory, { record, config, manifest })
    const content = { weights, optimizer: null, state: checkpointState(model) }
    await folder.writeCheckpoint('best', content)
    await folder.writeCheckpoint('latest', content)
    await folder.writeModelInfo({ backbone, num_classes: labels.length, image_size, best_val_acc: model.metrics['val_acc'] === undefined ? null : asShare(model.metrics['val_acc']), best_epoch: model.epoch === 0 ? null : model.epoch, labels, head, dropout })
    await folder.appendLog(`imported from ${input.path}`)
    for (const note of model.notes) await folder.appendEvent({ event: 'log', level: 'info', message: note })
    for (const [metric, value] of Object.entries(model.metrics)) {
      await folder.appendEvent({ event: 'log', level: 'info', message: `The file says ${metric} ${value}; it was not measured here.` })
    }
    return folder
  }

  /** On the pictures that came with it, so that there is something to look at. What the file says of itself beside what was measured, or null. */
  private async evaluate(folder: RunFolder, model: ImportedModel, manifest: Manifest, onProgress: OnProgress, signal: AbortSignal): Promise<string | null> {
    const split = manifest.pictures.some((entry) => entry.split === 'test') ? 'test' : 'val'
    const source = { kind: 'run', directory: folder.directory, checkpoint: 'best' } as const
    const { report } = await runJob<'evaluate'>({ kind: 'evaluate', source, split, datasetRoot: null }, { signal, onProgress, trainerPath: this.options.trainerPath }).result
    if (split === 'test') await folder.updateRecord({ test_accuracy: report.accuracy })
    const compared = compareAccuracy(model.metrics, report.accuracy, split)
    if (compared === null) return null
    await folder.appendEvent({ event: 'log', level: compared.level, message: compared.message })
    return compared.message
  }
}

type OnProgress = (progress: { message: string; done: number; total: number }) => void

/** As many as a configuration may have. */
const MOST_EPOCHS = 10_000

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
    stage: 1,
    stage_epoch: model.epoch,
    step: 0,
    pass: 0,
    stage_starts: [0],
    position: null,
    best_epoch: null,
    best_metric: null,
    monitor: DEFAULT_RUN_CONFIG.monitor,
    learning_rate: 0,
    learning_rates: [0],
    plateau: { best: null, bad_epochs: 0 },
    early_stopping: { best: null, epochs_without_gain: 0 },
    history: [],
    intra_op_threads: availableCoresSync(),
    elapsed_s: 0,
    seed: 0,
  }
}
