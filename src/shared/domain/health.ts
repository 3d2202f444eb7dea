/** What a look at the pixels of a dataset found: which pictures cost the model most, and what can be done about each. */
import { z } from 'zod'
import { splitSchema } from './dataset'

/** What is measured of a picture's pixels, on a small grey version. The cache keeps it by the hash of the file. */
export const measurementSchema = z.object({
  /** Variance of the Laplacian in the sharper parts of the picture: the 95th percentile of its 8 x 8 tiles. Squared grey levels. */
  sharpness: z.number().nonnegative(),
  /** Grey levels, 0 to 255, that 1 % and 99 % of the pixels are at or below. */
  darkest: z.int(),
  lightest: z.int(),
  /** Perceptual hash, 16 hexadecimal digits. */
  hash: z.string().length(16),
  /** 16 x 16 mean grey levels, base64, by which two pictures of like hashes are compared. */
  grid: z.string(),
  /** EXIF: maker, model and serial number where there are any; null where the camera is not told. */
  camera: z.string().nullable(),
  /** EXIF: when it was taken, by the camera's own clock; ms of an unknown zone. */
  takenMs: z.number().nullable(),
})
export type Measurement = z.infer<typeof measurementSchema>

export const HEALTH_KINDS = [
  'missing-class-in-split',
  'leak',
  'label-conflict',
  'set-aside',
  'damaged',
  'few-pictures',
  'imbalance',
  'dark',
  'bright',
  'plain',
  'blurry',
  'tiny',
  'odd-shape',
  'duplicate',
  'near-duplicate',
  'burst',
  'ignored',
] as const
export const healthKindSchema = z.enum(HEALTH_KINDS)
export type HealthKind = z.infer<typeof healthKindSchema>

export const FIX_KINDS = ['exclude', 'keep-largest', 'move', 'fine'] as const
export const fixKindSchema = z.enum(FIX_KINDS)
export type FixKind = z.infer<typeof fixKindSchema>

export const healthFindingSchema = z.object({
  kind: healthKindSchema,
  severity: z.enum(['stop', 'look', 'note']),
  /** Pictures concerned; classes where a finding is about these. */
  count: z.int().nonnegative(),
  /** What `items` pages through: groups of pictures that belong together, or single ones; 0 where there is nothing to show. */
  items: z.int().nonnegative(),
  title: z.string(),
  why: z.string(),
  action: z.string(),
  /** What can be done in the studio, the best first. */
  fixes: z.array(fixKindSchema),
  /** Some of the pictures. */
  sample: z.array(z.string()),
})
export type HealthFinding = z.infer<typeof healthFindingSchema>

export const healthReportSchema = z.object({
  datasetId: z.string(),
  /** Pictures that were measured; the rest could not be decoded. */
  measured: z.int().nonnegative(),
  unmeasured: z.int().nonnegative(),
  /** Groups of pictures that the split keeps together, and the pictures in them. */
  groups: z.int().nonnegative(),
  groupedPictures: z.int().nonnegative(),
  durationMs: z.number(),
  /** What costs most first. */
  findings: z.array(healthFindingSchema),
})
export type HealthReport = z.infer<typeof healthReportSchema>

export const healthPictureSchema = z.object({
  path: z.string(),
  classIndex: z.int().nonnegative(),
  split: splitSchema.nullable(),
  width: z.int(),
  height: z.int(),
  sizeBytes: z.int().nonnegative(),
})
export type HealthPicture = z.infer<typeof healthPictureSchema>

/** One thing to decide about: a picture, or several that are nearly the same, the largest first. */
export const healthItemSchema = z.object({ pictures: z.array(healthPictureSchema) })
export type HealthItem = z.infer<typeof healthItemSchema>

export const healthItemsSchema = z.object({ total: z.int(), items: z.array(healthItemSchema) })
