/** Views of one picture, made by the training's own parts for it alone: cut out, augmented and blended as in the pass that shows them. */
import type { ManifestEntry } from '../../shared/domain/dataset'
import type { Augmentation } from '../../shared/domain/run-config'
import type { PictureStore } from '../dataset/picture-store'
import { drawShared, type SharedBatch, sharedRoom } from '../engine/train/augment-batch'
import { type Mix, mixShares } from '../engine/train/mix'
import { drawCrop, type PictureSize, type Rectangle } from '../engine/train/random-rectangles'
import { pictureKey } from './pictures'

/** A view to be made. */
export interface WantedView {
  readonly view: number
  readonly own: ManifestEntry
  /** The first picture of its pass: the order of the colours is drawn by it. */
  readonly first: ManifestEntry
  /** What it is blended with; null where it is not. */
  readonly partner: ManifestEntry | null
  readonly mix: Mix | null
}

export interface MadeView {
  /** float32 [side, side, 3] in 0…1: what the network is given, before it is normalised. */
  readonly picture: Float32Array
  /** The part of the picture that it shows, as shares of its width and height; null where it shows all of it. */
  readonly box: Rectangle | null
}

export interface ViewAmounts {
  readonly augmentation: Augmentation
  readonly seed: number
  readonly side: number
  readonly erasingColour: readonly number[]
}

/** @param work augments a batch, on a thread or in place: `workOn` */
export async function makeView(store: PictureStore, wanted: WantedView, amounts: ViewAmounts, work: (batch: SharedBatch) => Promise<void>): Promise<MadeView> {
  const { augmentation, seed, side, erasingColour } = amounts
  const { view, first, own, partner, mix } = wanted
  const rows = partner === null ? [first, own] : [first, own, partner]
  const size = side * side * 3
  const room = sharedRoom(rows.length * size)
  let box: Rectangle | null = null
  for (const [row, entry] of rows.entries()) {
    if (row === 0) continue
    const index = store.indexOf(entry.path)
    const choose = (whole: PictureSize): Rectangle => {
      const part = drawCrop(augmentation, seed, pictureKey(entry), view, whole)
      if (row === 1) box = { left: part.left / whole.width, top: part.top / whole.height, width: part.width / whole.width, height: part.height / whole.height }
      return part
    }
    await (augmentation.random_resized_crop ? store.readCrop(index, choose, room.pixels, row * size) : store.read(index, room.pixels, row * size))
  }
  const batch = drawShared(room, { augmentation, seed, pictureKeys: rows.map(pictureKey), view, side }, erasingColour)
  // The first is there for the order of the colours alone.
  room.next[0] = 1
  await work(batch)
  const picture = new Float32Array(room.pictures.subarray(size, 2 * size))
  if (mix !== null && partner !== null) blend(picture, room.pictures.subarray(2 * size), mixShares(mix, side))
  return { picture, box }
}

/** As the graph's own part does it (`writeMix`), rounding where it does. */
function blend(picture: Float32Array, partner: Float32Array, shares: Float32Array): void {
  for (const [pixel, share] of shares.entries()) {
    const rest = Math.fround(1 - share)
    for (let i = 3 * pixel; i < 3 * pixel + 3; i++) picture[i] = Math.fround(Math.fround((picture[i] ?? 0) * share) + Math.fround((partner[i] ?? 0) * rest))
  }
}

/** 0…1 → 0…255, for the screen. */
export function toBytes(picture: Float32Array): Uint8Array {
  const bytes = new Uint8Array(picture.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(255 * (picture[i] ?? 0))
  return bytes
}
