/** What the cache holds of a decoded picture. */
import type { DecodedPicture } from './decode'
import { type CachedPicture, HEADER_BYTES } from './picture-file'
import { MAXIMUM_PLAIN_PIXELS } from './plain-jpeg'
import { resizeBilinearAntialiased } from './resize'

/** An original with so many times fewer bytes than its plain view is kept alone: 50,000 of 32 × 32 pixels take 150 MB then, not 7.5 GB. */
const SMALL_BY = 4

/** As crops are taken from: aspect kept, the short side at most twice `imageSize`, never enlarged. */
function toWhole(picture: DecodedPicture, imageSize: number): DecodedPicture {
  const { pixels, width, height } = picture
  const shortSide = 2 * imageSize
  const scale = shortSide / Math.min(width, height)
  if (scale >= 1) return picture
  const keptWidth = Math.max(shortSide, Math.round(width * scale))
  const keptHeight = Math.max(shortSide, Math.round(height * scale))
  return { pixels: resizeBilinearAntialiased(pixels, width, height, keptWidth, keptHeight), width: keptWidth, height: keptHeight }
}

/** Writes the plain view of a picture, (imageSize, imageSize, 3), to `target` and gives what the cache is to hold of it; `wantsWhole` where crops will be cut. */
export function toCached(picture: DecodedPicture, imageSize: number, wantsWhole: boolean, target: Uint8Array): CachedPicture {
  const { pixels, width, height } = picture
  // Resizing twice would not give the pixels of resizing once, so the plain view is made from the original.
  resizeBilinearAntialiased(pixels, width, height, imageSize, imageSize, target)
  const isSmall = pixels.length * SMALL_BY <= target.length && Math.min(width, height) <= 2 * imageSize
  return { plain: isSmall ? null : target, whole: isSmall || wantsWhole ? toWhole(picture, imageSize) : null }
}

/** The file of a plain JPEG in the cache has no more bytes. */
export function mostCachedBytes(imageSize: number, wantsWhole: boolean): number {
  const viewBytes = imageSize ** 2 * 3
  return HEADER_BYTES + viewBytes + (wantsWhole ? 3 * MAXIMUM_PLAIN_PIXELS : viewBytes / SMALL_BY)
}
