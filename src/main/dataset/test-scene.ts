/** Drawn scenes for tests: no two seeds look alike, and every one is sharp. And folders of them with planted faults. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { Sharp } from 'sharp'
import { KeyedRandom } from '../../shared/domain/random'

/** Rectangles and ellipses of random places and colours on a random ground. */
export function scene(seed: number, width = 320, height = 240): Sharp {
  const random = new KeyedRandom(seed, 'sample', 77)
  const colour = (): string => `rgb(${random.below(256)},${random.below(256)},${random.below(256)})`
  const shapes = Array.from({ length: 24 }, () => {
    const [x, y, w, h] = [random.below(width), random.below(height), 10 + random.below(width / 3), 10 + random.below(height / 3)]
    return random.below(2) === 0 ? `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${colour()}"/>` : `<ellipse cx="${x}" cy="${y}" rx="${w / 2}" ry="${h / 2}" fill="${colour()}"/>`
  })
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${colour()}"/>${shapes.join('')}</svg>`
  return sharp(Buffer.from(svg)).removeAlpha()
}

export async function sceneJpeg(seed: number, width = 320, height = 240): Promise<Buffer> {
  return scene(seed, width, height).jpeg({ quality: 92 }).toBuffer()
}

/** EXIF of a shot by one camera. */
function shotAt(seed: number, time: string): Promise<Buffer> {
  return scene(seed)
    .withExif({ IFD0: { Make: 'Maker', Model: 'M1' }, IFD2: { DateTimeOriginal: time } })
    .jpeg({ quality: 92 })
    .toBuffer()
}

const level = (grey: number): Promise<Buffer> => sharp({ create: { width: 200, height: 150, channels: 3, background: { r: grey, g: grey, b: grey } } }).jpeg().toBuffer()

/**
 * Two classes of 24 sound scenes each, cats and dogs, and one of each fault: `cats/dark.jpg`, `cats/bright.jpg`, `cats/plain.jpg`, `cats/blurred.jpg`, `cats/tiny.jpg`,
 * `cats/long.jpg`, a copy (`cats/copy.jpg` of 00), a smaller recompressed one (`cats/small-copy.jpg` of 01), one in the other class (`dogs/conflict.jpg` of cats 02),
 * a burst of three (`dogs/burst-a.jpg` to `-c`).
 */
export async function writeFaultyFolder(root: string): Promise<void> {
  const files = new Map<string, Buffer>()
  for (const [base, name] of [[100, 'cats'], [200, 'dogs']] as const) {
    for (let i = 0; i < 24; i++) files.set(`${name}/${String(i).padStart(2, '0')}-scene.jpg`, await sceneJpeg(base + i))
  }
  const cat = (number: number): Buffer => files.get(`cats/0${number}-scene.jpg`) ?? Buffer.alloc(0)
  files.set('cats/dark.jpg', await level(6))
  files.set('cats/bright.jpg', await level(251))
  files.set('cats/plain.jpg', await level(128))
  files.set('cats/blurred.jpg', await scene(301).blur(9).jpeg({ quality: 92 }).toBuffer())
  files.set('cats/tiny.jpg', await sceneJpeg(302, 48, 40))
  files.set('cats/long.jpg', await sceneJpeg(303, 700, 160))
  files.set('cats/copy.jpg', cat(0))
  files.set('cats/small-copy.jpg', await sharp(cat(1)).resize(200).jpeg({ quality: 60 }).toBuffer())
  files.set('dogs/conflict.jpg', await sharp(cat(2)).resize(240).jpeg({ quality: 80 }).toBuffer())
  for (const [i, letter] of ['a', 'b', 'c'].entries()) files.set(`dogs/burst-${letter}.jpg`, await shotAt(310 + i, `2024:05:01 12:30:0${i}`))
  for (const [path, bytes] of files) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), bytes)
  }
}
