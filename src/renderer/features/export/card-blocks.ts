/** The blocks of a model card's Markdown: the kinds that Graft's own cards are made of. Whatever else comes is a paragraph. */

export type CardBlock =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] }
  | { kind: 'table'; header: string[]; rows: string[][]; alignments: ('left' | 'right')[] }

const unescape = (text: string): string => text.replace(/\\([\\`*_{}[\]<>#|~])/g, '$1')

/** Between the outer bars; a bar in a name is escaped. */
const cellsOf = (line: string): string[] =>
  line
    .replace(/^\s*\|/, '')
    .replace(/\|\s*$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => unescape(cell.trim()))

function tableOf([header = '', rule = '', ...rows]: readonly string[]): CardBlock {
  return { kind: 'table', header: cellsOf(header), rows: rows.map(cellsOf), alignments: cellsOf(rule).map((cell) => (cell.endsWith(':') ? 'right' : 'left')) }
}

function blockOf(text: string): CardBlock {
  const lines = text.split('\n')
  const [, marks, title] = /^(#{1,6}) (.*)$/.exec(text) ?? []
  if (marks !== undefined && title !== undefined) return { kind: 'heading', level: marks.length, text: unescape(title) }
  if (lines.every((line) => line.startsWith('- '))) return { kind: 'list', items: lines.map((line) => unescape(line.slice(2))) }
  if (lines.length >= 2 && lines.every((line) => line.startsWith('|')) && /^\|[\s:|-]+\|$/.test(lines[1] ?? '')) return tableOf(lines)
  return { kind: 'paragraph', text: unescape(lines.join(' ')) }
}

export function cardBlocks(markdown: string): CardBlock[] {
  return markdown
    .split(/\n{2,}/)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(blockOf)
}
