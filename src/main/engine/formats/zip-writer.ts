/** Writes zip files of stored members whose contents are aligned, as torch.save does it: padding goes into an extra field. */
import { crc32 } from './crc32'

export interface StoredMember {
  readonly name: string
  readonly content: Uint8Array
}

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const LOCAL_BYTES = 30
const CENTRAL_BYTES = 46
const END_BYTES = 22
/** An extra field begins with its number and its length. */
const EXTRA_START_BYTES = 4
/** "FB", PyTorch's number of the padding field. */
const PADDING_FIELD = 0x4246
/** Names are UTF-8. */
const FLAGS = 0x800
const VERSION = 20
/** 1 January 1980, the first day of the format: the same members give the same bytes. */
const DATE = 0x21
const LIMIT_BYTES = 0xffffffff

/** The extra bytes between a member's name and its content that bring the content to a multiple of `alignment`. */
function paddingBytes(offset: number, nameBytes: number, alignment: number): number {
  const start = offset + LOCAL_BYTES + nameBytes
  const missing = (alignment - (start % alignment)) % alignment
  return missing === 0 ? 0 : missing >= EXTRA_START_BYTES ? missing : missing + alignment
}

/**
 * A zip file of the members in their order.
 * @param alignmentBytes a power of two; every content begins at a multiple of it
 */
export function writeStoredZip(members: readonly StoredMember[], alignmentBytes: number): Uint8Array {
  const laidOut = layOut(members, alignmentBytes)
  const end = laidOut.at(-1)
  const directoryOffset = end === undefined ? 0 : end.contentOffset + end.content.length
  const directoryBytes = laidOut.reduce((sum, { name }) => sum + CENTRAL_BYTES + name.length, 0)
  const sizeBytes = directoryOffset + directoryBytes + END_BYTES
  if (sizeBytes > LIMIT_BYTES || members.length > 0xffff) throw new Error('A zip file of this size needs 64-bit records, which are not written')
  const out = new Uint8Array(sizeBytes)
  const view = new DataView(out.buffer)
  let at = directoryOffset
  for (const member of laidOut) {
    const { name, content, offset, contentOffset } = member
    const crc = crc32(content)
    const extraBytes = contentOffset - offset - LOCAL_BYTES - name.length
    view.setUint32(offset, LOCAL, true)
    writeCommon(view, offset + 4, { crc, member, extraBytes })
    out.set(name, offset + LOCAL_BYTES)
    if (extraBytes > 0) {
      const extra = offset + LOCAL_BYTES + name.length
      view.setUint16(extra, PADDING_FIELD, true)
      view.setUint16(extra + 2, extraBytes - EXTRA_START_BYTES, true)
      out.fill(0x5a, extra + EXTRA_START_BYTES, contentOffset)
    }
    out.set(content, contentOffset)

    view.setUint32(at, CENTRAL, true)
    view.setUint16(at + 4, VERSION, true)
    writeCommon(view, at + 6, { crc, member, extraBytes: 0 })
    view.setUint32(at + 42, offset, true)
    out.set(name, at + CENTRAL_BYTES)
    at += CENTRAL_BYTES + name.length
  }
  view.setUint32(at, END, true)
  view.setUint16(at + 8, members.length, true)
  view.setUint16(at + 10, members.length, true)
  view.setUint32(at + 12, directoryBytes, true)
  view.setUint32(at + 16, directoryOffset, true)
  return out
}

interface LaidOut {
  readonly name: Uint8Array
  readonly content: Uint8Array
  readonly offset: number
  readonly contentOffset: number
}

function layOut(members: readonly StoredMember[], alignmentBytes: number): LaidOut[] {
  let offset = 0
  return members.map(({ name: text, content }) => {
    const name = new TextEncoder().encode(text)
    const contentOffset = offset + LOCAL_BYTES + name.length + paddingBytes(offset, name.length, alignmentBytes)
    const member = { name, content, offset, contentOffset }
    offset = contentOffset + content.length
    return member
  })
}

/** The 26 bytes that the two headers of a member share, from the version needed to the length of the extra field. */
function writeCommon(view: DataView, at: number, { crc, member, extraBytes }: { crc: number; member: LaidOut; extraBytes: number }): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 2, FLAGS, true)
  view.setUint16(at + 8, DATE, true)
  view.setUint32(at + 10, crc, true)
  view.setUint32(at + 14, member.content.length, true)
  view.setUint32(at + 18, member.content.length, true)
  view.setUint16(at + 22, member.name.length, true)
  view.setUint16(at + 24, extraBytes, true)
}
