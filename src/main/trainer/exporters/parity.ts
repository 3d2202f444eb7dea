/** Parity: what was written is asked about real held-out pictures beside the original, and held to a bound. */
import type { Manifest, ManifestEntry, Split } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import type { ExportOptions, ExportParity, ExportPrecision, ParitySoFar } from '../../../shared/domain/export'
import { throwIfCancelled } from '../../dataset/cancellation'
import { readPictures } from '../../engine/train/picture-source'
import { argmax } from '../../engine/train/metrics'
import { askAbout } from '../evaluate'
import type { JobContext } from '../jobs/context'
import { yieldToMessages } from '../jobs/context'
import { loadPictures, pictureSource } from '../pictures'
import type { OpenedExport, PictureBatch } from './exporter'

/** Below so many test pictures, the validation pictures are asked about too. */
const ENOUGH_PICTURES = 200
const MOST_PICTURES = 1000
/** Small, so that a cancellation is heard soon. */
const BATCH = 8

interface Bound {
  /** Largest difference of a probability; null where the accuracy decides. */
  readonly difference: number | null
  /** Two classes nearer than this to each other are told apart by rounding alone: either may come first. */
  readonly tie: number
}

const BOUNDS: Readonly<Record<ExportPrecision, Bound>> = {
  // A tie here is what the order of a network's sums changes in float32, not the whole bound.
  float32: { difference: 1e-4, tie: 1e-5 },
  float16: { difference: 1e-2, tie: 1e-2 },
  int8: { difference: null, tie: 0 },
}

/** What is asked about one picture: its true class and the answers of both. */
export interface AnswerPair {
  readonly truth: number
  readonly original: readonly number[]
  readonly exported: readonly number[]
}

export interface Comparison {
  readonly largestDifference: number
  /** Share of the pictures where the same class comes first. */
  readonly agreement: number
  /** Pictures where another class comes first that lies within float32's rounding of the original's first. */
  readonly ties: number
  readonly accuracy: { readonly original: number; readonly exported: number }
  readonly classes: ExportParity['classes']
  /** Of the pictures with another top class, those whose two classes lie further apart than a tie. */
  readonly contradictions: number
}

const mean = (values: readonly number[]) => (values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length)

/** The largest; NaN where one of them is. */
const largestOf = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0)

/** NaN where an answer is missing or not a number, so that no bound lets it pass. */
function differenceOf({ original, exported }: AnswerPair): number {
  if (original.length !== exported.length) return NaN
  return largestOf(original.map((probability, c) => Math.abs(probability - (exported[c] ?? NaN))))
}

/** Compares the answers picture by picture. */
export function compareAnswers(pairs: readonly AnswerPair[], labels: readonly string[], precision: ExportPrecision): Comparison {
  const answers = pairs.map((pair) => {
    const first = argmax(pair.original, 0, pair.original.length)
    const other = argmax(pair.exported, 0, pair.exported.length)
    const gap = (pair.original[first] ?? NaN) - (pair.original[other] ?? NaN)
    const isSame = first === other
    // Whatever the weights are kept in, computing is float32.
    const isTie = !isSame && gap <= BOUNDS.float32.tie
    return { truth: pair.truth, first, other, isSame, isTie, isContradiction: !isSame && !(gap <= BOUNDS[precision].tie), difference: differenceOf(pair) }
  })
  const share = (hits: readonly boolean[]) => mean(hits.map(Number))
  return {
    largestDifference: largestOf(answers.map(({ difference }) => difference)),
    agreement: share(answers.map(({ isSame }) => isSame)),
    ties: answers.filter(({ isTie }) => isTie).length,
    accuracy: { original: share(answers.map(({ truth, first }) => truth === first)), exported: share(answers.map(({ truth, other }) => truth === other)) },
    classes: labels.map((label, index) => {
      const own = answers.filter(({ truth }) => truth === index)
      return { label, pictures: own.length, agreement: share(own.map(({ isSame }) => isSame)), largestDifference: largestOf(own.map(({ difference }) => difference)) }
    }),
    contradictions: answers.filter(({ isContradiction }) => isContradiction).length,
  }
}

/** Of a difference of two shares. */
const ROUNDING = 1e-9

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

/**
 * Refuses an export that is not what its precision promises.
 * @throws GraftError MISMATCH with the figures and what can be done
 */
export function requireParity(comparison: Comparison, pictures: number, options: ExportOptions): void {
  const { largestDifference, agreement, accuracy, contradictions } = comparison
  const { precision } = options
  const bound = BOUNDS[precision].difference
  if (Number.isNaN(largestDifference)) {
    throw new GraftError('MISMATCH', 'The export does not give a number for every class. Nothing was exported.', { action: 'Please report this with the run’s config.yaml.' })
  }
  const otherwise = precision === 'float32' ? 'Please report this with the run’s config.yaml.' : 'Export with float32, and please report this with the run’s config.yaml.'
  if (bound !== null && !(largestDifference <= bound)) {
    throw new GraftError(
      'MISMATCH',
      `The export disagrees with the original: a probability differs by ${largestDifference.toExponential(1)}, expected at most ${bound}. Nothing was exported.`,
      { action: otherwise },
    )
  }
  if (bound !== null && contradictions > 0) {
    throw new GraftError(
      'MISMATCH',
      `The export names another class than the original for ${contradictions} of ${pictures} pictures (agreement ${percent(agreement)}). Nothing was exported.`,
      { action: otherwise },
    )
  }
  const drop = accuracy.original - accuracy.exported
  const accepted = options.accepted_accuracy_drop ?? 0
  if (bound === null && drop > accepted + ROUNDING) {
    const needed = Math.ceil(drop * 1000) / 1000
    throw new GraftError(
      'MISMATCH',
      `The ${precision} export is right for ${percent(accuracy.exported)} of ${pictures} pictures, the original for ${percent(accuracy.original)}: ` +
        `a drop of ${(drop * 100).toFixed(1)} points, where ${(accepted * 100).toFixed(1)} were agreed to. It names the same class for ${percent(agreement)}. Nothing was exported.`,
      { action: `To agree to the drop, export again with --accept-drop ${needed}; float16 loses next to nothing.`, figures: { accuracyDrop: drop } },
    )
  }
}

/** The pictures an export is checked on: test, val too where those are few, at most 1,000 spread evenly over all. */
export function parityPictures(manifest: Manifest): { entries: ManifestEntry[]; splits: Split[] } {
  const of = (split: Split) => manifest.pictures.filter((entry) => entry.split === split)
  const test = of('test')
  const val = test.length < ENOUGH_PICTURES ? of('val') : []
  const all = [...test, ...val]
  const entries = all.length <= MOST_PICTURES ? all : Array.from({ length: MOST_PICTURES }, (_, i) => all[Math.floor((i * all.length) / MOST_PICTURES)] as ManifestEntry)
  const splits = (['test', 'val'] as const).filter((split) => entries.some((entry) => entry.split === split))
  return { entries, splits }
}

export interface ParityInput {
  readonly original: { readonly imageSize: number; readonly labels: readonly string[]; probabilities(pixels: Uint8Array, count: number): number[][] }
  readonly exported: OpenedExport
  readonly manifest: Manifest
  readonly options: ExportOptions
  /** Of the models' own files. */
  readonly sizeBytes: { readonly original: number; readonly exported: number }
}

/** A folder that is gone, said for what was to be done with it. */
function unchecked(error: unknown): never {
  if (!(error instanceof GraftError) || error.code !== 'NOT_FOUND') throw error
  throw new GraftError('NOT_FOUND', `The export cannot be checked: ${error.message}`, { action: 'Put the folder back (is a disk not mounted?), and export again.', cause: error })
}

/**
 * Asks both about the held-out pictures and measures them.
 * @throws GraftError MISMATCH where the export fails its bound; NOT_FOUND where no picture can be read; Cancelled
 */
export async function checkParity(input: ParityInput, context: JobContext): Promise<ExportParity> {
  const { original, exported, manifest, options, sizeBytes } = input
  const { signal } = context.control
  const chosen = parityPictures(manifest)
  const only = { ...manifest, pictures: chosen.entries.map((entry) => ({ ...entry, split: 'test' as const })) }
  const onProgress = (done: number, total: number) => {
    context.progress('Decoding pictures for the check', done, total)
  }
  const { store, setAside } = await loadPictures(only, { imageSize: original.imageSize, workers: null, signal, onProgress }).catch(unchecked)
  const gone = new Set(setAside.map(({ path }) => path))
  const source = pictureSource({ ...only, pictures: only.pictures.filter((entry) => !gone.has(entry.path)) }, store, 'test')
  if (source.count === 0) {
    throw new GraftError('NOT_FOUND', `None of the held-out pictures in ${manifest.root} can be read, so the export cannot be checked.`, {
      action: 'Put the pictures back, and export again.',
    })
  }
  const side = original.imageSize
  const resized = async (indices: readonly number[]): Promise<PictureBatch> => {
    const { data } = await readPictures(source, indices, side)
    return { count: indices.length, height: side, width: side, pixels: data }
  }
  const whole = { takes: exported.takes, imageSize: side, answer: (pictures: PictureBatch) => exported.probabilities(pictures) }
  const pairs: AnswerPair[] = []
  for (let first = 0; first < source.count; first += BATCH) {
    const indices = Array.from({ length: Math.min(BATCH, source.count - first) }, (_, i) => first + i)
    const batch = await resized(indices)
    const expected = original.probabilities(batch.pixels, batch.count)
    const got = exported.takes === 'resized' ? await exported.probabilities(batch) : await askAbout(whole, source, indices)
    indices.forEach((index, row) => pairs.push({ truth: source.labels[index] ?? -1, original: expected[row] ?? [], exported: got[row] ?? [] }))
    context.progress('Asking the original and the export', pairs.length, source.count, soFar(pairs, options.precision))
    await yieldToMessages()
    throwIfCancelled(signal)
  }
  const comparison = compareAnswers(pairs, original.labels, options.precision)
  requireParity(comparison, source.count, options)
  const { largestDifference, agreement, ties, accuracy, classes } = comparison
  const millisecondsPerPicture = await timeBoth(input, (turn) => resized([turn % source.count]), context)
  return {
    splits: chosen.splits,
    pictures: source.count,
    runtime: exported.runtime,
    largestDifference,
    bound: BOUNDS[options.precision].difference,
    agreement,
    ties,
    accuracy,
    classes,
    sizeBytes,
    millisecondsPerPicture,
  }
}

/** Without the classes, which are told at the end; nothing where an answer is not a number, which is refused then. */
function soFar(pairs: readonly AnswerPair[], precision: ExportPrecision): ParitySoFar | undefined {
  const { agreement, ties, largestDifference, accuracy } = compareAnswers(pairs, [], precision)
  if (Number.isNaN(largestDifference)) return undefined
  return { pictures: pairs.length, agreement, ties, largestDifference, accuracy, bound: BOUNDS[precision].difference }
}

const TIMED_TURNS = 30
const FEWEST_TURNS = 5
const TIMED_MS = 4000

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Both in turn on one picture at a time, so that whatever else the machine does falls on both. The first turn is for warming up. */
async function timeBoth({ original, exported }: ParityInput, picture: (turn: number) => Promise<PictureBatch>, context: JobContext): Promise<ExportParity['millisecondsPerPicture']> {
  const times: { original: number; exported: number }[] = []
  const began = performance.now()
  for (let turn = 0; turn < TIMED_TURNS; turn++) {
    const batch = await picture(turn)
    const start = performance.now()
    original.probabilities(batch.pixels, 1)
    const middle = performance.now()
    await exported.probabilities(batch)
    times.push({ original: middle - start, exported: performance.now() - middle })
    context.progress('Measuring the time of one picture', turn + 1, TIMED_TURNS)
    await yieldToMessages()
    throwIfCancelled(context.control.signal)
    if (turn >= FEWEST_TURNS && performance.now() - began > TIMED_MS) break
  }
  const warm = times.slice(1)
  return { original: median(warm.map((time) => time.original)), exported: median(warm.map((time) => time.exported)) }
}
