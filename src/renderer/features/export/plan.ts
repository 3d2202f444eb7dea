/** Where each chosen format goes. */
import type { ExportOptions, ExportPrecision } from '../../../shared/domain/export'
import type { ExportTask } from '../../state/export'
import { joinPath, lastPart, parentOf } from './export-folder'
import { formatFolderName } from './format-choice'

export type PlannedExport = Pick<ExportTask, 'id' | 'options' | 'directory'>

/** One alone takes the folder itself, several a folder each below it. */
export function planExports(options: readonly ExportOptions[], folder: string): PlannedExport[] {
  return options.map((one) => ({ id: one.format, options: one, directory: options.length === 1 ? folder : joinPath(folder, formatFolderName(one)) }))
}

/** The same export in another precision; a folder that is named after the precision gets the other name. */
export function inPrecision({ options, directory }: Pick<ExportTask, 'options' | 'directory'>, precision: ExportPrecision): Pick<ExportTask, 'options' | 'directory'> {
  const other = { ...options, precision, accepted_accuracy_drop: null }
  const isNamed = lastPart(directory) === formatFolderName(options)
  return { options: other, directory: isNamed ? joinPath(parentOf(directory), formatFolderName(other)) : directory }
}
