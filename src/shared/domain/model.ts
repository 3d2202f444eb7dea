/** A backbone as the studio and `graft models` show it, and what a choice of freezing means for it. */
import { z } from 'zod'
import { assumedBatchSize, DEFAULT_RUN_CONFIG, HEADS, runConfigSchema } from './run-config'

/** One generation of published weights. */
export const weightsSourceSchema = z.object({
  /** What a configuration calls it: imagenet1k_v1, imagenet1k_v2. */
  name: z.string(),
  fileName: z.string(),
  sha256Prefix: z.string(),
  /** Null where the weights come with the set-up. */
  url: z.string().nullable(),
  sizeBytes: z.int(),
  licence: z.string(),
  /** Share of ImageNet-1K named right at the first guess, as published. */
  top1: z.number().nullable(),
  /** How pictures were prepared for that figure: shorter side resized, then a square cut from the middle. */
  evaluation: z.object({ resize: z.int(), crop: z.int(), interpolation: z.enum(['bilinear', 'bicubic']) }),
  /** True for what `imagenet` means. */
  isDefault: z.boolean(),
  /** True when the file is on this machine. */
  isPresent: z.boolean(),
  /** Where it is, or where to put it. */
  path: z.string(),
})
export type WeightsSource = z.infer<typeof weightsSourceSchema>

export const backboneCardSchema = z.object({
  name: z.string(),
  title: z.string(),
  paper: z.string(),
  description: z.string(),
  /** With a linear head for 1000 classes, as published. */
  parameters: z.int(),
  /** Multiply–accumulates of one picture of 224×224. */
  macs: z.number(),
  /** The N of the freeze ratio: convolutions, each with its batch norm. */
  layers: z.array(z.object({ name: z.string(), stage: z.string(), parameters: z.int(), macs: z.number() })),
  featureChannels: z.int(),
  /** Per channel, of pixel values in 0…1. */
  preprocessing: z.object({ mean: z.array(z.number()), std: z.array(z.number()) }),
  /** Oldest first. */
  weights: z.array(weightsSourceSchema).min(1),
})
export type BackboneCard = z.infer<typeof backboneCardSchema>

/** A file of published weights: what fetching it would mean, and whether it is here. */
export const weightsFileSchema = weightsSourceSchema.pick({ name: true, fileName: true, licence: true, top1: true, isDefault: true, isPresent: true, path: true }).extend({
  backbone: z.string(),
  title: z.string(),
  /** From where it is fetched; null where it cannot be. */
  url: z.string().nullable(),
  /** On the disk where it is here, else as published. */
  sizeBytes: z.int(),
  /** Of a download that was broken off: so much is here already. */
  partBytes: z.int(),
})
export type WeightsFile = z.infer<typeof weightsFileSchema>

/** The published weights that a configuration's `weights` means; null where it means none, or a file. */
export function chosenWeights(card: BackboneCard, weights: string): WeightsSource | null {
  return card.weights.find(({ name, isDefault }) => name === weights || (isDefault && weights === 'imagenet')) ?? null
}

/** A choice of freezing for a backbone and a head. */
export const freezePlanQuestionSchema = runConfigSchema
  .pick({ backbone: true, head: true, freeze: true, freeze_ratio: true })
  .extend({
    classes: z.int().min(2),
    imageSize: z.int().default(DEFAULT_RUN_CONFIG.image_size),
    batchSize: z.int().min(1).default(assumedBatchSize(DEFAULT_RUN_CONFIG)),
    optimizer: runConfigSchema.shape.optimizer,
  })
export type FreezePlanQuestion = z.infer<typeof freezePlanQuestionSchema>

/** How often a layer runs: once a picture and view, with what it gives kept; or again in each step. */
export const RUNS = ['once', 'each_step'] as const

/** Height, width and channels; channels alone after a pooling. */
const shapeSchema = z.array(z.int())

const planLayerSchema = z.object({
  name: z.string(),
  stage: z.string(),
  /** With those of its batch norm; running statistics are not counted, as PyTorch does not. */
  parameters: z.int(),
  /** Multiply–accumulates for one picture; FLOPs are twice that. */
  macs: z.number(),
  /** Of the convolution's own value. */
  shape: shapeSchema,
  isFrozen: z.boolean(),
  runs: z.enum(RUNS),
})

const planStageSchema = z.object({
  name: z.string(),
  /** Place of its first layer among all. */
  first: z.int(),
  layers: z.int(),
  frozenLayers: z.int(),
  parameters: z.int(),
  trainableParameters: z.int(),
  macs: z.number(),
  /** Of the value that its last feature map has. */
  shape: shapeSchema,
})
export type PlanStage = z.infer<typeof planStageSchema>

export const freezePlanSchema = z.object({
  backbone: z.string(),
  layers: z.int(),
  frozenLayers: z.int(),
  frozenLayerNames: z.array(z.string()),
  parameters: z.int(),
  /** As PyTorch states it: numbers of all parameters with `requires_grad`. */
  trainableParameters: z.int(),
  /** Where the prefix is cut, as a layer's name; null: nothing is kept. */
  cut: z.string().nullable(),
  /** True when the prefix's output is kept and reused, false when it is run again each time. */
  prefixCached: z.boolean(),
  rows: z.array(planLayerSchema),
  stages: z.array(planStageSchema),
  head: z.object({ name: z.enum(HEADS), parameters: z.int(), macs: z.number(), /** First dropout where none is asked for. */ dropout: z.number() }),
  /** Multiply–accumulates for one picture. */
  macs: z.object({ /** Forward, all of it. */ total: z.number(), /** Of that, what runs once and is kept. */ once: z.number(), /** A training step: forward after the cut, and the gradients. */ step: z.number() }),
  /** What is kept of a picture and view. */
  kept: z.object({ shape: shapeSchema, bytes: z.int() }).nullable(),
  /** Bytes that a training step needs by count: a lower bound, without TensorFlow itself and its working space. */
  memory: z.object({ weights: z.int(), optimizer: z.int(), gradients: z.int(), activations: z.int() }),
})
export type FreezePlan = z.infer<typeof freezePlanSchema>

/** How fast this machine is with a network and its freezing: everything that does not depend on how many pictures and epochs there are. */
export const measurementSchema = z.object({
  /** Pictures in a full step. */
  batchSize: z.int(),
  /** From the trainer's start to its loaded network. */
  startSeconds: z.number(),
  /** What first uses cost beyond later ones, as TensorFlow prepares each part of the graph. */
  warmUpSeconds: z.number(),
  /** Decoding and resizing one picture, with as many in flight as a run has. Null where there were none to time. */
  decodePictureMs: z.number().nullable(),
  /** One picture through the kept prefix, augmented and plain; 0 where nothing is kept. */
  prefixPictureMs: z.number(),
  prefixPlainMs: z.number(),
  /** A full training step, and one on two pictures. */
  trainStepMs: z.number(),
  smallStepMs: z.number(),
  /** One picture in the validation of an epoch. */
  validatePictureMs: z.number(),
  /** One picture through the whole network in inference form. */
  forwardPictureMs: z.number(),
  /** Copying the state out, and writing one checkpoint of it. */
  copySeconds: z.number(),
  writeSeconds: z.number(),
  /** Peak of the trainer without the dataset's own: pictures and kept features. */
  memoryBytes: z.number(),
  /** Kept of one picture and view; 0 where nothing is. */
  featureBytes: z.number(),
  /** Kept features beyond this go to files. */
  featureBudgetBytes: z.number(),
  measuredAt: z.iso.datetime(),
})
export type Measurement = z.infer<typeof measurementSchema>

/** Of one stage of a run. */
export const stageForecastSchema = z.object({
  name: z.string(),
  epochs: z.int(),
  /** All its epochs, with their checkpoints. */
  seconds: z.number(),
  firstEpochSeconds: z.number(),
  newViewEpochSeconds: z.number(),
  newViewEpochs: z.int(),
  epochSeconds: z.number(),
  /** Peak of the trainer without the pictures. */
  memoryBytes: z.number(),
})
export type StageForecast = z.infer<typeof stageForecastSchema>

/** The pictures of a dataset as a forecast counts them. */
export const pictureCountsSchema = z.object({
  train: z.int().nonnegative(),
  val: z.int().nonnegative(),
  test: z.int().nonnegative(),
  /** Share of them that lie decoded in the cache. */
  decodedShare: z.number(),
})
export type PictureCounts = z.infer<typeof pictureCountsSchema>

/** How long a run will take here and how much memory, measured on this machine with this network, for a dataset. */
export const forecastSchema = z.object({
  /** The whole run, all its epochs. */
  seconds: z.number(),
  secondsLow: z.number(),
  secondsHigh: z.number(),
  /** Before the first epoch: start and decoding. */
  prepareSeconds: z.number(),
  /** The first epoch, with the prefix of the validation pictures and TensorFlow's first uses. */
  firstEpochSeconds: z.number(),
  /** Each epoch that sees a new view of the pictures, as long as there are any; later ones go by `epochSeconds`. */
  newViewEpochSeconds: z.number(),
  newViewEpochs: z.int(),
  epochSeconds: z.number(),
  /** Peak of the trainer's resident memory. */
  memoryBytes: z.number(),
  /** The stages in order; what stands above of epochs is of the first. */
  stages: z.array(stageForecastSchema),
  measurement: measurementSchema,
  /** What it is added up from, stage by stage: other epochs and views can be told from it at once. */
  basis: z.object({ measurements: z.array(measurementSchema), counts: pictureCountsSchema }),
  measuredAt: z.iso.datetime(),
})
export type Forecast = z.infer<typeof forecastSchema>
