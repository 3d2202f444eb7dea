/** The first part of a run's profile, written by the trainer as it ends: the phases. */
import { cpus } from 'node:os'
import { join } from 'node:path'
import { type Profile, profileSchema } from '../../../shared/domain/profile'
import type { Device } from '../../../shared/domain/system'
import { augmentationPool } from '../../engine/train/augmentation-pool'
import { readJsonFileIfThere, writeJsonFile } from '../../storage/json-file'
import type { RunFolder } from '../../storage/run-folder'
import type { RunClock } from './run-clock'

const profilePath = (runDirectory: string) => join(runDirectory, 'profile.json')

/** Null where the run was not profiled. @throws GraftError UNREADABLE, STORAGE */
export const readProfile = (runDirectory: string): Promise<Profile | null> => readJsonFileIfThere(profilePath(runDirectory), profileSchema)

/** Replaces the one before. @throws GraftError STORAGE */
export const writeProfile = (runDirectory: string, profile: Profile): Promise<void> => writeJsonFile(profilePath(runDirectory), profileSchema, profile)

export interface ProfiledSession {
  readonly device: Device
  readonly resumedFromEpoch: number | null
  readonly epochs: number
}

export async function writeRunProfile(folder: RunFolder, clock: RunClock, { device, resumedFromEpoch, epochs }: ProfiledSession): Promise<void> {
  const { run_id } = await folder.record()
  await writeProfile(folder.directory, {
    version: 1,
    run_id,
    written_at: new Date().toISOString(),
    resumed_from_epoch: resumedFromEpoch,
    epochs,
    device: device.name,
    processor: cpus()[0]?.model ?? 'unknown',
    ...clock.reading(),
    beside: { augmentation_s: augmentationPool().busyMs / 1000 },
    layers: null,
    primitives: null,
  })
}
