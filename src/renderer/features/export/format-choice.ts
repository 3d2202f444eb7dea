/** What is chosen to be written: formats with their precision. It stays while the studio is open. */
import { t } from '@lingui/core/macro'
import { create } from 'zustand'
import { EXPORT_FORMAT_CARDS, type ExportFormat, type ExportOptions, type ExportPrecision } from '../../../shared/domain/export'

/** Most asked for first. */
export const FORMAT_ORDER: readonly ExportFormat[] = ['onnx', 'tfjs', 'pytorch', 'safetensors', 'saved_model']

export interface FormatChoice {
  readonly isChosen: boolean
  readonly precision: ExportPrecision
  readonly hasPreprocessingInside: boolean
}

export type FormatChoices = Readonly<Record<ExportFormat, FormatChoice>>

const UNCHOSEN: FormatChoice = { isChosen: false, precision: 'float32', hasPreprocessingInside: false }

export const FIRST_CHOICES: FormatChoices = { onnx: { ...UNCHOSEN, isChosen: true }, tfjs: UNCHOSEN, pytorch: UNCHOSEN, safetensors: UNCHOSEN, saved_model: UNCHOSEN }

export const useFormatChoices = create<FormatChoices>(() => FIRST_CHOICES)

export function chooseFormat(format: ExportFormat, change: Partial<FormatChoice>): void {
  useFormatChoices.setState((choices) => ({ [format]: { ...choices[format], ...change } }))
}

/** What is asked for, in the order of the cards. */
export function chosenOptions(choices: FormatChoices): ExportOptions[] {
  return FORMAT_ORDER.filter((format) => choices[format].isChosen).map((format) => ({
    format,
    precision: choices[format].precision,
    preprocessing_inside: choices[format].hasPreprocessingInside,
    accepted_accuracy_drop: null,
  }))
}

/** Of its own folder below the one that was chosen: `onnx`, `onnx-int8`, `saved-model`. */
export function formatFolderName({ format, precision }: Pick<ExportOptions, 'format' | 'precision'>): string {
  const name = format.replace('_', '-')
  return precision === 'float32' ? name : `${name}-${precision}`
}

/** `ONNX, int8, preprocessing inside`. */
export function formatTitle({ format, precision, preprocessing_inside }: Pick<ExportOptions, 'format' | 'precision' | 'preprocessing_inside'>): string {
  const parts = [EXPORT_FORMAT_CARDS[format].title, ...(precision === 'float32' ? [] : [precision]), ...(preprocessing_inside ? [t`preprocessing inside`] : [])]
  return parts.join(', ')
}

export const PRECISION_WORDS: Readonly<Record<ExportPrecision, string>> = {
  float32: t`As it was trained.`,
  float16: t`Half the size. A probability may move by up to 0.01.`,
  int8: t`A quarter of the size. It may be right less often: that is measured, and you are asked before a worse one is kept.`,
}

const BYTES_A_PARAMETER: Readonly<Record<ExportPrecision, number>> = { float32: 4, float16: 2, int8: 1 }

/** Of the weights, which is nearly all of a model. */
export function estimatedBytes(parameters: number, precision: ExportPrecision): number {
  return parameters * BYTES_A_PARAMETER[precision]
}
