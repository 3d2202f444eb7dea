/** How large a picture may be. */
import { PictureRefused } from './picture-refused'

/** A picture with more pixels is set aside: a small file can unpack to gigabytes. */
export const MAXIMUM_PIXELS = 100_000_000
/** A picture with a longer side is set aside. */
export const MAXIMUM_SIDE = 20_000
/** A longer file is set aside unread. */
export const MAXIMUM_FILE_BYTES = 512 * 1024 * 1024

/** Throws `PictureRefused` for a size (pixels) outside the limits. */
export function checkSize(width: number, height: number): void {
  if (!(width > 0 && height > 0))
    throw new PictureRefused('corrupt', `The header says ${width} x ${height} pixels.`, 'Copy or download it again, or delete it.')
  if (width * height > MAXIMUM_PIXELS || Math.max(width, height) > MAXIMUM_SIDE) {
    const limit = `${MAXIMUM_PIXELS / 1e6} megapixels, ${MAXIMUM_SIDE} pixels a side`
    throw new PictureRefused('too-large', `${width} x ${height} pixels; the limits are ${limit}.`, 'Save a smaller version of it.')
  }
}
