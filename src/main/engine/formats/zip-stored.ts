/**
 * A strict reader of the zip files that torch.save writes: members stored without compression, one after the other from the
 * first byte to the central directory, each named and sized twice in the same way. A lenient reader could be shown another
 * content than Python's; this one refuses every file with two readings.
 */
import { crc32 } from './crc32'
import { refused, SAVE_STATE_DICT, shown, unreadable } from './format-errors'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const DESCRIPTOR = 0x08074b50
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
const END_64_BYTES = 56
const LOCATOR_64_BYTES = 20
const FULL_32 = 0xffffffff
const FULL_16 = 0xffff
const FLAG_ENCRYPTED = 0x1 | 0x20 | 0x40 | 0x2000
const FLAG_DESCRIPTOR = 0x8
const MAX_MEMBERS = 20_000

interface Entry {
  readonly name: string
  readonly flags: number
  readonly crc: number
  readonly sizeBytes: number
  readonly localOffset: number
}

const TRUNCATED = 'Download or copy the file again: it is cut short or damaged.'

class ZipReader {
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private check(offset: number, sizeBytes: number, what: string): void {
    if (!(offset >= 0) || offset + sizeBytes > this.bytes.length) {
      throw unreadable(`Expected ${what} at byte ${offset} of the zip file, but the file has ${this.bytes.length} bytes.`, TRUNCATED)
    }
  }

  private u16(offset: number): number {
    return this.view.getUint16(offset, true)
  }

  private u32(offset: number): number {
    return this.view.getUint32(offset, true)
  }

  private u64(offset: number): number {
    // Above 2^53 the value is rounded and then refused as being behind the end of the file.
    return Number(this.view.getBigUint64(offset, true))
  }

  private expectSignature(signature: number, offset: number, sizeBytes: number, what: string): void {
    this.check(offset, sizeBytes, what)
    if (this.u32(offset) !== signature) {
      throw unreadable(`Expected ${what} at byte ${offset} of the zip file, but other bytes came.`, TRUNCATED)
    }
  }

  private name(offset: number, sizeBytes: number): string {
    this.check(offset, sizeBytes, 'the name of a member')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes.subarray(offset, offset + sizeBytes))
    } catch {
      throw unreadable(`Expected the name of a zip member in UTF-8 at byte ${offset}, but other bytes came.`)
    }
  }

  /** Where the central directory is and how many members it lists. */
  private directory(): { offset: number; end: number; count: number } {
    const endOffset = this.bytes.length - END_BYTES
    this.expectSignature(END, endOffset, END_BYTES, "the zip file's end record")
    let count = this.u16(endOffset + 10)
    let sizeBytes = this.u32(endOffset + 12)
    let offset = this.u32(endOffset + 16)
    const disks = [this.u16(endOffset + 4), this.u16(endOffset + 6), this.u16(endOffset + 8) - count, this.u16(endOffset + 20)]
    if (disks.some((value) => value !== 0)) {
      throw unreadable('Expected a zip file in one piece without a comment, but its end record says otherwise.')
    }
    let end = endOffset
    const locator = endOffset - LOCATOR_64_BYTES
    if (locator >= 0 && this.u32(locator) === LOCATOR_64) {
      end = this.u64(locator + 8)
      this.expectSignature(END_64, end, END_64_BYTES, "the zip file's 64-bit end record")
      if (end + END_64_BYTES !== locator) {
        throw unreadable(`Expected the 64-bit end record to reach to byte ${locator} of the zip file, but it begins at byte ${end}.`)
      }
      const wide = { count: this.u64(end + 32), sizeBytes: this.u64(end + 40), offset: this.u64(end + 48) }
      const agrees =
        (count === FULL_16 || count === wide.count) &&
        (sizeBytes === FULL_32 || sizeBytes === wide.sizeBytes) &&
        (offset === FULL_32 || offset === wide.offset)
      if (!agrees) throw refused('Expected the two end records of the zip file to agree, but they differ.')
      ;({ count, sizeBytes, offset } = wide)
    }
    if (offset + sizeBytes !== end) {
      throw unreadable(
        `Expected the central directory of the zip file to reach to byte ${end}, but it covers ${offset} to ${offset + sizeBytes}.`,
      )
    }
    if (count > MAX_MEMBERS) throw unreadable(`Expected at most ${MAX_MEMBERS} members in the zip file, but ${count} came.`)
    return { offset, end, count }
  }

  /** Sizes and offset that do not fit 32 bits stand in the extra field 1, in this order. */
  private widen(values: readonly [number, number, number], extraOffset: number, extraBytes: number, name: string): [number, number, number] {
    const wide: [number, number, number] = [...values]
    if (!values.includes(FULL_32)) return wide
    const extraEnd = extraOffset + extraBytes
    for (let at = extraOffset; at + 4 <= extraEnd; at += 4 + this.u16(at + 2)) {
      if (this.u16(at) !== 1) continue
      let field = at + 4
      const fieldEnd = Math.min(field + this.u16(at + 2), extraEnd)
      values.forEach((value, index) => {
        if (value !== FULL_32 || field + 8 > fieldEnd) return
        wide[index] = this.u64(field)
        field += 8
      })
      return wide
    }
    throw unreadable(`Expected 64-bit sizes for the zip member "${shown(name)}", but there are none.`)
  }

  private entries(): { entries: Entry[]; end: number } {
    const directory = this.directory()
    const entries: Entry[] = []
    let at = directory.offset
    for (let index = 0; index < directory.count; index++) {
      this.expectSignature(CENTRAL, at, CENTRAL_BYTES, 'an entry of the central directory')
      const [nameBytes, extraBytes, commentBytes] = [this.u16(at + 28), this.u16(at + 30), this.u16(at + 32)]
      const name = this.name(at + CENTRAL_BYTES, nameBytes)
      this.check(at, CENTRAL_BYTES + nameBytes + extraBytes + commentBytes, 'an entry of the central directory')
      const flags = this.u16(at + 8)
      if ((flags & FLAG_ENCRYPTED) !== 0) {
        throw refused(`Expected the zip member "${shown(name)}" in the clear, but it is marked as encrypted or patched.`)
      }
      if (this.u16(at + 10) !== 0) {
        throw refused(
          `Expected the zip member "${shown(name)}" stored as it is, as torch.save does, but it is compressed, as in TorchScript.`,
          SAVE_STATE_DICT,
        )
      }
      const values = [this.u32(at + 24), this.u32(at + 20), this.u32(at + 42)] as const
      const [sizeBytes, storedBytes, localOffset] = this.widen(values, at + CENTRAL_BYTES + nameBytes, extraBytes, name)
      if (sizeBytes !== storedBytes) {
        throw unreadable(`Expected ${sizeBytes} stored bytes for the zip member "${shown(name)}", but ${storedBytes} came.`)
      }
      entries.push({ name, flags, crc: this.u32(at + 16), sizeBytes, localOffset })
      at += CENTRAL_BYTES + nameBytes + extraBytes + commentBytes
    }
    if (at !== directory.end) {
      throw unreadable(`Expected the central directory of the zip file to end at byte ${directory.end}, but it ends at byte ${at}.`)
    }
    return { entries: entries.sort((a, b) => a.localOffset - b.localOffset), end: directory.offset }
  }

  /** Checks the local header against the central entry and returns the first byte of the content. */
  private contentOffset(entry: Entry): number {
    const at = entry.localOffset
    const name = shown(entry.name)
    this.expectSignature(LOCAL, at, LOCAL_BYTES, `the header of the zip member "${name}"`)
    const nameBytes = this.u16(at + 26)
    const localName = this.name(at + LOCAL_BYTES, nameBytes)
    if (localName !== entry.name) {
      throw refused(`Expected one name for each zip member, but "${name}" is also called "${shown(localName)}".`)
    }
    if (this.u16(at + 6) !== entry.flags || this.u16(at + 8) !== 0) {
      throw refused(`Expected the two headers of the zip member "${name}" to agree, but their flags or methods differ.`)
    }
    const extraBytes = this.u16(at + 28)
    const contentOffset = at + LOCAL_BYTES + nameBytes + extraBytes
    this.check(at, contentOffset - at + entry.sizeBytes, `the content of the zip member "${name}"`)
    const crc = this.u32(at + 14)
    const [sizeBytes, storedBytes] = this.widen([this.u32(at + 22), this.u32(at + 18), 0], at + LOCAL_BYTES + nameBytes, extraBytes, entry.name)
    const deferred = (entry.flags & FLAG_DESCRIPTOR) !== 0 && crc === 0 && sizeBytes === 0 && storedBytes === 0
    if (!deferred && (crc !== entry.crc || sizeBytes !== entry.sizeBytes || storedBytes !== entry.sizeBytes)) {
      throw refused(`Expected the two headers of the zip member "${name}" to agree, but their sizes or checksums differ.`)
    }
    return contentOffset
  }

  /** The bytes of the data descriptor behind the content (none without its flag). */
  private descriptorBytes(entry: Entry, at: number, next: number): number {
    if ((entry.flags & FLAG_DESCRIPTOR) === 0) return 0
    const wide = next - at === 24
    const sizeBytes = wide ? 24 : 16
    const name = shown(entry.name)
    this.expectSignature(DESCRIPTOR, at, sizeBytes, `the data descriptor of the zip member "${name}"`)
    const sizes = wide ? [this.u64(at + 8), this.u64(at + 16)] : [this.u32(at + 8), this.u32(at + 12)]
    if (this.u32(at + 4) !== entry.crc || sizes.some((size) => size !== entry.sizeBytes)) {
      throw refused(`Expected the data descriptor of the zip member "${name}" to agree with its header, but they differ.`)
    }
    return sizeBytes
  }

  members(): Map<string, Uint8Array> {
    const { entries, end } = this.entries()
    const members = new Map<string, Uint8Array>()
    let expected = 0
    entries.forEach((entry, index) => {
      const name = shown(entry.name)
      if (members.has(entry.name)) throw refused(`Expected each zip member once, but "${name}" came twice.`)
      if (entry.localOffset !== expected) {
        throw refused(`Expected the zip member "${name}" at byte ${expected}, but it is at byte ${entry.localOffset}.`)
      }
      const start = this.contentOffset(entry)
      const stop = start + entry.sizeBytes
      const content = this.bytes.subarray(start, stop)
      const crc = crc32(content)
      if (crc !== entry.crc) {
        throw unreadable(
          `Expected the checksum ${entry.crc.toString(16)} for the zip member "${name}", but its content gives ${crc.toString(16)}.`,
          TRUNCATED,
        )
      }
      members.set(entry.name, content)
      expected = stop + this.descriptorBytes(entry, stop, entries[index + 1]?.localOffset ?? end)
    })
    if (expected !== end) throw refused(`Expected the last zip member to reach to byte ${end}, but it ends at byte ${expected}.`)
    return members
  }
}

/**
 * The members of a zip file by name, in the order of the file, as views on `bytes`.
 * @throws GraftError UNREADABLE when it is damaged or cut short; REFUSED when it is encrypted, compressed or ambiguous.
 */
export function readStoredZip(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  return new ZipReader(bytes).members()
}
