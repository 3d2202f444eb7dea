/** A model taken away: what was written and that it was verified. */
import { t } from '@lingui/core/macro'
import { z } from 'zod'
import { GraftError } from './error'
import { HEADS } from './run-config'

export const EXPORT_FORMATS = ['saved_model', 'onnx', 'tfjs', 'pytorch', 'safetensors'] as const
export const exportFormatSchema = z.enum(EXPORT_FORMATS)
export type ExportFormat = z.infer<typeof exportFormatSchema>

/** How the weights are kept: float16 is half the size, int8 a quarter. */
export const EXPORT_PRECISIONS = ['float32', 'float16', 'int8'] as const
export const exportPrecisionSchema = z.enum(EXPORT_PRECISIONS)
export type ExportPrecision = z.infer<typeof exportPrecisionSchema>

export const exportOptionsSchema = z.strictObject({
  format: exportFormatSchema.default('saved_model'),
  precision: exportPrecisionSchema.default('float32'),
  /** Resizing and normalising are part of the model, which then takes uint8 pictures of any size. */
  preprocessing_inside: z.boolean().default(false),
  /** For int8: the loss of accuracy that is agreed to, as a fraction of 1; null: none was agreed to yet. */
  accepted_accuracy_drop: z.number().min(0).max(1).nullable().default(null),
})
export type ExportOptions = z.infer<typeof exportOptionsSchema>

/** What a format is for, and what it can be asked for. */
export interface ExportFormatCard {
  readonly title: string
  readonly purpose: string
  readonly precisions: readonly ExportPrecision[]
  readonly hasPreprocessingInside: boolean
}

export const EXPORT_FORMAT_CARDS: Readonly<Record<ExportFormat, ExportFormatCard>> = {
  saved_model: {
    title: 'TensorFlow SavedModel',
    purpose: t`For TensorFlow in Python, C or Go, and for graft predict. The weights come along as safetensors.`,
    precisions: ['float32'],
    hasPreprocessingInside: false,
  },
  onnx: {
    title: 'ONNX',
    purpose: t`Runs nearly everywhere: Python, C#, C++, Java, phones, boards. What TorchScript was used for.`,
    precisions: ['float32', 'float16', 'int8'],
    hasPreprocessingInside: true,
  },
  tfjs: {
    title: 'TensorFlow.js',
    purpose: t`For web pages. Comes with one that classifies a dropped picture in the browser.`,
    precisions: ['float32'],
    hasPreprocessingInside: false,
  },
  pytorch: {
    title: 'PyTorch',
    purpose: t`A state dict for torchvision’s own class, to train on or to use in Python.`,
    precisions: ['float32'],
    hasPreprocessingInside: false,
  },
  safetensors: {
    title: 'safetensors',
    purpose: t`The weights alone, under PyTorch’s names, in a file that cannot carry code.`,
    precisions: ['float32', 'float16'],
    hasPreprocessingInside: false,
  },
}

const listed = (names: readonly string[]) => names.join(', ')

/**
 * Refuses what a format cannot be asked for, and says what it can.
 * @throws GraftError BAD_INPUT
 */
export function requirePossibleExport(options: ExportOptions): void {
  const { format, precision } = options
  const card = EXPORT_FORMAT_CARDS[format]
  const { title } = card
  if (!card.precisions.includes(precision)) {
    const others = EXPORT_FORMATS.filter((name) => EXPORT_FORMAT_CARDS[name].precisions.includes(precision))
    throw new GraftError('BAD_INPUT', t`${title} can be written as ${{ precisions: listed(card.precisions) }}, but ${precision} came.`, {
      action: t`Leave the precision at ${{ usual: card.precisions[0] ?? 'float32' }}, or choose a format that has ${precision}: ${{ formats: listed(others) }}.`,
    })
  }
  if (options.preprocessing_inside && !card.hasPreprocessingInside) {
    const others = EXPORT_FORMATS.filter((name) => EXPORT_FORMAT_CARDS[name].hasPreprocessingInside)
    throw new GraftError('BAD_INPUT', t`${title} takes pictures that are resized already: resizing cannot be part of the model.`, {
      action: t`Leave the preprocessing outside, or choose a format that can hold it: ${{ formats: listed(others) }}.`,
    })
  }
  if (options.accepted_accuracy_drop !== null && precision !== 'int8') {
    throw new GraftError('BAD_INPUT', t`A loss of accuracy is agreed to for int8 alone, but the precision is ${precision}, which must answer as the original does.`, {
      action: t`Leave the agreement out, or ask for int8.`,
    })
  }
}

export const exportedFileSchema = z.object({ name: z.string(), sizeBytes: z.int(), what: z.string() })

/** How the exported model answered beside the original, on pictures neither was trained on. */
export const exportParitySchema = z.object({
  /** Which pictures the export was checked on. */
  splits: z.array(z.enum(['test', 'val', 'train'])),
  pictures: z.int(),
  /** What ran the exported model, with its version. */
  runtime: z.string(),
  /** Largest difference of a probability from the original's. */
  largestDifference: z.number(),
  /** The largest difference allowed; null for int8, which is held to its accuracy. */
  bound: z.number().nullable(),
  /** Share of pictures with the same top class. */
  agreement: z.number(),
  /** Pictures with another top class that the original has so near to its own that rounding decides; not in reports of older versions. */
  ties: z.int().default(0),
  accuracy: z.object({ original: z.number(), exported: z.number() }),
  classes: z.array(z.object({ label: z.string(), pictures: z.int(), agreement: z.number(), largestDifference: z.number() })),
  /** Of the model's own files. */
  sizeBytes: z.object({ original: z.int(), exported: z.int() }),
  /** One picture at a time, resized already, on this machine's processor; the median. */
  millisecondsPerPicture: z.object({ original: z.number(), exported: z.number() }),
})
export type ExportParity = z.infer<typeof exportParitySchema>

/** The check while it runs: what the pictures asked about until now say. */
export const paritySoFarSchema = exportParitySchema.pick({ pictures: true, agreement: true, ties: true, largestDifference: true, bound: true, accuracy: true })
export type ParitySoFar = z.infer<typeof paritySoFarSchema>

export const exportReportSchema = z.object({
  directory: z.string(),
  runId: z.string(),
  checkpoint: z.enum(['best', 'latest']),
  options: exportOptionsSchema,
  files: z.array(exportedFileSchema),
  parity: exportParitySchema,
  /** A few lines that use the model in its own world, as in the example file. */
  example: z.object({ file: z.string(), language: z.string(), text: z.string() }),
  /** The model card, in Markdown. */
  card: z.object({ file: z.string(), text: z.string() }),
  seconds: z.number(),
})
export type ExportReport = z.infer<typeof exportReportSchema>

/** Guide A's `model_info.json`, written by runs and exports alike. */
export const modelInfoSchema = z.object({
  backbone: z.string(),
  num_classes: z.int(),
  image_size: z.int(),
  /** Null where it is not known: of a model that another program trained. */
  best_val_acc: z.number().nullable(),
  best_epoch: z.int().nullable(),
  labels: z.array(z.string()),
  /** In exports: what rebuilds the network. */
  head: z.enum(HEADS).optional(),
  dropout: z.number().optional(),
  preprocessing: z.object({ mean: z.array(z.number()).length(3), std: z.array(z.number()).length(3), interpolation: z.literal('bilinear') }).optional(),
  /** In exports: what was asked for; missing in those of older versions, which are all saved_model. */
  export: exportOptionsSchema.optional(),
})
export type ModelInfo = z.infer<typeof modelInfoSchema>
