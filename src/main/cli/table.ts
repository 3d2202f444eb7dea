/** Columns of text. */
import { printable } from './format'

export interface Column {
  title: string
  /** Numbers stand to the right. */
  align?: 'left' | 'right'
}

/** Lines of a table with a head; the last column is not padded. Empty cells are shown as a dash. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((_, index) => printable(row[index] ?? '') || '-'))]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => displayWidth(row[index] ?? ''))))
  return cells.map((row) =>
    row
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - displayWidth(cell))
        return columns[index]?.align === 'right' ? padding + cell : cell + padding
      })
      .join('  ')
      .trimEnd(),
  )
}

/** Columns a terminal uses for the text: wide scripts take two each. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (/\p{Mn}/u.test(character)) continue
    width += (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xff00 && code <= 0xff60) ? 2 : 1
  }
  return width
}
