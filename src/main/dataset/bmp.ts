/**
 * Windows bitmaps (BMP), which sharp does not read: headers of OS/2 1 and 2 and Windows 3 to 5; palettes of 1, 2, 4 and 8 bits,
 * run-length coded too; 16, 24 and 32 bits with or without masks. Equal to Pillow to the byte, alpha dropped. The format is
 * Microsoft's (BITMAPINFOHEADER, "Bitmap Compression").
 */
import { checkSize } from './picture-limits'
import { PictureRefused } from './picture-refused'

const FILE_HEADER_BYTES = 14
/** Sizes of the headers that are known: OS/2 1, Windows 3, with masks, with alpha mask, OS/2 2, Windows 4 and 5. */
const HEADER_SIZES = [12, 40, 52, 56, 64, 108, 124]
const COPY_AGAIN = 'Copy or download it again, or delete it.'
const CONVERT = 'Convert it to JPEG or PNG, or leave it out.'

type Coding = 'plain' | 'rle8' | 'rle4'

export interface BmpHeader {
  width: number
  height: number
  /** The first row of the file is the picture's last one, unless the height was negative. */
  bottomUp: boolean
  bits: number
  coding: Coding
  /** Of red, green and blue in a pixel of 16 or 32 bits. */
  masks: readonly [number, number, number]
  paletteOffset: number
  /** 3 or 4: blue, green, red, and nothing. */
  paletteEntryBytes: number
  /** Those that there is room for before the pixels. */
  paletteEntries: number
  pixelOffset: number
  /** Of one row of the file, filled up to a multiple of four. */
  rowBytes: number
}

const corrupt = (message: string): PictureRefused => new PictureRefused('corrupt', message, COPY_AGAIN)
const unsupported = (what: string): PictureRefused => new PictureRefused('unsupported-format', `A Windows bitmap ${what}, which cannot be read.`, CONVERT)
const cutOff = (): PictureRefused => new PictureRefused('truncated', 'The file ends before the picture does.', COPY_AGAIN)

/** True where the bytes begin like a bitmap with a header of a known size, or stop before it. */
export function looksLikeBmp(head: Uint8Array): boolean {
  if (head[0] !== 0x42 || head[1] !== 0x4d) return false
  const reserved = head.subarray(6, 10)
  if (head.length < FILE_HEADER_BYTES + 4) return reserved.length === 4 && reserved.every((byte) => byte === 0)
  return HEADER_SIZES.includes(new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(FILE_HEADER_BYTES, true))
}

function codingOf(compression: number, headerSize: number, bits: number): Coding {
  if (compression === 0) return 'plain'
  if (compression === 1 && bits === 8) return 'rle8'
  if (compression === 2 && bits === 4) return 'rle4'
  // In OS/2's header these two stand for other codings.
  if (compression === 3 && headerSize !== 64 && (bits === 16 || bits === 32)) return 'plain'
  throw unsupported(`of ${bits} bits with compression ${compression}`)
}

/** 5 bits a colour, or 8 of the four bytes, where the header has no masks or none is set. */
function masksOf(bytes: Buffer, compression: number, bits: number): BmpHeader['masks'] {
  const usual: BmpHeader['masks'] = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
  if (compression !== 3) return usual
  // Within the longer headers as well as behind the one of 40 bytes, masks are at the same place.
  const from = FILE_HEADER_BYTES + 40
  if (bytes.length < from + 12) throw cutOff()
  const masks: BmpHeader['masks'] = [bytes.readUInt32LE(from), bytes.readUInt32LE(from + 4), bytes.readUInt32LE(from + 8)]
  return masks.every((mask) => mask === 0) ? usual : masks
}

/**
 * What the header says, held against the limits and against itself.
 * @throws PictureRefused
 */
export function readBmpHeader(bytes: Buffer): BmpHeader {
  if (bytes.length < FILE_HEADER_BYTES + 4) throw cutOff()
  const headerSize = bytes.readUInt32LE(FILE_HEADER_BYTES)
  if (!HEADER_SIZES.includes(headerSize)) throw unsupported(`with a header of ${headerSize} bytes`)
  const headerEnd = FILE_HEADER_BYTES + headerSize
  if (bytes.length < headerEnd) throw cutOff()
  const isCore = headerSize === 12
  const width = isCore ? bytes.readUInt16LE(18) : bytes.readInt32LE(18)
  const signedHeight = isCore ? bytes.readUInt16LE(20) : bytes.readInt32LE(22)
  const height = Math.abs(signedHeight)
  checkSize(width, height)
  const bits = bytes.readUInt16LE(isCore ? 24 : 28)
  if (![1, 2, 4, 8, 16, 24, 32].includes(bits)) throw unsupported(`of ${bits} bits a pixel`)
  const compression = isCore ? 0 : bytes.readUInt32LE(30)
  const coding = codingOf(compression, headerSize, bits)
  if (coding !== 'plain' && signedHeight < 0) throw corrupt('The header says that rows with run lengths begin at the top, which they never do.')

  const paletteEntryBytes = isCore ? 3 : 4
  const statedEntries = isCore ? 0 : bytes.readUInt32LE(46)
  const fullPalette = bits > 8 ? 0 : 1 << bits
  const paletteEntries = statedEntries === 0 ? fullPalette : Math.min(statedEntries, fullPalette)
  const masksEnd = headerEnd + (compression === 3 && headerSize === 40 ? 12 : 0)
  const statedOffset = bytes.readUInt32LE(10)
  // Some writers leave the place of the pixels out, or forget the palette before them: as Pillow does, they are looked for behind it.
  const isLeftOut = statedOffset === 0 || (fullPalette > 0 && statedOffset === headerEnd)
  const pixelOffset = isLeftOut ? masksEnd + paletteEntries * paletteEntryBytes : statedOffset
  if (pixelOffset < masksEnd) throw corrupt('The header says that the pixels begin within the header.')
  return {
    width,
    height,
    bottomUp: signedHeight > 0,
    bits,
    coding,
    masks: masksOf(bytes, compression, bits),
    paletteOffset: headerEnd,
    paletteEntryBytes,
    paletteEntries: Math.min(paletteEntries, Math.floor((pixelOffset - headerEnd) / paletteEntryBytes)),
    pixelOffset,
    rowBytes: Math.floor((width * bits + 31) / 32) * 4,
  }
}

/**
 * Follows the run lengths row by row. Places that they skip keep index 0; what would lie beside the picture is left out.
 * @param indices (height, width) palette indices in the file's order, zero before; null only to see whether the data is whole
 * @throws PictureRefused where the data stops before the picture's end
 */
function readRuns(bytes: Buffer, { width, height, coding, pixelOffset }: BmpHeader, indices: Uint8Array | null): void {
  const isNibbles = coding === 'rle4'
  let [x, y, at] = [0, 0, pixelOffset]
  while (y < height && !(y === height - 1 && x >= width && at + 2 > bytes.length)) {
    if (at + 2 > bytes.length) throw cutOff()
    const count = bytes[at] as number
    const value = bytes[at + 1] as number
    at += 2
    if (count > 0) {
      const end = Math.min(x + count, width)
      if (indices !== null) {
        if (!isNibbles) indices.fill(value, y * width + x, y * width + end)
        else for (let i = x; i < end; i++) indices[y * width + i] = (i - x) % 2 === 0 ? value >> 4 : value & 15
      }
      x = end
    } else if (value === 0) {
      x = 0
      y++
    } else if (value === 1) {
      return
    } else if (value === 2) {
      if (at + 2 > bytes.length) throw cutOff()
      x = Math.min(x + (bytes[at] as number), width)
      y += bytes[at + 1] as number
      at += 2
    } else {
      const dataBytes = isNibbles ? (value + 1) >> 1 : value
      if (at + dataBytes > bytes.length) throw cutOff()
      const end = Math.min(x + value, width)
      for (let i = x; indices !== null && i < end; i++) {
        const pair = bytes[at + ((i - x) >> (isNibbles ? 1 : 0))] as number
        indices[y * width + i] = !isNibbles ? pair : (i - x) % 2 === 0 ? pair >> 4 : pair & 15
      }
      x = end
      at += dataBytes + (dataBytes & 1)
    }
  }
}

/** Whether the file holds all the pixels that its header names. What else may be wrong with it is the decoder's to say. */
export function bmpReachesItsEnd(bytes: Buffer): boolean {
  try {
    const header = readBmpHeader(bytes)
    const { pixelOffset, rowBytes, width, height, bits, coding } = header
    // Whole without the last row's filling.
    if (coding === 'plain') return pixelOffset + rowBytes * (height - 1) + Math.ceil((width * bits) / 8) <= bytes.length
    readRuns(bytes, header, null)
    return true
  } catch (error) {
    if (error instanceof PictureRefused) return error.reason !== 'truncated'
    throw error
  }
}

/** Red, green and blue by index. */
function readPalette(bytes: Buffer, { paletteOffset, paletteEntries, paletteEntryBytes }: BmpHeader): Uint8Array {
  if (paletteOffset + paletteEntries * paletteEntryBytes > bytes.length) throw cutOff()
  const palette = new Uint8Array(paletteEntries * 3)
  for (let entry = 0; entry < paletteEntries; entry++) {
    for (let colour = 0; colour < 3; colour++) palette[entry * 3 + colour] = bytes[paletteOffset + entry * paletteEntryBytes + 2 - colour] as number
  }
  return palette
}

/** One colour of a pixel that is one number: where it lies, and 0 to 255 for each of its values, rounded down. */
function fieldOf(mask: number): { shift: number; last: number; levels: Uint8Array } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
  const last = mask >>> shift
  if ((last & (last + 1)) !== 0 || last > 0xffff) throw unsupported(`with the colour mask 0x${mask.toString(16)}`)
  return { shift, last, levels: Uint8Array.from({ length: last + 1 }, (_, value) => (last === 0 ? 0 : Math.floor((value * 255) / last))) }
}

/** Writes one row of indices as colours. */
function writeIndexed(indices: Uint8Array, palette: Uint8Array, out: Uint8Array, from: number): void {
  let to = from
  for (const index of indices) {
    const entry = index * 3
    if (entry >= palette.length) throw corrupt(`A pixel has the colour ${index} of a palette of ${palette.length / 3}.`)
    out[to++] = palette[entry] as number
    out[to++] = palette[entry + 1] as number
    out[to++] = palette[entry + 2] as number
  }
}

/** Palette indices of one row: 1, 2, 4 or 8 bits each, the highest bits of a byte first. */
function unpackRow(bytes: Buffer, start: number, bits: number, indices: Uint8Array): void {
  const perByte = 8 / bits
  const last = (1 << bits) - 1
  for (let x = 0; x < indices.length; x++) {
    const byte = bytes[start + Math.floor(x / perByte)] as number
    indices[x] = (byte >> (8 - bits * ((x % perByte) + 1))) & last
  }
}

/**
 * @returns (height, width, 3) uint8, RGB, from the top
 * @throws PictureRefused for what is damaged, cut off, too large or of a kind that is not read
 */
export function decodeBmp(bytes: Buffer): { pixels: Uint8Array; width: number; height: number } {
  const header = readBmpHeader(bytes)
  if (!bmpReachesItsEnd(bytes)) throw cutOff()
  const { width, height, bits, bottomUp, pixelOffset, rowBytes } = header
  const pixels = new Uint8Array(width * height * 3)
  const rowOf = (y: number): number => (bottomUp ? height - 1 - y : y) * width * 3
  if (bits <= 8) {
    const palette = readPalette(bytes, header)
    const coded = header.coding === 'plain' ? null : new Uint8Array(width * height)
    if (coded !== null) readRuns(bytes, header, coded)
    const row = new Uint8Array(width)
    for (let y = 0; y < height; y++) {
      if (coded === null) unpackRow(bytes, pixelOffset + y * rowBytes, bits, row)
      writeIndexed(coded?.subarray(y * width, (y + 1) * width) ?? row, palette, pixels, rowOf(y))
    }
    return { pixels, width, height }
  }
  const [red, green, blue] = header.masks
  const pixelBytes = bits / 8
  if (bits !== 16 && red === 0xff0000 && green === 0xff00 && blue === 0xff) {
    for (let y = 0; y < height; y++) {
      let to = rowOf(y)
      let from = pixelOffset + y * rowBytes
      for (let x = 0; x < width; x++, from += pixelBytes) {
        pixels[to++] = bytes[from + 2] as number
        pixels[to++] = bytes[from + 1] as number
        pixels[to++] = bytes[from] as number
      }
    }
    return { pixels, width, height }
  }
  const fields = header.masks.map(fieldOf)
  for (let y = 0; y < height; y++) {
    let to = rowOf(y)
    let from = pixelOffset + y * rowBytes
    for (let x = 0; x < width; x++, from += pixelBytes) {
      const value = bits === 16 ? bytes.readUInt16LE(from) : bytes.readUInt32LE(from)
      for (const { shift, last, levels } of fields) pixels[to++] = levels[(value >>> shift) & last] as number
    }
  }
  return { pixels, width, height }
}
