/** What the numbers of a run depend on beside its configuration and its pictures: kept with the run, compared when it is run again. */
import { arch, cpus, platform } from 'node:os'
import sharp from 'sharp'
import type { RunEnvironment } from '../../shared/domain/run'
import type { Device } from '../../shared/domain/system'
import { installedVersion } from '../installation'

/** `startingWeights`: sha256 of the file that the run began with, or `none`. */
export function runEnvironment(device: Device, startingWeights: string | number | undefined): RunEnvironment {
  return {
    graft: installedVersion(),
    tensorflow: device.tensorflowVersion,
    device: device.name,
    threads: device.threads,
    processor: cpus()[0]?.model ?? 'unknown',
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    libvips: sharp.versions.vips,
    ...(startingWeights === undefined ? {} : { starting_weights: startingWeights }),
  }
}
