/** What a person may name on the command line: a run by id, name or folder; a checkpoint's folder; an export's folder. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunRecord } from '../../shared/domain/run'
import { runRegistryFile, runsDirectory } from '../storage/paths'
import { RunFolder } from '../storage/run-folder'
import { discoverRuns } from '../storage/run-registry'
import type { CheckpointName, ModelSource } from '../services/model-jobs'
import { nearestName } from '../../shared/domain/nearest-name'

export interface NamedRun {
  folder: RunFolder
  record: RunRecord
}

export interface NamedModel {
  source: ModelSource
  /** Set where the source is a run. */
  run: NamedRun | null
}

/** What tells an export's folder from others. */
const EXPORT_FILES = ['model_info.json', 'preprocessing.json', 'labels.txt']

/**
 * The run that is meant: the path of its folder, its id, the beginning of its id, or its name.
 * @throws GraftError NOT_FOUND, or BAD_INPUT where several are meant
 */
export async function findRun(reference: string, workingDirectory: string): Promise<NamedRun> {
  const path = resolve(workingDirectory, reference)
  if (existsSync(join(path, 'run.json'))) return openRun(path)
  const { runs } = await discoverRuns(runsDirectory(), runRegistryFile())
  const exact = runs.filter(({ record }) => record.run_id === reference)
  const named = exact.length > 0 ? exact : runs.filter(({ record }) => record.name === reference)
  const matches = named.length > 0 ? named : reference === '' ? [] : runs.filter(({ record }) => record.run_id.startsWith(reference))
  const [match] = matches
  if (match !== undefined && matches.length === 1) return match
  if (matches.length > 1) {
    const ids = matches.slice(0, 5).map(({ record }) => record.run_id)
    throw new GraftError('BAD_INPUT', `"${reference}" means ${matches.length} runs: ${ids.join(', ')}${matches.length > 5 ? ', ...' : ''}.`, {
      action: 'Give the whole id of one of them.',
    })
  }
  if (isDirectory(path)) {
    throw new GraftError('NOT_FOUND', `${path} is not a run: a folder with a run.json was expected.`, { action: 'graft runs lists the runs and their folders.' })
  }
  const hint = nearestName(reference, runs.flatMap(({ record }) => [record.run_id, record.name]))
  throw new GraftError('NOT_FOUND', `There is no run "${reference}": the id, the name or the folder of a run was expected.`, {
    action: hint === null ? 'graft runs lists the runs.' : `Did you mean "${hint}"? graft runs lists the runs.`,
  })
}

/**
 * The model that is meant.
 * @param checkpoint for a run named without one of its checkpoints
 */
export async function findModel(reference: string, workingDirectory: string, checkpoint: CheckpointName): Promise<NamedModel> {
  const path = resolve(workingDirectory, reference)
  if (isDirectory(path)) {
    const owner = dirname(dirname(path))
    const name = basename(path)
    if ((name === 'best' || name === 'latest') && basename(dirname(path)) === 'checkpoints' && existsSync(join(owner, 'run.json'))) {
      return runModel(await openRun(owner), name)
    }
    if (!existsSync(join(path, 'run.json')) && EXPORT_FILES.every((file) => existsSync(join(path, file)))) {
      return { source: { kind: 'export', directory: path }, run: null }
    }
    if (!existsSync(join(path, 'run.json'))) {
      throw new GraftError('NOT_FOUND', `${path} holds no model: a run, one of its checkpoints or an export was expected.`, {
        action: 'graft runs lists the runs and their folders.',
      })
    }
  }
  return runModel(await findRun(reference, workingDirectory), checkpoint)
}

function runModel(run: NamedRun, checkpoint: CheckpointName): NamedModel {
  return { source: { kind: 'run', directory: run.folder.directory, checkpoint }, run }
}

async function openRun(path: string): Promise<NamedRun> {
  const folder = await RunFolder.open(path)
  return { folder, record: await folder.record() }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
