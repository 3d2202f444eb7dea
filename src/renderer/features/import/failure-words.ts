/** The words of a failed import, and its parts for showing: a sentence, a table, a technical part. */
import { t } from '@lingui/core/macro'
import type { ErrorCode, Failure } from '../../../shared/domain/error'
import type { ImportStage } from '../../state/import'

const READING_TITLES: Partial<Readonly<Record<ErrorCode, string>>> = {
  MISMATCH: t`The file does not fit`,
  REFUSED: t`The file asks for more than weights`,
  UNREADABLE: t`The file cannot be read as a model`,
  NOT_FOUND: t`The file is not there`,
  UNSUPPORTED: t`Graft does not know this kind of file`,
}

const STAGE_TITLES: Readonly<Record<ImportStage, string>> = { sending: t`The file could not be sent`, pictures: t`The pictures could not be opened`, reading: t`The model could not be brought in` }

export function failureTitle(code: ErrorCode, stage: ImportStage): string {
  return (stage === 'reading' ? READING_TITLES[code] : undefined) ?? STAGE_TITLES[stage]
}

/**
 * The table of a MISMATCH stands in `detail`, and after the action's sentence too, for those who show no detail; here it is shown once.
 * Any other detail is technical.
 */
export function failureParts({ code, action = '', detail }: Failure): { action: string | null; table: string | null; technical: string | null } {
  if (detail === undefined) return { action: action === '' ? null : action, table: null, technical: null }
  const sentence = (action.endsWith(detail) ? action.slice(0, -detail.length) : action).trim()
  const isTable = code === 'MISMATCH'
  return { action: sentence === '' ? null : sentence, table: isTable ? detail : null, technical: isTable ? null : detail }
}
