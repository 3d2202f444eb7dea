/** Explanations as files: each heatmap over its picture as a PNG, and all numbers as JSON. */
import { basename, extname, join } from 'node:path'
import sharp from 'sharp'
import type { Explanations } from '../../shared/domain/explanation'
import { paintHeatmap } from '../../shared/domain/heatmap'
import { decodePicture } from '../dataset/decode'
import { atomicWrite, makeFolder } from '../storage/atomic-write'

/** Longer side of what is drawn; smaller pictures are enlarged to it, so that the map is smooth. */
const DRAWN_SIDE = 768
/** Of the heatmap over the picture. */
const OPACITY = 0.55
const NUMBERS = 'explanations.json'

export interface WrittenHeatmap {
  path: string
  label: string
  file: string
}

/**
 * Writes into `directory`, which is made where it is not there; files of the same names are replaced. Pictures were asked for by their files.
 * @returns what was drawn, and the file of numbers
 * @throws GraftError STORAGE
 */
export async function writeExplanations(directory: string, explanations: Explanations, onProgress: (done: number, total: number) => void = () => undefined): Promise<{ heatmaps: WrittenHeatmap[]; numbers: string }> {
  await makeFolder(directory)
  const heatmaps: WrittenHeatmap[] = []
  const taken = new Set<string>([NUMBERS])
  for (const [done, picture] of explanations.pictures.entries()) {
    onProgress(done, explanations.pictures.length)
    if (picture.failure !== null) continue
    const { pixels, width, height } = await decodePicture(picture.path)
    const scale = DRAWN_SIDE / Math.max(width, height)
    const [drawnWidth, drawnHeight] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
    const drawn = await sharp(pixels, { raw: { width, height, channels: 3 } }).resize(drawnWidth, drawnHeight, { fit: 'fill' }).raw().toBuffer()
    for (const map of picture.heatmaps) {
      const label = explanations.labels[map.classIndex] ?? String(map.classIndex)
      const heat = paintHeatmap(map, drawnWidth, drawnHeight)
      const blended = Buffer.from(drawn)
      for (let pixel = 0; pixel < drawnWidth * drawnHeight; pixel++) {
        for (let channel = 0; channel < 3; channel++) {
          const at = pixel * 3 + channel
          blended[at] = Math.round((drawn[at] ?? 0) * (1 - OPACITY) + (heat[pixel * 4 + channel] ?? 0) * OPACITY)
        }
      }
      const file = join(directory, freeName(`${plain(basename(picture.path, extname(picture.path)))}.${plain(label)}`, taken))
      await atomicWrite(file, await sharp(blended, { raw: { width: drawnWidth, height: drawnHeight, channels: 3 } }).png().toBuffer())
      heatmaps.push({ path: picture.path, label, file })
    }
  }
  const numbers = join(directory, NUMBERS)
  const files = heatmaps.map(({ path, label, file }) => ({ path, label, file: basename(file) }))
  await atomicWrite(numbers, `${JSON.stringify({ ...explanations, files }, null, 2)}\n`)
  return { heatmaps, numbers }
}

/** What every file system takes. */
const plain = (name: string): string => name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'picture'

function freeName(stem: string, taken: Set<string>): string {
  for (let count = 1; ; count++) {
    const name = count === 1 ? `${stem}.png` : `${stem}-${count}.png`
    if (taken.has(name.toLowerCase())) continue
    taken.add(name.toLowerCase())
    return name
  }
}
