/** Is a picture file whole? Follows the container from its start to its end marker; looks at no pixel. */
import type { PictureFormat } from '../../shared/domain/dataset'
import { bmpReachesItsEnd } from './bmp'
import { jpegReachesItsEnd } from './jpeg-head'

type Bytes = Buffer

function pngEnds(bytes: Bytes): boolean {
  let offset = 8
  while (offset + 12 <= bytes.length) {
    const dataBytes = bytes.readUInt32BE(offset)
    const end = offset + 12 + dataBytes
    if (end > bytes.length) return false
    if (bytes.readUInt32BE(offset + 4) === 0x49454e44) return true
    offset = end
  }
  return false
}

function gifEnds(bytes: Bytes): boolean {
  if (bytes.length < 13) return false
  const colourTableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1))
  const skipSubBlocks = (from: number): number => {
    let offset = from
    while (offset < bytes.length && bytes[offset] !== 0) offset += 1 + (bytes[offset] ?? 0)
    return offset + 1
  }
  let offset = 13 + colourTableBytes(bytes[10] ?? 0)
  while (offset < bytes.length) {
    const kind = bytes[offset]
    if (kind === 0x3b) return true
    if (kind === 0x21) offset = skipSubBlocks(offset + 2)
    else if (kind === 0x2c && offset + 10 <= bytes.length) offset = skipSubBlocks(offset + 11 + colourTableBytes(bytes[offset + 9] ?? 0))
    // Zero bytes between blocks are padding; anything else is left to the decoder, which says more about it.
    else if (kind === 0) offset++
    else return bytes.lastIndexOf(0x3b) > offset
  }
  return false
}

function webpEnds(bytes: Bytes): boolean {
  return bytes.length >= 12 && bytes.readUInt32LE(4) + 8 <= bytes.length
}

/** TIFF keeps its parts anywhere; here only the directory's place is checked, the decoder finds the rest. */
function tiffEnds(bytes: Bytes): boolean {
  if (bytes.length < 8) return false
  const littleEndian = bytes[0] === 0x49
  const big = (littleEndian ? bytes[2] : bytes[3]) === 0x2b
  if (big) {
    if (bytes.length < 16) return false
    return (littleEndian ? bytes.readBigUInt64LE(8) : bytes.readBigUInt64BE(8)) < BigInt(bytes.length)
  }
  return (littleEndian ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4)) < bytes.length
}

/** AVIF and HEIC: the boxes of the file. */
function heifEnds(bytes: Bytes): boolean {
  let offset = 0
  while (offset + 8 <= bytes.length) {
    const boxBytes = bytes.readUInt32BE(offset)
    if (boxBytes === 0) return true
    let length = boxBytes
    if (boxBytes === 1) {
      if (offset + 16 > bytes.length) return false
      length = Number(bytes.readBigUInt64BE(offset + 8))
    }
    if (length < 8 || offset + length > bytes.length) return false
    offset += length
  }
  return offset > 0
}

const ENDS: Readonly<Record<PictureFormat, (bytes: Bytes) => boolean>> = {
  jpeg: jpegReachesItsEnd,
  png: pngEnds,
  gif: gifEnds,
  webp: webpEnds,
  tiff: tiffEnds,
  avif: heifEnds,
  heic: heifEnds,
  bmp: bmpReachesItsEnd,
}

/** False when the file stops before its format says that it ends. */
export function reachesItsEnd(format: PictureFormat, bytes: Uint8Array): boolean {
  return ENDS[format](Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
}
