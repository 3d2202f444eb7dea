/** Runs that were never trained: folders as training leaves them, with answers that a test chooses. */
import { join } from 'node:path'
import type { Manifest } from '../../shared/domain/dataset'
import type { Evaluation } from '../../shared/domain/metrics'
import { type RunConfig, runConfigSchema } from '../../shared/domain/run-config'
import type { RunRecord } from '../../shared/domain/run'
import { exampleEpoch, exampleEvaluation, exampleRecord, exampleState } from '../storage/run-folder.examples'
import { RunFolder } from '../storage/run-folder'
import type { RunToCompare } from './compare-runs'

const CLASSES = ['oak', 'elm']

export interface ComparableRun {
  /** Test pictures, by turns of two classes. */
  pictures: number
  isWrong: (index: number) => boolean
  /** Number of the first picture: others are other pictures. */
  firstPicture?: number
  /** Where the pictures are said to lie. */
  root?: string
  isMeasured?: boolean
  epochs?: number
  /** Added to each validation accuracy, so that curves lie apart. */
  lift?: number
  config?: Partial<RunConfig>
  record?: Partial<RunRecord>
}

/** Path of a picture below the dataset's folder. */
export const picturePath = (index: number): string => `${CLASSES[index % 2] ?? ''}/${index}.png`

export async function makeComparableRun(directory: string, runId: string, of: ComparableRun): Promise<RunToCompare> {
  const { pictures, isWrong, firstPicture = 0, root = '/pictures/trees', isMeasured = true, epochs = 3, lift = 0 } = of
  const numbers = Array.from({ length: pictures }, (_, index) => firstPicture + index)
  const manifest: Manifest = {
    version: 1,
    root,
    layout: 'folder-per-class',
    classes: CLASSES,
    seed: 42,
    ratios: { train: 0.7, val: 0.15, test: 0.15 },
    pictures: numbers.map((number) => ({ path: picturePath(number), classIndex: number % 2, split: 'test', sizeBytes: 1, sha256: `hash ${number}` })),
    setAside: [],
    ignored: [],
  }
  const best = Math.max(1, epochs - 1)
  const record: RunRecord = {
    ...exampleRecord(),
    run_id: runId,
    name: runId,
    dataset_root: root,
    dataset_name: 'trees',
    status: 'completed',
    classes: CLASSES,
    counts: { train: pictures, val: pictures, test: pictures },
    epochs_planned: epochs,
    epochs_done: epochs,
    best_epoch: best,
    best_metric: 0.8 + lift,
    last_metric: 0.78 + lift,
    total_s: 30,
    ...of.record,
  }
  const folder = await RunFolder.create(directory, { record, config: runConfigSchema.parse({ backbone: 'efficientnet_lite0', epochs, ...of.config }), manifest })
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const accuracy = 0.5 + (0.3 + lift) * (1 - 1 / (1 + (3 * epoch) / epochs))
    await folder.appendEvent({ event: 'epoch', ...exampleEpoch(epoch), train_accuracy: Math.min(1, accuracy + 0.05), val_accuracy: accuracy, val_macro_f1: accuracy - 0.01, val_loss: 1.2 - accuracy, train_loss: 1.1 - accuracy, is_best: epoch === best })
  }
  await folder.writeCheckpoint('best', { state: { ...exampleState(best), classes: CLASSES }, weights: new Uint8Array(1), optimizer: null })
  if (isMeasured) await folder.writeEvaluation(evaluationOf(numbers, isWrong, best))
  return { folder: await RunFolder.open(join(directory)), record }
}

function evaluationOf(numbers: readonly number[], isWrong: (index: number) => boolean, epoch: number): Evaluation {
  const predictions = numbers.map((number) => {
    const truth = number % 2
    const prediction = isWrong(number) ? 1 - truth : truth
    return { path: picturePath(number), truth, prediction, probabilities: prediction === 0 ? [0.9, 0.1] : [0.2, 0.8] }
  })
  const matrix = CLASSES.map((_, truth) => CLASSES.map((__, prediction) => predictions.filter((entry) => entry.truth === truth && entry.prediction === prediction).length))
  const right = predictions.filter(({ truth, prediction }) => truth === prediction).length
  const { report } = exampleEvaluation()
  const accuracy = right / numbers.length
  return {
    split: 'test',
    checkpoint: 'best',
    checkpoint_epoch: epoch,
    classes: CLASSES,
    report: {
      ...report,
      count: numbers.length,
      accuracy,
      macro: { precision: accuracy, recall: accuracy, f1: accuracy },
      intervals: { resamples: 2000, accuracy: { low: accuracy - 0.08, high: Math.min(1, accuracy + 0.08), method: 'bootstrap' }, balanced_accuracy: null, macro_f1: { low: accuracy - 0.09, high: Math.min(1, accuracy + 0.09), method: 'bootstrap' } },
      classes: CLASSES.map((name) => ({ name, support: numbers.length / 2, precision: accuracy, recall: accuracy, f1: accuracy })),
      confusion_matrix: matrix,
      confusion_matrix_normalized: matrix.map((row) => row.map((value) => value / Math.max(1, row.reduce((sum, part) => sum + part, 0)))),
    },
    predictions,
  }
}
