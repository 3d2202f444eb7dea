/** `predict`: the most probable classes of picture files. A file that cannot be read is told and the others go on. */
import { type Failure, toFailure } from '../../../shared/domain/error'
import { forEachInFlight } from '../../dataset/cancellation'
import { decodePicture } from '../../dataset/decode'
import { type AnsweringModel, loadModel } from '../checkpoint-model'
import type { PictureBatch } from '../exporters/exporter'
import type { Job, JobResults, PredictedPicture } from '../messages'
import { readPictureFromFile } from '../pictures'
import { type JobContext, yieldToMessages } from './context'

/** Pictures asked about at once. */
const BATCH = 32
/** Pictures decoded at once: each may take hundreds of megabytes before it is resized. */
const IN_FLIGHT = 4

export async function runPredictJob(job: Extract<Job, { kind: 'predict' }>, context: JobContext): Promise<JobResults['predict']> {
  const model = await loadModel(job.source)
  if (model.note !== null) context.note(model.note)
  const pictures: PredictedPicture[] = []
  // Whole pictures are kept at their full size until they are asked about.
  const batch = model.takes === 'whole' ? IN_FLIGHT : BATCH
  for (let first = 0; first < job.paths.length; first += batch) {
    const paths = job.paths.slice(first, first + batch)
    const read: (PictureBatch | Failure)[] = []
    await forEachInFlight(paths, IN_FLIGHT, context.control.signal, async (path, i) => {
      read[i] = await readFor(model, path).catch((error: unknown) => toFailure(error))
    })
    const answers = await answersFor(model, read.filter(isPicture))
    read.forEach((item, i) => {
      const path = paths[i] ?? ''
      if (isPicture(item)) pictures.push({ path, top: topClasses(answers.shift() ?? [], model.labels, job.topK), failure: null })
      else pictures.push({ path, top: [], failure: item })
    })
    context.progress('Predicting', pictures.length, job.paths.length)
    await yieldToMessages()
  }
  await model.close()
  return { labels: [...model.labels], pictures }
}

const isPicture = (item: PictureBatch | Failure): item is PictureBatch => 'pixels' in item

/** One picture file as the model takes it. */
async function readFor({ takes, imageSize: side }: AnsweringModel, path: string): Promise<PictureBatch> {
  if (takes === 'whole') return { count: 1, ...(await decodePicture(path)) }
  return { count: 1, height: side, width: side, pixels: await readPictureFromFile(path, side) }
}

/** Pictures of one size are asked about at once. */
async function answersFor(model: AnsweringModel, pictures: readonly PictureBatch[]): Promise<number[][]> {
  if (pictures.length === 0) return []
  const answers: number[][] = []
  if (model.takes === 'whole') {
    for (const picture of pictures) answers.push(...(await model.answer(picture)))
    return answers
  }
  const side = model.imageSize
  const size = side * side * 3
  const pixels = new Uint8Array(pictures.length * size)
  pictures.forEach((picture, row) => {
    pixels.set(picture.pixels, row * size)
  })
  return model.answer({ count: pictures.length, height: side, width: side, pixels })
}

function topClasses(probabilities: readonly number[], labels: readonly string[], count: number): PredictedPicture['top'] {
  return probabilities
    .map((probability, i) => ({ label: labels[i] ?? String(i), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
}
