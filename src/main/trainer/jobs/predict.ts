/** `predict`: the most probable classes of picture files. A file that cannot be read is told and the others go on. */
import { type Failure, toFailure } from '../../../shared/domain/error'
import { forEachInFlight } from '../../dataset/cancellation'
import { loadModel } from '../checkpoint-model'
import type { Job, JobResults, PredictedPicture } from '../messages'
import { readPictureFromFile } from '../pictures'
import { type JobContext, yieldToMessages } from './context'

/** Pictures asked about at once. */
const BATCH = 32
/** Pictures decoded at once: each may take hundreds of megabytes before it is resized. */
const IN_FLIGHT = 4

export async function runPredictJob(job: Extract<Job, { kind: 'predict' }>, context: JobContext): Promise<JobResults['predict']> {
  const model = await loadModel(job.source)
  const size = model.imageSize * model.imageSize * 3
  const pictures: PredictedPicture[] = []
  for (let first = 0; first < job.paths.length; first += BATCH) {
    const paths = job.paths.slice(first, first + BATCH)
    const read: (Uint8Array | Failure)[] = []
    await forEachInFlight(paths, IN_FLIGHT, context.control.signal, async (path, i) => {
      read[i] = await readPictureFromFile(path, model.imageSize).catch((error: unknown) => toFailure(error))
    })
    const readable = read.filter((item): item is Uint8Array => item instanceof Uint8Array)
    const pixels = new Uint8Array(readable.length * size)
    readable.forEach((picture, row) => {
      pixels.set(picture, row * size)
    })
    const answers = readable.length === 0 ? [] : model.probabilities(pixels, readable.length)
    read.forEach((item, i) => {
      const path = paths[i] ?? ''
      if (!(item instanceof Uint8Array)) pictures.push({ path, top: [], failure: item })
      else pictures.push({ path, top: topClasses(answers.shift() ?? [], model.labels, job.topK), failure: null })
    })
    context.progress('Predicting', pictures.length, job.paths.length)
    await yieldToMessages()
  }
  model.close()
  return { labels: [...model.labels], pictures }
}

function topClasses(probabilities: readonly number[], labels: readonly string[], count: number): PredictedPicture['top'] {
  return probabilities
    .map((probability, i) => ({ label: labels[i] ?? String(i), probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
}
