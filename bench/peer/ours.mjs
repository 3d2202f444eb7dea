// Our side of bench/guides.mjs: writes a plan for the guide's script, trains by it, and tells the loss of every step. Loaded by Vite, so that it
// may import the program's own sources.
import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodePicture } from '../../src/main/dataset/decode'
import { resizeBilinearAntialiased } from '../../src/main/dataset/resize'
import { readSafetensors } from '../../src/main/engine/formats/safetensors'
import { NetworkSession } from '../../src/main/engine/runtime/network-session'
import { augmentationPool } from '../../src/main/engine/train/augmentation-pool'
import { cutIntoBatches, SAMPLER_RULES } from '../../src/main/engine/train/batches'
import { initialTrainingState } from '../../src/main/engine/train/state'
import { findBackbone } from '../../src/main/engine/zoo/registry'
import { compileRun, runNetwork } from '../../src/main/trainer/run-session'
import { trainStages } from '../../src/main/trainer/train-stages'
import { PRESET_CONFIGS } from '../../src/shared/domain/presets'
import { runConfigSchema } from '../../src/shared/domain/run-config'

/** Side at which photographs are kept in memory: crops are cut from this. */
const KEPT_SIDE = 320
const VAL_PICTURES = 8

/** The preset with nothing left to chance that the other side could not draw too, `epochs` a stage. */
export function guideConfig(preset, { imageSize, batchSize, epochs, frozenBatchNorm, rateScale }) {
  const given = PRESET_CONFIGS[preset]
  const scaled = ({ learning_rate: rate, backbone_learning_rate: backboneRate = null }) => ({
    learning_rate: rate * rateScale,
    backbone_learning_rate: backboneRate === null ? null : backboneRate * rateScale,
  })
  return runConfigSchema.parse({
    ...given,
    ...(given.learning_rate === undefined ? {} : scaled(given)),
    weights: 'none',
    dropout: 0,
    image_size: imageSize,
    batch_size: batchSize ?? given.batch_size,
    epochs,
    stages: (given.stages ?? []).map((stage) => ({ ...stage, ...scaled(stage), epochs })),
    frozen_batch_norm: frozenBatchNorm,
    checkpoint_minutes: 1440,
  })
}

/** Photographs of all classes in turn. */
export async function loadPhotographs(folder, count) {
  const classes = readdirSync(folder).sort()
  const files = classes.map((name) => readdirSync(join(folder, name)).sort().map((file) => join(folder, name, file)))
  const photographs = []
  for (let i = 0; photographs.length < count; i++) {
    const label = i % classes.length
    const path = files[label][Math.floor(i / classes.length) % files[label].length]
    const { pixels, width, height } = await decodePicture(path)
    photographs.push({ label, pixels: resizeBilinearAntialiased(pixels, width, height, KEPT_SIDE, KEPT_SIDE) })
  }
  return { classes, photographs }
}

function source(photographs, side, firstKey) {
  return {
    count: photographs.length,
    labels: photographs.map(({ label }) => label),
    keys: photographs.map((_, index) => firstKey + index),
    paths: photographs.map((_, index) => `${firstKey + index}`),
    async read(index, out, offset) {
      out.set(resizeBilinearAntialiased(photographs[index].pixels, KEPT_SIDE, KEPT_SIDE, side, side), offset)
    },
    async readCrop(index, choose, out, offset) {
      const { left, top, width, height } = choose({ width: KEPT_SIDE, height: KEPT_SIDE })
      const part = new Uint8Array(width * height * 3)
      for (let row = 0; row < height; row++) {
        const from = 3 * ((top + row) * KEPT_SIDE + left)
        part.set(photographs[index].pixels.subarray(from, from + 3 * width), 3 * row * width)
      }
      out.set(resizeBilinearAntialiased(part, width, height, side, side), offset)
    },
  }
}

/** What the script needs before it can make weights. */
export function writeBeginning(folder, config, { classes, photographs }) {
  const { mean, std } = findBackbone(config.backbone).preprocessing
  const plan = { side: config.image_size, classes, mean, std, seed: config.seed, stages: [] }
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan))
  const shown = photographs.slice(0, 32)
  const pixels = shown.map((photograph) => resizeBilinearAntialiased(photograph.pixels, KEPT_SIDE, KEPT_SIDE, config.image_size, config.image_size))
  writeFileSync(join(folder, 'calibration.u8'), Buffer.concat(pixels))
}

/** Calls `record` with the augmented pictures of each batch once it has been used, whoever used it. */
function recordPictures(record) {
  const pool = augmentationPool()
  const giveBack = pool.giveBack.bind(pool)
  pool.giveBack = (room) => {
    record(new Float32Array(room.pictures))
    giveBack(room)
  }
}

/** Trains on all but the last photographs, and completes the plan with the pictures of every step. Returns the loss of each. */
export async function trainOurs(folder, config, { classes, photographs }) {
  const train = source(photographs.slice(0, -VAL_PICTURES), config.image_size, 1000)
  const val = source(photographs.slice(-VAL_PICTURES), config.image_size, 5000)
  const backbone = { ...findBackbone(config.backbone), stochasticDepth: 0 }
  const networkOf = (stage) => runNetwork(config, classes.length, stage, backbone)
  const state = initialTrainingState(networkOf(1).groups.baseRates)
  const plan = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8'))
  const losses = []
  let sum = 0
  let network = networkOf(1)
  let epochPictures = []
  recordPictures((pictures) => epochPictures.push(pictures))

  const size = config.image_size ** 2 * 3
  const orderOf = (epoch) => cutIntoBatches(SAMPLER_RULES[config.sampler](config.seed, epoch, train.labels), config.batch_size, network.trainsBatchNorm)
  const finishEpoch = (epoch) => {
    const order = orderOf(epoch)
    plan.stages.at(-1).epochs.push(order.map((indices) => indices.map((index) => train.labels[index])))
    const all = new Float32Array(epochPictures.reduce((length, part) => length + part.length, 0))
    epochPictures.reduce((at, part) => (all.set(part, at), at + part.length), 0)
    // Where the frozen part ran ahead it was fed the pictures in their own order.
    const rows = network.cut === 'input' ? order.flat().map((_, row) => row) : order.flat()
    for (const row of rows) appendFileSync(join(folder, 'pictures.f32'), Buffer.from(all.buffer, 4 * row * size, 4 * size))
    epochPictures = []
    sum = 0
  }
  writeFileSync(join(folder, 'pictures.f32'), '')
  const memory = new Map()
  await trainStages(
    {
      config,
      folder: {
        writeCheckpoint: async (name, content) => memory.set(name, { ...content, note: null }),
        readCheckpoint: async (name) => memory.get(name) ?? null,
        checkpointDirectory: (name) => name,
        writeTrainingHistory: async () => undefined,
        writeEpochAnswers: async () => undefined,
      },
      classes,
      train,
      val,
      preprocessing: backbone.preprocessing,
      batch: { batchSize: config.batch_size, stepSize: config.batch_size * config.accumulation_steps },
      featureDirectory: folder,
      networkOf,
      openSession(each) {
        return new NetworkSession(compileRun(each, config, { preprocessing: backbone.preprocessing }))
      },
      hooks: {
        onCompiling: () => undefined,
        async onStage(each) {
          network = each
          plan.stages.push({ epochs: [], from_epoch: state.stage === 1 ? null : (state.best?.epoch ?? null) })
        },
        onStageEnd: async () => undefined,
        onProgress({ phase, loss, done }) {
          if (phase !== 'train') return
          const pictures = losses.at(-1)?.done ?? 0
          const before = done > pictures ? pictures : 0
          losses.push({ stage: state.stage, done, loss: (loss * done - sum) / (done - before) })
          sum = loss * done
        },
        onEpoch: () => undefined,
        onKept: async ({ epoch }) => finishEpoch(epoch),
        shouldEnd: async () => false,
      },
    },
    state,
    new Map(readSafetensors(readFileSync(join(folder, 'weights.safetensors'))).tensors),
  )
  writeFileSync(join(folder, 'plan.json'), JSON.stringify(plan))
  return losses.map(({ stage, loss }) => ({ stage, loss }))
}
