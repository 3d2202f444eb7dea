/**
 * Inter, which comes along: text is measured with it and drawn as outlines, so that a figure looks the same on a machine that has no fonts at all.
 * It has Latin, Greek and Cyrillic letters.
 */
import opentype from 'opentype.js'
import cyrillic from '@fontsource/inter/files/inter-cyrillic-400-normal.woff?inline'
import greek from '@fontsource/inter/files/inter-greek-400-normal.woff?inline'
import latinExtended from '@fontsource/inter/files/inter-latin-ext-400-normal.woff?inline'
import latin from '@fontsource/inter/files/inter-latin-400-normal.woff?inline'
import cyrillicBold from '@fontsource/inter/files/inter-cyrillic-600-normal.woff?inline'
import greekBold from '@fontsource/inter/files/inter-greek-600-normal.woff?inline'
import latinExtendedBold from '@fontsource/inter/files/inter-latin-ext-600-normal.woff?inline'
import latinBold from '@fontsource/inter/files/inter-latin-600-normal.woff?inline'

/** The family that figures name, with what stands in for it where text stays text. */
export const FONT_FAMILY = "Inter, system-ui, 'Segoe UI', 'Noto Sans', 'DejaVu Sans', sans-serif"

const FILES = { 400: [latin, latinExtended, greek, cyrillic], 600: [latinBold, latinExtendedBold, greekBold, cyrillicBold] } as const
export type FontWeight = keyof typeof FILES

const loaded = new Map<string, opentype.Font>()

/** `address`: a `data:` address, which the build makes of a font's file. */
function fontOf(address: string): opentype.Font {
  const known = loaded.get(address)
  if (known !== undefined) return known
  const bytes = Uint8Array.from(Buffer.from(address.slice(address.indexOf(',') + 1), 'base64'))
  const font = opentype.parse(bytes.buffer)
  loaded.set(address, font)
  return font
}

/** Null where none of the files has the character. */
function glyphOf(character: string, weight: FontWeight): { glyph: opentype.Glyph; unitsPerEm: number } | null {
  for (const address of FILES[weight]) {
    const font = fontOf(address)
    const index = font.charToGlyphIndex(character)
    if (index > 0) return { glyph: font.glyphs.get(index), unitsPerEm: font.unitsPerEm }
  }
  return null
}

/** What a character that is not in the font is taken to need, in ems: that of the wide ones. */
const UNKNOWN_EMS = 1

/** Width of one line in pixels. */
export function textWidth(text: string, size: number, weight: FontWeight): number {
  let ems = 0
  for (const character of text) {
    const found = glyphOf(character, weight)
    ems += found === null ? UNKNOWN_EMS : (found.glyph.advanceWidth ?? 0) / found.unitsPerEm
  }
  return ems * size
}

/** The outlines of one line from (0, 0) on its base line to the right, as an SVG path; null where a character is not in the font. */
export function textOutline(text: string, size: number, weight: FontWeight): string | null {
  let x = 0
  let path = ''
  for (const character of text) {
    const found = glyphOf(character, weight)
    if (found === null) return null
    path += found.glyph.getPath(x, 0, size).toPathData(2)
    x += ((found.glyph.advanceWidth ?? 0) / found.unitsPerEm) * size
  }
  return path
}
