import { existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cancelled } from '../../../shared/domain/error'
import type { Explanation, Explanations, Heatmap } from '../../../shared/domain/explanation'
import { KeyedRandom } from '../../../shared/domain/random'
import { atTemperature } from '../../engine/train/calibration'
import { liveTensorCount } from '../../engine/runtime/session'
import type { RunFolder } from '../../storage/run-folder'
import { starterWeightsFile } from '../../storage/paths'
import type { AskedPicture } from '../messages'
import { lastingWorkplace, makeRun, trainRun } from '../trained-runs.examples'
import { runExplainJob } from './explain'
import { runPredictJob } from './predict'

const weightsFile = starterWeightsFile()
const missingWeights = existsSync(weightsFile) ? null : `the starter weights are not at ${weightsFile}; set-up brings them`
if (missingWeights !== null) console.warn(`SKIPPED: where a trained network looks, because ${missingWeights}`)

const SIDE = 128
const CORNERS = ['upper left', 'upper right', 'lower left', 'lower right'] as const

/** Noise with one thing in a corner, which alone tells the classes apart: a red disc or a blue cross. */
async function drawCorners(folder: string, perClass: number): Promise<{ root: string; cornerOf: Map<string, number> }> {
  const root = join(folder, 'corners')
  const cornerOf = new Map<string, number>()
  for (const [classIndex, name] of ['cross', 'disc'].entries()) {
    await mkdir(join(root, name), { recursive: true })
    for (let i = 0; i < perClass; i++) {
      const random = new KeyedRandom(9, 'sample', classIndex, i)
      const noise = Uint8Array.from({ length: SIDE * SIDE * 3 }, () => 90 + random.below(60))
      const corner = i % 4
      const [x, y] = [32 + (corner % 2) * 64, 32 + Math.floor(corner / 2) * 64]
      const thing =
        name === 'disc'
          ? `<circle cx="${x}" cy="${y}" r="22" fill="#d02020"/>`
          : `<path d="M${x - 22} ${y}H${x + 22}M${x} ${y - 22}V${y + 22}" stroke="#2030d0" stroke-width="14"/>`
      const drawn = sharp(noise, { raw: { width: SIDE, height: SIDE, channels: 3 } }).composite([{ input: Buffer.from(`<svg width="${SIDE}" height="${SIDE}">${thing}</svg>`) }])
      await writeFile(join(root, name, `${i}.png`), await drawn.png().toBuffer())
      cornerOf.set(`${name}/${i}.png`, corner)
    }
  }
  return { root, cornerOf }
}

/** How much of the map lies in each quarter; the middle row and column count for both sides. */
function quarters({ height, width, values }: Heatmap): number[] {
  const sums = [0, 0, 0, 0]
  values.forEach((value, i) => {
    const [row, column] = [Math.floor(i / width), i % width]
    for (const corner of [0, 1, 2, 3]) {
      const across = corner % 2 === 0 ? column <= (width - 1) / 2 : column >= (width - 1) / 2
      const down = corner < 2 ? row <= (height - 1) / 2 : row >= (height - 1) / 2
      if (across && down) sums[corner] = (sums[corner] ?? 0) + value
    }
  })
  return sums
}

interface Heard {
  messages: string[]
  soFar: Explanations[]
}

function contextWith(heard: Heard = { messages: [], soFar: [] }, signal = new AbortController().signal) {
  const progress = (message: string, _done: number, _total: number, soFar?: unknown) => {
    heard.messages.push(message)
    if (typeof soFar === 'object' && soFar !== null && 'explained' in soFar) heard.soFar.push(soFar.explained as Explanations)
  }
  return { sendEvent: () => undefined, note: () => undefined, progress, control: { isPaused: false, stopRequested: false, signal } }
}

describe.skipIf(missingWeights !== null)('a network that was trained for a few seconds', () => {
  let folder = ''
  let root = ''
  let cornerOf = new Map<string, number>()
  let run: RunFolder
  let leave: () => Promise<void> = () => Promise.resolve()
  let held: string[] = []

  beforeAll(async () => {
    ;({ folder, leave } = await lastingWorkplace())
    ;({ root, cornerOf } = await drawCorners(folder, 24))
    run = await makeRun(folder, 'corners-run', root, {
      backbone: 'efficientnet_lite0', weights: 'imagenet', freeze_ratio: 1, image_size: 160, batch_size: 8, epochs: 5, views: 1, learning_rate: 0.01, val_ratio: 0.25, train_ratio: 0.75, test_ratio: 0,
    }) // prettier-ignore
    await trainRun(run, false).result
    held = (await run.manifest()).pictures.filter(({ split }) => split === 'val').map(({ path }) => path)
  }, 120_000)
  afterAll(() => leave())

  const ofRun = (paths: readonly string[]): AskedPicture[] => paths.map((path) => ({ path, isOfRun: true, classes: [] }))
  const jobFor = (pictures: AskedPicture[], change: { neighbours?: number; busyWith?: string | null } = {}) =>
    ({ kind: 'explain', runDirectory: run.directory, checkpoint: 'best', pictures, neighbours: 0, busyWith: null, ...change }) as const

  test('looks at the thing that tells the classes apart, in whichever corner it is', async () => {
    const before = liveTensorCount()
    const { pictures, labels } = await runExplainJob(jobFor(ofRun(held)), contextWith())
    expect(labels).toEqual(['cross', 'disc'])
    expect(held.length).toBeGreaterThanOrEqual(10)
    const right = pictures.filter(({ path, truth, prediction, heatmaps }) => {
      expect(truth).toBe(path.startsWith('disc') ? 1 : 0)
      expect(heatmaps.map(({ classIndex }) => classIndex)).toEqual([...new Set([truth, prediction])])
      const map = heatmaps.find(({ classIndex }) => classIndex === truth)
      expect([map?.height, map?.width, Math.max(...(map?.values ?? []))]).toEqual([5, 5, 1])
      const sums = map === undefined ? [] : quarters(map)
      return sums.indexOf(Math.max(...sums)) === cornerOf.get(path)
    })
    console.info(`the heatmap points at the thing in ${right.length} of ${pictures.length} pictures; corners ${CORNERS.join(', ')}`)
    expect(right.length / pictures.length).toBeGreaterThanOrEqual(0.9)
    expect(liveTensorCount()).toBe(before)
  })

  test('answers as predict does, at the run’s temperature where it has one', async () => {
    const files = held.slice(0, 4).map((path) => join(root, path))
    const predicted = await runPredictJob({ kind: 'predict', source: { kind: 'run', directory: run.directory, checkpoint: 'best' }, paths: files, topK: 2 }, contextWith())
    const { pictures, temperature } = await runExplainJob(jobFor(files.map((path) => ({ path, isOfRun: false, classes: [] }))), contextWith())
    pictures.forEach(({ probabilities, truth, path }, i) => {
      // A file that is one of the run's pictures is known by its place.
      expect([path, truth]).toEqual([files[i], held[i]?.startsWith('disc') === true ? 1 : 0])
      const plain = new Map(predicted.pictures[i]?.top.map(({ label, probability }) => [label, probability]))
      const raw = ['cross', 'disc'].map((label) => plain.get(label) ?? NaN)
      const expected = temperature === null ? raw : atTemperature(raw, temperature)
      probabilities.forEach((value, at) => expect(value).toBeCloseTo(expected[at] ?? NaN, 5))
    })
  })

  test('while something else has the machine, training pictures are not looked at', async () => {
    const busy = await runExplainJob(jobFor(ofRun(held.slice(0, 1)), { neighbours: 6, busyWith: 'training of leaves' }), contextWith())
    expect(busy).toMatchObject({ neighboursMissing: 'busy', pictures: [{ neighbours: null }] })
  })

  test('the training pictures most alike are named, told from heatmaps that came before, and computed once', async () => {
    const heard: Heard = { messages: [], soFar: [] }
    const first = await runExplainJob(jobFor(ofRun(held), { neighbours: 4 }), contextWith(heard))
    expect(heard.soFar).toHaveLength(1)
    expect(heard.soFar[0]?.pictures[0]?.heatmaps.length).toBeGreaterThan(0)
    expect(heard.messages).toContain('Reading the training pictures')
    const train = new Set((await run.manifest()).pictures.filter(({ split }) => split === 'train').map(({ path }) => path))
    const sameClass = first.pictures.filter(({ truth, neighbours }: Explanation) => {
      const similarities = neighbours?.map(({ similarity }) => similarity) ?? []
      expect(similarities).toHaveLength(4)
      expect(similarities).toEqual([...similarities].sort((a, b) => b - a))
      for (const value of similarities) expect(value).toBeLessThanOrEqual(1)
      expect(neighbours?.every(({ path }) => train.has(path))).toBe(true)
      return neighbours?.[0]?.classIndex === truth
    })
    expect(sameClass.length / first.pictures.length).toBeGreaterThanOrEqual(0.9)

    const again: Heard = { messages: [], soFar: [] }
    const second = await runExplainJob(jobFor(ofRun(held), { neighbours: 4, busyWith: 'training of leaves' }), contextWith(again))
    expect(again.messages).not.toContain('Reading the training pictures')
    expect(second.pictures.map(({ neighbours }) => neighbours?.map(({ path }) => path))).toEqual(first.pictures.map(({ neighbours }) => neighbours?.map(({ path }) => path)))
  })

  test('a training picture is not its own neighbour; its copy under another name is', async () => {
    const [path = ''] = [...(await run.manifest()).pictures].filter(({ split }) => split === 'train').map((entry) => entry.path)
    const copy = join(folder, 'copy.png')
    await copyFile(join(root, path), copy)
    const asFiles = [join(root, path), copy].map((file) => ({ path: file, isOfRun: false, classes: [] }))
    const { pictures } = await runExplainJob(jobFor([...ofRun([path]), ...asFiles], { neighbours: 2 }), contextWith())
    const [own, ownAsFile, other] = pictures.map(({ neighbours }) => neighbours?.map((neighbour) => neighbour.path))
    expect(own).not.toContain(path)
    expect(ownAsFile).toEqual(own)
    expect(other?.[0]).toBe(path)
    expect(pictures[2]?.neighbours?.[0]?.similarity).toBeGreaterThan(0.9999)
  })

  test('other classes are explained on request; what cannot be read is told and the others go on', async () => {
    const broken = join(folder, 'broken.jpg')
    await writeFile(broken, 'no picture')
    const asked = [{ path: broken, isOfRun: false, classes: [0, 1] }, { path: join(folder, 'gone.jpg'), isOfRun: false, classes: [] }, { path: join(root, held[0] ?? ''), isOfRun: false, classes: [0, 1] }]
    const { pictures } = await runExplainJob(jobFor(asked, { neighbours: 2 }), contextWith())
    expect(pictures[0]).toMatchObject({ heatmaps: [], neighbours: null, failure: { code: 'UNREADABLE' } })
    expect(pictures[1]).toMatchObject({ failure: { code: 'UNREADABLE', message: 'The file has vanished.' } })
    expect(pictures[2]?.heatmaps.map(({ classIndex }) => classIndex).sort()).toEqual([0, 1])
    expect(pictures[2]?.neighbours).toHaveLength(2)
  })

  test('a picture that the run does not name, and a stop, end it', async () => {
    await expect(runExplainJob(jobFor(ofRun(['../secret.png'])), contextWith())).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const stopped = new AbortController()
    stopped.abort()
    await expect(runExplainJob(jobFor(ofRun(held)), contextWith(undefined, stopped.signal))).rejects.toThrow(Cancelled)
  })
})

test('a run without training pictures has no neighbours to tell', async () => {
  const { folder, leave } = await lastingWorkplace()
  try {
    const { root } = await drawCorners(folder, 4)
    const run = await makeRun(folder, 'small', root, { epochs: 1, train_ratio: 0.5, val_ratio: 0.5, test_ratio: 0 })
    await trainRun(run, false).result
    const manifest = await run.manifest()
    await run.writeManifest({ ...manifest, pictures: manifest.pictures.filter(({ split }) => split !== 'train') })
    const pictures = [{ path: join(root, 'disc', '0.png'), isOfRun: false, classes: [] }]
    expect(await runExplainJob({ kind: 'explain', runDirectory: run.directory, checkpoint: 'latest', pictures, neighbours: 3, busyWith: null }, contextWith())).toMatchObject({ neighboursMissing: 'no training pictures', pictures: [{ neighbours: null, heatmaps: [{ height: 2, width: 2 }] }] })
  } finally {
    await leave()
  }
})
