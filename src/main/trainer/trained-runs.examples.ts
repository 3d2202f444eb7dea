/** Small real runs for the tests of the trainer: a few pictures drawn in two colours, trained by the built trainer child. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { onTestFinished } from 'vitest'
import type { Manifest } from '../../shared/domain/dataset'
import { KeyedRandom } from '../../shared/domain/random'
import { type RunConfig, runConfigSchema } from '../../shared/domain/run-config'
import type { SequencedRunEvent } from '../../shared/domain/run'
import { scanDataset } from '../dataset/scan'
import { manifestCounts, splitDataset } from '../dataset/split'
import { EPOCH_ANSWERS } from '../storage/epoch-answers-file'
import { exampleRecord } from '../storage/run-folder.examples'
import { RunFolder } from '../storage/run-folder'
import { type JobHandle, runJob } from './host'

/** A folder with its own caches that is deleted after the test. */
export async function workplace(): Promise<string> {
  const { folder, leave } = await lastingWorkplace()
  onTestFinished(leave)
  return folder
}

/** The same for all tests of a file, which calls `leave` at its end. */
export async function lastingWorkplace(): Promise<{ folder: string; leave: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'graft-trainer-'))
  const places = { GRAFT_PICTURE_CACHE_DIR: join(folder, 'pictures'), GRAFT_FEATURE_CACHE_DIR: join(folder, 'features') }
  const before = Object.keys(places).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, places)
  const leave = async (): Promise<void> => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
    }
    await rm(folder, { recursive: true, force: true })
  }
  return { folder, leave }
}

/** Noisy pictures of 48×40, bluish and reddish, `perClass` of each. */
export async function drawPictures(folder: string, perClass = 14): Promise<string> {
  const root = join(folder, 'dataset')
  for (const [classIndex, name] of ['blue', 'red'].entries()) {
    await mkdir(join(root, name), { recursive: true })
    for (let i = 0; i < perClass; i++) {
      const random = new KeyedRandom(5, 'sample', classIndex, i)
      const tint = [random.between(60, 160), random.between(60, 160), random.between(60, 160)]
      tint[classIndex === 0 ? 2 : 0] = random.between(120, 220)
      const pixels = Uint8Array.from({ length: 48 * 40 * 3 }, (_, at) => Math.min(255, (tint[at % 3] ?? 0) + random.below(60)))
      await writeFile(join(root, name, `${i}.png`), await sharp(pixels, { raw: { width: 48, height: 40, channels: 3 } }).png().toBuffer())
    }
  }
  return root
}

/** Everything random is on: augmentation, dropout, shuffling; the schedule moves within the run. */
export const SMALL_RUN: Partial<RunConfig> = {
  backbone: 'mobilenet_v3_small',
  weights: 'none',
  freeze_ratio: 0,
  image_size: 64,
  batch_size: 4,
  epochs: 4,
  views: 2,
  scheduler: 'plateau',
  scheduler_patience: 0,
  early_stopping_patience: 0,
  label_smoothing: 0.1,
}

export async function makeRun(folder: string, name: string, root: string, config: Partial<RunConfig>): Promise<RunFolder> {
  const full = runConfigSchema.parse({ ...SMALL_RUN, ...config })
  const manifest: Manifest = splitDataset(await scanDataset(root, {}), { train: full.train_ratio, val: full.val_ratio, test: full.test_ratio }, full.seed)
  const record = { ...exampleRecord(), run_id: name, name, dataset_root: root, classes: manifest.classes, counts: manifestCounts(manifest).split, backbone: full.backbone }
  return RunFolder.create(join(folder, name), { record, config: full, manifest })
}

export function trainRun(run: RunFolder, resume: boolean, onEvent: (event: SequencedRunEvent, job: JobHandle<'train'>) => void = () => undefined): JobHandle<'train'> {
  const job: JobHandle<'train'> = runJob<'train'>({ kind: 'train', runDirectory: run.directory, resume }, { onEvent: (event) => onEvent(event, job) })
  return job
}

/** What must be the same in two equal runs: history without times, and by hash the weights of both checkpoints and the answers of every epoch. */
export async function fingerprint(run: RunFolder): Promise<unknown> {
  const events = (await run.events()).map(({ event }) => event)
  const epochs = events.flatMap((event) => {
    if (event.event !== 'epoch') return []
    const { seconds: _seconds, images_per_second: _speed, memory_bytes: _memory, ...same } = event
    return [same]
  })
  const hashOf = async (path: string): Promise<string> => createHash('sha256').update(await readFile(path)).digest('hex')
  const hashes: Record<string, string> = { answers: await hashOf(join(run.directory, EPOCH_ANSWERS)) }
  for (const name of ['best', 'latest'] as const) {
    for (const file of ['weights.safetensors', 'optimizer.safetensors']) {
      hashes[`${name}/${file}`] = await hashOf(join(run.checkpointDirectory(name), file))
    }
  }
  const done = events.filter((event) => event.event === 'done')
  return { epochs, hashes, ends: done.map(({ status, best_epoch, best_metric, test }) => ({ status, best_epoch, best_metric, test })) }
}
