/** What a file is, told from its first bytes; the name decides only where the bytes cannot. */
import { extname } from 'node:path'
import type { PictureFormat, SetAsideReason } from '../../shared/domain/dataset'
import { looksLikeBmp } from './bmp'

export type FileKind = { usable: true; format: PictureFormat } | { usable: false; reason: SetAsideReason; message: string; action: string }

/** How many bytes `recogniseFile` wants to see; fewer are fine when the file is shorter. */
export const HEAD_BYTES = 4096

const CONVERT = 'Convert it to JPEG or PNG, or leave it out.'
const REMOVE = 'Nothing to do if it is not a picture; otherwise put a JPEG or PNG of it there.'

function unsupported(name: string, action = CONVERT): FileKind {
  return { usable: false, reason: 'unsupported-format', message: `A ${name}, which cannot be read.`, action }
}

function notAPicture(name: string): FileKind {
  return { usable: false, reason: 'not-a-picture', message: `Expected a picture, found ${name}.`, action: REMOVE }
}

/** Camera files that begin like a TIFF; only their names tell them apart. */
const RAW_EXTENSIONS = new Set([
  '.arw',
  '.cr2',
  '.cr3',
  '.crw',
  '.dcr',
  '.dng',
  '.erf',
  '.iiq',
  '.kdc',
  '.mef',
  '.mos',
  '.nef',
  '.nrw',
  '.orf',
  '.pef',
  '.raf',
  '.raw',
  '.rw2',
  '.sr2',
  '.srf',
  '.srw',
  '.3fr',
])
const PICTURE_EXTENSIONS = new Set([
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
  '.heic',
  '.heif',
  '.bmp',
])
const RAW_ACTION = 'Export it from your camera software as JPEG.'

interface Signature {
  offset: number
  bytes: readonly number[]
  kind: FileKind
}

function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0))
}

/** Tried in order; the first match wins. */
const SIGNATURES: readonly Signature[] = [
  { offset: 0, bytes: [0xff, 0xd8, 0xff], kind: { usable: true, format: 'jpeg' } },
  { offset: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], kind: { usable: true, format: 'png' } },
  { offset: 0, bytes: ascii('GIF87a'), kind: { usable: true, format: 'gif' } },
  { offset: 0, bytes: ascii('GIF89a'), kind: { usable: true, format: 'gif' } },
  { offset: 8, bytes: ascii('WEBP'), kind: { usable: true, format: 'webp' } },
  { offset: 8, bytes: ascii('AVI '), kind: notAPicture('a video') },
  { offset: 8, bytes: ascii('WAVE'), kind: notAPicture('a sound file') },
  { offset: 0, bytes: ascii('FUJIFILMCCD-RAW'), kind: unsupported('camera raw file (Fujifilm)', RAW_ACTION) },
  { offset: 0, bytes: [0x49, 0x49, 0x55, 0x00], kind: unsupported('camera raw file (Panasonic)', RAW_ACTION) },
  { offset: 0, bytes: ascii('IIRO'), kind: unsupported('camera raw file (Olympus)', RAW_ACTION) },
  { offset: 0, bytes: ascii('IIRS'), kind: unsupported('camera raw file (Olympus)', RAW_ACTION) },
  { offset: 0, bytes: ascii('MMOR'), kind: unsupported('camera raw file (Olympus)', RAW_ACTION) },
  { offset: 0, bytes: [0, 0, 0, 12, 0x4a, 0x58, 0x4c, 0x20], kind: unsupported('JPEG XL picture') },
  { offset: 0, bytes: [0xff, 0x0a], kind: unsupported('JPEG XL picture') },
  { offset: 0, bytes: [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20], kind: unsupported('JPEG 2000 picture') },
  { offset: 0, bytes: [0xff, 0x4f, 0xff, 0x51], kind: unsupported('JPEG 2000 picture') },
  { offset: 0, bytes: ascii('8BPS'), kind: unsupported('Photoshop file', 'Export it as JPEG or PNG.') },
  { offset: 0, bytes: ascii('gimp xcf'), kind: unsupported('GIMP file', 'Export it as JPEG or PNG.') },
  { offset: 0, bytes: [0x76, 0x2f, 0x31, 0x01], kind: unsupported('OpenEXR picture') },
  { offset: 0, bytes: ascii('#?RADIANCE'), kind: unsupported('Radiance HDR picture') },
  { offset: 0, bytes: [0, 0, 1, 0], kind: unsupported('Windows icon (ICO)') },
  { offset: 0, bytes: [0, 0, 2, 0], kind: unsupported('Windows cursor (CUR)') },
  {
    offset: 0,
    bytes: ascii('%PDF'),
    kind: {
      usable: false,
      reason: 'not-a-picture',
      message: 'Expected a picture, found a PDF document.',
      action: 'Export its pages or pictures as JPEG or PNG.',
    },
  },
  { offset: 0, bytes: ascii('%!PS'), kind: unsupported('PostScript file') },
  { offset: 0, bytes: [0x1a, 0x45, 0xdf, 0xa3], kind: notAPicture('a video (Matroska or WebM)') },
  { offset: 0, bytes: [0, 0, 1, 0xba], kind: notAPicture('a video (MPEG)') },
  { offset: 0, bytes: [0, 0, 1, 0xb3], kind: notAPicture('a video (MPEG)') },
  { offset: 0, bytes: ascii('OggS'), kind: notAPicture('a sound or video file (Ogg)') },
  { offset: 0, bytes: ascii('ID3'), kind: notAPicture('a sound file (MP3)') },
  {
    offset: 0,
    bytes: [0x50, 0x4b, 0x03, 0x04],
    kind: {
      usable: false,
      reason: 'not-a-picture',
      message: 'Expected a picture, found a zip archive or office document.',
      action: 'Unpack it if it holds pictures.',
    },
  },
  {
    offset: 0,
    bytes: [0x1f, 0x8b],
    kind: {
      usable: false,
      reason: 'not-a-picture',
      message: 'Expected a picture, found a gzip archive.',
      action: 'Unpack it if it holds pictures.',
    },
  },
  {
    offset: 0,
    bytes: ascii('Rar!'),
    kind: {
      usable: false,
      reason: 'not-a-picture',
      message: 'Expected a picture, found a RAR archive.',
      action: 'Unpack it if it holds pictures.',
    },
  },
  {
    offset: 0,
    bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c],
    kind: {
      usable: false,
      reason: 'not-a-picture',
      message: 'Expected a picture, found a 7-zip archive.',
      action: 'Unpack it if it holds pictures.',
    },
  },
  { offset: 0, bytes: ascii('SQLite format 3'), kind: notAPicture('a database') },
]

const RIFF = ascii('RIFF')
const TIFF_STARTS = [
  [0x49, 0x49, 0x2a, 0],
  [0x4d, 0x4d, 0, 0x2a],
  [0x49, 0x49, 0x2b, 0],
  [0x4d, 0x4d, 0, 0x2b],
]
const HEIC_BRANDS = new Set(['heic', 'heix', 'hevc', 'hevx', 'heim', 'heis', 'hevm', 'hevs', 'mif1', 'msf1', 'mif2'])

function startsWith(head: Uint8Array, offset: number, bytes: readonly number[]): boolean {
  if (head.length < offset + bytes.length) return false
  for (let i = 0; i < bytes.length; i++) if (head[offset + i] !== bytes[i]) return false
  return true
}

function latin1(head: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...head.subarray(start, end))
}

/** ISO base media files name their brands in the first box: AVIF, HEIC, Canon raw or some video. */
function recogniseBrands(head: Uint8Array): FileKind {
  const boxBytes = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(0)
  const brands: string[] = []
  for (let offset = 8; offset + 4 <= Math.min(boxBytes, head.length, 256); offset += 4) {
    if (offset !== 12) brands.push(latin1(head, offset, offset + 4))
  }
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return { usable: true, format: 'avif' }
  if (brands.some((brand) => brand === 'crx ')) return unsupported('camera raw file (Canon)', RAW_ACTION)
  if (brands.some((brand) => HEIC_BRANDS.has(brand))) return { usable: true, format: 'heic' }
  return notAPicture('a video (MP4 or QuickTime)')
}

function isText(head: Uint8Array): boolean {
  if (head.includes(0)) return false
  // A multi-byte character may be cut at the end of the head, so the last three bytes may be anything.
  const text = new TextDecoder('utf-8').decode(head.subarray(0, Math.max(1, head.length - 3)))
  let strange = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0xfffd || (code < 32 && code !== 9 && code !== 10 && code !== 12 && code !== 13)) strange++
  }
  return strange * 50 <= text.length
}

/**
 * Tells a usable picture from everything else. `head` is the first bytes of the file (`HEAD_BYTES` or all of it); `path` is
 * used only for camera raw files, which begin like TIFF, and to word the message for unknown bytes.
 */
export function recogniseFile(head: Uint8Array, path: string): FileKind {
  const extension = extname(path).toLowerCase()
  if (head.length === 0) {
    return {
      usable: false,
      reason: 'empty-file',
      message: 'The file is empty (0 bytes).',
      action: 'Copy it again from where it came from, or delete it.',
    }
  }
  if (TIFF_STARTS.some((start) => startsWith(head, 0, start))) {
    if (startsWith(head, 8, ascii('CR')) || RAW_EXTENSIONS.has(extension)) return unsupported('camera raw file', RAW_ACTION)
    return { usable: true, format: 'tiff' }
  }
  if (head.length >= 12 && startsWith(head, 4, ascii('ftyp'))) return recogniseBrands(head)
  for (const { offset, bytes, kind } of SIGNATURES) {
    if (offset === 8 && !startsWith(head, 0, RIFF)) continue
    if (startsWith(head, offset, bytes)) return kind
  }
  if (looksLikeBmp(head)) return { usable: true, format: 'bmp' }
  if (isText(head)) {
    const text = new TextDecoder('utf-8').decode(head).toLowerCase()
    if (/<svg[\s>]/.test(text)) return unsupported('SVG drawing', 'Export it as PNG.')
    if (text.includes('<!doctype html') || text.includes('<html')) {
      const action = 'Download the picture again; what was saved is the page around it.'
      return { usable: false, reason: 'not-a-picture', message: 'Expected a picture, found a web page.', action }
    }
    if (text.startsWith('version https://git-lfs')) {
      return {
        usable: false,
        reason: 'not-a-picture',
        message: 'Expected a picture, found a Git LFS pointer.',
        action: 'Run "git lfs pull" in the folder.',
      }
    }
    return notAPicture('a text file')
  }
  if (RAW_EXTENSIONS.has(extension)) return unsupported('camera raw file', RAW_ACTION)
  if (PICTURE_EXTENSIONS.has(extension)) {
    const message = `Named ${extension}, but the bytes are those of no picture format that is known here.`
    return { usable: false, reason: 'corrupt', message, action: 'Copy it again from where it came from, or delete it.' }
  }
  return notAPicture('a file of an unknown kind')
}
