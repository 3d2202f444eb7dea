import type { PictureSize, Rectangle } from './random-rectangles'

/** Pictures of one split, as the training loop reads them. The dataset gives it; the engine knows nothing of files. */
export interface PictureSource {
  readonly count: number
  /** Class index of each picture. */
  readonly labels: readonly number[]
  /** A number that stays with a picture whatever else is in the dataset; augmentation is drawn by it. */
  readonly keys: readonly number[]
  /** A sha256 of what all pictures show, in their order; left out where nothing is kept of them. */
  readonly contents?: string
  /** Writes the resized picture, uint8 [side, side, 3], at `offset`. */
  read(index: number, out: Uint8Array, offset: number): Promise<void>
  /** The same of a part of the picture, chosen by the picture's size in its own shape and resized on its own. */
  readCrop(index: number, choose: (size: PictureSize) => Rectangle, out: Uint8Array, offset: number): Promise<void>
}

/** uint8 [indices, side, side, 3], in `data`; of the part that `choose` gives for each row where there is one. */
export async function readPictures(
  source: PictureSource,
  indices: readonly number[],
  side: number,
  choose: ((row: number, size: PictureSize) => Rectangle) | null = null,
  data: Uint8Array = new Uint8Array(indices.length * side * side * 3),
): Promise<{ shape: number[]; data: Uint8Array }> {
  const size = side * side * 3
  await Promise.all(
    indices.map((index, row) =>
      choose === null ? source.read(index, data, row * size) : source.readCrop(index, (whole) => choose(row, whole), data, row * size),
    ),
  )
  return { shape: [indices.length, side, side, 3], data }
}
