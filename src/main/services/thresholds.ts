/** Thresholds with a cost: chosen on the validation pictures, told on the test pictures, kept with the run. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Split } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import type { Evaluation } from '../../shared/domain/metrics'
import { bayesThreshold, type ChosenThreshold, type ChosenThresholds, type CheapestThreshold, cheapestThreshold, scoredPictures } from '../../shared/domain/thresholds'
import { tellThreshold, type ToldThreshold } from '../../shared/domain/thresholds-told'
import { currentThresholds, readChosenThresholds, writeChosenThresholds } from '../storage/chosen-thresholds'
import type { RunFolder } from '../storage/run-folder'

/** A run's answers that a threshold is chosen on and told on. */
export interface Measured {
  readonly folder: RunFolder
  readonly classes: readonly string[]
  readonly epoch: number
  readonly temperature: number | null
  readonly seed: number
  readonly chosenOn: Evaluation
  /** The same as `chosenOn` where there is no test split. */
  readonly toldOn: Evaluation
}

/**
 * From kept evaluations; nothing is computed.
 * @throws GraftError NOT_FOUND where the pictures were not measured yet, BAD_INPUT where there are none
 */
export async function measuredRun(folder: RunFolder): Promise<Measured> {
  const record = await folder.record()
  if (record.counts.val === 0) {
    throw new GraftError('BAD_INPUT', `${record.name} has no validation pictures, which a threshold is chosen on.`, { action: 'Train with a validation split, or choose by hand: 1 / (1 + the cost of a miss).' })
  }
  const kept = async (split: Split): Promise<Evaluation> => {
    const evaluation = await folder.currentEvaluation(split, 'best')
    if (evaluation !== null) return evaluation
    throw new GraftError('NOT_FOUND', `${record.name} was not measured on its ${split === 'val' ? 'validation' : split} pictures with the best checkpoint that it has now.`, {
      action: `Measure it first: graft evaluate ${record.run_id} --split ${split}`,
    })
  }
  const chosenOn = await kept('val')
  const toldOn = record.counts.test > 0 ? await kept('test') : chosenOn
  const { seed } = await folder.config()
  return { folder, classes: chosenOn.classes, epoch: chosenOn.checkpoint_epoch ?? 0, temperature: chosenOn.report.calibration?.temperature ?? null, seed, chosenOn, toldOn }
}

export interface ThresholdAnswer {
  readonly name: string
  readonly miss_cost: number
  /** For calibrated probabilities. */
  readonly bayes: number
  /** On the validation pictures; null where they hold nothing of the class, or nothing else. */
  readonly cheapest: CheapestThreshold | null
  readonly threshold: number
  readonly source: ChosenThreshold['source']
  readonly temperature: number | null
  readonly chosen_on: Split
  readonly on_validation: ToldThreshold
  /** Null where there is no test split: then it is told on the pictures that it was chosen on. */
  readonly on_test: ToldThreshold | null
}

export interface ThresholdQuestion {
  readonly classIndex: number
  readonly missCost: number
  /** `validation`: the cheapest there; `bayes`: 1 / (1 + missCost); a number: this one. */
  readonly threshold: 'validation' | 'bayes' | number
}

/** @throws GraftError BAD_INPUT where nothing can be chosen on the validation pictures */
export async function answerThreshold(measured: Measured, question: ThresholdQuestion): Promise<ThresholdAnswer> {
  const { classIndex, missCost } = question
  const { classes, temperature, chosenOn } = measured
  const name = classes[classIndex] ?? String(classIndex)
  const bayes = bayesThreshold(missCost)
  const cheapest = cheapestThreshold(scoredPictures(chosenOn.predictions, classIndex, temperature), missCost)
  if (question.threshold === 'validation' && cheapest === null) {
    throw new GraftError('BAD_INPUT', `The validation pictures are all of ${name}, or none of them is: they cannot tell which threshold is the cheapest.`, {
      action: `Take Bayes' threshold, ${bayes.toPrecision(3)}, or one of your own.`,
    })
  }
  const threshold = typeof question.threshold === 'number' ? question.threshold : question.threshold === 'bayes' ? bayes : (cheapest?.threshold ?? bayes)
  const told = await toldAt(measured, { classIndex, missCost, threshold })
  return {
    name,
    miss_cost: missCost,
    bayes,
    cheapest,
    threshold,
    source: typeof question.threshold === 'number' ? 'set' : question.threshold,
    temperature,
    chosen_on: chosenOn.split,
    on_validation: told.validation,
    on_test: told.test,
  }
}

/** What one threshold does; on test null where there is no test split. */
async function toldAt({ folder, classes, temperature, seed, chosenOn, toldOn }: Measured, { classIndex, missCost, threshold }: { classIndex: number; missCost: number; threshold: number }): Promise<{ validation: ToldThreshold; test: ToldThreshold | null }> {
  const others = (await currentThresholds(folder))?.classes ?? []
  const thresholds = classes.map((label) => others.find((entry) => entry.name === label)?.threshold ?? null)
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const tell = (evaluation: Evaluation) =>
    tellThreshold({ split: evaluation.split, predictions: evaluation.predictions, classIndex, threshold, missCost, temperature, thresholds, seed }, pause)
  return { validation: await tell(chosenOn), test: toldOn === chosenOn ? null : await tell(toldOn) }
}

/** In place of what was chosen for the class. What was chosen for an earlier checkpoint goes. */
export async function keepThreshold({ folder, epoch, temperature, chosenOn }: Measured, chosen: ChosenThreshold): Promise<ChosenThresholds> {
  const others = (await currentThresholds(folder))?.classes.filter(({ name }) => name !== chosen.name) ?? []
  const all: ChosenThresholds = { version: 1, checkpoint_epoch: epoch, temperature, chosen_on: chosenOn.split, classes: [...others, chosen] }
  await writeChosenThresholds(folder.directory, all)
  return all
}

/** @param name null: of all classes */
export async function dropThresholds(folder: RunFolder, name: string | null): Promise<ChosenThresholds | null> {
  const chosen = await readChosenThresholds(folder.directory)
  if (chosen === null) return null
  const left = { ...chosen, classes: name === null ? [] : chosen.classes.filter((entry) => entry.name !== name) }
  await writeChosenThresholds(folder.directory, left)
  return left.classes.length === 0 ? null : left
}

interface Runs {
  folder(runId: string): Promise<RunFolder>
}

export class ThresholdsService {
  /** Of the run that was asked about last: each rest of the slider asks, and the answers of many pictures take longer to read than to count. */
  private last: { stamp: string; measured: Measured } | null = null

  constructor(private readonly runs: Runs) {}

  /** `isCurrent` false: the run has a better epoch since, and they are not used. */
  async chosen({ runId }: { runId: string }): Promise<{ chosen: ChosenThresholds | null; isCurrent: boolean }> {
    const folder = await this.runs.folder(runId)
    const chosen = await readChosenThresholds(folder.directory)
    return { chosen, isCurrent: chosen !== null && (await currentThresholds(folder)) !== null }
  }

  async tell({ runId, classIndex, missCost, threshold }: { runId: string; classIndex: number; missCost: number; threshold: number }): Promise<{ validation: ToldThreshold; test: ToldThreshold | null }> {
    const measured = await this.measured(runId)
    requireClass(measured, classIndex)
    return toldAt(measured, { classIndex, missCost, threshold })
  }

  async keep({ runId, chosen }: { runId: string; chosen: ChosenThreshold }): Promise<ChosenThresholds> {
    const measured = await this.measured(runId)
    requireClass(measured, measured.classes.indexOf(chosen.name))
    return keepThreshold(measured, chosen)
  }

  async drop({ runId, name }: { runId: string; name: string }): Promise<{ chosen: ChosenThresholds | null }> {
    return { chosen: await dropThresholds(await this.runs.folder(runId), name) }
  }

  private async measured(runId: string): Promise<Measured> {
    const folder = await this.runs.folder(runId)
    const stamp = await stampOf(folder)
    if (this.last?.stamp !== stamp) this.last = { stamp, measured: await measuredRun(folder) }
    return this.last.measured
  }
}

/** Changes with whatever is read of a run; all of it is replaced, never rewritten in place. */
async function stampOf({ directory }: RunFolder): Promise<string> {
  const parts = ['evaluation/val_best.json', 'evaluation/test_best.json', 'checkpoints/best'].map(async (part) => {
    const found = await stat(join(directory, part), { bigint: true }).catch(() => null)
    return found === null ? 'none' : `${found.ino} ${found.mtimeNs} ${found.size}`
  })
  return [directory, ...(await Promise.all(parts))].join('\n')
}

function requireClass({ classes }: Measured, index: number): void {
  if (classes[index] === undefined) throw new GraftError('NOT_FOUND', 'The run has no such class.', { action: 'Open the results again.' })
}
