/** The system's own dialogs and file manager, as the services ask for them. */
import { app, dialog, shell } from 'electron'
import type { BrowserWindow, OpenDialogOptions } from 'electron'
import { GraftError } from '../../shared/domain/error'
import { MODEL_FILE_EXTENSIONS } from '../../shared/domain/import'
import type { DesktopAbilities } from '../services/studio'

export function desktopAbilities(window: () => BrowserWindow | null): DesktopAbilities {
  const choose = async (options: OpenDialogOptions): Promise<string | null> => {
    const parent = window()
    const { canceled, filePaths } = parent === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(parent, options)
    return canceled ? null : (filePaths[0] ?? null)
  }
  return {
    chooseFolder: (title) => choose({ title, properties: ['openDirectory', 'createDirectory'] }),
    chooseModelFile: (title) =>
      choose({
        title,
        properties: ['openFile'],
        filters: [
          { name: 'Models', extensions: [...MODEL_FILE_EXTENSIONS] },
          { name: 'All files', extensions: ['*'] },
        ],
      }),
    // Shows the file manager; never opens the file itself, which could run it.
    async reveal(path) {
      shell.showItemInFolder(path)
    },
    async trashItem(path) {
      try {
        await shell.trashItem(path)
      } catch (cause) {
        const why = cause instanceof Error ? ` (${cause.message})` : ''
        throw new GraftError('UNSUPPORTED', `The trash does not take ${path}${why}.`, { action: 'Delete the run for good, or keep it.', cause })
      }
    },
    noteRecent: (path) => app.addRecentDocument(path),
  }
}
