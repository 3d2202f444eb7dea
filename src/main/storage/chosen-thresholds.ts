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

/** Another epoch's model answers with other probabilities. */
const holdingFor = (chosen: ChosenThresholds | null, epoch: number | undefined): ChosenThresholds | null => (chosen?.checkpoint_epoch === epoch ? chosen : null)

/** Those that hold for the model of this epoch. */
export async function thresholdsOfEpoch(directory: string, epoch: number): Promise<ChosenThresholds | null> {
  return holdingFor(await readChosenThresholds(directory), epoch)
}

/** Those that hold for the run's best checkpoint as it is now. */
export async function currentThresholds(folder: RunFolder): Promise<ChosenThresholds | null> {
  const chosen = await readChosenThresholds(folder.directory)
  return chosen === null ? null : holdingFor(chosen, (await folder.checkpointState('best'))?.epoch)
}
