/** Asks a model about all pictures of a source and measures the answers. */
import type { Evaluation, Prediction } from '../../shared/domain/metrics'
import { argmax, classificationReport, confusionMatrix } from '../engine/train/metrics'
import { readPictures } from '../engine/train/picture-source'
import type { AnsweringModel } from './checkpoint-model'
import { yieldToMessages } from './jobs/context'
import type { FiledPictures } from './pictures'

/** Pictures asked about at once. */
const BATCH = 32

/** Probabilities are kept above this so that a sure mistake has a finite loss. */
const SMALLEST_PROBABILITY = 1e-12

export interface EvaluateOptions {
  readonly split: Evaluation['split']
  readonly checkpoint: Evaluation['checkpoint']
  /** Epoch of the checkpoint that answers; null for an export. */
  readonly checkpointEpoch: number | null
  onProgress(done: number, total: number): void
}

/** Probabilities [indices][classes], of the pictures as the model takes them. */
export async function askAbout(model: Pick<AnsweringModel, 'takes' | 'answer' | 'imageSize'>, source: FiledPictures, indices: readonly number[]): Promise<number[][]> {
  if (model.takes === 'resized') {
    const { imageSize: side } = model
    const { data } = await readPictures(source, indices, side)
    return model.answer({ count: indices.length, height: side, width: side, pixels: data })
  }
  const answers: number[][] = []
  for (const index of indices) answers.push(...(await model.answer({ count: 1, ...(await source.readWhole(index)) })))
  return answers
}

/** The evaluation of a model on labelled pictures. The loss is plain cross-entropy. */
export async function evaluateModel(model: AnsweringModel, source: FiledPictures, options: EvaluateOptions): Promise<Evaluation> {
  const predictions: Prediction[] = []
  for (let first = 0; first < source.count; first += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, source.count - first) }, (_, i) => first + i)
    const answers = await askAbout(model, source, indices)
    answers.forEach((probabilities, row) => {
      const index = first + row
      const prediction = argmax(probabilities, 0, probabilities.length)
      predictions.push({ path: source.paths[index] ?? '', truth: source.labels[index] ?? 0, prediction, probabilities })
    })
    options.onProgress(predictions.length, source.count)
    await yieldToMessages()
  }
  const truths = predictions.map(({ truth }) => truth)
  const matrix = confusionMatrix(truths, predictions.map(({ prediction }) => prediction), model.labels.length) // prettier-ignore
  const losses = predictions.map(({ truth, probabilities }) => -Math.log(Math.max(probabilities[truth] ?? 0, SMALLEST_PROBABILITY)))
  const loss = losses.length === 0 ? 0 : losses.reduce((a, b) => a + b, 0) / losses.length
  const classes = [...model.labels]
  return { split: options.split, checkpoint: options.checkpoint, checkpoint_epoch: options.checkpointEpoch, classes, report: classificationReport(matrix, classes, loss), predictions }
}
