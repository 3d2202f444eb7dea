/** A folder of pictures, one sub-folder a class: what was found, how it was split, what is wrong with it. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'

export const SPLITS = ['train', 'val', 'test'] as const
export const splitSchema = z.enum(SPLITS)
export type Split = z.infer<typeof splitSchema>

export const pictureFormatSchema = z.enum(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif', 'heic', 'bmp'])
export type PictureFormat = z.infer<typeof pictureFormatSchema>
/** The same for people to read. */
export const PICTURE_FORMAT_NAMES = t`JPEG, PNG, WebP, GIF, TIFF, AVIF, HEIC and BMP`
/** What their files are usually called; what a file is, its bytes decide. */
export const PICTURE_FILE_NAME = /\.(jpe?g|png|webp|gif|tiff?|avif|hei[cf]|bmp)$/i

/** A picture that can be used, as far as its header and bytes tell. */
export const pictureSchema = z.object({
  /** Relative to the dataset's root, with forward slashes. */
  path: z.string(),
  /** Index into `classes`. */
  classIndex: z.int().nonnegative(),
  /** The split that the folders gave, or null where we choose. */
  givenSplit: splitSchema.nullable(),
  format: pictureFormatSchema,
  /** Pixels as shown, EXIF orientation applied. */
  width: z.int().positive(),
  height: z.int().positive(),
  sizeBytes: z.int().nonnegative(),
  sha256: z.string(),
})
export type Picture = z.infer<typeof pictureSchema>

export const setAsideReasonSchema = z.enum(['not-a-picture', 'unsupported-format', 'truncated', 'corrupt', 'too-large', 'empty-file', 'unreadable'])
export type SetAsideReason = z.infer<typeof setAsideReasonSchema>

/** A file that looks meant as a picture but cannot be used, and what to do about it. */
export const setAsideSchema = z.object({ path: z.string(), reason: setAsideReasonSchema, message: z.string(), action: z.string() })
export type SetAside = z.infer<typeof setAsideSchema>

/** A file or folder that was passed over without a word about its content: hidden, system, not in a class. */
export const ignoredSchema = z.object({ path: z.string(), reason: z.string() })
export type Ignored = z.infer<typeof ignoredSchema>

export const datasetLayoutSchema = z.enum(['folder-per-class', 'split-folders'])
export type DatasetLayout = z.infer<typeof datasetLayoutSchema>

export const scanSchema = z.object({
  /** Absolute path. */
  root: z.string(),
  layout: datasetLayoutSchema,
  /** Sorted by code unit; the index is fixed from the union of all splits. */
  classes: z.array(z.string()),
  /** Sorted by path by code unit. */
  pictures: z.array(pictureSchema),
  setAside: z.array(setAsideSchema),
  ignored: z.array(ignoredSchema),
  durationMs: z.number(),
})
export type Scan = z.infer<typeof scanSchema>

export const splitRatiosSchema = z.strictObject({
  train: z.number().positive().max(1),
  val: z.number().positive().max(1),
  test: z.number().nonnegative().max(1),
})
export type SplitRatios = z.infer<typeof splitRatiosSchema>

export const manifestEntrySchema = z.object({
  path: z.string(),
  classIndex: z.int().nonnegative(),
  split: splitSchema,
  sizeBytes: z.int().nonnegative(),
  sha256: z.string(),
  /** Pictures of one number are copies, nearly the same, or of one moment. Left out where a picture is like no other. */
  group: z.int().nonnegative().optional(),
})
export type ManifestEntry = z.infer<typeof manifestEntrySchema>

/** A picture that a person left out; `decision` is the id in the dataset's journal. */
export const excludedSchema = z.object({
  path: z.string(),
  classIndex: z.int().nonnegative(),
  reason: z.string(),
  decision: z.int().positive(),
  /** The class of its folder, where a person had said another. */
  folderClass: z.string().optional(),
  /** Where it was before it was left out, or where the picture is that it belongs with, or its folder says: it comes back to there. */
  split: splitSchema.optional(),
  /** The group that it had in the run. */
  group: z.int().nonnegative().optional(),
  /** A picture of the run that is a copy of it, nearly the same, or of the same moment. */
  alike: z.string().optional(),
})
export type Excluded = z.infer<typeof excludedSchema>

/** What a person decided before the manifest was made: see `fix-journal.ts`. */
export const curationRecordSchema = z.object({
  /** The decisions that acted, in their order. */
  decisions: z.array(z.object({ id: z.int().positive(), at: z.iso.datetime(), kind: z.string(), title: z.string() })),
  excluded: z.array(excludedSchema),
  /** The folder says one class, the person another. */
  moved: z.array(z.object({ path: z.string(), from: z.string(), to: z.string(), decision: z.int().positive() })),
})
export type CurationRecord = z.infer<typeof curationRecordSchema>

/** Which picture is in which split; kept in the run folder. The pictures themselves are never touched. */
export const manifestSchema = z.object({
  version: z.literal(1),
  root: z.string(),
  layout: datasetLayoutSchema,
  classes: z.array(z.string()),
  seed: z.int().nonnegative(),
  ratios: splitRatiosSchema,
  pictures: z.array(manifestEntrySchema),
  setAside: z.array(setAsideSchema),
  ignored: z.array(ignoredSchema),
  /** Left out where nothing was decided. */
  curation: curationRecordSchema.optional(),
})
export type Manifest = z.infer<typeof manifestSchema>

export const findingKindSchema = z.enum([
  'set-aside',
  'duplicate',
  'duplicate-across-classes',
  'duplicate-across-splits',
  'imbalance',
  'few-pictures',
  'small-pictures',
  'ignored',
  'missing-class-in-split',
])

/** One thing that is worth knowing about a dataset: how many, why it matters, what to do, which pictures. */
export const findingSchema = z.object({
  kind: findingKindSchema,
  severity: z.enum(['stop', 'look', 'note']),
  count: z.int().nonnegative(),
  title: z.string(),
  why: z.string(),
  action: z.string(),
  /** Paths of the pictures concerned, at most 200. */
  paths: z.array(z.string()),
})
export type Finding = z.infer<typeof findingSchema>

export const splitCountsSchema = z.object({ train: z.int(), val: z.int(), test: z.int() })
export type SplitCounts = z.infer<typeof splitCountsSchema>

/** What the studio's Dataset screen and `graft inspect` show. */
export const datasetSummarySchema = z.object({
  /** Opaque: stands for the root path in all later calls. */
  datasetId: z.string(),
  name: z.string(),
  root: z.string(),
  layout: datasetLayoutSchema,
  classes: z.array(z.object({ name: z.string(), pictures: z.int(), split: splitCountsSchema })),
  pictures: z.int(),
  split: splitCountsSchema,
  ratios: splitRatiosSchema,
  seed: z.int(),
  sizeBytes: z.number(),
  /** Pictures that a person left out; they count nowhere above. */
  excluded: z.int().nonnegative().optional(),
  setAside: z.array(setAsideSchema),
  ignored: z.array(ignoredSchema),
  findings: z.array(findingSchema),
  durationMs: z.number(),
})
export type DatasetSummary = z.infer<typeof datasetSummarySchema>
