/** A model taken away: what was written and that it was verified. */
import { z } from 'zod'

export const exportedFileSchema = z.object({ name: z.string(), sizeBytes: z.int(), what: z.string() })

export const exportReportSchema = z.object({
  directory: z.string(),
  runId: z.string(),
  checkpoint: z.enum(['best', 'latest']),
  files: z.array(exportedFileSchema),
  parity: z.object({
    /** Which pictures the export was checked on. */
    split: z.enum(['test', 'val', 'train']),
    pictures: z.int(),
    /** Largest difference of a probability from the original's. */
    largestDifference: z.number(),
    /** Share of pictures with the same top class. */
    agreement: z.number(),
    bound: z.number(),
  }),
  seconds: z.number(),
})
export type ExportReport = z.infer<typeof exportReportSchema>

/** Guide A's `model_info.json`, written by runs and exports alike. */
export const modelInfoSchema = z.object({
  backbone: z.string(),
  num_classes: z.int(),
  image_size: z.int(),
  best_val_acc: z.number(),
  best_epoch: z.int(),
  labels: z.array(z.string()),
})
export type ModelInfo = z.infer<typeof modelInfoSchema>
