/** A backbone as the studio and `graft models` show it, and what a choice of freezing means for it. */
import { z } from 'zod'

export const weightsSourceSchema = z.object({
  name: z.string(),
  fileName: z.string(),
  sha256Prefix: z.string(),
  url: z.string().nullable(),
  licence: z.string(),
  /** True when the file is on this machine. */
  isPresent: z.boolean(),
  /** Where it is, or where to put it. */
  path: z.string(),
})

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
  weights: weightsSourceSchema,
})
export type BackboneCard = z.infer<typeof backboneCardSchema>

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
