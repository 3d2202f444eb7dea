import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, onTestFinished, test } from 'vitest'
import { EXPORT_PRECISIONS, type ExportOptions, exportOptionsSchema } from '../../../shared/domain/export'
import { resizeBilinearAntialiased } from '../../dataset/resize'
import { patternPixels } from '../../dataset/test-pictures'
import { formulaWeights } from '../../engine/golden/formula'
import { buildNetwork, findBackbone } from '../../engine/zoo/registry'
import { exampleState } from '../../storage/run-folder.examples'
import { openNetwork } from '../network-answers'
import type { ExportedModel } from './exporter'
import { onnxExporter } from './onnx'

const SIDE = 96
const LABELS = ['a, b', 'Löwenzahn "gelb"', 'c']
const WIDTH = 301
const HEIGHT = 200
/** A picture as it was decoded, and as the network takes it. */
const WHOLE = patternPixels(WIDTH, HEIGHT, 3, 5)
const RESIZED = resizeBilinearAntialiased(WHOLE, WIDTH, HEIGHT, SIDE, SIDE)

const backbone = findBackbone('mobilenet_v3_small')
const network = buildNetwork(backbone, { classes: LABELS.length, dropout: null })
const model: ExportedModel = {
  state: { ...exampleState(1), backbone: backbone.name, num_classes: LABELS.length, classes: LABELS, image_size: SIDE },
  backbone,
  network,
  preprocessing: backbone.preprocessing,
  weights: formulaWeights(network, 1.25),
}
const originally = openNetwork({ network, imageSize: SIDE, preprocessing: model.preprocessing, weights: model.weights })

const options = (given: Partial<ExportOptions>): ExportOptions => exportOptionsSchema.parse({ format: 'onnx', ...given })

async function exportedFolder(given: ExportOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-onnx-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const files = await onnxExporter.write(folder, model, given)
  expect(files.map(({ name }) => name)).toEqual(['model.onnx'])
  return folder
}

async function answersOf(folder: string, given: ExportOptions): Promise<number[]> {
  const opened = await onnxExporter.open(folder, model, given)
  expect(opened.runtime).toMatch(/^onnxruntime \d/)
  expect(opened.takes).toBe(given.preprocessing_inside ? 'whole' : 'resized')
  const one = given.preprocessing_inside ? { count: 1, width: WIDTH, height: HEIGHT, pixels: WHOLE } : { count: 1, width: SIDE, height: SIDE, pixels: RESIZED }
  const [answer = []] = await opened.probabilities(one)
  const two = await opened.probabilities({ ...one, count: 2, pixels: Uint8Array.from([...one.pixels, ...one.pixels].reverse()) })
  expect(two).toHaveLength(2)
  await opened.close()
  return answer
}

const furthest = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? NaN))))

test.each([false, true])('every precision keeps its bound and its size, preprocessing inside: %s', async (inside) => {
  const [expected = []] = originally.probabilities(RESIZED, 1)
  const limits = { float32: { difference: 1e-4, share: 1.05 }, float16: { difference: 1e-2, share: 0.55 }, int8: { difference: 0.1, share: 0.32 } }
  const weightsBytes = [...model.weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0)
  for (const precision of EXPORT_PRECISIONS) {
    const given = options({ precision, preprocessing_inside: inside })
    const folder = await exportedFolder(given)
    expect(furthest(await answersOf(folder, given), expected), precision).toBeLessThan(limits[precision].difference)
    expect((await stat(join(folder, 'model.onnx'))).size / weightsBytes, precision).toBeLessThan(limits[precision].share)
  }
})

test('a file that was cut off, and one that is gone, are refused with what to do', async () => {
  const folder = await exportedFolder(options({}))
  const bytes = await readFile(join(folder, 'model.onnx'))
  await writeFile(join(folder, 'model.onnx'), bytes.subarray(0, bytes.length / 2))
  await expect(onnxExporter.open(folder, model, options({}))).rejects.toMatchObject({ code: 'UNREADABLE', action: expect.stringMatching(/Export/) })
  await rm(join(folder, 'model.onnx'))
  await expect(onnxExporter.open(folder, model, options({}))).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

/** The Python to run the example with; GRAFT_PEER_PYTHON names another than the one on the path. */
const python = process.env['GRAFT_PEER_PYTHON'] ?? 'python3'
function missingFromPython(): string | null {
  try {
    execFileSync(python, ['-c', 'import numpy, onnxruntime, PIL'], { stdio: 'ignore' })
    return null
  } catch {
    return `${python} has no onnxruntime, Pillow or numpy; set GRAFT_PEER_PYTHON to one that has`
  }
}
const missing = missingFromPython()
if (missing !== null) console.warn(`SKIPPED: the examples of ONNX exports, because ${missing}`)

test.skipIf(missing !== null).each([false, true])('the example runs as it is and says the same, preprocessing inside: %s', async (inside) => {
  const given = options({ preprocessing_inside: inside })
  const folder = await exportedFolder(given)
  const example = onnxExporter.example(model, given)
  await writeFile(join(folder, example.file), example.text)
  // Lies on its side; its EXIF orientation says so.
  const turned = sharp(WHOLE, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).rotate(90)
  await writeFile(join(folder, 'picture.png'), await turned.withMetadata({ orientation: 8 }).png().toBuffer())
  const answer = await answersOf(folder, given)
  const printed = execFileSync(python, [join(folder, example.file), join(folder, 'picture.png')], { encoding: 'utf8' })
  const expected = LABELS.map((label, i) => ({ label, probability: answer[i] ?? NaN })).sort((a, b) => b.probability - a.probability)
  expect(printed.trim().split(/\r?\n/).map((line) => line.slice(0, -6).trim())).toEqual(expected.map(({ label }) => label))
  printed.trim().split(/\r?\n/).forEach((line, i) => {
    expect(Math.abs(Number(line.slice(-6)) - (expected[i]?.probability ?? NaN)), line).toBeLessThan(2e-4)
  })
})
