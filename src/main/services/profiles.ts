/** The second half of a profile: once a training has ended, a step of it is taken apart in processes of their own. */
import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GraftError, isCancellation, toFailure } from '../../shared/domain/error'
import type { LayerTimes, Primitives, Profile } from '../../shared/domain/profile'
import { atomicWrite } from '../storage/atomic-write'
import { acquireMachineLock } from '../storage/machine-lock'
import { runJob, type JobOptions } from '../trainer/host'
import { summarisePrimitives, VERBOSE_ENVIRONMENT } from '../trainer/profile/primitives'
import { readProfile, writeProfile } from '../trainer/profile/profile-file'
import type { Places } from './places'
import { profileMarkdown } from './profile-tables'
import { progressStream, type ProgressStream } from './progress-stream'

export interface FinishedProfile {
  readonly profile: Profile
  /** With everything that the JSON beside it has. */
  readonly markdownFile: string
  readonly jsonFile: string
}

type RunOptions = Pick<JobOptions, 'signal' | 'trainerPath' | 'onProgress'>

export class ProfilesService {
  constructor(
    private readonly places: Pick<Places, 'lock'>,
    private readonly options: { trainerPath?: string | undefined } = {},
  ) {}

  /**
   * Measures a step of the run in this folder and completes `profile.json`. Waits while a training has the machine.
   * @throws GraftError NOT_FOUND where the run was not profiled, or as the measurement fails; the phases are kept all the same
   */
  finish(input: { directory: string }, signal?: AbortSignal): ProgressStream<FinishedProfile> {
    const { directory } = input
    return progressStream(async (report, inner) => {
      const begun = await readProfile(directory)
      if (begun === null) throw new GraftError('NOT_FOUND', `${directory} has no profile.json.`, { action: 'Train with --profile, to the end.' })
      const onWait = (owner: { what: string; pid: number }): void => {
        report(0, 1, `Waiting for the ${owner.what} (process ${owner.pid}) to end`)
      }
      const release = await acquireMachineLock('profile of a training', { path: this.places.lock, signal: inner, onWait })
      try {
        // Now already, so that there are the phases to read where the rest fails.
        await this.write(directory, begun)
        const options: RunOptions = { signal: inner, trainerPath: this.options.trainerPath, onProgress: ({ message, done, total }) => report(done, total, message) }
        const layers = await layersOf(directory, options)
        report(0, 1, 'Listening to oneDNN')
        const primitives = await primitivesOf(directory, options)
        return await this.write(directory, { ...begun, layers, primitives })
      } finally {
        await release()
      }
    }, signal)
  }

  private async write(directory: string, profile: Profile): Promise<FinishedProfile> {
    const files = { jsonFile: join(directory, 'profile.json'), markdownFile: join(directory, 'profile.md') }
    await writeProfile(directory, profile)
    await atomicWrite(files.markdownFile, profileMarkdown(profile))
    return { profile, ...files }
  }
}

async function layersOf(runDirectory: string, options: RunOptions): Promise<LayerTimes> {
  const result = await runJob<'profile'>({ kind: 'profile', runDirectory, part: 'layers' }, options).result
  if (result.part !== 'layers') throw new Error('The trainer answered another question')
  return result.layers
}

/** The steps that tell are others than those that are timed: telling takes time. */
async function primitivesOf(runDirectory: string, options: RunOptions): Promise<Primitives> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-profile-'))
  const path = join(folder, 'onednn.txt')
  const file = await open(path, 'w')
  try {
    const result = await runJob<'profile'>({ kind: 'profile', runDirectory, part: 'primitives' }, { ...options, environment: VERBOSE_ENVIRONMENT, outputDescriptor: file.fd }).result
    if (result.part !== 'primitives') throw new Error('The trainer answered another question')
    return summarisePrimitives(await readFile(path, 'utf8'), result.listened)
  } catch (error) {
    if (isCancellation(error)) throw error
    // The layers are measured by now, and worth keeping.
    return { available: false, reason: `The steps that oneDNN was listened to in could not be run: ${toFailure(error).message}` }
  } finally {
    await file.close()
    await rm(folder, { recursive: true, force: true })
  }
}
