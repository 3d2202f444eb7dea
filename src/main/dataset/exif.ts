/** Which camera took a picture and when, from its EXIF block. Read as data: what does not fit is as if it were not there. */

export interface CameraMoment {
  /** Maker, model and serial number where there are any. */
  camera: string | null
  /** By the camera's own clock; ms of an unknown zone. */
  takenMs: number | null
}

const NOTHING: CameraMoment = { camera: null, takenMs: null }

/** TIFF's tags (EXIF 2.32, 4.6.4 and 4.6.5). */
const MAKE = 0x010f
const MODEL = 0x0110
const EXIF_POINTER = 0x8769
const DATE_TIME_ORIGINAL = 0x9003
const SUB_SECONDS_ORIGINAL = 0x9291
const BODY_SERIAL_NUMBER = 0xa431

const ASCII = 2
const LONG = 4
const ENTRY_BYTES = 12
const MOST_ENTRIES = 500

/** @param block as sharp gives it: `Exif\0\0` or the TIFF header at once */
export function readCameraMoment(block: Uint8Array | undefined): CameraMoment {
  if (block === undefined) return NOTHING
  const start = block.length > 6 && block[0] === 0x45 && block[1] === 0x78 ? 6 : 0
  const view = new DataView(block.buffer, block.byteOffset + start, block.byteLength - start)
  try {
    const order = view.getUint16(0)
    if (order !== 0x4949 && order !== 0x4d4d) return NOTHING
    const isLittle = order === 0x4949
    const main = directory(view, view.getUint32(4, isLittle), isLittle)
    const pointer = main.get(EXIF_POINTER)
    const exif = typeof pointer === 'number' ? directory(view, pointer, isLittle) : new Map<number, string | number>()
    const named = [main.get(MAKE), main.get(MODEL), exif.get(BODY_SERIAL_NUMBER)].filter((part) => typeof part === 'string' && part !== '')
    return { camera: named.length === 0 ? null : named.join(' '), takenMs: moment(exif.get(DATE_TIME_ORIGINAL), exif.get(SUB_SECONDS_ORIGINAL)) }
  } catch (error) {
    // An offset that leads out of the block.
    if (error instanceof RangeError) return NOTHING
    throw error
  }
}

/** The texts and the first whole numbers of a directory, by tag. */
function directory(view: DataView, at: number, isLittle: boolean): Map<number, string | number> {
  const found = new Map<number, string | number>()
  const entries = Math.min(view.getUint16(at, isLittle), MOST_ENTRIES)
  for (let i = 0; i < entries; i++) {
    const entry = at + 2 + i * ENTRY_BYTES
    const tag = view.getUint16(entry, isLittle)
    const type = view.getUint16(entry + 2, isLittle)
    const count = view.getUint32(entry + 4, isLittle)
    if (type === ASCII && count <= 256) found.set(tag, text(view, count <= 4 ? entry + 8 : view.getUint32(entry + 8, isLittle), count))
    else if (type === LONG && count === 1) found.set(tag, view.getUint32(entry + 8, isLittle))
  }
  return found
}

function text(view: DataView, at: number, count: number): string {
  let result = ''
  for (let i = 0; i < count; i++) {
    const code = view.getUint8(at + i)
    if (code === 0) break
    result += String.fromCharCode(code)
  }
  return result.trim()
}

/** `2024:05:01 12:30:59` and `37` hundredths. */
function moment(date: string | number | undefined, fraction: string | number | undefined): number | null {
  const parts = typeof date === 'string' ? /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(date) : null
  if (parts === null) return null
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.slice(1).map(Number)
  const wholeMs = Date.UTC(year, month - 1, day, hour, minute, second)
  if (year < 1970 || Number.isNaN(wholeMs)) return null
  return wholeMs + (typeof fraction === 'string' && /^\d{1,6}$/.test(fraction) ? Math.round(Number(`0.${fraction}`) * 1000) : 0)
}
