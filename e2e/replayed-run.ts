/** A run that another process works on, as it seems: its folder is written epoch by epoch, with answers that become better. */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { FULL_CONFIDENCE } from '../src/shared/domain/epoch-answers'
import { runConfigSchema } from '../src/shared/domain/run-config'
import { exampleEpoch, exampleRecord, exampleState } from '../src/main/storage/run-folder.examples'
import { RunFolder } from '../src/main/storage/run-folder'

export interface ReplayedRun {
  name: string
  classNames: readonly string[]
  picturesPerClass: number
  epochs: number
}

const DRAWN = 24

/** Number from 0 to 1 that stays with its parts. */
function drawn(...parts: number[]): number {
  let state = 0x9e3779b9
  for (const part of parts) {
    state = Math.imul(state ^ (part + 0x7f4a7c15), 0x85ebca6b)
    state ^= state >>> 13
    state = Math.imul(state, 0xc2b2ae35)
    state ^= state >>> 16
  }
  return (state >>> 0) / 2 ** 32
}

/** Begins the run in `runs` with its pictures below `root`; `play` then tells epochs, and `end` says that it is over. */
export async function replayedRun(runs: string, root: string, { name, classNames, picturesPerClass, epochs }: ReplayedRun) {
  const some = join(root, 'drawn')
  mkdirSync(some, { recursive: true })
  for (let index = 0; index < DRAWN; index++) {
    const background = { r: 40 + ((index * 37) % 160), g: 80 + ((index * 53) % 140), b: 40 + ((index * 17) % 90) }
    await sharp({ create: { width: 128, height: 96, channels: 3, background } }).jpeg().toFile(join(some, `${index}.jpg`))
  }
  const pictures = classNames.flatMap((className, classIndex) => {
    mkdirSync(join(root, className), { recursive: true })
    return Array.from({ length: picturesPerClass }, (_, index) => {
      const path = `${className}/${index}.jpg`
      copyFileSync(join(some, `${(classIndex * 7 + index) % DRAWN}.jpg`), join(root, path))
      return { path, classIndex, split: 'val' as const, sizeBytes: 1, sha256: `${classIndex} ${index}` }
    })
  })
  const paths = pictures.map(({ path }) => path)
  const half = Math.ceil(epochs / 3)
  const config = runConfigSchema.parse({ backbone: 'efficientnet_lite0', stages: [{ name: 'Head', freeze: 'all', epochs: half }, { name: 'Whole network', freeze: 'none', epochs: epochs - half }] })
  const record = {
    ...exampleRecord(), run_id: name, name, dataset_root: root, dataset_name: 'replayed', status: 'training' as const, owner_pid: process.pid, classes: [...classNames],
    counts: { train: pictures.length * 4, val: pictures.length, test: 0 }, epochs_planned: epochs, created_at: new Date().toISOString(), updated_at: new Date().toISOString(),
  } // prettier-ignore
  const folder = await RunFolder.create(join(runs, name), {
    record,
    config,
    manifest: { version: 1, root, layout: 'folder-per-class', classes: [...classNames], seed: 42, ratios: { train: 0.8, val: 0.2, test: 0 }, pictures, setAside: [], ignored: [] },
  })
  let best = 0
  let bestEpoch = 1

  async function tell(epoch: number): Promise<void> {
    const stage = epoch <= half ? 1 : 2
    if (epoch === 1 || epoch === half + 1) {
      await folder.appendEvent({
        event: 'stage', stage, name: stage === 1 ? 'Head' : 'Whole network', stages: 2, first_epoch: epoch, epochs: stage === 1 ? half : epochs - half, frozen_layers: 0, layers: 49, trainable_parameters: 1,
        views: 1, prefix_cached: false, learning_rates: { all: 1e-3 }, from_epoch: stage === 1 ? null : half,
      }) // prettier-ignore
    }
    const matrix = classNames.map(() => classNames.map(() => 0))
    const answers = pictures.map(({ classIndex: truth }, index) => {
      // Each picture has what it takes to be told, each class is harder or easier, and an epoch is a little off.
      const skill = 0.45 + 0.5 * (1 - Math.exp((-3 * epoch) / epochs)) - 0.3 * drawn(truth, 5) + 0.08 * (drawn(epoch, truth) - 0.5)
      const isRight = drawn(index, 1) < skill
      const other = (truth + 1 + Math.floor(drawn(truth, index % 3) * 2)) % classNames.length
      const prediction = isRight ? truth : other
      const row = matrix[truth]
      if (row !== undefined) row[prediction] = (row[prediction] ?? 0) + 1
      return { prediction, confidence: Math.round((0.35 + 0.6 * drawn(index, epoch >> 2, 9)) * FULL_CONFIDENCE), isRight }
    })
    const accuracy = answers.filter(({ isRight }) => isRight).length / answers.length
    await folder.writeEpochAnswers(paths, epoch, { predictions: Uint16Array.from(answers.map(({ prediction }) => prediction)), confidences: Uint16Array.from(answers.map(({ confidence }) => confidence)) })
    const isBest = accuracy > best
    if (isBest) [best, bestEpoch] = [accuracy, epoch]
    await folder.appendEvent({
      event: 'epoch', ...exampleEpoch(epoch), stage, train_accuracy: Math.min(1, accuracy + 0.04), val_accuracy: accuracy, val_macro_f1: accuracy - 0.01, train_loss: 1.9 * Math.exp((-2.2 * epoch) / epochs) + 0.04 * drawn(epoch, 3),
      val_loss: 1.9 * Math.exp((-1.9 * epoch) / epochs) + 0.12 * drawn(epoch, 4), learning_rate: stage === 1 ? 1e-3 : 1e-4, learning_rates: { all: stage === 1 ? 1e-3 : 1e-4 }, is_best: isBest, confusion_matrix: matrix,
    }) // prettier-ignore
  }

  return {
    folder,
    paths,
    /** Tells epochs one after the other, both included. */
    async play(first: number, last: number, pauseMs = 0): Promise<void> {
      for (let epoch = first; epoch <= last; epoch++) {
        await tell(epoch)
        if (pauseMs > 0) await sleep(pauseMs)
      }
    },
    async end(): Promise<void> {
      await folder.writeCheckpoint('best', { state: { ...exampleState(1), epoch: bestEpoch, classes: [...classNames], num_classes: classNames.length }, weights: new Uint8Array(1), optimizer: null })
      await folder.updateRecord({ status: 'completed', owner_pid: null, epochs_done: epochs, best_epoch: bestEpoch, best_metric: best })
      await folder.appendEvent({ event: 'status', status: 'completed', message: null })
    },
  }
}
