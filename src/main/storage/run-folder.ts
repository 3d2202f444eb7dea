/**
 * A run on disk. The folder is the truth: what the studio and the command line show is read from it.
 *
 *   run.json  config.yaml  manifest.json  history.jsonl  training_history.json  model_info.json  log
 *   checkpoints/{best,latest}/  evaluation/
 */
import { appendFile, mkdir, readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { manifestSchema } from '../../shared/domain/dataset'
import type { Manifest, Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { modelInfoSchema } from '../../shared/domain/export'
import type { ModelInfo } from '../../shared/domain/export'
import { epochRecordSchema, evaluationSchema } from '../../shared/domain/metrics'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import { runRecordSchema } from '../../shared/domain/run'
import type { CheckpointState, RunEvent, RunRecord, SequencedRunEvent } from '../../shared/domain/run'
import { runConfigSchema } from '../../shared/domain/run-config'
import type { RunConfig } from '../../shared/domain/run-config'
import { atomicWrite, isThere, removeAbandoned } from './atomic-write'
import { readCheckpointFolder, readCheckpointStateIfThere, writeCheckpointFolder } from './checkpoint-folder'
import type { CheckpointContent, ReadCheckpoint } from './checkpoint-folder'
import { configToYaml } from './config-yaml'
import { confusionCsv, predictionsCsv } from './evaluation-files'
import { describeIssues, readJsonFile, readJsonFileIfThere, writeJsonFile } from './json-file'
import { RunEventLog } from './run-events'
import { systemCode, toStorageError } from './storage-error'

const RECORD = 'run.json'
const CONFIG = 'config.yaml'
const MANIFEST = 'manifest.json'
const HISTORY = 'history.jsonl'

export type RunCheckpointName = 'best' | 'latest'

export interface NewRun {
  record: RunRecord
  config: RunConfig
  manifest: Manifest
}

export class RunFolder {
  private readonly eventLog: RunEventLog
  private recordQueue: Promise<unknown> = Promise.resolve()

  private constructor(readonly directory: string) {
    this.eventLog = new RunEventLog(join(directory, HISTORY))
  }

  /**
   * Makes a run's folder.
   * @throws GraftError CONFLICT when the folder holds another run or anything else; STORAGE
   */
  static async create(directory: string, run: NewRun): Promise<RunFolder> {
    const path = resolve(directory)
    if (await isThere(join(path, RECORD))) {
      throw new GraftError('CONFLICT', `${path} already holds a run.`, { action: 'Choose another folder, or resume that run.' })
    }
    try {
      await mkdir(path, { recursive: true })
      if ((await readdir(path)).length > 0) {
        throw new GraftError('CONFLICT', `${path} is not empty; a run needs a folder of its own.`, { action: 'Choose a new or empty folder.' })
      }
      await mkdir(join(path, 'checkpoints'))
      await mkdir(join(path, 'evaluation'))
    } catch (error) {
      if (systemCode(error) === 'ENOTDIR' || systemCode(error) === 'EEXIST') {
        throw new GraftError('CONFLICT', `${path} cannot be a run's folder: a file is in its place.`, { action: 'Choose another folder.' })
      }
      throw toStorageError(error, path, 0)
    }
    const folder = new RunFolder(path)
    await atomicWrite(join(path, CONFIG), configToYaml(run.config))
    await folder.writeManifest(run.manifest)
    // Last: a folder with a record is a run.
    await writeJsonFile(join(path, RECORD), runRecordSchema, run.record)
    return folder
  }

  /** @throws GraftError NOT_FOUND when there is no run in the folder */
  static async open(directory: string): Promise<RunFolder> {
    const path = resolve(directory)
    if (!(await isThere(join(path, RECORD)))) {
      throw new GraftError('NOT_FOUND', `${path} is not a run's folder: it has no ${RECORD}.`, { action: 'graft runs lists the runs and their folders.' })
    }
    return new RunFolder(path)
  }

  record(): Promise<RunRecord> {
    return readJsonFile(join(this.directory, RECORD), runRecordSchema)
  }

  /** Rewrites `run.json` with the changes and the time of them. */
  updateRecord(patch: Partial<RunRecord>): Promise<RunRecord> {
    const result = this.recordQueue.then(async () => {
      const record: RunRecord = { ...(await this.record()), ...patch, updated_at: new Date().toISOString() }
      await writeJsonFile(join(this.directory, RECORD), runRecordSchema, record)
      return record
    })
    this.recordQueue = result.catch(() => undefined)
    return result
  }

  async config(): Promise<RunConfig> {
    const path = join(this.directory, CONFIG)
    const text = await readFile(path, 'utf8')
    let values: unknown
    try {
      values = parse(text)
    } catch (error) {
      throw new GraftError('UNREADABLE', `${path} is not valid YAML (${error instanceof Error ? error.message : String(error)}).`, { action: 'Undo the changes made to it.' })
    }
    const parsed = runConfigSchema.safeParse(values)
    if (!parsed.success) {
      throw new GraftError('UNREADABLE', `${path} does not fit this version (${describeIssues(parsed.error)}).`, { action: 'Undo the changes made to it.' })
    }
    return parsed.data
  }

  manifest(): Promise<Manifest> {
    return readJsonFile(join(this.directory, MANIFEST), manifestSchema)
  }

  writeManifest(manifest: Manifest): Promise<void> {
    return writeJsonFile(join(this.directory, MANIFEST), manifestSchema, manifest)
  }

  /** Adds a durable event to the history and gives it the next sequence number. */
  appendEvent(event: RunEvent): Promise<SequencedRunEvent> {
    return this.eventLog.append(event)
  }

  events(): Promise<SequencedRunEvent[]> {
    return this.eventLog.all()
  }

  /** For resume; see `RunEventLog.cutBack`. */
  async cutBack(epoch: number, history: readonly EpochRecord[]): Promise<void> {
    await removeAbandoned(this.directory)
    await this.eventLog.cutBack(epoch, history)
  }

  writeTrainingHistory(epochs: readonly EpochRecord[]): Promise<void> {
    return writeJsonFile(join(this.directory, 'training_history.json'), z.array(epochRecordSchema), [...epochs])
  }

  writeModelInfo(info: ModelInfo): Promise<void> {
    return writeJsonFile(join(this.directory, 'model_info.json'), modelInfoSchema, info)
  }

  /** Writes `<split>_<checkpoint>.json` and, for other programs, metrics, predictions and confusion matrix beside it. */
  async writeEvaluation(evaluation: Evaluation): Promise<void> {
    const folder = join(this.directory, 'evaluation')
    await mkdir(folder, { recursive: true })
    const { split, checkpoint } = evaluation
    const prefix = checkpoint === 'best' ? split : `${split}_${checkpoint}`
    await atomicWrite(join(folder, `${prefix}_metrics.json`), `${JSON.stringify(evaluation.report, null, 2)}\n`)
    await atomicWrite(join(folder, `${prefix}_predictions.csv`), predictionsCsv(evaluation))
    await atomicWrite(join(folder, `${prefix}_confusion_matrix.csv`), confusionCsv(evaluation))
    await writeJsonFile(join(folder, `${split}_${checkpoint}.json`), evaluationSchema, evaluation)
  }

  /** Null where that split has not been evaluated yet. */
  readEvaluation(split: Split, checkpoint: RunCheckpointName): Promise<Evaluation | null> {
    return readJsonFileIfThere(join(this.directory, 'evaluation', `${split}_${checkpoint}.json`), evaluationSchema)
  }

  /**
   * The kept evaluation where it is of the checkpoint as it is now; null where there is none, or the checkpoint has moved on
   * since. Told by the epoch, not by the files' times: an evaluation of the old checkpoint may be written after the new one.
   */
  async currentEvaluation(split: Split, checkpoint: RunCheckpointName): Promise<Evaluation | null> {
    const kept = await this.readEvaluation(split, checkpoint)
    if (typeof kept?.checkpoint_epoch !== 'number') return null
    const state = await this.checkpointState(checkpoint)
    return state?.epoch === kept.checkpoint_epoch ? kept : null
  }

  async appendLog(line: string): Promise<void> {
    const text = `${new Date().toISOString()} ${line}\n`
    try {
      await appendFile(join(this.directory, 'log'), text)
    } catch (error) {
      throw toStorageError(error, join(this.directory, 'log'), Buffer.byteLength(text))
    }
  }

  /** The log's text, its last `maximumBytes`; empty where nothing was logged. */
  async log(maximumBytes = 1024 * 1024): Promise<string> {
    try {
      const bytes = await readFile(join(this.directory, 'log'))
      return bytes.subarray(Math.max(0, bytes.length - maximumBytes)).toString('utf8')
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return ''
      throw error
    }
  }

  checkpointDirectory(name: RunCheckpointName): string {
    return join(this.directory, 'checkpoints', name)
  }

  writeCheckpoint(name: RunCheckpointName, content: CheckpointContent): Promise<void> {
    return writeCheckpointFolder(this.checkpointDirectory(name), content)
  }

  /** Every hash is checked. Null where there is none yet. @throws GraftError MISMATCH naming the damaged member */
  readCheckpoint(name: RunCheckpointName): Promise<ReadCheckpoint | null> {
    return readCheckpointFolder(this.checkpointDirectory(name))
  }

  /** The checkpoint's state without its tensors. */
  checkpointState(name: RunCheckpointName): Promise<CheckpointState | null> {
    return readCheckpointStateIfThere(this.checkpointDirectory(name))
  }
}
