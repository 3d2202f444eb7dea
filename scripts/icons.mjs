// Renders assets/*.svg into the sizes that the desktop systems want: node scripts/icons.mjs, after changing a drawing.
import { join } from 'node:path'
import sharp from 'sharp'
import { repositoryRoot } from './setup/context.mjs'

/** What is drawn from what, and how many pixels it is wide and high. */
export const icons = [
  { drawing: 'icon.svg', file: 'icon.png', side: 1024 },
  { drawing: 'icon.svg', file: 'icon-256.png', side: 256 },
  { drawing: 'icon.svg', file: 'icon-32.png', side: 32 },
  { drawing: 'trayTemplate.svg', file: 'trayTemplate.png', side: 16 },
  { drawing: 'trayTemplate.svg', file: 'trayTemplate@2x.png', side: 32 },
]

const viewBoxSide = 32
const dotsPerInch = 72

for (const { drawing, file, side } of icons) {
  const assets = join(repositoryRoot, 'assets')
  // The drawing is rasterised at its final size, so nothing is blurred by scaling afterwards.
  await sharp(join(assets, drawing), { density: (dotsPerInch * side) / viewBoxSide })
    .resize(side, side)
    .png({ compressionLevel: 9 })
    .toFile(join(assets, file))
}
