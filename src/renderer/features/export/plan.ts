/** Where each chosen format goes. */
import type { ExportOptions } from '../../../shared/domain/export'
import type { ExportTask } from '../../state/export'
import { joinPath } from './export-folder'
import { formatFolderName } from './format-choice'

export type PlannedExport = Pick<ExportTask, 'id' | 'options' | 'directory'>

/** One alone takes the folder itself, several a folder each below it. */
export function planExports(options: readonly ExportOptions[], folder: string): PlannedExport[] {
  return options.map((one) => ({ id: one.format, options: one, directory: options.length === 1 ? folder : joinPath(folder, formatFolderName(one)) }))
}
