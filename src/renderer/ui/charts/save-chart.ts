/** A chart as a file: SVG with its colours written out, PNG drawn from that, CSV of its numbers. */
import { t } from '@lingui/core/macro'
import { GraftError } from '../../../shared/domain/error'
import { saveBlob } from '../save-file'
import type { Series } from './line-panel'

const NAMESPACE = 'http://www.w3.org/2000/svg'

/** A title as the name of a file, in whatever script it is written. */
export function safeName(title: string): string {
  return title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')
}

/** Names of colours mean nothing outside the page, so each is replaced by its value. */
function chartSvg(box: HTMLElement): { markup: string; width: number; height: number } | null {
  const svg = box.querySelector('svg')
  if (svg === null) return null
  const { width, height } = svg.getBoundingClientRect()
  const style = getComputedStyle(document.documentElement)
  const copy = svg.cloneNode(true)
  if (!(copy instanceof SVGElement)) return null
  copy.setAttribute('xmlns', NAMESPACE)
  copy.setAttribute('font-family', 'Inter, system-ui, sans-serif')
  const ground = document.createElementNS(NAMESPACE, 'rect')
  ground.setAttribute('width', String(width))
  ground.setAttribute('height', String(height))
  ground.setAttribute('fill', 'var(--paper)')
  copy.prepend(ground)
  const markup = new XMLSerializer().serializeToString(copy).replace(/var\((--[a-z0-9-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim())
  return { markup, width, height }
}

async function chartPng(box: HTMLElement): Promise<Blob | null> {
  const drawn = chartSvg(box)
  if (drawn === null) return null
  const address = URL.createObjectURL(new Blob([drawn.markup], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = drawn.width * 2
    canvas.height = drawn.height * 2
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'))
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** One row an epoch, one column a line. */
export function seriesCsv(series: readonly Series[]): string {
  const epochs = [...new Set(series.flatMap((line) => line.points.map((point) => point.x)))].sort((a, b) => a - b)
  const head = ['epoch', ...series.map((line) => line.label || 'value')].join(',')
  const rows = epochs.map((epoch) => [epoch, ...series.map((line) => line.points.find((point) => point.x === epoch)?.y ?? '')].join(','))
  return `${[head, ...rows].join('\n')}\n`
}

export async function copyChart(box: HTMLElement): Promise<void> {
  // Undefined on a page without TLS, whatever its type says.
  const clipboard: Clipboard | undefined = navigator.clipboard
  if (clipboard === undefined) throw new GraftError('UNSUPPORTED', t`The browser puts no pictures on the clipboard of a page that came without encryption.`, { action: t`Save the PNG instead.` })
  const blob = await chartPng(box)
  if (blob !== null) await clipboard.write([new ClipboardItem({ 'image/png': blob })])
}

export async function savePng(box: HTMLElement, title: string): Promise<void> {
  const blob = await chartPng(box)
  if (blob !== null) saveBlob(blob, `${safeName(title)}.png`)
}

export function saveSvg(box: HTMLElement, title: string): void {
  const drawn = chartSvg(box)
  if (drawn !== null) saveBlob(new Blob([drawn.markup], { type: 'image/svg+xml' }), `${safeName(title)}.svg`)
}

export function saveCsv(series: readonly Series[], title: string): void {
  saveBlob(new Blob([seriesCsv(series)], { type: 'text/csv' }), `${safeName(title)}.csv`)
}
