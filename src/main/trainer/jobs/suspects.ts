/** `suspects`: what the run's pictures say of their own labels, by a head that has not learned from the picture it is asked about. */
import type { Manifest } from '../../../shared/domain/dataset'
import { GraftError } from '../../../shared/domain/error'
import type { LearningCurve, LookedAtPicture, SuspectsReport } from '../../../shared/domain/suspects'
import { throwIfCancelled } from '../../dataset/cancellation'
import { alikePairs } from '../../engine/train/alike-pairs'
import { confidentLearning, normalizedMargin } from '../../engine/train/confident-learning'
import { groupFolds } from '../../engine/train/group-folds'
import { fitLogisticRegression, logisticProbabilities, type Rows } from '../../engine/train/logistic-regression'
import { learningCurve } from '../../engine/train/learning-curve'
import { argmax } from '../../engine/train/metrics'
import { keepSuspects } from '../../storage/suspects-file'
import { RunFolder } from '../../storage/run-folder'
import type { Job } from '../messages'
import { type LookedAt, seenPictures } from '../suspect-features'
import { lookerOf, suspectsKey } from '../suspects-key'
import { type JobContext, yieldToMessages } from './context'

const FOLDS = 5
const SEED = 42
/** Told of the suspects, and of each class's hardest and most typical. */
const MOST_SUSPECTS = 500
const MOST_OF_A_CLASS = 24
/** Probabilities told of a picture; as many as its large view shows. */
const MOST_TOP = 12
/** From this cosine on two pictures look like one: see docs/suspects.md. */
const ALIKE = 0.95
const MOST_PAIRS = 200
/** All pairs of more pictures than this take minutes. */
const MOST_COMPARED = 6000
/** Draws of the learning curve's pictures, fewer where there is much to compute; multiplications that it may take. */
const CURVE_REPEATS = 3
const CURVE_WORK = 4e11
/** Rough: sizes of a fold, and rounds of L-BFGS at each, forward and backward. */
const FITS_ROUNDS = 5 * 30 * 2
/** The head's C on features at unit length: see docs/suspects.md. */
const HEAD_C = 30

export async function runSuspectsJob(job: Extract<Job, { kind: 'suspects' }>, context: JobContext): Promise<SuspectsReport> {
  const folder = await RunFolder.open(job.runDirectory)
  const [manifest, config] = [await folder.manifest(), await folder.config()]
  const looker = lookerOf(config)
  const seen = await seenPictures(manifest, looker, config, context)
  const report: SuspectsReport = {
    key: suspectsKey(manifest, looker),
    unread: manifest.pictures.length - seen.entries.length,
    backbone: looker.backbone.name,
    weights: looker.row.name,
    imageSize: looker.imageSize,
    ...(await told(manifest, seen, context)),
  }
  // A disk that was not there, as a rule: what is kept would be told for good.
  if (report.unread === 0) await keepSuspects(folder.directory, report)
  return report
}

type Told = Omit<SuspectsReport, 'key' | 'unread' | 'backbone' | 'weights' | 'imageSize'>

async function told(manifest: Manifest, { entries, rows }: LookedAt, context: JobContext): Promise<Told> {
  const labels = entries.map(({ classIndex }) => classIndex)
  const classes = manifest.classes.length
  const groups = entries.map(({ group }) => group)
  const folds = checkedFolds(labels, groups, classes)
  const probabilities = await outOfFold(rows, labels, classes, folds, context)
  const { thresholds, joint, suspects } = confidentLearning(probabilities, labels, classes)
  const closeness = closenessToCentres(rows, labels, classes)
  const pictureAt = (i: number): LookedAtPicture => {
    const entry = entries[i] as (typeof entries)[number]
    const row = probabilities[i] as number[]
    const { path, classIndex, split } = entry
    return { path, classIndex, split, guess: argmax(row, 0, classes), top: topOf(row, classIndex), margin: normalizedMargin(row, classIndex), closeness: closeness[i] as number }
  }
  const pictures = labels.map((_, i) => pictureAt(i))
  const suspected = new Set(suspects.map(({ picture }) => picture))
  return {
    classes: manifest.classes,
    pictures: entries.length,
    folds: FOLDS,
    accuracy: share(pictures.filter(({ guess, classIndex }) => guess === classIndex).length, pictures.length) ?? 0,
    thresholds,
    joint,
    suspected: suspects.length,
    suspects: suspects.slice(0, MOST_SUSPECTS).map(({ picture, guess }) => ({ ...(pictures[picture] as LookedAtPicture), guess })),
    perClass: manifest.classes.map((_, k) => {
      const own = pictures.flatMap((picture, i) => (picture.classIndex === k ? [{ picture, isSuspected: suspected.has(i) }] : []))
      return {
        pictures: own.length,
        recall: share(own.filter(({ picture }) => picture.guess === k).length, own.length),
        hardest: hardestOf(own.flatMap(({ picture, isSuspected }) => (isSuspected ? [] : [picture]))),
        typical: typicalOf(own.map(({ picture }) => picture)),
      }
    }),
    alike: await alikeOf(rows, pictures, groups, context),
    curve: await curveOf({ rows, labels, groups, classes, folds }, context),
  }
}

/** @throws GraftError BAD_INPUT where the pictures do not bear the question */
function checkedFolds(labels: readonly number[], groups: readonly (number | undefined)[], classes: number): Int32Array {
  const present = new Set(labels).size
  if (present < 2) {
    throw new GraftError('BAD_INPUT', `Labels are doubted by what other classes look like, and of ${classes} classes ${present === 1 ? 'one alone has' : 'none has'} pictures that can be read.`, {
      action: 'Choose a run with two classes or more, and see that its folder is there.',
    })
  }
  return groupFolds(labels, groups, FOLDS, SEED)
}

/** Probabilities [pictures][classes], each by a head that learned from the other folds. */
async function outOfFold(rows: Rows, labels: readonly number[], classes: number, folds: Int32Array, context: JobContext): Promise<number[][]> {
  const result: number[][] = []
  const all = labels.map((_, i) => i)
  const step = stepOf(context, 'Asking about pictures that were not learned from', FOLDS)
  for (let fold = 0; fold < FOLDS; fold++) {
    await step(fold)
    const held = all.filter((i) => folds[i] === fold)
    if (held.length === 0) continue
    const model = fitLogisticRegression(rows, all.filter((i) => folds[i] !== fold), labels, classes, { c: HEAD_C })
    logisticProbabilities(model, rows, held).forEach((row, at) => (result[held[at] as number] = row))
  }
  return result
}

type Alike = SuspectsReport['alike']

/** Null where there are too many pictures to compare each with each. */
async function alikeOf(rows: Rows, pictures: readonly LookedAtPicture[], groups: readonly (number | undefined)[], context: JobContext): Promise<Alike> {
  if (rows.count > MOST_COMPARED) return null
  const isKnown = (first: number, second: number): boolean => groups[first] !== undefined && groups[first] === groups[second]
  const { found, pairs } = await alikePairs(rows, { threshold: ALIKE, most: MOST_PAIRS }, isKnown, stepOf(context, 'Comparing pictures with each other', rows.count))
  const told = pairs.map(({ first, second, similarity }) => ({ first: pictures[first] as LookedAtPicture, second: pictures[second] as LookedAtPicture, similarity }))
  return { threshold: ALIKE, found, pairs: told }
}

/** Null where it would take too long. */
async function curveOf(of: { rows: Rows; labels: readonly number[]; groups: readonly (number | undefined)[]; classes: number; folds: Int32Array }, context: JobContext): Promise<LearningCurve | null> {
  const { rows, classes } = of
  const workOfRepeat = classes * FOLDS * FITS_ROUNDS * rows.count * rows.size * classes
  const repeats = Math.min(CURVE_REPEATS, Math.floor(CURVE_WORK / workOfRepeat))
  if (repeats === 0) return null
  const step = stepOf(context, 'Learning from fewer pictures', classes * repeats * FOLDS)
  return learningCurve({ ...of, foldCount: FOLDS, c: HEAD_C, seed: SEED, repeats, step })
}

/** Tells how far it is, lets a cancellation be heard and ends at one. */
function stepOf(context: JobContext, message: string, total: number): (done: number) => Promise<void> {
  return async (done) => {
    context.progress(message, done, total)
    await yieldToMessages()
    throwIfCancelled(context.control.signal)
  }
}

/** Cosine of the angle between each picture and its class's mean without it, so that a class of few pictures is not typical by itself. */
function closenessToCentres({ values, size }: Rows, labels: readonly number[], classes: number): number[] {
  const sums = Array.from({ length: classes }, () => new Float64Array(size))
  labels.forEach((label, i) => {
    const sum = sums[label] as Float64Array
    for (let d = 0; d < size; d++) sum[d] = (sum[d] as number) + (values[i * size + d] as number)
  })
  return labels.map((label, i) => {
    const sum = sums[label] as Float64Array
    let [inner, squares] = [0, 0]
    for (let d = 0; d < size; d++) {
      const value = values[i * size + d] as number
      const other = (sum[d] as number) - value
      inner += other * value
      squares += other * other
    }
    return squares > 0 ? inner / Math.sqrt(squares) : 0
  })
}

function topOf(probabilities: readonly number[], label: number): [number, number][] {
  const order = probabilities.map((probability, k): [number, number] => [k, rounded(probability)]).sort((a, b) => b[1] - a[1] || a[0] - b[0])
  return order.filter(([k], rank) => rank < MOST_TOP || k === label)
}

/** The least sure first; of the same, the furthest from what the class looks like. */
function hardestOf(pictures: readonly LookedAtPicture[]): LookedAtPicture[] {
  return [...pictures].sort((a, b) => a.margin - b.margin || a.closeness - b.closeness || (a.path < b.path ? -1 : 1)).slice(0, MOST_OF_A_CLASS)
}

/** Sure and near: by the sum of the two ranks, so that neither scale counts for more. */
function typicalOf(pictures: readonly LookedAtPicture[]): LookedAtPicture[] {
  const rankBy = (valueOf: (picture: LookedAtPicture) => number) => new Map([...pictures].sort((a, b) => valueOf(b) - valueOf(a)).map((picture, rank) => [picture, rank]))
  const [sure, near] = [rankBy(({ margin }) => margin), rankBy(({ closeness }) => closeness)]
  const rank = (picture: LookedAtPicture): number => (sure.get(picture) ?? 0) + (near.get(picture) ?? 0)
  return pictures.filter(({ guess, classIndex }) => guess === classIndex).sort((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1)).slice(0, MOST_OF_A_CLASS)
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole)
const rounded = (probability: number): number => Math.round(probability * 1e6) / 1e6
