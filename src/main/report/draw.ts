/** A figure's description (Vega-Lite) as SVG, and SVG as PNG. Nothing here needs a browser, a canvas or a font of the machine. */
import sharp from 'sharp'
import { None, parse, textMetrics, View } from 'vega'
import { compile, type Config, type TopLevelSpec } from 'vega-lite'
import { FONT_FAMILY, type FontWeight, textOutline, textWidth } from './font'
import type { Palette } from './palette'

/** For print. A figure's pixel is 1/96 of an inch. */
const DOTS_PER_INCH = 300
const PIXELS_PER_INCH = 96

const DEFAULT_SIZE = 11

const weightOf = (value: unknown): FontWeight => (value === 'bold' || Number(value) >= 600 ? 600 : 400)

textMetrics.width = ({ fontSize, fontWeight }, text) => textWidth(String(text), fontSize ?? DEFAULT_SIZE, weightOf(fontWeight))

/** What all figures have in common. */
function configOf(palette: Palette): Config {
  const text = { labelColor: palette.quiet, titleColor: palette.quiet, labelFontSize: 11, titleFontSize: 11, titleFontWeight: 'normal' as const }
  return {
    // What a figure shows is said once, by whoever puts it on a page.
    aria: false,
    font: FONT_FAMILY,
    padding: 16,
    background: palette.ground ?? 'transparent',
    view: { stroke: null },
    axis: { ...text, domainColor: palette.line, tickColor: palette.line, gridColor: palette.grid, tickSize: 4, labelPadding: 4, titlePadding: 8 },
    legend: { ...text, title: null, orient: 'top', direction: 'horizontal', symbolStrokeWidth: 2, symbolSize: 200, offset: 4, columnPadding: 16, labelColor: palette.ink },
    title: { anchor: 'start', frame: 'group', fontSize: 13, fontWeight: 600, color: palette.ink, subtitleColor: palette.quiet, subtitleFontSize: 11, subtitlePadding: 4, offset: 12 },
    text: { color: palette.ink, fontSize: 11 },
  }
}

/** The figure as SVG, its texts as text. Whatever of the description is a name of a class is data, and is escaped by the renderer. */
export async function drawSvg(spec: TopLevelSpec, palette: Palette): Promise<string> {
  const view = new View(parse(compile(spec, { config: configOf(palette) }).spec), { renderer: 'none', logLevel: None })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&apos;': "'" }
const unescaped = (text: string) => text.replace(/&(?:amp|lt|gt|quot|apos|#39);/g, (entity) => ENTITIES[entity] ?? entity)

/** The lines of a text with their offsets downwards: vega writes one line as it is, and several as `tspan`s below each other. */
function linesOf(content: string): { text: string; down: number }[] {
  if (!content.startsWith('<tspan')) return [{ text: unescaped(content), down: 0 }]
  let down = 0
  return [...content.matchAll(/<tspan([^>]*)>([^<]*)<\/tspan>/g)].map(([, attributes = '', text = '']) => {
    down += Number.parseFloat(/dy="([^"]*)"/.exec(attributes)?.[1] ?? '0')
    return { text: unescaped(text), down }
  })
}

/**
 * The same SVG with its texts as outlines. A text with a character that Inter does not have stays text, for whatever font the machine shows it in.
 */
export function withOutlines(svg: string): string {
  return svg.replace(/<text([^>]*)>((?:[^<]|<\/?tspan[^>]*>)*)<\/text>/g, (whole, attributes: string, content: string) => {
    const attribute = (name: string) => new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(attributes)?.[1]
    const size = Number.parseFloat(attribute('font-size') ?? String(DEFAULT_SIZE))
    const weight = weightOf(attribute('font-weight'))
    const share = { middle: 0.5, end: 1 }[attribute('text-anchor') ?? ''] ?? 0
    const kept = ['fill', 'opacity', 'fill-opacity'].flatMap((name) => (attribute(name) === undefined ? [] : [`${name}="${attribute(name) ?? ''}"`])).join(' ')
    const paths: string[] = []
    for (const { text, down } of linesOf(content)) {
      const outline = textOutline(text, size, weight)
      if (outline === null) return whole
      const left = (-share * textWidth(text, size, weight)).toFixed(2)
      if (outline !== '') paths.push(`<path transform="${attribute('transform') ?? ''} translate(${left},${down})" ${kept} d="${outline}"/>`)
    }
    return paths.join('')
  })
}

/** 300 dots an inch. */
export async function toPng(svg: string): Promise<Buffer> {
  const bytes = await sharp(Buffer.from(svg), { density: DOTS_PER_INCH, limitInputPixels: false })
    .png({ compressionLevel: 6, adaptiveFiltering: false })
    .withMetadata({ density: DOTS_PER_INCH })
    .toBuffer({ resolveWithObject: true })
  if (bytes.info.width < PIXELS_PER_INCH) throw new Error('The figure is empty')
  return bytes.data
}
