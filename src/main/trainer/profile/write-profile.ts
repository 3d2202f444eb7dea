/** The first half of a run's profile, written by the trainer as it ends: the phases. */
import { cpus } from 'node:os'
import type { Device } from '../../../shared/domain/system'
import { augmentationPool } from '../../engine/train/augmentation-pool'
import type { RunFolder } from '../../storage/run-folder'
import { writeProfile } from './profile-file'
import type { RunClock } from './run-clock'

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
