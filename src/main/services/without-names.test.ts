import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withoutNames } from './without-names'

const PLACES = { '<data>': '/srv/ada/graft-data', '<runs>': '/srv/ada/graft-data/runs', '<graft>': '/opt/graft' }

test.each([
  ['Data: /srv/ada/graft-data, 20.1 GiB free', 'Data: <data>, 20.1 GiB free'],
  ['Runs in /srv/ada/graft-data/runs/2026-11-21-orchids', 'Runs in <runs>'],
  ['/srv/ada/graft-data-of-another/x.jpg cannot be read', '<path> cannot be read'],
  [`No room in ${join(homedir(), 'Pictures', 'wedding')}.`, 'No room in <home>'],
  [`${join(tmpdir(), 'graft-1')} is full`, '<temporary> is full'],
  ['C:\\Users\\Ada\\Pictures is not there', '<path> is not there'],
  ['at train (file:///opt/graft/out/main/trainer.js:12:3)', 'at train (<graft> trainer.js:12:3)'],
  ['weights, when asked for, from https://mirror.example.org/ada/models/', 'weights, when asked for, from https://mirror.example.org'],
  ['orchids/IMG_0031.jpg is damaged', '<path> is damaged'],
  ['TensorFlow 2.9.1 from its wheel, addon 4.22.0', 'TensorFlow 2.9.1 from its wheel, addon 4.22.0'],
  ['CPU, 2 threads; bfloat16 (auto)', 'CPU, 2 threads; bfloat16 (auto)'],
  // Where a name with spaces ends nobody knows: what follows stays only where it is plainly the sentence again.
  ['cannot open /media/anna/My Passport/Lisa Miller/IMG 1.jpg', 'cannot open <path>'],
  [`ENOSPC: no space left on device, open '/media/usb/Backup Lisa Miller'`, 'ENOSPC: no space left on device, open <path>'],
  [`ENOENT: no such file or directory, rename '/media/Lisa's/a b' -> '/media/Lisa Miller'`, 'ENOENT: no such file or directory, rename <path>'],
  [`ENOENT: no such file or directory, open 'D:\\Fotos von Lisa Miller\\Haus am See.jpg'`, 'ENOENT: no such file or directory, open <path>'],
  [`open 'Fotos von Lisa/Haus am`, '<path>'],
  ['\\\\NAS\\Familie Miller\\Bilder 2024 is not a folder', '<path> is not a folder'],
  ['/srv/ada/graft-data/runs/leaves of Lisa/run.json is gone', '<runs> is gone'],
  ['/srv/ada/graft-data of Lisa', '<data>'],
  [`No room in ${join(homedir(), 'Pictures', 'wedding of Lisa')}`, 'No room in <home>'],
  ['/mnt/photos of Lisa is full', '<path> is full'],
  ['/mnt/photos of Lisa, Miller', '<path>'],
  ['The picture Lisa Miller/x.jpg: broken', '<path>'],
  ['Birds of Lisa.jpg could not be decoded', '<path> could not be decoded'],
  ['Birds-of-Lisa.jpg: not a picture', '<path>: not a picture'],
  ['Lisa and Ada.heic', '<path>'],
  ['C:\\Users\\Anna Smith\\Pictures\\a.jpg', '<path>'],
  ['first line\nin /media/Lisa Miller\nlast line', 'first line\nin <path>\nlast line'],
  ['at async open (node:internal/fs/promises:639:25)', 'at async open (node:internal/fs/promises:639:25)'],
  ['2.1: W tensorflow/core/kernels/gpu.cc:128] no device', '2.1: W tensorflow/core/kernels/gpu.cc:128] no device'],
])('%s', (text, expected) => {
  expect(withoutNames(text, PLACES)).toBe(expected)
})

test('names are taken out as whole words, whatever signs they are made of', () => {
  expect(withoutNames('The run orchids (v1.0)+ of orchid garden failed; orchidsX stays', PLACES, ['orchids', 'orchids (v1.0)+', 'orchid garden', 'a'])).toBe('The run <name> of <name> failed; orchidsX stays')
})

test('names are known within a path that they cut apart, and do not hide where Graft lies', () => {
  expect(withoutNames('The run Lisa/Ada in /srv/ada/graft-data/runs/x is full', PLACES, ['Lisa/Ada', 'data', 'runs'])).toBe('The run <name> in <runs> is full')
  expect(withoutNames('"Lisa Miller" has no picture', PLACES, ['Lisa Miller'])).toBe('"<name>" has no picture')
})
