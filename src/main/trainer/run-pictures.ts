/** The pictures of a run, decoded into the cache, without those that only decoding shows to be unusable. */
import type { Manifest } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import type { RunConfig } from '../../shared/domain/run-config'
import type { PictureStore } from '../dataset/picture-store'
import { withSetAside } from '../dataset/split'
import type { RunFolder } from '../storage/run-folder'
import type { EventStream, JobContext } from './jobs/context'
import { loadPictures } from './pictures'

export interface RunPictures {
  readonly manifest: Manifest
  readonly store: PictureStore
}

/** Fills the cache. What only decoding shows to be unusable is set aside, told, and taken out of the manifest. */
export async function preparePictures(folder: RunFolder, config: RunConfig, events: EventStream, context: JobContext, isResumed: boolean): Promise<RunPictures> {
  const manifest = await folder.manifest()
  const onProgress = (done: number, total: number) => {
    events.passing({ event: 'prepare', phase: 'decoding', done, total })
  }
  const wantsWhole = config.augment && config.augmentation.random_resized_crop
  const options = { imageSize: config.image_size, workers: config.num_workers, wantsWhole, signal: context.control.signal, onProgress }
  const { store, setAside } = await loadPictures(manifest, options)
  if (setAside.length === 0) return { manifest, store }
  // Going on without them would be another run: what was learned from them cannot be told apart any more.
  const gone = setAside.filter(({ reason }) => reason === 'unreadable')
  if (isResumed && gone.length > 0) {
    throw new GraftError('NOT_FOUND', `${gone.length} of the run's ${manifest.pictures.length} pictures are missing or have changed, the first of them ${gone[0]?.path ?? ''}.`, {
      action: `Put them back below ${manifest.root} (is a disk not mounted?) and resume again, or start a new run.`,
    })
  }
  for (const { path, reason, message } of setAside) await events.durable({ event: 'set_aside', path, reason, message })
  const without = withSetAside(manifest, setAside)
  await folder.writeManifest(without)
  return { manifest: without, store }
}
