/** CRC-32 as in zip files (polynomial 0xEDB88320), eight bytes a step. */
/** For the type checker: there are always eight tables. */
const EMPTY = new Uint32Array(256)
const TABLES: readonly Uint32Array[] = makeTables()

function makeTables(): Uint32Array[] {
  const first = new Uint32Array(256)
  for (let index = 0; index < 256; index++) {
    let value = index
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
    first[index] = value
  }
  const tables = [first]
  for (let step = 1; step < 8; step++) {
    const previous = tables[step - 1] ?? first
    tables.push(previous.map((value) => (value >>> 8) ^ (first[value & 0xff] ?? 0)))
  }
  return tables
}

/** The checksum of `bytes`, as an unsigned 32-bit integer. */
export function crc32(bytes: Uint8Array): number {
  const [t0 = EMPTY, t1 = EMPTY, t2 = EMPTY, t3 = EMPTY, t4 = EMPTY, t5 = EMPTY, t6 = EMPTY, t7 = EMPTY] = TABLES
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let crc = -1
  let at = 0
  for (; at + 8 <= bytes.length; at += 8) {
    const low = crc ^ view.getInt32(at, true)
    const high = view.getInt32(at + 4, true)
    crc =
      Number(t7[low & 0xff]) ^ Number(t6[(low >>> 8) & 0xff]) ^ Number(t5[(low >>> 16) & 0xff]) ^ Number(t4[low >>> 24]) ^
      Number(t3[high & 0xff]) ^ Number(t2[(high >>> 8) & 0xff]) ^ Number(t1[(high >>> 16) & 0xff]) ^ Number(t0[high >>> 24])
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ Number(t0[(crc ^ view.getUint8(at)) & 0xff])
  return ~crc >>> 0
}
