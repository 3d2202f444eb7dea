/**
 * Nothing leaves the machine, and nothing is written but where the product says. Training a frozen network, exporting and asking it take every native
 * library there is: TensorFlow, ONNX Runtime (whose published build reports to its makers unless told not to), libvips.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSampleDataset } from '../src/main/dataset/sample'
import { COMMAND_LINE } from './graft'
import { skipLoudly } from './photographs'

const program = process.env['GRAFT_E2E_PROGRAM'] ?? COMMAND_LINE
const home = mkdtempSync(join(tmpdir(), 'graft-e2e-'))
const run = join(home, 'run')
beforeAll(async () => {
  // As many as ONNX Runtime is opened for.
  await makeSampleDataset(join(home, 'leaves'), { perClass: 60 })
})
afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

const folder = (name: string) => {
  const path = join(home, name)
  mkdirSync(path, { recursive: true })
  return path
}

/** Addresses that were connected to or sent to beyond this machine, by strace's lines. */
function addressesIn(trace: string): string[] {
  const lines = trace.split('\n').filter((line) => /sa_family=AF_INET6?\b/.test(line))
  return lines.filter((line) => !/inet_addr\("127\.|inet_pton\(AF_INET6, "::1"/.test(line))
}

const canTrace = process.platform === 'linux' && spawnSync('strace', ['-e', 'trace=none', 'true']).status === 0
if (!canTrace) skipLoudly('no connection is opened', 'strace is not here, or may not trace', 'install strace on Linux')

/** A home, a place for temporary files and system calls of their own. */
function watched(args: readonly string[]) {
  const environment = {
    ...process.env,
    HOME: folder('home'), TMPDIR: folder('temporary'), XDG_CACHE_HOME: folder('cache'), XDG_DATA_HOME: folder('shared'), XDG_CONFIG_HOME: folder('settings'),
    GRAFT_DATA_DIR: folder('data'), GRAFT_PICTURE_CACHE_DIR: folder('pictures'), GRAFT_FEATURE_CACHE_DIR: folder('features'),
    // With it ONNX Runtime keeps quiet by itself.
    CI: undefined, GITHUB_ACTIONS: undefined, TF_BUILD: undefined,
  } // prettier-ignore
  const trace = join(home, 'trace')
  const command = canTrace ? ['strace', '-f', '--seccomp-bpf', '-e', 'trace=connect,sendto,sendmsg', '-o', trace, process.execPath] : [process.execPath]
  const [start = '', ...first] = command
  const ended = spawnSync(start, [...first, program, ...args], { env: environment, encoding: 'utf8' })
  return { ended, addresses: canTrace ? addressesIn(readFileSync(trace, 'utf8')) : [] }
}

test('what strace says of a connection beyond the machine is seen', () => {
  expect(addressesIn('7 connect(21, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = -1')).toHaveLength(1)
  expect(addressesIn('7 connect(21, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0')).toHaveLength(0)
  expect(addressesIn('7 connect(21, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1')).toHaveLength(0)
})

test.each([
  ['training', ['train', join(home, 'leaves'), '--backbone', 'mobilenet_v3_small', '--weights', 'none', '--freeze-ratio', '1', '--epochs', '1', '--image-size', '64', '--json', '--out', run]],
  ['exporting', ['export', run, '--format', 'onnx', '--to', join(home, 'exported'), '--json']],
])('%s tells nobody, and leaves nothing among the temporary files', (_, args) => {
  const { ended, addresses } = watched(args)
  expect(ended.status, ended.stderr).toBe(0)
  expect(addresses).toEqual([])
  expect(readdirSync(join(home, 'temporary'))).toEqual([])
  expect(readdirSync(join(home, 'home'))).toEqual([])
  expect(readdirSync(join(home, 'cache')).filter((name) => name !== 'graft')).toEqual([])
})
