/** Comma-separated values (RFC 4180). */

/** Quoted where it holds a comma, a quote or a line break; quotes doubled. */
function csvCell(value: string | number): string {
  const text = String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A row without the line's end. */
export function csvLine(cells: readonly (string | number)[]): string {
  return cells.map(csvCell).join(',')
}

/** Rows with CRLF line ends, as the RFC has them. */
export function toCsv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${csvLine(row)}\r\n`).join('')
}
