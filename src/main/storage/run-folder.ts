/**
 * A run on disk. The folder is the truth: what the studio and the command line show is read from it.
 *
 *   run.json  open.graft  config.yaml  manifest.json  history.jsonl  epoch_answers.bin  training_history.json  model_info.json  log
 *   checkpoints/{best,latest,.best.previous,.latest.previous}/  evaluation/
 */
import { appendFile, mkdir, readFile, readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { manifestSchema } from '../../shared/domain/dataset'
import type { Manifest, Split } from '../../shared/domain/dataset'
import { GraftError, isCancellation } from '../../shared/domain/error'
import type { EpochAnswers } from '../../shared/domain/epoch-answers'
import { modelInfoSchema } from '../../shared/domain/export'
import type { ModelInfo } from '../../shared/domain/export'
import { epochRecordSchema, evaluationSchema } from '../../shared/domain/metrics'
import type { EpochRecord, Evaluation } from '../../shared/domain/metrics'
import { runRecordSchema } from '../../shared/domain/run'
import type { CheckpointState, RunEvent, RunRecord, SequencedRunEvent } from '../../shared/domain/run'
import { runConfigSchema } from '../../shared/domain/run-config'
import type { RunConfig } from '../../shared/domain/run-config'
import { atomicWrite, isThere, makeFolder, removeAbandoned } from './atomic-write'
import { readBestCheckpointFolder, readCheckpointFolder, readCheckpointStateIfThere, writeCheckpointFolder } from './checkpoint-folder'
import type { CheckpointContent, ReadCheckpoint } from './checkpoint-folder'
import { configToYaml, type YamlOrigin } from './config-yaml'
import { cutEpochAnswers, EPOCH_ANSWERS, readEpochAnswers, writeEpochAnswers } from './epoch-answers-file'
import { confusionCsv, predictionsCsv } from './evaluation-files'
import { describeIssues, readJsonFile, readJsonFileIfThere, writeJsonFile } from './json-file'
import { acquireMachineLock, machineLockOwner } from './machine-lock'
import type { LockOwner, ReleaseLock } from './machine-lock'
import { RunEventLog } from './run-events'
import { systemCode, toReadError, toStorageError } from './storage-error'

const RECORD = 'run.json'
/** For file managers: the run is opened by a double click on it. */
const OPENER = 'open.graft'
const CONFIG = 'config.yaml'
const MANIFEST = 'manifest.json'
const HISTORY = 'history.jsonl'

/** The change of a record that is being written, by folder: whoever opened it, one comes after the other, and each keeps what the others wrote. */
const recordChanges = new Map<string, Promise<unknown>>()

export type RunCheckpointName = 'best' | 'latest'

export interface NewRun {
  record: RunRecord
  config: RunConfig
  manifest: Manifest
  /** Where the settings came from; left out for a model that another program trained. */
  origin?: YamlOrigin
}

export class RunFolder {
  private readonly eventLog: RunEventLog

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
      await makeFolder(path)
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
    await atomicWrite(join(path, CONFIG), configToYaml(run.config, run.origin ?? null))
    await folder.writeManifest(run.manifest)
    await atomicWrite(join(path, OPENER), `${JSON.stringify({ version: 1, run_id: run.record.run_id })}\n`)
    // Last: a folder with a record is a run.
    await writeJsonFile(join(path, RECORD), runRecordSchema, run.record)
    return folder
  }

  /** The folder of the run that a path leads to: itself, or by a file right in it; null where there is none. @throws GraftError STORAGE */
  static async at(path: string): Promise<RunFolder | null> {
    const directory = [OPENER, RECORD].includes(basename(path)) ? dirname(path) : path
    if (!(await isThere(join(directory, RECORD)))) return null
    const folder = await RunFolder.open(directory)
    if (await isThere(join(directory, OPENER))) return folder
    // Runs of older versions lack that file; and other programs have their own run.json, beside pictures too.
    return folder.record().then(
      () => folder,
      (error: unknown) => {
        if (error instanceof GraftError && error.code === 'UNREADABLE') return null
        throw error
      },
    )
  }

  /** @throws GraftError NOT_FOUND when there is no run in the folder */
  static async open(directory: string): Promise<RunFolder> {
    const path = resolve(directory)
    if (!(await isThere(join(path, RECORD)))) {
      throw new GraftError('NOT_FOUND', `${path} is not a run's folder: it has no ${RECORD}.`, { action: 'graft runs lists the runs and their folders.' })
    }
    return new RunFolder(path)
  }

  /**
   * Makes this process the only one that writes the run; a process that has ended loses it. For the trainer: the machine's lock is its parent's,
   * and is another one where two users or containers share the run.
   * @param waitMs for a trainer that is just ending
   * @throws GraftError CONFLICT naming the process that has it, STORAGE where the folder cannot be written
   */
  async claim(waitMs = 10_000): Promise<ReleaseLock> {
    let owner: LockOwner | null = null
    const onWait = (found: LockOwner): void => {
      owner = found
    }
    try {
      return await acquireMachineLock(`run in ${this.directory}`, { path: this.lockPath(), onWait, signal: AbortSignal.timeout(waitMs) })
    } catch (error) {
      if (!isCancellation(error)) throw error
      throw alreadyClaimed(this.directory, owner)
    }
  }

  /** The process that has claimed the run, or null where nobody alive has. */
  claimedBy(): Promise<LockOwner | null> {
    return machineLockOwner(this.lockPath())
  }

  private lockPath(): string {
    return join(this.directory, '.lock')
  }

  record(): Promise<RunRecord> {
    return readJsonFile(join(this.directory, RECORD), runRecordSchema)
  }

  /**
   * Rewrites `run.json` with the changes and the time of them.
   * @param patch or what makes it of the record as it is just then; null: nothing is written
   */
  updateRecord(patch: Partial<RunRecord> | ((record: RunRecord) => Partial<RunRecord> | null)): Promise<RunRecord> {
    const { directory } = this
    const result = (recordChanges.get(directory) ?? Promise.resolve()).then(async () => {
      const before = await this.record()
      const changes = typeof patch === 'function' ? patch(before) : patch
      if (changes === null) return before
      const record: RunRecord = { ...before, ...changes, updated_at: new Date().toISOString() }
      await writeJsonFile(join(directory, RECORD), runRecordSchema, record)
      return record
    })
    const turn = result.then(
      () => undefined,
      () => undefined,
    )
    recordChanges.set(directory, turn)
    void turn.then(() => {
      if (recordChanges.get(directory) === turn) recordChanges.delete(directory)
    })
    return result
  }

  async config(): Promise<RunConfig> {
    const path = join(this.directory, CONFIG)
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      throw toReadError(error, path)
    })
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
  async cutBack(epoch: number, history: readonly EpochRecord[], isWithinEpoch = false): Promise<void> {
    for (const folder of [this.directory, join(this.directory, 'evaluation')]) {
      if (await isThere(folder)) {
        await removeAbandoned(folder).catch((error: unknown) => {
          throw toStorageError(error, folder, 0)
        })
      }
    }
    await cutEpochAnswers(join(this.directory, EPOCH_ANSWERS), epoch)
    await this.eventLog.cutBack(epoch, history, isWithinEpoch)
  }

  writeTrainingHistory(epochs: readonly EpochRecord[]): Promise<void> {
    return writeJsonFile(join(this.directory, 'training_history.json'), z.array(epochRecordSchema), [...epochs])
  }

  /** See `epoch-answers-file.ts`. @param paths of the validation pictures, in the order of the answers */
  writeEpochAnswers(paths: readonly string[], epoch: number, answers: EpochAnswers): Promise<void> {
    return writeEpochAnswers(join(this.directory, EPOCH_ANSWERS), paths, epoch, answers)
  }

  /** Null where they were not kept. */
  readEpochAnswers(paths: readonly string[], epoch: number): Promise<EpochAnswers | null> {
    return readEpochAnswers(join(this.directory, EPOCH_ANSWERS), paths, epoch)
  }

  writeModelInfo(info: ModelInfo): Promise<void> {
    return writeJsonFile(join(this.directory, 'model_info.json'), modelInfoSchema, info)
  }

  /** Made where it is not there; the run's own folder is not, since it may have been thrown away meanwhile. @throws GraftError NOT_FOUND, STORAGE */
  async evaluationDirectory(): Promise<string> {
    const path = join(this.directory, 'evaluation')
    try {
      await mkdir(path)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw new GraftError('NOT_FOUND', `${this.directory} is no longer there.`, { action: 'Put the run back from the trash, then try again.' })
      if (systemCode(error) !== 'EEXIST') throw toStorageError(error, path, 0)
    }
    return path
  }

  /** Writes `<split>_<checkpoint>.json` and, for other programs, metrics, predictions and confusion matrix beside it. */
  async writeEvaluation(evaluation: Evaluation): Promise<void> {
    const folder = await this.evaluationDirectory()
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
   * since. Told by the epoch, not by the files' times: an evaluation of the old checkpoint may be written after the new one. Of a checkpoint
   * within an epoch, or at a stage's beginning, the epoch does not tell the weights.
   */
  async currentEvaluation(split: Split, checkpoint: RunCheckpointName): Promise<Evaluation | null> {
    const kept = await this.readEvaluation(split, checkpoint)
    if (typeof kept?.checkpoint_epoch !== 'number') return null
    const state = await this.checkpointState(checkpoint)
    const isOfEpoch = state !== null && state.position === null && (state.stage === 1 || state.stage_epoch !== 0)
    return isOfEpoch && state.epoch === kept.checkpoint_epoch ? kept : null
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

  /** The one before it is kept; what there is to say about that goes to the log. @throws GraftError STORAGE, CONFLICT */
  async writeCheckpoint(name: RunCheckpointName, content: CheckpointContent): Promise<void> {
    const note = await writeCheckpointFolder(this.checkpointDirectory(name), content)
    // A disk without room for a checkpoint may have none for a line either.
    if (note !== null) await this.appendLog(note).catch(() => undefined)
  }

  /**
   * Every hash is checked; a damaged or missing checkpoint is replaced by the one before it, with a note that says so. Null where there is none
   * yet. @throws GraftError MISMATCH naming the damaged member, UNREADABLE, STORAGE
   */
  readCheckpoint(name: RunCheckpointName): Promise<ReadCheckpoint | null> {
    if (name === 'latest') return readCheckpointFolder(this.checkpointDirectory(name))
    return readBestCheckpointFolder(this.checkpointDirectory(name), this.checkpointDirectory('latest'))
  }

  /** The checkpoint's state without its tensors. */
  checkpointState(name: RunCheckpointName): Promise<CheckpointState | null> {
    return readCheckpointStateIfThere(this.checkpointDirectory(name))
  }
}

function alreadyClaimed(directory: string, owner: LockOwner | null): GraftError {
  const who = owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}, since ${owner.since}`
  return new GraftError('CONFLICT', `The run in ${directory} is being trained by ${who}.`, { action: 'Watch it there, or stop it there first.' })
}
