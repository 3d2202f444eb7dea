/** A model that another program trained, brought in as a run. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { HEADS } from './run-config'

/** What programs call the files that they save a model in. What a file holds is told from its content; names only help to find it. */
export const MODEL_FILE_EXTENSIONS = ['pth', 'pt', 'bin', 'safetensors'] as const

const ENDINGS = MODEL_FILE_EXTENSIONS.map((extension) => `.${extension}`)

/** The same in words: `.pth, .pt, .bin or .safetensors`. */
export const MODEL_ENDINGS = t`${{ others: ENDINGS.slice(0, -1).join(', ') }} or ${{ last: ENDINGS.at(-1) ?? '' }}`

export function isModelFileName(name: string): boolean {
  return MODEL_FILE_EXTENSIONS.some((extension) => name.toLowerCase().endsWith(`.${extension}`))
}

export const importRequestSchema = z.strictObject({
  /** A .pth, .pt, .bin or .safetensors file. */
  path: z.string().min(1),
  /** Pictures to evaluate it on and to train on with. */
  datasetId: z.string().nullable().default(null),
  name: z.string().max(200).nullable().default(null),
  /** Null: found out from the tensors. */
  backbone: z.string().nullable().default(null),
  /** In the order of the outputs; null: from the file, else from the pictures' folders. */
  labels: z.array(z.string().min(1)).min(2).nullable().default(null),
  imageSize: z.int().min(32).max(1024).nullable().default(null),
})
export type ImportRequest = z.infer<typeof importRequestSchema>

export const importReportSchema = z.object({
  runId: z.string(),
  directory: z.string(),
  backbone: z.string(),
  head: z.enum(HEADS),
  classes: z.array(z.string()),
  imageSize: z.int(),
  /** What was found, assumed or passed over, in sentences. */
  notes: z.array(z.string()),
})
export type ImportReport = z.infer<typeof importReportSchema>
