/** `--from`: the settings that make a new run go on from a model that there is. */
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { RunConfig } from '../../shared/domain/run-config'
import { RunFolder } from '../storage/run-folder'
import { flagOf } from '../services/config/run-config'
import { findModel } from './sources'

/** What a model decides of the run that goes on from it. */
const DECIDED = ['backbone', 'head', 'image_size'] as const

/**
 * The weights of a run's best checkpoint, of a checkpoint's folder or of a file, with the network they are of. The head comes along where
 * it is for the same classes.
 * @throws GraftError BAD_INPUT where a flag says another network; NOT_FOUND; UNSUPPORTED for an export that is not weights
 */
export async function settingsFromModel(reference: string, flags: Readonly<Partial<RunConfig>>, workingDirectory: string): Promise<Partial<RunConfig>> {
  if (flags.weights !== undefined) {
    throw new GraftError('BAD_INPUT', `--from says what the run starts from, and so does --weights ${flags.weights}.`, { action: 'Leave one of the two out.' })
  }
  const path = resolve(workingDirectory, reference)
  if (existsSync(path) && statSync(path).isFile()) return { weights: path }
  const { source } = await findModel(reference, workingDirectory, 'best')
  if (source.kind === 'export') {
    throw new GraftError('UNSUPPORTED', `${reference} is an exported model: a run, one of its checkpoints or a weights file was expected.`, {
      action: 'Name the run that it was exported from, the weights file in the folder where it has one, or bring it in with graft import first.',
    })
  }
  const folder = await RunFolder.open(source.directory)
  const state = await folder.checkpointState(source.checkpoint)
  if (state === null) throw new GraftError('NOT_FOUND', `The run in ${source.directory} has no ${source.checkpoint} checkpoint yet.`, { action: 'Wait for its first epoch, or choose another run.' })
  for (const key of DECIDED) {
    const given = flags[key]
    if (given === undefined || given === state[key] || key === 'image_size') continue
    throw new GraftError('BAD_INPUT', `${flagOf(key)} ${String(given)} does not go with --from ${reference}, whose ${key} is ${state[key]}.`, { action: `Leave ${flagOf(key)} out.` })
  }
  const decided = Object.fromEntries(DECIDED.filter((key) => flags[key] === undefined).map((key) => [key, state[key]]))
  return { ...decided, weights: join(folder.checkpointDirectory(source.checkpoint), 'weights.safetensors') }
}
