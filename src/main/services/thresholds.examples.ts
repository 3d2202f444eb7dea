/** Runs that were never trained, with any number of classes and answers that are sometimes wrong and never sure: for what is decided by their probabilities. */
import { join } from 'node:path'
import type { Manifest, Split } from '../../shared/domain/dataset'
import type { Evaluation, Prediction } from '../../shared/domain/metrics'
import { KeyedRandom } from '../../shared/domain/random'
import { runConfigSchema } from '../../shared/domain/run-config'
import type { RunRecord } from '../../shared/domain/run'
import { exampleEpoch, exampleEvaluation, exampleRecord, exampleState } from '../storage/run-folder.examples'
import { RunFolder } from '../storage/run-folder'
import { withFigures } from '../trainer/measure'
import type { RunToCompare } from './compare-runs'

const EPOCH = 2

export interface ThresholdRun {
  classes: readonly string[]
  /** Of each split. */
  pictures: number
  hasTest?: boolean
  hasValidation?: boolean
  /** Classes that no picture is of. */
  empty?: readonly number[]
  /** Where the pictures are said to lie. */
  root?: string
  record?: Partial<RunRecord>
}

/** Path of a picture below the dataset's folder. */
export const thresholdPicture = (split: Split, index: number): string => `${split}/${index}.jpg`

export async function makeThresholdRun(directory: string, runId: string, of: ThresholdRun): Promise<RunToCompare> {
  const { pictures, hasTest = true, hasValidation = true, root = '/pictures/leaves' } = of
  const classes = [...of.classes]
  const splits: Split[] = [...(hasValidation ? (['val'] as const) : []), ...(hasTest ? (['test'] as const) : [])]
  const answers = new Map(splits.map((split) => [split, predictionsOf(split, of)]))
  const manifest: Manifest = {
    version: 1,
    root,
    layout: 'folder-per-class',
    classes,
    seed: 42,
    ratios: { train: 0.6, val: 0.2, test: 0.2 },
    pictures: splits.flatMap((split) => (answers.get(split) ?? []).map(({ path, truth }) => ({ path, classIndex: truth, split, sizeBytes: 1, sha256: `hash ${path}` }))),
    setAside: [],
    ignored: [],
  }
  const record: RunRecord = {
    ...exampleRecord(),
    run_id: runId,
    name: runId,
    dataset_root: root,
    dataset_name: 'leaves',
    status: 'completed',
    classes,
    counts: { train: pictures, val: hasValidation ? pictures : 0, test: hasTest ? pictures : 0 },
    epochs_planned: EPOCH,
    epochs_done: EPOCH,
    best_epoch: EPOCH,
    best_metric: 0.8,
    last_metric: 0.8,
    total_s: 30,
    ...of.record,
  }
  const folder = await RunFolder.create(directory, { record, config: runConfigSchema.parse({ backbone: 'efficientnet_lite0', epochs: EPOCH }), manifest })
  for (let epoch = 1; epoch <= EPOCH; epoch++) await folder.appendEvent({ event: 'epoch', ...exampleEpoch(epoch), confusion_matrix: [], is_best: epoch === EPOCH })
  await folder.writeCheckpoint('best', { state: { ...exampleState(EPOCH), classes, num_classes: classes.length }, weights: new Uint8Array(1), optimizer: null })
  const plain = (split: Split): Evaluation => evaluationOf(split, classes, answers.get(split) ?? [])
  const fitting = hasValidation ? plain('val') : null
  for (const split of splits) await folder.writeEvaluation(withFigures(plain(split), fitting, 42))
  return { folder: await RunFolder.open(join(directory)), record }
}

/** Logits of normal noise with a lift for the truth and a smaller one for its neighbour, which it is taken for. */
function predictionsOf(split: Split, { classes, pictures, empty = [] }: ThresholdRun): Prediction[] {
  const random = new KeyedRandom(split === 'val' ? 1 : 2, 'sample')
  // So that the truth stays as likely however many others there are.
  const lift = Math.log(classes.length)
  const occurring = classes.map((_, index) => index).filter((index) => !empty.includes(index))
  return Array.from({ length: pictures }, (_, index) => {
    // Classes of different sizes.
    const truth = occurring[Math.floor(occurring.length * random.uniform() ** 1.4)] ?? 0
    const partner = (truth ^ 1) % classes.length
    const logits = classes.map((__, place) => random.normal() + (place === truth ? 1.8 + lift : place === partner ? 0.4 + lift : 0))
    const exponentials = logits.map(Math.exp)
    const sum = exponentials.reduce((total, value) => total + value, 0)
    const probabilities = exponentials.map((value) => value / sum)
    return { path: thresholdPicture(split, index), truth, prediction: probabilities.indexOf(Math.max(...probabilities)), probabilities }
  })
}

function evaluationOf(split: Split, classes: string[], predictions: Prediction[]): Evaluation {
  const matrix = classes.map(() => classes.map(() => 0))
  for (const { truth, prediction } of predictions) {
    const row = matrix[truth]
    if (row !== undefined) row[prediction] = (row[prediction] ?? 0) + 1
  }
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const rows = classes.map((name, index) => {
    const [hits, support, said] = [matrix[index]?.[index] ?? 0, sum(matrix[index] ?? []), sum(matrix.map((row) => row[index] ?? 0))]
    const ratio = (whole: number) => (whole === 0 ? 0 : hits / whole)
    return { name, support, precision: ratio(said), recall: ratio(support), f1: said + support === 0 ? 0 : (2 * hits) / (said + support) }
  })
  const { report } = exampleEvaluation()
  const accuracy = predictions.filter(({ truth, prediction }) => truth === prediction).length / Math.max(1, predictions.length)
  const mean = (key: 'precision' | 'recall' | 'f1') => sum(rows.map((row) => row[key])) / Math.max(1, rows.length)
  const average = { precision: mean('precision'), recall: mean('recall'), f1: mean('f1') }
  return {
    split,
    checkpoint: 'best',
    checkpoint_epoch: EPOCH,
    classes,
    report: { ...report, count: predictions.length, accuracy, macro: average, weighted: average, classes: rows, confusion_matrix: matrix, confusion_matrix_normalized: matrix.map((row) => row.map((value) => value / Math.max(1, sum(row)))) },
    predictions,
  }
}
