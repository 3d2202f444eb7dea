import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { installationRoot } from '../installation'
import { createStudio } from '../services/studio'
import { EXIT_CODES } from './exit-codes'
import { listPictures } from './picture-paths'
import { runProgram, VERBS } from './program'
import { capturedTerminal } from './testing/captured-terminal'

let folder: string
const before = { data: process.env['GRAFT_DATA_DIR'], cache: process.env['GRAFT_CACHE_DIR'] }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'graft-cli-'))
  process.env['GRAFT_DATA_DIR'] = join(folder, 'data')
  process.env['GRAFT_CACHE_DIR'] = join(folder, 'cache')
})
afterEach(() => {
  for (const [name, value] of [['GRAFT_DATA_DIR', before.data], ['GRAFT_CACHE_DIR', before.cache]] as const) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  rmSync(folder, { recursive: true, force: true })
})

async function graft(...parameters: string[]) {
  const terminal = capturedTerminal({ workingDirectory: folder })
  const code = await runProgram(parameters, {
    terminal,
    version: '1.2.3',
    createStudio: (roots) => createStudio({ door: 'served', roots, version: '1.2.3' }),
    logDirectory: () => join(folder, 'logs'),
  })
  return { code, out: terminal.out(), err: terminal.err() }
}

test.each<[string, number, RegExp]>([
  ['', 2, /Usage: graft/],
  ['trian x', 2, /unknown command 'trian'\n\(Did you mean train\?\)/],
  ['train', 2, /missing required argument 'data'/],
  ['train x --epoch 3', 2, /unknown option '--epoch'\n\(Did you mean --epochs\?\)/],
  ['train x --epochs', 2, /argument missing/],
  ['train x --epochs ten', 2, /--epochs expects a whole number from 1 to 10000, but "ten" came/],
  ['train x --preset quick', 2, /Allowed choices are fast, balanced, best/],
  ['train missing', 3, /missing does not exist/],
  ['train x --config none.yaml', 3, /none\.yaml/],
  ['train x y', 2, /too many arguments/],
  ['resume nothing', 3, /There is no run "nothing"/],
  ['evaluate nothing', 3, /There is no run "nothing"/],
  ['evaluate empty', 3, /holds no model: a run, one of its checkpoints or an export was expected/],
  ['predict nothing some.jpg', 3, /There is no run "nothing"/],
  ['predict nothing some.jpg --top 0', 2, /--top expects a whole number of 1 or more, but "0" came/],
  ['explain nothing some.jpg', 2, /required option '--out <folder>' not specified/],
  ['explain nothing some.jpg --out o', 3, /There is no run "nothing"/],
  ['explain nothing some.jpg --out o --neighbours -1', 2, /--neighbours expects a whole number from 0 to 100, but "-1" came/],
  ['export nothing', 2, /required option '--to <folder>' not specified/],
  ['export nothing --to out', 3, /There is no run "nothing"/],
  ['inspect missing', 3, /missing does not exist/],
  ['models resnet19', 3, /Did you mean resnet18\?/],
  ['serve --port 99999', 2, /--port expects a whole number from 0 to 65535, but "99999" came/],
  ['serve --root missing', 3, /--root expects a folder/],
])('graft %s ends with code %i and says why', async (line, code, message) => {
  mkdirSync(join(folder, 'empty'))
  const answer = await graft(...line.split(' ').filter((part) => part !== ''))
  expect(answer.err).toMatch(message)
  expect(answer.code).toBe(code)
  expect(answer.out).toBe('')
  expect(answer.err).not.toMatch(/^\s+at .*:\d+:\d+/m)
})

test('with --json a failure is one error event on stdout, and words on stderr', async () => {
  for (const line of ['train missing --json', 'train x --epochs ten --json', 'train x --epoch 3 --json', 'predict x y.jpg --csv - --json']) {
    const { out, err } = await graft(...line.split(' '))
    const event = JSON.parse(out) as { event: string; failure: { code: string; message: string } }
    expect(event.event).toBe('error')
    expect(event.failure.message.length).toBeGreaterThan(5)
    expect(err).toContain('error:')
  }
})

test('a defect shows a sentence, not its stack, and keeps the technical part in a file', async () => {
  const terminal = capturedTerminal()
  const code = await runProgram(['models'], {
    terminal,
    version: '1',
    createStudio: () => {
      throw new TypeError('something inside')
    },
    logDirectory: () => join(folder, 'logs'),
  })
  expect(code).toBe(1)
  expect(terminal.err()).toContain('something inside')
  expect(terminal.err()).toContain('report')
  expect(terminal.err()).not.toContain('program.test.ts')
  const [log] = readdirSync(join(folder, 'logs'))
  expect(readFileSync(join(folder, 'logs', log ?? ''), 'utf8')).toContain('TypeError: something inside')
})

test('help and version go to stdout with code 0', async () => {
  expect(await graft('--version')).toMatchObject({ code: 0, out: '1.2.3\n', err: '' })
  const help = await graft('--help')
  expect(help.code).toBe(0)
  for (const { name } of VERBS) {
    expect(help.out).toContain(`  ${name} `)
    expect((await graft(name, '--help')).out).toContain(`Usage: graft ${name}`)
  }
})

test('docs/cli.md has every verb and every exit code', () => {
  const text = readFileSync(join(installationRoot(), 'docs', 'cli.md'), 'utf8')
  for (const { name } of VERBS) expect(text).toMatch(new RegExp(`\`${name}[ \`]`))
  for (const { code, meaning } of EXIT_CODES) expect(text).toContain(`| ${code} | ${meaning} |`)
})

test('runs and models answer without any set-up', async () => {
  expect((await graft('runs')).out).toContain('There are no runs yet')
  expect(await graft('runs', '--json')).toMatchObject({ code: 0, out: '' })
  const lines = (await graft('models', '--json')).out.trimEnd().split('\n').map((line) => JSON.parse(line) as { name: string })
  expect(lines.map(({ name }) => name)).toContain('efficientnet_lite0')
  expect((await graft('models', 'resnet18', '--layers')).out).toContain('layer1.0.conv1')
  const { out } = await graft('models', 'resnet18', '--freeze', 'stage', '--head', 'mlp', '--classes', '12')
  const [before, after] = out.split('freezing ends here')
  expect(before).toMatch(/layer2 +5 +28×28×128 .*frozen/)
  expect(before).not.toContain('layer3')
  expect(after).toMatch(/layer3 .*trains[^]*head \(mlp\) +12 +268,812/)
  expect(after).toContain('Parameters 11.4M (10.8M trainable)')
})

test('folders are walked for pictures, in the same order everywhere, hidden ones passed over', async () => {
  for (const path of ['b/2.JPG', 'b/1.png', 'b/.hidden.jpg', 'b/.cache/3.jpg', 'a.webp', 'b/notes.txt', 'B/z.tif']) {
    mkdirSync(join(folder, 'p', path, '..'), { recursive: true })
    writeFileSync(join(folder, 'p', path), '')
  }
  symlinkSync(join(folder, 'p'), join(folder, 'p', 'b', 'round'))
  const found = await listPictures(['p', 'p/b/notes.txt'], folder)
  expect(found.map((path) => path.slice(folder.length))).toEqual(['/p/B/z.tif', '/p/a.webp', '/p/b/1.png', '/p/b/2.JPG', '/p/b/notes.txt'])
  await expect(listPictures(['p/none.jpg'], folder)).rejects.toThrow(/There is no picture or folder/)
  mkdirSync(join(folder, 'void'))
  await expect(listPictures(['void'], folder)).rejects.toThrow(/Pictures were expected/)
})
