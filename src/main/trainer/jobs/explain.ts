/** `explain`: where a checkpoint looked in pictures (Grad-CAM), how sure it is, and the training pictures that look most alike to it. */
import { join, relative, sep } from 'node:path'
import type { Manifest, ManifestEntry } from '../../../shared/domain/dataset'
import { type Failure, GraftError, toFailure } from '../../../shared/domain/error'
import type { Explanation, Explanations } from '../../../shared/domain/explanation'
import { forEachInFlight } from '../../dataset/cancellation'
import { manifestOfModel } from '../../dataset/manifest-for-labels'
import { toSetAside } from '../../dataset/picture-refused'
import { compileHeatmaps } from '../../engine/compile/heatmap'
import { type HeatmapQuestion, HeatmapSession } from '../../engine/runtime/heatmap-session'
import { atTemperature } from '../../engine/train/calibration'
import { argmax, softmax } from '../../engine/train/metrics'
import { RunFolder } from '../../storage/run-folder'
import { openCheckpoint } from '../checkpoint-model'
import type { AskedPicture, Job } from '../messages'
import { nearestPictures, unitLength } from '../nearest-pictures'
import { readPictureFromFile } from '../pictures'
import { type JobContext, yieldToMessages } from './context'

/** Pictures asked about at once. */
const BATCH = 16
/** Pictures decoded at once: each may take hundreds of megabytes before it is resized. */
const IN_FLIGHT = 4
/** Digits that a picture of 8 bits could show, and some. */
const DIGITS = 1e4

/** A picture with what is known of it before the model is asked. */
interface Found {
  readonly asked: AskedPicture
  readonly file: string
  /** Where it is one of the run's pictures. */
  readonly entry: ManifestEntry | null
}

/** What the model says of a picture, and its pooled features at unit length. */
interface Answered {
  readonly explanation: Explanation
  /** By which the run names the picture, where it does. */
  readonly ownPath: string | null
  readonly features: Float32Array | null
}

export async function runExplainJob(job: Extract<Job, { kind: 'explain' }>, context: JobContext): Promise<Explanations> {
  const folder = await RunFolder.open(job.runDirectory)
  const checkpoint = await openCheckpoint(job.runDirectory, job.checkpoint)
  if (checkpoint.note !== null) context.note(checkpoint.note)
  const { state, network, preprocessing, weights } = checkpoint
  const manifest = manifestOfModel(await folder.manifest(), state.classes)
  const temperature = await temperatureOf(folder, job.checkpoint)
  const session = new HeatmapSession(compileHeatmaps({ network, imageSize: state.image_size, preprocessing }), weights)
  try {
    const answered: Answered[] = []
    for (let first = 0; first < job.pictures.length; first += BATCH) {
      const found = job.pictures.slice(first, first + BATCH).map((asked) => find(asked, manifest))
      answered.push(...(await explained(found, { session, imageSize: state.image_size, temperature, signal: context.control.signal })))
      context.progress('Looking at the pictures', answered.length, job.pictures.length)
      await yieldToMessages()
    }
    const base = { labels: state.classes, epoch: state.epoch, temperature }
    const so: Explanations = { ...base, pictures: answered.map(({ explanation }) => explanation), neighboursMissing: 'not asked' }
    if (job.neighbours === 0) return so
    context.progress('Looking at the pictures', job.pictures.length, job.pictures.length, { explained: so })
    const queries = answered.map(({ ownPath, features }) => ({ ownPath, features }))
    const nearest = await nearestPictures(queries, { count: job.neighbours, manifest, checkpoint, session, mayCompute: job.busyWith === null, context })
    if (nearest.missing !== null) return { ...so, neighboursMissing: nearest.missing }
    return { ...so, pictures: so.pictures.map((picture, i) => ({ ...picture, neighbours: nearest.neighbours[i] ?? null })), neighboursMissing: null }
  } finally {
    session.close()
  }
}

/** It is fitted on the validation pictures, and told with every evaluation. */
async function temperatureOf(folder: RunFolder, checkpoint: 'best' | 'latest'): Promise<number | null> {
  for (const split of ['val', 'test'] as const) {
    const temperature = (await folder.currentEvaluation(split, checkpoint))?.report.calibration?.temperature
    if (typeof temperature === 'number') return temperature
  }
  return null
}

/** A file that lies where the run has a picture is that picture. @throws GraftError NOT_FOUND where the run has none of that name */
function find(asked: AskedPicture, manifest: Manifest): Found {
  const path = asked.isOfRun ? asked.path : relative(manifest.root, asked.path).split(sep).join('/')
  const entry = manifest.pictures.find((picture) => picture.path === path) ?? null
  if (asked.isOfRun && entry === null) throw new GraftError('NOT_FOUND', `The run has no picture ${asked.path}.`, { action: 'Open the run’s results again.' })
  return { asked, file: asked.isOfRun ? join(manifest.root, asked.path) : asked.path, entry }
}

/** In words; what is not the file's fault is told as it is. */
function failureToRead(file: string, error: unknown): Failure {
  try {
    const { message, action } = toSetAside(file, error)
    return { code: 'UNREADABLE', message, action }
  } catch (other) {
    return toFailure(other)
  }
}

async function explained(
  found: readonly Found[],
  { session, imageSize, temperature, signal }: { session: HeatmapSession; imageSize: number; temperature: number | null; signal: AbortSignal },
): Promise<Answered[]> {
  const read: (Uint8Array | Failure)[] = []
  await forEachInFlight(found, IN_FLIGHT, signal, async ({ file }, i) => {
    read[i] = await readPictureFromFile(file, imageSize).catch((error: unknown) => failureToRead(file, error))
  })
  const readable = read.filter((item) => item instanceof Uint8Array)
  const size = imageSize * imageSize * 3
  const pixels = new Uint8Array(readable.length * size)
  readable.forEach((picture, row) => pixels.set(picture, row * size))
  const questions: HeatmapQuestion[] = []
  const { classes, mapShape } = session.program
  const known = found.filter((_, i) => read[i] instanceof Uint8Array)
  const answers = readable.length === 0 ? null : session.answer(pixels, readable.length, (logits) => {
    known.forEach(({ asked, entry }, picture) => {
      const wanted = new Set([...(entry === null ? [] : [entry.classIndex]), argmax(logits, picture * classes, classes), ...asked.classes])
      for (const classIndex of wanted) questions.push({ picture, classIndex })
    })
    return questions
  }) // prettier-ignore

  let row = -1
  return found.map(({ asked, entry }, i): Answered => {
    const item = read[i]
    const [truth, ownPath] = [entry?.classIndex ?? null, entry?.path ?? null]
    if (!(item instanceof Uint8Array) || answers === null) {
      const failure = item === undefined || item instanceof Uint8Array ? null : item
      return { explanation: { path: asked.path, truth, prediction: 0, probabilities: [], heatmaps: [], neighbours: null, failure }, ownPath, features: null }
    }
    row++
    const probabilities = softmax(answers.logits, row * classes, classes)
    const heatmaps = questions.flatMap(({ picture, classIndex }, place) => {
      const map = answers.heatmaps[place]
      if (picture !== row || map === undefined) return []
      return [{ classIndex, height: map.height, width: map.width, values: Array.from(map.values, (value) => Math.round(value * DIGITS) / DIGITS), isSpokenFor: map.peak > 0 }]
    })
    const explanation: Explanation = {
      path: asked.path,
      truth,
      prediction: argmax(probabilities, 0, classes),
      probabilities: temperature === null ? probabilities : atTemperature(probabilities, temperature),
      heatmaps,
      neighbours: null,
      failure: null,
    }
    return { explanation, ownPath, features: unitLength(answers.pooled.slice(row * mapShape[2], (row + 1) * mapShape[2])) }
  })
}
