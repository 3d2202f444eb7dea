/** What a JPEG file says of itself ahead of its pixels. Looks at markers alone. */

const START_OF_SCAN = 0xda
/** APP1, where alone EXIF data are looked for. */
const EXIF_SEGMENT = 0xe1
/** TIFF's tag 0x0112 in either order of bytes, as Latin-1. */
const BIG_ENDIAN_TAG = '\x01\x12'
const ORIENTATION_TAGS = [BIG_ENDIAN_TAG, '\x12\x01']
/** A whole entry that says "upright": tag, type SHORT, one of them, 1. */
const UPRIGHT_ENTRIES = ['\x01\x12\x00\x03\x00\x00\x00\x01\x00\x01', '\x12\x01\x03\x00\x01\x00\x00\x00\x01\x00']

export interface JpegHead {
  width: number
  height: number
  /** As sharp calls it: 'b-w' or 'srgb'. */
  space: string
  isProgressive: boolean
}

/** What a plain JPEG says of itself, which sharp takes a sixth of the time of decoding a small one to tell; null for rarer kinds. */
export function jpegHead(bytes: Buffer): JpegHead | null {
  let offset = 2
  while (offset + 10 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0
    // SOF0 to SOF2: baseline, extended, progressive; 8 bits; grey or three colours.
    if (marker >= 0xc0 && marker <= 0xc2) {
      const components = bytes[offset + 9]
      if (bytes[offset + 4] !== 8 || (components !== 1 && components !== 3)) return null
      const [height, width] = [bytes.readUInt16BE(offset + 5), bytes.readUInt16BE(offset + 7)]
      return width > 0 && height > 0 ? { width, height, space: components === 1 ? 'b-w' : 'srgb', isProgressive: marker === 0xc2 } : null
    }
    const isSegment = marker === 0xc4 || marker === 0xdb || marker === 0xdd || marker === 0xfe || (marker >= 0xe0 && marker <= 0xef)
    if (!isSegment) return null
    offset += 2 + bytes.readUInt16BE(offset + 2)
  }
  return null
}

/** The segments up to the first scan, then an end-of-image marker anywhere after it (phones append videos and depth maps). */
export function jpegReachesItsEnd(bytes: Buffer): boolean {
  let offset = 2
  while (offset + 4 <= bytes.length) {
    if (bytes[offset] !== 0xff) return bytes.indexOf('\xff\xd9', offset, 'latin1') >= 0
    const marker = bytes[offset + 1] ?? 0
    if (marker === 0xff) {
      offset++
      continue
    }
    if (marker === 0xd9) return true
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      offset += 2
      continue
    }
    const next = offset + 2 + bytes.readUInt16BE(offset + 2)
    if (marker === START_OF_SCAN) return bytes.indexOf('\xff\xd9', next, 'latin1') >= 0
    offset = next
  }
  return false
}

/** True unless something in these bytes can be read as an entry with an orientation other than upright, wherever it lies. */
function saysUpright(content: string): boolean {
  for (const tag of ORIENTATION_TAGS) {
    for (let at = content.indexOf(tag); at >= 0; at = content.indexOf(tag, at + 1)) {
      // What follows is a type, a number below 14 in two bytes.
      const isEntry = content.charCodeAt(tag === BIG_ENDIAN_TAG ? at + 2 : at + 3) === 0
      if (isEntry && !UPRIGHT_ENTRIES.some((entry) => content.startsWith(entry, at))) return false
    }
  }
  return true
}

/** False where EXIF data can be read as another orientation, whoever reads them and however broken they are. */
export function isSurelyUpright(bytes: Buffer): boolean {
  let offset = 2
  while (offset + 4 <= bytes.length && bytes[offset] === 0xff) {
    const marker = bytes[offset + 1] ?? 0
    if (marker === START_OF_SCAN) return true
    const next = offset + 2 + bytes.readUInt16BE(offset + 2)
    if (marker === EXIF_SEGMENT && !saysUpright(bytes.toString('latin1', offset + 4, next))) return false
    offset = next
  }
  return false
}
