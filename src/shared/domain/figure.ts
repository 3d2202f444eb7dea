/** The pictures of a run: the same as files in its folder, in its report, and saved from the studio. */
import { z } from 'zod'

export const FIGURES = ['training_history', 'confusion_matrix', 'confusion_matrix_normalized', 'calibration'] as const
export const figureNameSchema = z.enum(FIGURES)
export type FigureName = z.infer<typeof figureNameSchema>

export const FIGURE_FORMATS = ['png', 'svg', 'csv'] as const
export const figureFormatSchema = z.enum(FIGURE_FORMATS)
export type FigureFormat = z.infer<typeof figureFormatSchema>

export const FIGURE_MEDIA_TYPES: Readonly<Record<FigureFormat, string>> = { png: 'image/png', svg: 'image/svg+xml', csv: 'text/csv' }

/** A file on its way to whoever saves it. */
export const figureFileSchema = z.object({ name: z.string(), mediaType: z.string(), base64: z.string() })
export type FigureFile = z.infer<typeof figureFileSchema>
