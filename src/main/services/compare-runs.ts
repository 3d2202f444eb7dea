/** Runs side by side, from what their folders hold; nothing is computed that needs a model. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { changedCells, changeOf, comparedEpochSchema, matchAnswers, verdictOf } from '../../shared/domain/compare'
import type { AnsweredSplit, ChangedPicture, ChangeKind, ComparedRun, MatchedAnswers, MeasuredRun, RunComparison, RunPair } from '../../shared/domain/compare'
import type { Split } from '../../shared/domain/dataset'
import type { Evaluation } from '../../shared/domain/metrics'
import { holmAdjusted, pairedCounts, pairedFigures, type PairedFigures } from '../../shared/domain/paired'
import type { RunRecord } from '../../shared/domain/run'
import type { RunFolder } from '../storage/run-folder'

export interface RunToCompare {
  readonly folder: RunFolder
  readonly record: RunRecord
}

/** Draws of the bootstrap are keyed by it, so that an interval is the same each time it is looked at. */
const SEED = 42

interface MeasuredSplit {
  readonly record: RunRecord
  readonly evaluation: Evaluation
  readonly answered: AnsweredSplit
}

/** Settings and curves of one run. */
export async function comparedRun({ folder, record }: RunToCompare): Promise<ComparedRun> {
  const events = (await folder.events()).map(({ event }) => event)
  // A resumed run's history may tell an epoch twice: the later one counts.
  const epochs = new Map(events.flatMap((event) => (event.event === 'epoch' ? [[event.epoch, comparedEpochSchema.parse(event)] as const] : [])))
  const stages = new Map(events.flatMap((event) => (event.event === 'stage' ? [[event.stage, { name: event.name, first_epoch: event.first_epoch }] as const] : [])))
  return { run: record, config: await folder.config(), epochs: [...epochs.values()].sort((a, b) => a.epoch - b.epoch), stages: [...stages.values()] }
}

/** The kept answers of the best checkpoint; null where the split was not evaluated, or not since. */
async function measuredSplit({ folder, record }: RunToCompare, split: Split): Promise<MeasuredSplit | null> {
  const evaluation = await folder.currentEvaluation(split, 'best')
  if (evaluation === null) return null
  const { root, pictures } = await folder.manifest()
  const hashes = new Map(pictures.filter((picture) => picture.split === split && picture.sha256 !== '').map(({ path, sha256 }) => [path, sha256]))
  return { record, evaluation, answered: { root, classes: evaluation.classes, predictions: evaluation.predictions, hashes } }
}

function measuredRun({ record, evaluation: { report, checkpoint_epoch: epoch } }: MeasuredSplit): MeasuredRun {
  const between = (interval: { low: number; high: number } | null | undefined) => (interval === null || interval === undefined ? null : { low: interval.low, high: interval.high })
  return {
    run_id: record.run_id,
    count: report.count,
    checkpoint_epoch: epoch ?? null,
    accuracy: report.accuracy,
    accuracy_interval: between(report.intervals?.accuracy),
    macro_f1: report.macro.f1,
    macro_f1_interval: between(report.intervals?.macro_f1),
  }
}

function pairOf(base: MeasuredSplit, other: MeasuredSplit, matched: MatchedAnswers, paired: PairedFigures | null, adjusted: number, comparisons: number): RunPair {
  const { answers, classes } = matched
  const counts = pairedCounts(answers)
  const figures: RunPair['figures'] =
    paired === null ? null : { accuracy: paired.accuracy, macro_f1: paired.macroF1, p_value: paired.pValue, p_adjusted: adjusted, comparisons, resamples: paired.resamples }
  return {
    base_id: base.record.run_id,
    other_id: other.record.run_id,
    verdict: verdictOf(figures),
    common: answers.length,
    only_base: matched.onlyBase,
    only_other: matched.onlyOther,
    relabelled: matched.relabelled,
    right_to_wrong: counts.rightToWrong,
    wrong_to_right: counts.wrongToRight,
    wrong_otherwise: answers.filter((answer) => changeOf(answer) === 'wrong otherwise').length,
    figures,
    classes,
    changed_cells: changedCells(answers, classes.length),
  }
}

function whyUnmeasured({ record }: RunToCompare, split: Split): string | null {
  if (record.counts[split] === 0) return `It has no ${split} pictures.`
  return record.best_epoch === null && record.origin === 'trained' ? 'It has no model yet.' : null
}

/** The first run with each of the others, on the pictures that both were measured on. */
export async function compareRuns(runs: readonly RunToCompare[], split: Split): Promise<RunComparison> {
  const splits = await Promise.all(runs.map((run) => measuredSplit(run, split)))
  const unmeasured = runs.flatMap((run, index) => (splits[index] === null ? [{ run_id: run.record.run_id, reason: whyUnmeasured(run, split) }] : []))
  const measured = splits.filter((entry) => entry !== null)
  const base = splits[0] ?? null
  const baseId = runs[0]?.record.run_id ?? ''
  if (base === null) return { split, base_id: baseId, measured: measured.map(measuredRun), unmeasured, pairs: [] }
  const pairs: { other: MeasuredSplit; matched: MatchedAnswers; paired: PairedFigures | null }[] = []
  for (const other of measured.slice(1)) {
    const matched = matchAnswers(base.answered, other.answered)
    const paired = matched.answers.length === 0 ? null : await pairedFigures(matched.answers, matched.classes.length, SEED, () => nextTurn())
    pairs.push({ other, matched, paired })
  }
  const tested = pairs.flatMap(({ paired }) => (paired === null ? [] : [paired]))
  const adjusted = holmAdjusted(tested.map(({ pValue }) => pValue))
  return {
    split,
    base_id: baseId,
    measured: measured.map(measuredRun),
    unmeasured,
    pairs: pairs.map(({ other, matched, paired }) => pairOf(base, other, matched, paired, paired === null ? 1 : (adjusted[tested.indexOf(paired)] ?? 1), tested.length)),
  }
}

export interface ChangesWanted {
  readonly kind: ChangeKind | null
  /** Pictures that came into this cell of the confusion matrix or left it; null: all. */
  readonly cell: { readonly truth: number; readonly prediction: number } | null
}

/** The pictures that the two answer differently, what the other is surest of first. Empty where one was not measured. */
export async function changedPictures(base: RunToCompare, other: RunToCompare, split: Split, wanted: ChangesWanted): Promise<ChangedPicture[]> {
  const [left, right] = await Promise.all([measuredSplit(base, split), measuredSplit(other, split)])
  if (left === null || right === null) return []
  const { answers, places } = matchAnswers(left.answered, right.answered)
  const sure = ({ evaluation }: MeasuredSplit, place: number | undefined): number => {
    const picture = place === undefined ? undefined : evaluation.predictions[place]
    return picture?.probabilities[picture.prediction] ?? 0
  }
  const changed = answers.flatMap((answer, index): ChangedPicture[] => {
    const kind = changeOf(answer)
    if (kind === null || (wanted.kind !== null && kind !== wanted.kind)) return []
    const { cell } = wanted
    if (cell !== null && (answer.truth !== cell.truth || (answer.base !== cell.prediction && answer.other !== cell.prediction))) return []
    const place = places[index]
    const path = left.evaluation.predictions[place?.base ?? -1]?.path ?? ''
    return [{ path, truth: answer.truth, kind, base: { prediction: answer.base, probability: sure(left, place?.base) }, other: { prediction: answer.other, probability: sure(right, place?.other) } }]
  })
  return changed.sort((a, b) => b.other.probability - a.other.probability || (a.path < b.path ? -1 : 1))
}
