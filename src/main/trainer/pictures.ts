/** The pictures of a manifest, decoded and resized, as the engine reads them. */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { GraftError } from '../../shared/domain/error'
import type { Manifest, ManifestEntry, SetAside, Split } from '../../shared/domain/dataset'
import { PictureCache } from '../dataset/picture-cache'
import type { PictureStore } from '../dataset/picture-store'
import { type DecodedPicture, decodePicture, DECODER_VERSION } from '../dataset/decode'
import { resizeBilinearAntialiased } from '../dataset/resize'
import type { PictureSource } from '../engine/train/picture-source'
import { isThere } from '../storage/atomic-write'
import { pictureCacheDirectory } from '../storage/paths'
import { availableCoresSync } from './available-cores'

export interface LoadPicturesOptions {
  readonly imageSize: number
  /** Pictures decoded at once; null: from the cores. */
  readonly workers: number | null
  /** Parts will be cut out of the pictures: see `PictureCache.load`. */
  readonly wantsWhole?: boolean
  readonly signal?: AbortSignal
  onProgress(done: number, total: number): void
}

/** Decodes what is not cached. Pictures that cannot be used are returned; the store holds the others. @throws GraftError NOT_FOUND where the folder of all is gone */
export async function loadPictures(manifest: Manifest, options: LoadPicturesOptions): Promise<{ store: PictureStore; setAside: SetAside[] }> {
  const cache = new PictureCache({ directory: pictureCacheDirectory() })
  const setAside: SetAside[] = []
  const store = await cache.load(manifest.pictures, options.imageSize, {
    root: manifest.root,
    workers: options.workers ?? availableCoresSync() * 2,
    wantsWhole: options.wantsWhole,
    signal: options.signal,
    onProgress: (done, total) => {
      options.onProgress(done, total)
    },
    onSetAside: (picture) => setAside.push(picture),
  })
  // A disk that was unplugged has not made its pictures unusable: setting them aside would be for good.
  if (setAside.some(({ reason }) => reason === 'unreadable') && !(await isThere(manifest.root))) {
    throw new GraftError('NOT_FOUND', `${setAside.length} of ${manifest.pictures.length} pictures could not be read: the folder ${manifest.root} is not there any more.`, {
      action: 'Put it back (is a disk not mounted?), then try again.',
    })
  }
  return { store, setAside }
}

/** Pictures with their files, for models that are measured rather than trained. */
export interface FiledPictures extends PictureSource {
  /** Relative to the dataset's root. */
  readonly paths: readonly string[]
  /** The picture at its full size, decoded again from its file. */
  readWhole(index: number): Promise<DecodedPicture>
}

/** The number that a picture's augmentation is drawn by: the same wherever it lies. */
export function pictureKey({ sha256 }: Pick<ManifestEntry, 'sha256'>): number {
  return Number.parseInt(sha256.slice(0, 8), 16)
}

/** One split of the manifest, in its order. Pictures are looked up by path, since some may have been set aside. */
export function pictureSource(manifest: Manifest, store: PictureStore, split: Split): FiledPictures {
  const entries = manifest.pictures.filter((entry) => entry.split === split)
  const places = entries.map((entry) => store.indexOf(entry.path))
  return {
    count: entries.length,
    labels: entries.map((entry) => entry.classIndex),
    keys: entries.map(pictureKey),
    contents: hash('sha256', [`decoder ${DECODER_VERSION}`, ...entries.map((entry) => entry.sha256)].join('\n')),
    paths: entries.map((entry) => entry.path),
    read: (index, out, offset) => store.read(places[index] ?? -1, out, offset),
    readCrop: (index, choose, out, offset) => store.readCrop(places[index] ?? -1, choose, out, offset),
    readWhole: (index) => decodePicture(join(manifest.root, entries[index]?.path ?? '')),
  }
}

/** One picture file, decoded and resized as training does it, without the cache. uint8 [side, side, 3]. */
export async function readPictureFromFile(path: string, side: number): Promise<Uint8Array> {
  const { pixels, width, height } = await decodePicture(path)
  return resizeBilinearAntialiased(pixels, width, height, side, side)
}
