/** The program's menu: the system's own roles, which come translated and with the usual keys, and commands of the studio. */
import type { MenuItemConstructorOptions } from 'electron'

/** What the menu asks the page for, by the ids of the command palette. */
export type MenuCommand = 'choose' | 'sample' | 'import' | 'shortcuts' | 'diagnostics' | 'go settings'

export interface MenuActions {
  command(id: MenuCommand): void
  showLogs(): void
}

export function menuTemplate(platform: NodeJS.Platform, isPackaged: boolean, actions: MenuActions): MenuItemConstructorOptions[] {
  const isMac = platform === 'darwin'
  const command = (label: string, id: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => actions.command(id),
    ...(accelerator !== undefined && { accelerator }),
  })
  const settings = command('Settings', 'go settings', 'CommandOrControl+,')
  // The system keeps the list; other systems show theirs elsewhere, or not at all.
  const recent: MenuItemConstructorOptions[] = isMac ? [{ role: 'recentDocuments', submenu: [{ role: 'clearRecentDocuments' }] }] : []
  const apart: MenuItemConstructorOptions = { type: 'separator' }
  const file: MenuItemConstructorOptions[] = [
    command('Open a folder of pictures…', 'choose', 'CommandOrControl+O'),
    command('Use the sample pictures', 'sample'),
    ...recent,
    apart,
    command('Bring in a model…', 'import'),
    ...(isMac ? [] : [apart, settings]),
    apart,
    isMac ? { role: 'close' } : { role: 'quit' },
  ]
  const view: MenuItemConstructorOptions[] = [
    { role: 'reload' },
    ...(isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
    apart,
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    apart,
    { role: 'togglefullscreen' },
  ]
  const help: MenuItemConstructorOptions[] = [
    command('Keyboard shortcuts', 'shortcuts'),
    apart,
    command('Copy diagnostics', 'diagnostics'),
    { label: 'Show the logs', click: () => actions.showLogs() },
    ...(isMac ? [] : [apart, { role: 'about' } as const]),
  ]
  const application: MenuItemConstructorOptions = {
    role: 'appMenu',
    submenu: [{ role: 'about' }, apart, settings, apart, { role: 'services' }, apart, { role: 'hide' }, { role: 'hideOthers' }, { role: 'unhide' }, apart, { role: 'quit' }],
  }
  return [
    ...(isMac ? [application] : []),
    { label: 'File', role: 'fileMenu', submenu: file },
    { role: 'editMenu' },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: help },
  ]
}
