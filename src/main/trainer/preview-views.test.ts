import { expect, test } from 'vitest'
import { type Augmentation, policy } from '../../shared/domain/augmentation'
import type { Manifest } from '../../shared/domain/dataset'
import type { RunConfig } from '../../shared/domain/run-config'
import { stageSchema } from '../../shared/domain/stages'
import { PictureCache } from '../dataset/picture-cache'
import type { PictureStore } from '../dataset/picture-store'
import { scanDataset } from '../dataset/scan'
import { splitDataset } from '../dataset/split'
import { jpeg, pattern, temporaryFolder, writeTree } from '../dataset/test-pictures'
import { NetworkSession, type PassInput, type TrainStepInput, type TrainStepResult } from '../engine/runtime/network-session'
import type { DeviceTensor, Feed, HostFeed } from '../engine/runtime/session'
import { workOn } from '../engine/train/augment-batch'
import { randomWeights } from '../engine/train/initial-weights'
import { initialTrainingState } from '../engine/train/state'
import { pictureSource } from './pictures'
import { firstViews, passPlan, PlannedPasses, viewsOfRun } from './preview-passes'
import { PreviewThread } from './preview-thread'
import { makeView, toBytes } from './preview-views'
import { CLASSES, matrixConfig, noise, SIDE, TINY } from './resume-matrix.examples'
import { compileRun, runNetwork } from './run-session'
import { trainStages } from './train-stages'

const SIZE = SIDE * SIDE * 3
const EPOCHS = 4

/** Every part of the table alone, so strong that no picture stays as it was, then all together. */
const PARTS: Readonly<Record<string, Partial<Augmentation>>> = {
  horizontal_flip: { horizontal_flip: 1 },
  vertical_flip: { vertical_flip: 1 },
  rotation: { rotation: 40 },
  translate: { translate: 0.3 },
  scale: { scale: [0.5, 1.5] },
  shear: { shear: 30 },
  random_resized_crop: { random_resized_crop: true },
  'crop_scale, crop_ratio': { random_resized_crop: true, crop_scale: [0.2, 0.4], crop_ratio: [1, 2] },
  brightness: { brightness: 0.5 },
  contrast: { contrast: 0.5 },
  saturation: { saturation: 0.8 },
  hue: { hue: 0.4 },
  'colours, whose order is a batch’s': { brightness: 0.3, contrast: 0.5, saturation: 0.8, hue: 0.2 },
  'rand_augment, rand_augment_magnitude': { rand_augment: 2, rand_augment_magnitude: 15 },
  'random_erasing, erasing_scale, erasing_ratio': { random_erasing: 1, erasing_scale: [0.1, 0.3], erasing_ratio: [1, 2] },
  mixup: { mixup: 1 },
  cutmix: { cutmix: 1 },
  everything: { horizontal_flip: 0.5, rotation: 20, translate: 0.1, scale: [0.8, 1.2], shear: 5, random_resized_crop: true, brightness: 0.3, contrast: 0.3, saturation: 0.3, hue: 0.1, rand_augment: 1, random_erasing: 0.5, mixup: 0.4, cutmix: 0.4 },
}

test('the table of this test has every part of the augmentation', () => {
  const named = new Set(Object.values(PARTS).flatMap((part) => Object.keys(part)))
  expect([...named].sort()).toEqual(Object.keys(policy({})).sort())
})

interface Pictures {
  readonly manifest: Manifest
  readonly store: PictureStore
}

async function pictures(wantsWhole: boolean): Promise<Pictures> {
  const root = await temporaryFolder()
  for (let i = 0; i < 6; i++) {
    await writeTree(root, { [`a/${i}.jpg`]: await jpeg(i, 40 + i * 30, 190 - i * 23), [`b/${i}.png`]: await pattern(33 + i, 70, 3, i).png().toBuffer(), [`c/${i}.jpg`]: await jpeg(20 + i, 90, 41 + i) })
  }
  const split = splitDataset(await scanDataset(root), { train: 0.8, val: 0.2, test: 0 }, 1)
  const manifest: Manifest = { ...split, pictures: split.pictures.map((entry) => ({ ...entry, split: 'train' })) }
  return { manifest, store: await new PictureCache({ directory: await temporaryFolder() }).load(manifest.pictures, SIDE, { root, wantsWhole }) }
}

/** Keeps what the first layers are given, each pass on its own. */
class WatchedSession extends NetworkSession {
  readonly fed: Float32Array[] = []
  /** Reading a tensor releases it. */
  private readonly wasRead = new Set<number>()

  override trainStep(feed: Feed, input: TrainStepInput): TrainStepResult {
    return super.trainStep(this.noted(feed), input)
  }

  override gather(feed: Feed, input: PassInput): TrainStepResult {
    return super.gather(this.noted(feed), input)
  }

  override prefix(feed: Feed): DeviceTensor {
    return super.prefix(this.noted(feed))
  }

  override release(...tensors: readonly DeviceTensor[]): void {
    super.release(...tensors.filter(({ id }) => !this.wasRead.has(id)))
  }

  private noted(feed: Feed): HostFeed {
    const host = 'id' in feed ? { shape: feed.shape, data: this.read(feed) } : feed
    if ('id' in feed) this.wasRead.add(feed.id)
    // What is kept of a frozen part is no picture.
    if (host.data instanceof Float32Array && host.data.length % SIZE === 0) this.fed.push(new Float32Array(host.data))
    return host
  }
}

/** Trains with the trainer's own stages and gives all that the network was fed, as texts of its bytes to be found again. */
async function fedBy(config: RunConfig, { manifest, store }: Pictures): Promise<Set<string>> {
  const networkOf = (stage: number) => runNetwork(config, CLASSES.length, stage, TINY)
  const network = networkOf(1)
  const sessions: WatchedSession[] = []
  const nothing = async (): Promise<void> => undefined
  await trainStages(
    {
      config,
      folder: { writeCheckpoint: nothing, readCheckpoint: async () => null, checkpointDirectory: (name) => name, writeTrainingHistory: nothing, writeEpochAnswers: nothing },
      classes: CLASSES,
      train: pictureSource(manifest, store, 'train'),
      val: noise(7100, [0, 1, 2]),
      preprocessing: TINY.preprocessing,
      batch: { batchSize: Number(config.batch_size), stepSize: Number(config.batch_size) * config.accumulation_steps },
      featureDirectory: '',
      networkOf,
      openSession: (each) => {
        const session = new WatchedSession(compileRun(each, config, { preprocessing: TINY.preprocessing, accumulates: config.accumulation_steps > 1 }))
        sessions.push(session)
        return session
      },
      prefixOpensFrom: Infinity,
      hooks: { onCompiling: () => undefined, onStage: nothing, onStageEnd: nothing, onProgress: () => undefined, onEpoch: () => undefined, onKept: nothing, shouldEnd: async () => false },
    },
    initialTrainingState(network.groups.baseRates),
    randomWeights(network.network, config.seed),
  )
  const fed = sessions.flatMap((session) => session.fed)
  return new Set(fed.flatMap((batch) => Array.from({ length: batch.length / SIZE }, (_, row) => textOf(batch.subarray(row * SIZE, (row + 1) * SIZE)))))
}

/** To the last bit. */
const textOf = (picture: Float32Array): string => Buffer.from(new Float32Array(picture).buffer).toString('base64')

/** Views of some pictures as the preview has them. */
async function previewed(config: RunConfig, { manifest, store }: Pictures, work: Parameters<typeof makeView>[3]): Promise<Float32Array[]> {
  const plan = passPlan(config, CLASSES.length, TINY)
  const passes = new PlannedPasses(plan, manifest.pictures.map(({ classIndex }) => classIndex))
  const { augmentation, seed } = config
  const made: Float32Array[] = []
  for (const index of [0, 7, 17]) {
    for (const view of firstViews(plan, Math.min(viewsOfRun(plan), EPOCHS))) {
      const pass = passes.find(index, view, { ...augmentation, side: SIDE })
      expect(pass.epoch).toBe(view)
      const [own, first, partner] = [index, pass.first, pass.partner].map((at) => manifest.pictures[at])
      if (own === undefined || first === undefined || partner === undefined) throw new Error('A picture is missing')
      const wanted = { view, own, first, partner: pass.mix === null ? null : partner, mix: pass.mix }
      made.push((await makeView(store, wanted, { augmentation, seed, side: SIDE, erasingColour: plan.erasingColour }, work)).picture)
    }
  }
  return made
}

const inPlace = async (batch: Parameters<typeof workOn>[0]): Promise<void> => workOn(batch)
const configWith = (part: Partial<Augmentation>, more: Partial<RunConfig> = {}): RunConfig => matrixConfig({ augment: true, augmentation: policy(part), epochs: EPOCHS, batch_size: 5, checkpoint_minutes: 60, ...more })

test.each(Object.entries(PARTS))('%s: every view is what the trainer feeds its network, to the bit', async (_name, part) => {
  const config = configWith(part)
  const set = await pictures(config.augmentation.random_resized_crop)
  const fed = await fedBy(config, set)
  const views = await previewed(config, set, inPlace)
  expect(views).toHaveLength(3 * EPOCHS)
  for (const view of views) expect(fed.has(textOf(view))).toBe(true)
  // Not the plain picture everywhere.
  const plain = new Uint8Array(SIZE)
  await set.store.read(0, plain)
  expect(views.some((view) => Buffer.compare(toBytes(view), plain) !== 0)).toBe(true)
})

test.each([
  ['in passes of a step', { accumulation_steps: 2 }],
  ['by a sampler that evens out the classes', { sampler: 'class_balanced' }],
  ['with fewer views than epochs', { views: 2 }],
  ['of several stages, of which each shows its own', { views: 2, stages: [{ epochs: 3, freeze: 'all' }, { epochs: 3, freeze: 'none' }].map((stage) => stageSchema.parse(stage)) }],
  ['ahead of the steps, where a frozen part is kept', { freeze: 'ratio', freeze_ratio: 1, views: 3 }],
] satisfies [string, Partial<RunConfig>][])('views %s', async (_name, more) => {
  const config = configWith({ rotation: 20, brightness: 0.3, contrast: 0.5, saturation: 0.5, hue: 0.2, ...('freeze' in more ? {} : { mixup: 0.5 }) }, more)
  const set = await pictures(false)
  const fed = await fedBy(config, set)
  const views = await previewed(config, set, inPlace)
  for (const view of views) expect(fed.has(textOf(view))).toBe(true)
})

test('a thread makes the same pictures, and one that fails is followed by another', async () => {
  const config = configWith(PARTS['everything'] ?? {})
  const set = await pictures(true)
  const thread = new PreviewThread()
  const there = await previewed(config, set, (batch) => thread.work(batch))
  const here = await previewed(config, set, inPlace)
  expect(there.map(textOf)).toEqual(here.map(textOf))
  // @ts-expect-error a colour that is none
  await expect(previewed(config, set, (batch) => thread.work({ ...batch, erasingColour: null }))).rejects.toThrow('of null')
  expect((await previewed(config, set, (batch) => thread.work(batch))).map(textOf)).toEqual(here.map(textOf))
  await thread.close()
})

test('closing cancels what is under way', async () => {
  const config = configWith({ rotation: 20 })
  const set = await pictures(false)
  const thread = new PreviewThread()
  const asked = previewed(config, set, async (batch) => {
    await Promise.all([thread.work(batch), thread.close()])
  })
  await expect(asked).rejects.toMatchObject({ name: 'Cancelled' })
})
