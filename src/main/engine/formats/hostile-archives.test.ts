/** Zip files and other containers that lie about what they hold, and files of other kinds. */
import { expect, test } from 'vitest'
import { COMMAND, failureOf, GOOD, VALUES, zipOf } from './hostile-forms'
import { bytesOf, global, legacyFile, little, pickle, torchZip, tuple, zipFile } from './opcode-assembly'

const members = torchZip(GOOD, VALUES)
const data = members[0] ?? { name: '', content: new Uint8Array(0) }
const rest = members.slice(1)
test.each<[string, Uint8Array, string, RegExp]>([
  ['a wrong checksum', zipFile([{ ...data, crc: 1 }, ...rest]), 'UNREADABLE', /checksum 1 for the zip member "a\/data\.pkl"/],
  ...[0x1, 0x20, 0x40, 0x2000].map((flags): [string, Uint8Array, string, RegExp] => [`the flag ${flags}`, zipFile([{ ...data, flags }, ...rest]), 'REFUSED', /encrypted or patched/]),
  ['a compressed member', zipFile([{ ...data, method: 8 }, ...rest]), 'REFUSED', /compressed/],
  ['two names for one member', zipFile([{ ...data, localName: 'a/data.pkx' }, ...rest]), 'REFUSED', /also called "a\/data\.pkx"/],
  ['two data.pkl', zipFile([data, data, ...rest]), 'REFUSED', /"a\/data\.pkl" came twice/],
  ['two archives in one', zipFile([data, { ...data, name: 'b/data.pkl' }, ...rest]), 'REFUSED', /"b\/data\.pkl"/],
  ['no data.pkl', zipFile(rest), 'UNREADABLE', /member data\.pkl/],
  ['a program of torch.export', zipFile([{ name: 'a/models/model.json', content: bytesOf('{}') }, { name: 'a/archive_format', content: bytesOf('pt2') }]), 'REFUSED', /"a\/models\/model\.json" it is a program of torch\.export \(\.pt2\)/],
  ['an older program of torch.export', zipFile([{ name: 'version', content: bytesOf('1') }, { name: 'serialized_exported_program.json', content: bytesOf('{}') }]), 'REFUSED', /torch\.export|member "version"/],
  ['a torch.package', zipFile([{ name: 'a/.data/extern_modules', content: bytesOf('os') }, ...members]), 'REFUSED', /torch\.package/],
  ['a NumPy archive', zipFile([{ name: 'weights.npy', content: bytesOf(0x93, 'NUMPY') }]), 'REFUSED', /"weights\.npy" it is an archive of NumPy arrays/],
  ['a Keras model', zipFile([{ name: 'metadata.json', content: bytesOf('{}') }]), 'REFUSED', /a Keras model/],
  ['a 7z archive inside', zipFile([{ name: 'a/payload.7z', content: bytesOf('7z', 0xbc, 0xaf, 0x27, 0x1c) }, ...members]), 'REFUSED', /"a\/payload\.7z"/],
  ['a 7z archive in place of the pickle', zipFile([{ ...data, content: bytesOf('7z', 0xbc, 0xaf, 0x27, 0x1c) }, ...rest]), 'UNREADABLE', /Expected a pickle at byte 0 of data\.pkl, but "7z/],
  ['a zip file inside', zipFile([{ name: 'a/inner.pth', content: zipOf(GOOD) }, ...members]), 'REFUSED', /"a\/inner\.pth"/],
  ...['../data.pkl', '/data.pkl', 'a\\data.pkl', 'a/b/data.pkl', 'a/DATA.PKL', 'a/data.pkl ', 'a/data.pkl\0', 'a/data/0/../1', 'a/data/x', 'data.pkl', ''].map((name): [string, Uint8Array, string, RegExp] => [
    `the member name ${JSON.stringify(name)}`, zipFile([{ ...data, name }, ...rest]), 'REFUSED', /it has the member "/,
  ]),
  ['a member name that is not UTF-8', zipFile([{ ...data, name: 'a/\xff' }, ...rest]), 'UNREADABLE', /UTF-8/],
  ['TorchScript', zipFile([{ name: 'a/constants.pkl', content: data.content }, data]), 'REFUSED', /TorchScript/],
  ['a strange member', zipFile([data, { name: 'a/../evil', content: data.content }]), 'REFUSED', /evil/],
  ['a hidden gap', zipFile(members, 'hidden'), 'REFUSED', /last zip member/],
  ['bytes behind the end', bytesOf(zipFile(members), 'x'), 'UNREADABLE', /end record/],
  ['bytes behind the pickle', zipOf(bytesOf(GOOD, 'x')), 'UNREADABLE', /1 bytes follow/],
  ['a byte order of its own', zipFile([...members, { name: 'a/byteorder', content: bytesOf('middle') }]), 'UNREADABLE', /member byteorder.*"middle" came/],
  ['big-endian values', zipFile([...members, { name: 'a/byteorder', content: bytesOf('big') }]), 'UNSUPPORTED', /big-endian/],
  ['bytes behind the storages', bytesOf(legacyFile(GOOD, VALUES), 0), 'UNREADABLE', /1 bytes follow/],
  ['a pickle that is no PyTorch file', GOOD, 'UNREADABLE', /magic number/],
  ['the tar format', bytesOf(new Uint8Array(257), 'ustar', new Uint8Array(300)), 'REFUSED', /tar format/],
  ['an empty file', new Uint8Array(0), 'UNREADABLE', /empty/],
  ['a web page', bytesOf('<!DOCTYPE html><p>404'), 'UNREADABLE', /web page/],
  ['a text', bytesOf('hello'), 'UNREADABLE', /"hello" came/],
  ['a NumPy file of Python objects', bytesOf(0x93, 'NUMPY', 1, 0, little(70, 2), "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", pickle(global('os', 'system'), ')R')), 'REFUSED', /NumPy file of Python objects/],
  ['a NumPy file of numbers', bytesOf(0x93, 'NUMPY', 1, 0, little(70, 2), "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }"), 'UNREADABLE', /a NumPy file/],
  ['a gzip archive', bytesOf(0x1f, 0x8b, 8, 0), 'UNREADABLE', /gzip/],
  ['a Keras file', bytesOf(0x89, 'HDF\r\n'), 'UNREADABLE', /HDF5/],
  ['a Git LFS pointer', bytesOf('version https://git-lfs.github.com/spec/v1\n'), 'UNREADABLE', /Git LFS/],
  ['a picture', bytesOf(0xff, 0xd8, 0xff, 0xe0), 'UNREADABLE', /JPEG/],
  ['a safetensors header longer than the file', bytesOf(little(1000, 8), '{"a":'), 'UNREADABLE', /Expected a safetensors file/],
  ['a safetensors header over the cap', bytesOf(little(2n ** 63n, 8), '{"a":'), 'UNREADABLE', /at most 16777216/],
  ['a safetensors header that is an array', bytesOf(little(2, 8), '{]'), 'UNREADABLE', /safetensors header/],
  ['seven bytes', bytesOf(1, 0, 0, 0, 0, 0, 0), 'UNREADABLE', /Expected a pickle at byte 0/],
  ['a 7z archive', bytesOf('7z', 0xbc, 0xaf, 0x27, 0x1c), 'UNREADABLE', /7z/],
])('%s: refused', (_what, bytes, code, message) => {
  const failure = failureOf(bytes)
  expect(failure.message).toMatch(message)
  expect(failure.code).toBe(code)
})

/** Replaces bytes of a good zip file; `at` counts from its end when negative. */
function patched(changes: readonly (readonly [number, Uint8Array])[], source = zipOf(GOOD)): Uint8Array {
  const out = source.slice()
  for (const [at, bytes] of changes) out.set(bytes, at < 0 ? out.length + at : at)
  return out
}

const END = -22
const good = zipOf(GOOD)
const directoryAt = new DataView(good.buffer).getUint32(good.length - 6, true)
const ends64 = (count: number, claimed = 0xffff): Uint8Array => {
  const body = good.subarray(0, good.length - 22)
  const size = body.length - directoryAt
  const end64 = [bytesOf('PK\x06\x06'), little(44, 8), little(0, 12), little(count, 8), little(count, 8), little(size, 8), little(directoryAt, 8)]
  const locator = [bytesOf('PK\x06\x07'), little(0, 4), little(body.length, 8), little(1, 4)]
  return bytesOf(body, end64, locator, 'PK\x05\x06', little(0, 4), little(claimed, 2), little(claimed, 2), little(0xffffffff, 4), little(0xffffffff, 4), little(0, 2))
}

test('a 64-bit end record is read', () => {
  expect(() => failureOf(ends64(3))).toThrow('The file was accepted')
})

test.each<[string, Uint8Array, RegExp]>([
  ['fewer members than there are', patched([[END + 8, bytesOf(2, 0, 2, 0)]]), /central directory .* to end at/],
  ['more members than there are', patched([[END + 8, bytesOf(9, 0, 9, 0)]]), /an entry of the central directory/],
  ['two different numbers of members', patched([[END + 8, bytesOf(2, 0, 3, 0)]]), /in one piece/],
  ['several disks', patched([[END + 4, bytesOf(1, 0)]]), /in one piece/],
  ['a comment', bytesOf(patched([[-2, bytesOf(1, 0)]]), 'x'), /end record/],
  ['a second end record behind', bytesOf(good, good.subarray(good.length - 22)), /central directory/],
  ['another archive in front', bytesOf(good, good), /central directory|at byte/],
  ['a directory beyond the file', patched([[-6, little(2 ** 32 - 2, 4)]]), /central directory/],
  ['another name in the central directory', patched([[directoryAt + 46, bytesOf('b')]]), /also called "a\/data\.pkl"/],
  ['another size in the central directory', patched([[directoryAt + 20, little(5, 4)], [directoryAt + 24, little(5, 4)]]), /headers .* differ/],
  ['a stored size of its own', patched([[directoryAt + 20, little(5, 4)]]), /stored bytes/],
  ['another checksum in the local header', patched([[14, little(5, 4)]]), /headers .* differ/],
  ['another size in the local header', patched([[18, little(5, 8)]]), /headers .* differ/],
  ['other flags in the local header', patched([[6, little(2, 2)]]), /flags or methods differ/],
  ['a method in the local header alone', patched([[8, little(8, 2)]]), /flags or methods differ/],
  ['a member behind the end of the file', patched([[directoryAt + 42, little(2 ** 31, 4)]]), /at byte/],
  ['two members at one place', patched([[good.indexOf(0x50, directoryAt + 50) + 42, little(0, 4)]]), /at byte \d+, but it is at byte 0/],
  ['a local extra field beyond the file', patched([[28, little(0xffff, 2)]]), /content of the zip member/],
  ['a size for the extra field that is not there', patched([[directoryAt + 24, little(0xffffffff, 4)]]), /64-bit sizes/],
  ['a data descriptor that is not there', patched([[6, little(8, 2)], [directoryAt + 8, little(8, 2)]]), /data descriptor/],
  ['two 64-bit end records that differ', ends64(3, 2), /two end records .* differ/],
  ['a 64-bit number of members over the limit', ends64(2 ** 40), /at most 20000 members/],
])('a zip file with %s is refused', (_what, bytes, message) => {
  const failure = failureOf(bytes)
  expect(failure.message).toMatch(message)
  expect(['UNREADABLE', 'REFUSED']).toContain(failure.code)
})

test('a payload under a wrong checksum is never reached', () => {
  const evil = pickle(global('os', 'system'), tuple(COMMAND), 'R')
  const [first, ...others] = torchZip(evil, VALUES)
  expect(failureOf(zipFile([{ name: 'a/data.pkl', content: evil, crc: 1 }, ...others])).message).toMatch(/checksum/)
  expect(failureOf(zipFile(first === undefined ? [] : [first, ...others])).message).toMatch(/"os\.system"/)
})
