/** A backbone as the studio and `graft models` show it, and what a choice of freezing means for it. */
import { z } from 'zod'
import { DEFAULT_RUN_CONFIG, runConfigSchema } from './run-config'

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

/** The published weights that a configuration's `weights` means; null where it means none, or a file. */
export function chosenWeights(card: BackboneCard, weights: string): WeightsSource | null {
  return card.weights.find(({ name, isDefault }) => name === weights || (isDefault && weights === 'imagenet')) ?? null
}

/** A choice of freezing for a backbone and a head. */
export const freezePlanQuestionSchema = runConfigSchema
  .pick({ backbone: true, head: true, freeze: true, freeze_ratio: true })
  .extend({ classes: z.int().min(2), imageSize: z.int().default(DEFAULT_RUN_CONFIG.image_size) })
export type FreezePlanQuestion = z.infer<typeof freezePlanQuestionSchema>

export const freezePlanSchema = z.object({
  backbone: z.string(),
  layers: z.int(),
  frozenLayers: z.int(),
  frozenLayerNames: z.array(z.string()),
  parameters: z.int(),
  trainableParameters: z.int(),
  /** Where the prefix is cut, as a layer's name; null: nothing is frozen. */
  cut: z.string().nullable(),
  /** True when the prefix's output is kept and reused, false when it is run again each time. */
  prefixCached: z.boolean(),
})
export type FreezePlan = z.infer<typeof freezePlanSchema>

/** How long a run will take here, measured on this machine with this network. */
export const forecastSchema = z.object({
  secondsLow: z.number(),
  secondsHigh: z.number(),
  trainStepMs: z.number(),
  prefixPictureMs: z.number(),
  measuredAt: z.iso.datetime(),
})
export type Forecast = z.infer<typeof forecastSchema>
