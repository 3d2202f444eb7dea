/** The system's own dialogs and file manager, as the services ask for them. */
import { dialog, shell } from 'electron'
import type { BrowserWindow, OpenDialogOptions } from 'electron'
import type { DesktopAbilities } from '../services/studio'

export function desktopAbilities(window: () => BrowserWindow | null): DesktopAbilities {
  return {
    async chooseFolder(title) {
      const options: OpenDialogOptions = { title, properties: ['openDirectory', 'createDirectory'] }
      const parent = window()
      const { canceled, filePaths } = parent === null ? await dialog.showOpenDialog(options) : await dialog.showOpenDialog(parent, options)
      return canceled ? null : (filePaths[0] ?? null)
    },
    // Shows the file manager; never opens the file itself, which could run it.
    async reveal(path) {
      shell.showItemInFolder(path)
    },
  }
}
