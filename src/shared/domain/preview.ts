/** What the network would be shown of one picture: its augmented views, its plain one, and the three ways to make it square. */
import { z } from 'zod'
import { splitSchema } from './dataset'

/** Views in one preview. */
export const PREVIEW_VIEWS = 9
/** Pictures are shrunk to this side for the screen where the network's are larger. */
export const MOST_SHOWN_SIDE = 448

/** A PNG, in base64. */
const imageSchema = z.string()
/** Shares of a picture's width and height. */
const boxSchema = z.object({ left: z.number(), top: z.number(), width: z.number(), height: z.number() })

export const previewTileSchema = z.object({
  /** From 1. */
  view: z.int().positive(),
  /** The first epoch that shows it; null where the run does not get to it. */
  epoch: z.int().positive().nullable(),
  image: imageSchema,
  /** The part that a random crop keeps; null: all of it. */
  box: boxSchema.nullable(),
  /** What it is blended with in its batch; null where it is not. */
  mix: z.object({ kind: z.enum(['mixup', 'cutmix']), path: z.string(), /** Share of the picture, and of its label, that stays its own. */ ownShare: z.number() }).nullable(),
})
export type PreviewTile = z.infer<typeof previewTileSchema>

export const previewSchema = z.object({
  path: z.string(),
  classIndex: z.int().nonnegative(),
  split: splitSchema,
  /** Upright, in pixels. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** Side of what the network sees, and of the images here. */
  side: z.int().positive(),
  shownSide: z.int().positive(),
  /** Views that the run shows of a training picture, all stages together; 0: the plain one alone. */
  runViews: z.int().nonnegative(),
  /** Empty where the run does not augment. */
  tiles: z.array(previewTileSchema),
  /** Both sides resized on their own: what evaluation and every export see, and training without augmentation. */
  squash: imageSchema,
  /** For comparison: the middle square, and the whole picture with bars. */
  crop: imageSchema,
  letterbox: imageSchema,
})
export type Preview = z.infer<typeof previewSchema>
