/** The thresholds that a person chose for a run's classes: `thresholds.json` beside `run.json`, and in the folder of an export. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChosenThresholds, chosenThresholdsSchema } from '../../shared/domain/thresholds'
import { readJsonFileIfThere, writeJsonFile } from './json-file'
import type { RunFolder } from './run-folder'

export const THRESHOLDS_FILE = 'thresholds.json'

/** Of a run's or an export's folder; null where nobody chose any. @throws GraftError UNREADABLE, STORAGE */
export const readChosenThresholds = (directory: string): Promise<ChosenThresholds | null> => readJsonFileIfThere(join(directory, THRESHOLDS_FILE), chosenThresholdsSchema)

/** None left: the file goes. @throws GraftError STORAGE */
export async function writeChosenThresholds(directory: string, chosen: ChosenThresholds): Promise<void> {
  const path = join(directory, THRESHOLDS_FILE)
  if (chosen.classes.length === 0) await rm(path, { force: true })
  else await writeJsonFile(path, chosenThresholdsSchema, chosen)
}

/** Those that hold for the run's best checkpoint as it is now: a later one answers with other probabilities. */
export async function currentThresholds(folder: RunFolder): Promise<ChosenThresholds | null> {
  const chosen = await readChosenThresholds(folder.directory)
  if (chosen === null) return null
  const state = await folder.checkpointState('best')
  return state?.epoch === chosen.checkpoint_epoch ? chosen : null
}
