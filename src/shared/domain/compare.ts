/** Runs side by side: what is told of them, how the pictures of two are matched, and in which words a difference is said. */
import { plural, t } from '@lingui/core/macro'
import { z } from 'zod'
import { splitSchema } from './dataset'
import { epochRecordSchema } from './metrics'
import type { PairedAnswer } from './paired'
import { runRecordSchema } from './run'
import { runConfigSchema } from './run-config'

export const FEWEST_COMPARED = 2
export const MOST_COMPARED = 8
export const comparedIdsSchema = z.array(z.string()).min(FEWEST_COMPARED).max(MOST_COMPARED)

/** What the curves are drawn from. */
export const comparedEpochSchema = epochRecordSchema.pick({ epoch: true, train_loss: true, train_accuracy: true, val_loss: true, val_accuracy: true, val_macro_f1: true, learning_rate: true, seconds: true })
export type ComparedEpoch = z.infer<typeof comparedEpochSchema>

export const comparedRunSchema = z.object({
  run: runRecordSchema,
  config: runConfigSchema,
  epochs: z.array(comparedEpochSchema),
  /** Stages that have begun; none in a run of one. */
  stages: z.array(z.object({ name: z.string(), first_epoch: z.int().positive() })),
})
export type ComparedRun = z.infer<typeof comparedRunSchema>

const intervalSchema = z.object({ low: z.number(), high: z.number() })

/** Figures of a run's own pictures of the split: all of them, not only those that another run saw too. */
export const measuredRunSchema = z.object({
  run_id: z.string(),
  count: z.int().nonnegative(),
  checkpoint_epoch: z.int().nonnegative().nullable(),
  accuracy: z.number(),
  accuracy_interval: intervalSchema.nullable(),
  macro_f1: z.number(),
  macro_f1_interval: intervalSchema.nullable(),
})
export type MeasuredRun = z.infer<typeof measuredRunSchema>

const differenceSchema = z.object({ base: z.number(), other: z.number(), difference: z.number(), interval: intervalSchema.nullable() })

export const VERDICTS = ['better', 'worse', 'no difference seen', 'nothing in common'] as const

export const pairSchema = z.object({
  base_id: z.string(),
  other_id: z.string(),
  /** Of other, beside the base. */
  verdict: z.enum(VERDICTS),
  /** Pictures that both were measured on, with the same label. Everything below is of them. */
  common: z.int().nonnegative(),
  only_base: z.int().nonnegative(),
  only_other: z.int().nonnegative(),
  /** Pictures of both whose label is another one in the other. */
  relabelled: z.int().nonnegative(),
  right_to_wrong: z.int().nonnegative(),
  wrong_to_right: z.int().nonnegative(),
  /** Both wrong, with another answer. */
  wrong_otherwise: z.int().nonnegative(),
  /** Null where there is nothing in common. */
  figures: z
    .object({
      accuracy: differenceSchema,
      macro_f1: differenceSchema,
      /** McNemar's exact test. */
      p_value: z.number(),
      /** By Holm, for as many comparisons as there are. */
      p_adjusted: z.number(),
      comparisons: z.int().positive(),
      resamples: z.int().positive(),
    })
    .nullable(),
  /** The base's classes, then those that only the other has. */
  classes: z.array(z.string()),
  /** Cells of the confusion matrix that differ, with their counts in both; indexes of `classes`. */
  changed_cells: z.array(z.object({ truth: z.int(), prediction: z.int(), base: z.int(), other: z.int() })),
})
export type RunPair = z.infer<typeof pairSchema>

export const comparisonSchema = z.object({
  split: splitSchema,
  base_id: z.string(),
  measured: z.array(measuredRunSchema),
  /** Runs that were not measured on the split, and why they cannot be where that is known. */
  unmeasured: z.array(z.object({ run_id: z.string(), reason: z.string().nullable() })),
  /** The base with each of the others that was measured, in the order asked for. */
  pairs: z.array(pairSchema),
})
export type RunComparison = z.infer<typeof comparisonSchema>

export const CHANGE_KINDS = ['right to wrong', 'wrong to right', 'wrong otherwise'] as const
export const changeKindSchema = z.enum(CHANGE_KINDS)
export type ChangeKind = z.infer<typeof changeKindSchema>

const answerSchema = z.object({ prediction: z.int(), probability: z.number() })
/** A picture that the two answer differently; class indexes of the pair's `classes`. */
export const changedPictureSchema = z.object({ path: z.string(), truth: z.int(), base: answerSchema, other: answerSchema, kind: changeKindSchema })
export type ChangedPicture = z.infer<typeof changedPictureSchema>

/** One run's answers of a split. */
export interface AnsweredSplit {
  readonly root: string
  readonly classes: readonly string[]
  readonly predictions: readonly { readonly path: string; readonly truth: number; readonly prediction: number }[]
  /** Of the pictures' bytes, by path; empty where it is not known. */
  readonly hashes: ReadonlyMap<string, string>
}

export interface MatchedAnswers {
  /** The base's classes, then those that only the other has. */
  readonly classes: string[]
  readonly answers: PairedAnswer[]
  /** For each answer, where it lies in the two lists of predictions. */
  readonly places: { base: number; other: number }[]
  readonly onlyBase: number
  readonly onlyOther: number
  readonly relabelled: number
}

/**
 * Pictures of both: the same bytes under the same path first, then the same bytes under another one (a folder that was moved or sorted anew). A changed
 * picture is another picture. Where the bytes are not known, the same path below the same folder counts.
 */
export function matchAnswers(base: AnsweredSplit, other: AnsweredSplit): MatchedAnswers {
  const classes = [...base.classes, ...other.classes.filter((name) => !base.classes.includes(name))]
  const indexOf = new Map(classes.map((name, index) => [name, index]))
  const own = (list: readonly string[], index: number): number => indexOf.get(list[index] ?? '') ?? -1
  const byPath = new Map(other.predictions.map(({ path }, index) => [path, index]))
  const byHash = new Map<string, number[]>()
  other.predictions.forEach(({ path }, index) => {
    const hash = other.hashes.get(path)
    if (hash !== undefined) byHash.set(hash, [...(byHash.get(hash) ?? []), index])
  })
  const taken = new Set<number>()
  const partner: (number | null)[] = base.predictions.map(({ path }) => {
    const index = byPath.get(path)
    if (index === undefined) return null
    const [left, right] = [base.hashes.get(path), other.hashes.get(path)]
    const isSame = left === undefined || right === undefined ? base.root === other.root : left === right
    if (isSame) taken.add(index)
    return isSame ? index : null
  })
  base.predictions.forEach(({ path }, place) => {
    const hash = base.hashes.get(path)
    if (partner[place] !== null || hash === undefined) return
    const index = byHash.get(hash)?.find((candidate) => !taken.has(candidate))
    if (index === undefined) return
    taken.add(index)
    partner[place] = index
  })

  const answers: PairedAnswer[] = []
  const places: MatchedAnswers['places'] = []
  let relabelled = 0
  base.predictions.forEach((left, place) => {
    const index = partner[place]
    const right = index === null || index === undefined ? undefined : other.predictions[index]
    if (right === undefined || index === null || index === undefined) return
    const truth = own(base.classes, left.truth)
    if (truth !== own(other.classes, right.truth)) {
      relabelled++
      return
    }
    answers.push({ truth, base: own(base.classes, left.prediction), other: own(other.classes, right.prediction) })
    places.push({ base: place, other: index })
  })
  return { classes, answers, places, onlyBase: base.predictions.length - taken.size, onlyOther: other.predictions.length - taken.size, relabelled }
}

/** Null where both give the same answer. */
export function changeOf({ truth, base, other }: PairedAnswer): ChangeKind | null {
  if (base === other) return null
  if (base === truth) return 'right to wrong'
  return other === truth ? 'wrong to right' : 'wrong otherwise'
}

/** Cells whose counts differ, the largest difference first. */
export function changedCells(answers: readonly PairedAnswer[], classes: number): RunPair['changed_cells'] {
  const cells = new Map<number, RunPair['changed_cells'][number]>()
  const at = (truth: number, prediction: number): RunPair['changed_cells'][number] => {
    const key = truth * classes + prediction
    const cell = cells.get(key) ?? { truth, prediction, base: 0, other: 0 }
    cells.set(key, cell)
    return cell
  }
  for (const { truth, base, other } of answers) {
    at(truth, base).base++
    at(truth, other).other++
  }
  return [...cells.values()]
    .filter((cell) => cell.base !== cell.other)
    .sort((a, b) => Math.abs(b.other - b.base) - Math.abs(a.other - a.base) || a.truth - b.truth || a.prediction - b.prediction)
}

/** Chance of calling a difference where there is none. */
const LEVEL = 0.05

/** A difference is called one only where the test and the interval both say so. */
export function verdictOf(figures: RunPair['figures']): RunPair['verdict'] {
  if (figures === null) return 'nothing in common'
  const { interval, difference } = figures.accuracy
  const isClear = interval !== null && (interval.low > 0 || interval.high < 0)
  if (!isClear || figures.p_adjusted >= LEVEL) return 'no difference seen'
  return difference > 0 ? 'better' : 'worse'
}

/** `+1.2`, `−0.3`, `0.0`: percentage points. */
export function pointsText(share: number, isSigned = true): string {
  const text = Math.abs(share * 100).toFixed(1)
  if (Number(text) === 0) return text
  return share < 0 ? `−${text}` : isSigned ? `+${text}` : text
}

export function intervalText({ low, high }: { low: number; high: number }): string {
  return t`95 % interval ${{ low: pointsText(low, false) }} to ${{ high: pointsText(high, false) }}`
}

export function pText(p: number): string {
  // eslint-disable-next-line lingui/no-unlocalized-strings -- a sign and a figure
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(p < 0.1 ? 2 : 3).replace(/0+$/, '').replace(/\.$/, '')}`
}

export interface PairWords {
  /** `B is better than A: +1.2 points, 95 % interval 0.3 to 2.1`. */
  verdict: string
  /** What it rests on. */
  basis: string
  /** What keeps it from being more than that. */
  notes: string[]
}

/** What may be said of a pair, and no more. @param names of base and other, as the reader knows them */
export function pairWords(pair: RunPair, names: { base: string; other: string }): PairWords {
  const { figures, common, relabelled, only_base: onlyBase, only_other: onlyOther } = pair
  const { base, other } = names
  const notes: string[] = []
  if (relabelled > 0) {
    notes.push(
      plural(relabelled, {
        one: `# picture of both has another label in ${other} than in ${base} and is left out.`,
        other: `# pictures of both have another label in ${other} than in ${base} and are left out.`,
      }),
    )
  }
  if (figures === null) {
    return {
      verdict: t`${base} and ${other} cannot be compared: no picture in common`,
      basis: t`${base} was measured on ${plural(onlyBase, { one: '# picture', other: '# pictures' })}, ${other} on ${plural(onlyOther, { one: '# picture', other: '# pictures' })}.`,
      notes,
    }
  }
  const { accuracy } = figures
  const inPoints = ({ difference, interval }: typeof accuracy): string => `${t`${{ points: pointsText(difference) }} points`}${interval === null ? '' : `, ${intervalText(interval)}`}`
  const points = inPoints(accuracy)
  const verdict =
    pair.verdict === 'better'
      ? t`${other} is better than ${base}: ${points}`
      : pair.verdict === 'worse'
        ? t`${other} is worse than ${base}: ${points}`
        : accuracy.interval === null
          ? t`No difference seen between ${base} and ${other}: both are right on the same pictures`
          : t`No difference seen between ${base} and ${other}: ${points}`
  const p = pText(figures.p_value)
  const test = figures.comparisons > 1 ? t`McNemar ${p}; for ${{ count: figures.comparisons }} comparisons ${{ adjusted: pText(figures.p_adjusted) }}` : t`McNemar ${p}`
  const basis = [
    t`Accuracy on ${plural(common, { one: '# picture', other: '# pictures' })} that both saw: ${{ lost: pair.right_to_wrong }} only ${base} has right, ${{ won: pair.wrong_to_right }} only ${other} (${test}).`,
    t`Macro-F1: ${{ points: inPoints(figures.macro_f1) }}.`,
  ].join(' ')
  const { interval } = accuracy
  if (pair.verdict === 'no difference seen' && interval !== null && (interval.low > 0 || interval.high < 0)) {
    notes.push(t`The interval leaves zero out, the test does not find enough: too little to call it a difference.`)
  }
  const most = Math.max(onlyBase, onlyOther) + common + relabelled
  if (common * 2 < most) {
    const all = most.toLocaleString('en')
    notes.push(
      plural(common, {
        one: `Only # picture of up to ${all} is in common: what holds for these need not hold for the others.`,
        other: `Only # pictures of up to ${all} are in common: what holds for these need not hold for the others.`,
      }),
    )
  } else if (onlyBase + onlyOther > 0) {
    notes.push(
      t`Left out: ${plural(onlyBase, { one: '# picture', other: '# pictures' })} that only ${base} was measured on, ${plural(onlyOther, { one: '# picture', other: '# pictures' })} that only ${other} was.`,
    )
  }
  return { verdict, basis, notes }
}
