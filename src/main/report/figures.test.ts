import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import type { EpochRecord } from '../../shared/domain/metrics'
import { KeyedRandom } from '../../shared/domain/random'
import { exampleEpoch } from '../storage/run-folder.examples'
import { calibrationSpec } from './calibration-figure'
import { confusionSpec } from './confusion'
import { curvesOf, curvesSpec } from './curves'
import { drawSvg, toPng, withOutlines } from './draw'
import { PAGE, PRINT } from './palette'

/** To look at the pictures: GRAFT_SCREENSHOTS names the folder. */
async function look(name: string, svg: string): Promise<void> {
  const folder = process.env['GRAFT_SCREENSHOTS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.svg`), svg)
  writeFileSync(join(folder, `${name}.png`), await toPng(svg))
}

/** What has no place in a figure that is drawn without fonts. */
const faults = (svg: string) => ['<text', 'NaN', 'Infinity', 'undefined', 'var('].filter((fault) => svg.includes(fault))

/** Learns fast, then only its training pictures; the third stage starts at 15. */
function history(count: number, stages = 1): EpochRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const epoch = i + 1
    const random = new KeyedRandom(3, 'sample', epoch)
    const stage = Math.min(stages, 1 + Math.floor((i * stages) / count))
    const rate = 1e-3 / 10 ** (stage - 1)
    return {
      ...exampleEpoch(epoch),
      stage,
      learning_rate: rate,
      learning_rates: stages > 1 ? { head: rate, backbone: rate / 5 } : { all: rate },
      train_loss: 0.1 + 1.4 * Math.exp(-i / 4),
      val_loss: 0.3 + 1.1 * Math.exp(-i / 3) + i * 0.008 + random.between(0, 0.05),
      train_accuracy: 1 - 0.5 * Math.exp(-i / 4),
      val_accuracy: 0.86 - 0.4 * Math.exp(-i / 3) - i * 0.002 + random.between(0, 0.02),
      val_macro_f1: 0.84 - 0.4 * Math.exp(-i / 3) + random.between(0, 0.02),
    }
  })
}

function matrixOf(classes: number, perClass: number): { classes: string[]; matrix: number[][] } {
  const words = ['apple scab', 'black rot', 'cedar rust', 'healthy', 'powdery mildew', 'Cercospora grey leaf spot of maize', 'northern blight', 'esca', 'Grüne Flecken', 'Ржавчина']
  const names = Array.from({ length: classes }, (_, i) => (classes === 2 ? (['dandelion', 'grass'][i] ?? '') : i < words.length ? (words[i] ?? '') : `species ${i + 1}`))
  const matrix = names.map((_, truth) => {
    const random = new KeyedRandom(1, 'sample', truth, classes)
    const row = new Array<number>(classes).fill(0)
    for (let i = 0; i < perClass; i++) {
      const at = random.uniform() < 0.82 ? truth : random.uniform() < 0.6 ? (truth + 1) % classes : random.below(classes)
      row[at] = (row[at] ?? 0) + 1
    }
    return row
  })
  return { classes: names, matrix }
}

const curves = (epochs: EpochRecord[], monitor = 'val_accuracy') => ({ title: 'leaves', subtitle: 'EfficientNet-Lite0 · best epoch 4 (ringed)', epochs, bestEpoch: Math.min(4, epochs.length), monitor })

test('stages or macro-F1 show guide C’s curves, other runs guide B’s', () => {
  const titles = (epochs: EpochRecord[], monitor: string) => curvesOf(epochs, monitor).map(({ title }) => title.split(':')[0])
  expect(titles(history(5), 'val_accuracy')).toEqual(['Accuracy', 'Loss', 'Learning rate', 'Overfitting gap'])
  expect(titles(history(9, 3), 'val_accuracy')).toEqual(['Loss', 'Accuracy', 'Macro-F1', 'Learning rate'])
  expect(titles(history(5), 'val_macro_f1')).toEqual(['Loss', 'Accuracy', 'Macro-F1', 'Learning rate'])
})

test.each([
  ['one epoch', history(1)],
  ['fifteen epochs', history(15)],
  ['three stages', history(25, 3)],
  ['three hundred epochs', history(300)],
  ['numbers that are not finite', history(6).map((epoch, i) => (i < 3 ? epoch : { ...epoch, train_loss: NaN, val_loss: Infinity }))],
])('curves of %s', async (name, epochs) => {
  const svg = withOutlines(await drawSvg(curvesSpec(curves(epochs), PRINT), PRINT))
  await look(`curves-${name.replaceAll(' ', '-')}`, svg)
  expect(faults(svg)).toEqual([])
  // A dashed line in each of the four panels for each end of a stage.
  expect(svg.match(/stroke-dasharray="5,4"/g)?.length ?? 0).toBe(name === 'three stages' ? 8 : 0)
})

test.each([1, 2, 3, 7, 12, 24, 40, 100, 300])('a confusion matrix of %i classes', async (count) => {
  const { classes, matrix } = matrixOf(count, count > 50 ? 30 : count === 2 ? 60 : 120)
  for (const isNormalized of [false, true]) {
    const content = { title: 'Confusion matrix', subtitle: '60 test pictures · accuracy 93.3 % · best checkpoint, epoch 4', classes, matrix, isNormalized }
    const svg = withOutlines(await drawSvg(confusionSpec(content, PRINT), PRINT))
    await look(`matrix-${count}${isNormalized ? '-normalised' : ''}`, svg)
    expect(faults(svg)).toEqual([])
    const drawn = count > 60 ? matrix.flat().filter((value) => value > 0).length : count * count
    expect(svg.match(/fill-opacity/g)?.length).toBe(drawn)
  }
})

test('calibration', async () => {
  const bins = (bend: number) =>
    Array.from({ length: 15 }, (_, i) => ({ low: i / 15, high: (i + 1) / 15, count: i < 4 ? 0 : 3 + i * i, confidence: (i + 0.5) / 15, accuracy: ((i + 0.5) / 15) ** bend }))
  const side = (bend: number, error: number) => ({ expected_calibration_error: error, negative_log_likelihood: 0.4, bins: bins(bend) })
  const calibration = { before: side(1.6, 0.081), temperature: 1.42, after: side(1.05, 0.013), temperature_missing: null }
  const both = withOutlines(await drawSvg(calibrationSpec({ title: 'Calibration', subtitle: '600 test pictures', calibration }, PRINT), PRINT))
  await look('calibration', both)
  const alone = { ...calibration, temperature: null, after: null, temperature_missing: 'every answer is right' as const }
  const one = withOutlines(await drawSvg(calibrationSpec({ title: 'Calibration', subtitle: '600 test pictures', calibration: alone }, PRINT), PRINT))
  await look('calibration-alone', one)
  expect(both.length).toBeGreaterThan(one.length)
})

test('a picture is 300 dots an inch, and its texts are drawn without a font of the machine', async () => {
  const { classes, matrix } = matrixOf(2, 60)
  const svg = await drawSvg(confusionSpec({ title: 'T', subtitle: '', classes, matrix, isNormalized: false }, PRINT), PRINT)
  expect(svg.includes('>dandelion</text>')).toBe(true)
  const png = await toPng(withOutlines(svg))
  const { width = 0, density } = await sharp(png).metadata()
  expect(density).toBe(300)
  expect(width).toBeGreaterThan(900)
  expect(faults(withOutlines(svg))).toEqual([])
})

test('names of classes are data: escaped, and never an expression', async () => {
  const classes = ['</text><script>alert(1)</script>', "'] + event", '猫']
  const matrix = [[1, 0, 0], [0, 1, 0], [0, 1, 2]] // prettier-ignore
  const svg = await drawSvg(confusionSpec({ title: 'T', subtitle: '', classes, matrix, isNormalized: false }, PAGE), PAGE)
  expect(svg.includes('<script')).toBe(false)
  expect(svg.includes("'] + event</text>")).toBe(true)
  expect(svg.includes('var(--error)')).toBe(true)
  // What Inter does not have stays text, for a font of the machine.
  expect(/<text[^>]*>猫<\/text>/.test(withOutlines(svg))).toBe(true)
})
