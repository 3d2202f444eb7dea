import { expect, test } from 'vitest'
import { cardBlocks } from './card-blocks'

test('headings, paragraphs, lists and tables', () => {
  const card = '# Leaves\n\nTells 2 classes\napart.\n\n| class | recall |\n| --- | ---: |\n| a | 0.9 |\n| b \\| c | 1.0 |\n\n- one\n- two\n'
  expect(cardBlocks(card)).toEqual([
    { kind: 'heading', level: 1, text: 'Leaves' },
    { kind: 'paragraph', text: 'Tells 2 classes apart.' },
    { kind: 'table', header: ['class', 'recall'], rows: [['a', '0.9'], ['b | c', '1.0']], alignments: ['left', 'right'] }, // prettier-ignore
    { kind: 'list', items: ['one', 'two'] },
  ])
})

test('a table of settings has no names above it', () => {
  expect(cardBlocks('| | |\n|---|---|\n| seed | 42 |')).toEqual([{ kind: 'table', header: ['', ''], rows: [['seed', '42']], alignments: ['left', 'left'] }])
})

test('names that look like Markdown or markup stay text', () => {
  expect(cardBlocks('# \\<img src=x\\> \\*a\\*')).toEqual([{ kind: 'heading', level: 1, text: '<img src=x> *a*' }])
  expect(cardBlocks('| not a table')).toEqual([{ kind: 'paragraph', text: '| not a table' }])
})
