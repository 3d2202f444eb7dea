/** `profile.json` in a run's folder. */
import { join } from 'node:path'
import { type Profile, profileSchema } from '../../../shared/domain/profile'
import { readJsonFileIfThere, writeJsonFile } from '../../storage/json-file'

const profilePath = (runDirectory: string) => join(runDirectory, 'profile.json')

/** Null where the run was not profiled. @throws GraftError UNREADABLE, STORAGE */
export const readProfile = (runDirectory: string): Promise<Profile | null> => readJsonFileIfThere(profilePath(runDirectory), profileSchema)

/** Replaces the one before. @throws GraftError STORAGE */
export const writeProfile = (runDirectory: string, profile: Profile): Promise<void> => writeJsonFile(profilePath(runDirectory), profileSchema, profile)
