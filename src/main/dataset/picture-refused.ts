/** Why one file cannot be used as a picture; it costs that file, never the scan or the run. */
import type { SetAside, SetAsideReason } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'

export class PictureRefused extends GraftError {
  constructor(
    readonly reason: SetAsideReason,
    message: string,
    readonly remedy: string,
    options: { detail?: string; cause?: unknown } = {},
  ) {
    super('UNREADABLE', message, { action: remedy, ...options })
    this.name = 'PictureRefused'
  }
}

/** What the system says about a file that cannot be opened or read, in words; null where the failure is not the file's. */
function systemRefusal(path: string, error: unknown): PictureRefused | null {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error && typeof error.code === 'string')) return null
  switch (error.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      if (path.includes('\ufffd')) return new PictureRefused('unreadable', 'Its name is not valid Unicode.', 'Rename the file.')
      return new PictureRefused('unreadable', 'The file has vanished.', 'Scan the folder again.')
    case 'ENAMETOOLONG':
      return new PictureRefused('unreadable', 'Its path is too long.', 'Shorten the names of the folders above it.')
    case 'EMFILE':
    case 'ENFILE':
      return null
    default:
      return new PictureRefused(
        'unreadable',
        `The file cannot be read (${error.code}).`,
        'Check its permissions and that its disk is connected.',
        { cause: error },
      )
  }
}

/** The entry for the list of files set aside. A failure that is not the file's is thrown on. */
export function toSetAside(path: string, error: unknown): SetAside {
  const refusal = error instanceof PictureRefused ? error : systemRefusal(path, error)
  if (refusal === null) throw error
  return { path, reason: refusal.reason, message: refusal.message, action: refusal.remedy }
}
