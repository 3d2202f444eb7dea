/** A batch to be augmented as plain data, which threads can share, and the part of the work that each of them does. */
import type { Augmentation } from '../../../shared/domain/run-config'
import type { BatchAugmentation } from '../compile/augmentation'
import { augmentPicture } from './augment-pixels'
import { drawBatch } from './augmentation-draw'
import { changePixels, drawPixelChanges } from './rand-augment'

/** What the amounts of a batch are drawn by. */
export interface BatchDraw {
  readonly augmentation: Augmentation
  readonly seed: number
  readonly pictureKeys: readonly number[]
  readonly view: number
  readonly side: number
}

/** Memory that threads share, for one batch at a time. It is used again: what one thread has forgotten lives on until all have collected it. */
export interface BatchRoom {
  /** uint8 [N, side, side, 3] */
  readonly pixels: Uint8Array
  /** float32 [N, side, side, 3] */
  readonly pictures: Float32Array
  /** The first picture that nobody has taken on. */
  readonly next: Int32Array
}

/** Everything in it can be posted. */
export interface SharedBatch {
  readonly draw: BatchDraw
  readonly amounts: Omit<BatchAugmentation, 'changePixels'>
  readonly erasingColour: readonly number[]
  readonly room: BatchRoom
}

/** Room for so many numbers. */
export function sharedRoom(length: number): BatchRoom {
  return { pixels: new Uint8Array(new SharedArrayBuffer(length)), pictures: new Float32Array(new SharedArrayBuffer(4 * length)), next: new Int32Array(new SharedArrayBuffer(4)) }
}

export function drawShared(room: BatchRoom, draw: BatchDraw, erasingColour: readonly number[]): SharedBatch {
  const { transforms, jitters, erased } = drawBatch(draw.augmentation, draw)
  room.next[0] = 0
  return { draw, amounts: { transforms, jitters, ...(erased !== undefined && { erased }) }, erasingColour, room }
}

/** Augments one picture after the other that nobody else has taken on, until there is none. Each depends on its own amounts alone, so it does not matter who has which. */
export function workOn(batch: SharedBatch): void {
  const { draw, amounts, erasingColour } = batch
  const { pixels, pictures, next } = batch.room
  const { augmentation, seed, pictureKeys, view, side } = draw
  const size = side * side * 3
  for (let row = Atomics.add(next, 0, 1); row < pictureKeys.length; row = Atomics.add(next, 0, 1)) {
    const key = pictureKeys[row] ?? 0
    const change = (changed: Uint8Array) => { changePixels(changed, side, drawPixelChanges(augmentation, seed, key, view, side)) } // prettier-ignore
    augmentPicture(
      pixels.subarray(row * size, (row + 1) * size),
      side,
      {
        transform: amounts.transforms?.subarray(8 * row, 8 * row + 8) ?? null,
        change: augmentation.rand_augment > 0 ? change : null,
        jitters: amounts.jitters.map((part) => ({ jitter: part.jitter, amount: part.amounts[row] ?? 0 })),
        erased: amounts.erased?.subarray(4 * row, 4 * row + 4) ?? null,
        erasingColour,
      },
      pictures.subarray(row * size, (row + 1) * size),
    )
  }
}
