/** The table of exporters: what a format's row lacks cannot be written yet. */
import { GraftError } from '../../../shared/domain/error'
import { EXPORT_FORMAT_CARDS, type ExportFormat } from '../../../shared/domain/export'
import type { Exporter } from './exporter'
import { onnxExporter } from './onnx'
import { pytorchExporter } from './pytorch'
import { safetensorsExporter } from './safetensors'
import { savedModelExporter } from './saved-model'
import { tfjsExporter } from './tfjs'

export type ExporterTable = Readonly<Partial<Record<ExportFormat, Exporter>>>

export const EXPORTERS: ExporterTable = {
  saved_model: savedModelExporter,
  onnx: onnxExporter,
  tfjs: tfjsExporter,
  pytorch: pytorchExporter,
  safetensors: safetensorsExporter,
}

/** @throws GraftError UNSUPPORTED naming the formats that there are */
export function findExporter(format: ExportFormat, table: ExporterTable = EXPORTERS): Exporter {
  const exporter = table[format]
  if (exporter !== undefined) return exporter
  throw new GraftError('UNSUPPORTED', `This version cannot write ${EXPORT_FORMAT_CARDS[format].title} (${format}).`, {
    action: `Choose one of ${Object.keys(table).join(', ')}.`,
  })
}
