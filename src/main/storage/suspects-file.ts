/** What was found out about a run's pictures, in the run's folder. */
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import { type SuspectsReport, suspectsReportSchema } from '../../shared/domain/suspects'
import { readJsonFileIfThere, writeJsonFile } from './json-file'

const FILE = 'suspects.json'

/** Null where there is none of these pictures, or one that another version wrote: it is found out again. @throws GraftError STORAGE */
export async function keptSuspects(runDirectory: string, key: string): Promise<SuspectsReport | null> {
  try {
    const kept = await readJsonFileIfThere(join(runDirectory, FILE), suspectsReportSchema)
    return kept?.key === key ? kept : null
  } catch (error) {
    if (error instanceof GraftError && error.code === 'UNREADABLE') return null
    throw error
  }
}

/** @throws GraftError STORAGE */
export function keepSuspects(runDirectory: string, report: SuspectsReport): Promise<void> {
  return writeJsonFile(join(runDirectory, FILE), suspectsReportSchema, report)
}
