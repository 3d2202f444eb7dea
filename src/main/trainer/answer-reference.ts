/** What a model's answers are held against: the features of some training pictures, and features and logits of some validation pictures. */
import type { Manifest, ManifestEntry, Split } from '../../shared/domain/dataset'
import type { AnsweringModelCard } from '../../shared/domain/answer'
import { atTemperature, fitTemperature, type LabelledAnswer } from '../engine/train/calibration'
import { argmax, softmax } from '../engine/train/metrics'
import { type FeatureRows, fitNoneOfThese, joined } from '../engine/train/nearness'
import { readPictures } from '../engine/train/picture-source'
import type { AnswerNetwork, SeenRows } from './answer-network'
import { yieldToMessages } from './jobs/context'
import { loadPictures, pictureSource } from './pictures'

/** Enough for the limits to be steady; more would only take the processor from the training. */
const MOST_TRAINING = 200
const MOST_VALIDATION = 150
/** A question waits for one of these at most: about a tenth of a second. */
const BATCH = 4

/** As many of a split as are allowed, the same of each class where there are enough, evenly spread. */
export function someOf(manifest: Manifest, split: Split, most: number): ManifestEntry[] {
  const byClass = manifest.classes.map((_, classIndex) => manifest.pictures.filter((entry) => entry.split === split && entry.classIndex === classIndex))
  const each = Math.max(1, Math.floor(most / Math.max(1, byClass.length)))
  return byClass.flatMap((entries) => {
    const count = Math.min(each, entries.length)
    return Array.from({ length: count }, (_, i) => entries[Math.floor((i * entries.length) / count)]).filter((entry) => entry !== undefined)
  })
}

/** What is computed once for a run's pictures and a backbone; of a new head only the logits are. */
export interface ReferenceFeatures {
  /** Normalised. */
  readonly training: FeatureRows
  /** As the network gives them. */
  readonly validation: SeenRows
  readonly validationLabels: readonly number[]
}

export interface Reference {
  readonly training: FeatureRows | null
  readonly calibration: Exclude<AnsweringModelCard['calibration'], { kind: 'pending' }>
  readonly noneOfThese: Exclude<AnsweringModelCard['noneOfThese'], { kind: 'pending' }>
}

interface Asked {
  readonly labels: readonly number[]
  readonly features: SeenRows | null
  readonly logits: readonly Float32Array[] | null
}

/** Asks the network about pictures of the run, a few at a time; gives way to questions in between. Null where `isWanted` ends. */
async function askAbout(network: AnswerNetwork, manifest: Manifest, entries: readonly ManifestEntry[], side: number, isWanted: () => boolean): Promise<Asked | null> {
  // One split for all of them, so that a source of theirs has them all.
  const pictures = entries.map((entry) => ({ ...entry, split: 'val' as const }))
  const { store, setAside } = await loadPictures({ ...manifest, pictures }, { imageSize: side, workers: 1, onProgress: () => undefined })
  const gone = new Set(setAside.map(({ path }) => path))
  const source = pictureSource({ ...manifest, pictures: pictures.filter((entry) => !gone.has(entry.path)) }, store, 'val')
  const parts: SeenRows[] = []
  const logits: Float32Array[] = []
  for (let first = 0; first < source.count; first += BATCH) {
    await yieldToMessages()
    if (!isWanted()) return null
    const indices = Array.from({ length: Math.min(BATCH, source.count - first) }, (_, i) => first + i)
    const { data } = await readPictures(source, indices, side)
    if (network.featuresKey === null) logits.push(...(await network.logits({ pixels: data, count: indices.length })))
    else parts.push(await network.features(data, indices.length))
  }
  if (network.featuresKey === null) return { labels: source.labels, features: null, logits }
  return { labels: source.labels, features: { ...stacked(parts), middle: stacked(parts.map(({ middle }) => middle)) }, logits: null }
}

function stacked(parts: readonly FeatureRows[]): FeatureRows {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0))
  let at = 0
  for (const part of parts) {
    values.set(part.values, at)
    at += part.values.length
  }
  return { count: parts.reduce((sum, { count }) => sum + count, 0), width: parts[0]?.width ?? 0, values }
}

/** Null where `isWanted` ends meanwhile. @throws GraftError NOT_FOUND where the folder of the pictures is gone */
export async function gatherFeatures(network: AnswerNetwork, manifest: Manifest, side: number, isWanted: () => boolean): Promise<ReferenceFeatures | null> {
  if (network.featuresKey === null) return null
  const validation = await askAbout(network, manifest, someOf(manifest, 'val', MOST_VALIDATION), side, isWanted)
  if (validation === null) return null
  const training = await askAbout(network, manifest, someOf(manifest, 'train', MOST_TRAINING), side, isWanted)
  if (training === null || training.features === null || validation.features === null) return null
  return { training: joined(training.features, training.features.middle), validation: validation.features, validationLabels: validation.labels }
}

/** @param temperature of the run's evaluation; undefined where there is none yet */
export async function fitReference(network: AnswerNetwork, features: ReferenceFeatures, temperature: number | null | undefined): Promise<Reference> {
  const { training, validation, validationLabels } = features
  const logits = validation.count === 0 ? [] : await network.logits(validation)
  const answers = labelledAnswers(logits, validationLabels)
  const calibration = calibrationOf(answers, temperature)
  const divisor = calibration.kind === 'fitted' ? calibration.temperature : 1
  const confidences = answers.map(({ probabilities }) => Math.max(...atTemperature(probabilities, divisor)))
  if (training.count < 2) return { training: null, calibration, noneOfThese: { kind: 'impossible', why: 'There are no training pictures to compare with.' } }
  const rule = fitNoneOfThese(training, joined(validation, validation.middle), confidences)
  return { training, calibration, noneOfThese: { kind: 'fitted', ...rule, trainPictures: training.count, validationPictures: validation.count } }
}

/** The same without features: confidences can be calibrated, distances cannot be told. */
export async function fitWithoutFeatures(network: AnswerNetwork, manifest: Manifest, side: number, isWanted: () => boolean, temperature: number | null | undefined): Promise<Reference | null> {
  const asked = await askAbout(network, manifest, someOf(manifest, 'val', MOST_VALIDATION), side, isWanted)
  if (asked === null) return null
  const why = 'Distances to the training pictures need ONNX Runtime, which this machine has not.'
  return { training: null, calibration: calibrationOf(labelledAnswers(asked.logits ?? [], asked.labels), temperature), noneOfThese: { kind: 'impossible', why } }
}

function labelledAnswers(logits: readonly Float32Array[], labels: readonly number[]): LabelledAnswer[] {
  return logits.map((row, i) => ({ truth: labels[i] ?? 0, probabilities: softmax(row, 0, row.length) }))
}

function calibrationOf(answers: readonly LabelledAnswer[], ofEvaluation: number | null | undefined): Reference['calibration'] {
  const pictures = answers.length
  if (typeof ofEvaluation === 'number') return { kind: 'fitted', temperature: ofEvaluation, pictures: Math.max(1, pictures), isFromEvaluation: true }
  const temperature = fitTemperature(answers)
  if (temperature !== null) return { kind: 'fitted', temperature, pictures, isFromEvaluation: false }
  if (pictures === 0) return { kind: 'impossible', why: 'no validation pictures' }
  const isAllRight = answers.every(({ truth, probabilities }) => argmax(probabilities, 0, probabilities.length) === truth)
  return { kind: 'impossible', why: isAllRight ? 'every answer is right' : 'no better than chance' }
}
