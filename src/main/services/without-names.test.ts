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
])('%s', (text, expected) => {
  expect(withoutNames(text, PLACES)).toBe(expected)
})

test('names are taken out as whole words, whatever signs they are made of', () => {
  expect(withoutNames('The run orchids (v1.0)+ of orchid garden failed; orchidsX stays', PLACES, ['orchids', 'orchids (v1.0)+', 'orchid garden', 'a'])).toBe('The run <name> of <name> failed; orchidsX stays')
})
