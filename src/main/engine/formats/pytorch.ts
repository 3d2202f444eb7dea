/**
 * PyTorch's files of weights, read as data: the zip format of torch >= 1.6 (data.pkl with one member for each storage) and the
 * older one (five pickles, then the storages one after the other). The order of parts is that of torch/serialization.py.
 */
import { GraftError } from '../../../shared/domain/error'
import { elementBytes } from './element-types'
import { refused, SAVE_STATE_DICT, shown, unreadable } from './format-errors'
import type { PickleStorage, PickleValue } from './pickle'
import { readPickle } from './pickle'
import type { StateDict } from './pytorch-tensors'
import { readStateDict } from './pytorch-tensors'
import { readStoredZip } from './zip-stored'

const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn
const LEGACY_PROTOCOL = 1001
const LITTLE = new TextEncoder().encode('little')
const ALLOWED_MEMBER = /^(data\.pkl|version|byteorder|data\/\d+|\.data\/[^/]+|\.format_version|\.storage_alignment)$/

export interface PytorchFile extends StateDict {
  readonly format: 'zip' | 'legacy'
}

export function looksLikeZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04
}

function looksLikeTar(bytes: Uint8Array): boolean {
  return bytes.length > 262 && new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar'
}

function needBytes(storage: PickleStorage, bytes: Uint8Array, where: string): Uint8Array {
  const needed = storage.elements * BigInt(elementBytes(storage.type))
  if (needed > BigInt(bytes.length)) {
    throw unreadable(`Expected ${needed} bytes for ${storage.elements} values of ${storage.type} in ${where}, but ${bytes.length} came.`)
  }
  return bytes.subarray(0, Number(needed))
}

function requireLittleEndian(isLittle: boolean): void {
  if (isLittle) return
  throw new GraftError('UNSUPPORTED', 'Expected weights saved on a little-endian machine, but these are big-endian.', {
    action: 'Load and save the file again in Python on an ordinary PC.',
  })
}

/** Members of other programs' archives, so that the message can say what the file is. */
const OTHER_ARCHIVES: readonly (readonly [RegExp, string])[] = [
  [/^(code\/.*|constants\.pkl)$/, 'a TorchScript program'],
  [/^(models\/.*|archive_format|serialized_(exported_program\.json|state_dict\.pt|constants\.pt|example_inputs\.pt)|aotinductor\/.*)$/, 'a program of torch.export (.pt2)'],
  [/^\.data\/extern_modules$/, 'a torch.package with program text'],
  [/\.npy$/, 'an archive of NumPy arrays (.npz)'],
  [/^(metadata|config)\.json$|\.weights\.h5$/, 'a Keras model'],
]

/** Throws REFUSED when the archive is one of another program, by any of its members. */
function refuseOtherArchives(paths: readonly string[]): void {
  for (const path of paths) {
    const other = OTHER_ARCHIVES.find(([member]) => member.test(path.slice(path.indexOf('/') + 1)) || member.test(path))
    if (other === undefined) continue
    throw refused(`Expected weights in the zip file, but by its member "${shown(path)}" it is ${other[1]}.`, SAVE_STATE_DICT)
  }
}

/** The members by their names behind the archive's own folder. */
function archiveMembers(bytes: Uint8Array): ReadonlyMap<string, Uint8Array> {
  const stored = readStoredZip(bytes)
  refuseOtherArchives([...stored.keys()])
  const members = new Map<string, Uint8Array>()
  let root: string | undefined
  for (const [path, content] of stored) {
    const slash = path.indexOf('/')
    const name = path.slice(slash + 1)
    root ??= path.slice(0, slash)
    if (slash < 1 || path.slice(0, slash) !== root || !ALLOWED_MEMBER.test(name)) {
      throw refused(`Expected only what torch.save writes in the zip file, but it has the member "${shown(path)}".`, SAVE_STATE_DICT)
    }
    members.set(name, content)
  }
  return members
}

function readZip(bytes: Uint8Array): PytorchFile {
  const members = archiveMembers(bytes)
  const program = members.get('data.pkl')
  if (program === undefined) throw unreadable('Expected the member data.pkl in the zip file, as torch.save writes it, but there is none.')
  const byteOrder = new TextDecoder().decode(members.get('byteorder')?.subarray(0, 8) ?? LITTLE)
  if (byteOrder !== 'little' && byteOrder !== 'big') {
    throw unreadable(`Expected "little" or "big" in the member byteorder of the zip file, but "${shown(byteOrder)}" came.`)
  }
  requireLittleEndian(byteOrder === 'little')
  const { value, end } = readPickle(program, 0, 'data.pkl')
  if (end !== program.length) throw unreadable(`Expected data.pkl to end at byte ${end}, but ${program.length - end} bytes follow.`)
  return { format: 'zip', ...readStateDict(value, (storage) => storageMember(members, storage), bytes.length) }
}

function storageMember(members: ReadonlyMap<string, Uint8Array>, storage: PickleStorage): Uint8Array {
  const name = `data/${storage.key}`
  const content = members.get(name)
  if (content === undefined) throw unreadable(`Expected the storage "${name}" in the zip file, but there is none.`)
  return needBytes(storage, content, `the storage "${name}"`)
}

function littleEndianOf(systemInfo: PickleValue): boolean {
  const isDict = typeof systemInfo === 'object' && systemInfo !== null && systemInfo.kind === 'dict'
  return !isDict || systemInfo.entries.get('little_endian') !== false
}

function storageKeys(value: PickleValue): string[] {
  const items = typeof value === 'object' && value !== null && value.kind === 'list' ? value.items : null
  const keys = items?.filter((item) => typeof item === 'string')
  if (items === null || keys === undefined || keys.length !== items.length || new Set(keys).size !== keys.length) {
    throw unreadable('Expected a list of different storage names behind the weights of the PyTorch file, but something else came.')
  }
  return keys
}

/** The storages follow the pickles: for each its number of values (64 bits), then the values; nothing comes behind them. */
function legacyStorages(
  bytes: Uint8Array,
  start: number,
  keys: readonly string[],
  known: ReadonlyMap<string, PickleStorage>,
): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const contents = new Map<string, Uint8Array>()
  let at = start
  for (const key of keys) {
    const storage = known.get(key)
    if (storage === undefined) throw unreadable(`Expected only storages that the weights use, but the storage "${shown(key)}" came too.`)
    if (at + 8 > bytes.length) {
      throw unreadable(
        `Expected the storage "${key}" at byte ${at} of the PyTorch file, but it ends at byte ${bytes.length}. The file was cut short.`,
      )
    }
    const elements = view.getBigInt64(at, true)
    if (elements !== storage.elements) {
      throw unreadable(`Expected ${storage.elements} values in the storage "${key}", but ${elements} came.`)
    }
    const content = needBytes(storage, bytes.subarray(at + 8), `the storage "${key}"`)
    contents.set(key, content)
    at += 8 + content.length
  }
  if (at !== bytes.length) throw unreadable(`Expected the PyTorch file to end at byte ${at}, but ${bytes.length - at} bytes follow.`)
  return contents
}

function readLegacy(bytes: Uint8Array): PytorchFile {
  const magic = readPickle(bytes, 0, 'the start of the PyTorch file')
  if (magic.value !== LEGACY_MAGIC) {
    throw unreadable('Expected a PyTorch file, which begins with a magic number, but a pickle with something else came.', SAVE_STATE_DICT)
  }
  const protocol = readPickle(bytes, magic.end, "the PyTorch file's protocol number")
  if (protocol.value !== LEGACY_PROTOCOL) throw unreadable(`Expected the PyTorch protocol ${LEGACY_PROTOCOL}, but another one came.`)
  const systemInfo = readPickle(bytes, protocol.end, "the PyTorch file's system description")
  requireLittleEndian(littleEndianOf(systemInfo.value))
  const root = readPickle(bytes, systemInfo.end, "the PyTorch file's weights")
  const keys = readPickle(bytes, root.end, "the PyTorch file's list of storages")
  const contents = legacyStorages(bytes, keys.end, storageKeys(keys.value), root.storages)
  return { format: 'legacy', ...readStateDict(root.value, (storage) => legacyContent(contents, storage), bytes.length) }
}

function legacyContent(contents: ReadonlyMap<string, Uint8Array>, storage: PickleStorage): Uint8Array {
  const content = contents.get(storage.key)
  if (content === undefined) throw unreadable(`Expected the storage "${storage.key}" in the PyTorch file, but there is none.`)
  return content
}

/**
 * Reads a `.pth` file of weights: a state dict, or a checkpoint with one under a usual key. Names come without the prefixes of
 * DataParallel and torch.compile; the values are float32 copies, so `bytes` can be released.
 * @throws GraftError REFUSED naming what the file asks for (Python objects, programs, encrypted or ambiguous archives);
 *   UNREADABLE naming what was expected and what came; UNSUPPORTED for big-endian files.
 */
export function readPytorch(bytes: Uint8Array): PytorchFile {
  if (looksLikeZip(bytes)) return readZip(bytes)
  if (looksLikeTar(bytes)) {
    throw refused('Expected a PyTorch file of version 0.1.10 or later, but this is the tar format from before.', SAVE_STATE_DICT)
  }
  return readLegacy(bytes)
}
