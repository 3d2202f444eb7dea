/** The desktop program, put together. Each part is in a file of its own in `electron/`. */
import { join } from 'node:path'
import { app, Menu, powerSaveBlocker, session, shell } from 'electron'
import { guardClosing } from './electron/closing'
import { endWithWindow, obeySignals, useDataDirectory, WindowHolder } from './electron/desktop'
import { desktopAbilities } from './electron/file-dialogs'
import { recoverLostPage } from './electron/lost-page'
import { COMMAND_CHANNEL } from './electron/channels'
import { menuTemplate } from './electron/menu'
import { OpenRequests, pathsIn } from './electron/open-requests'
import { archiveRoot, chooseTrainer, plainRoot, provideStarterWeights } from './electron/package-layout'
import { showRuns } from './electron/notifications'
import { awakeFor, keepAwake } from './electron/power'
import { registerStudioScheme, serveStudio } from './electron/protocol'
import { givePorts } from './electron/rpc-port'
import { confinePages, confineSession } from './electron/security'
import { isFirstInstance } from './electron/single-instance'
import { type BackgroundSign, createTray } from './electron/tray'
import { bringBack, openWindow } from './electron/window'
import { installationRoot, installedVersion } from './installation'
import { placesFrom } from './services/places'
import { makeFolder } from './storage/atomic-write'
import { createRouter } from './services/router'
import { createStudio } from './services/studio'

const root = archiveRoot(installationRoot())
const assets = join(root, 'assets')
const places = placesFrom()
const held = new WindowHolder()
const openRequests = new OpenRequests(app)

chooseTrainer(root)
useDataDirectory(app, places.data)
registerStudioScheme()
confinePages(app)

async function run(): Promise<void> {
  await app.whenReady()
  await provideStarterWeights(process.resourcesPath, places.cache)
  const desktop = desktopAbilities(() => held.window)
  const studio = createStudio({ door: 'desktop', roots: null, version: installedVersion(), desktop, places, installation: plainRoot(root) })
  const quitting = new AbortController()
  app.once('will-quit', () => quitting.abort())
  let sign: BackgroundSign | null = null
  endWithWindow(app, studio)
  confineSession(session.defaultSession)
  serveStudio({ rendererDirectory: join(root, 'out', 'renderer'), content: studio.content })
  givePorts(createRouter(studio), () => held.window?.webContents ?? null)
  const actions = {
    command: (id: string) => held.window?.webContents.send(COMMAND_CHANNEL, id),
    showLogs: () => void makeFolder(places.logs).then(() => shell.openPath(places.logs)),
  }
  app.setAboutPanelOptions({ applicationName: 'Graft', applicationVersion: installedVersion(), copyright: 'MIT licence', iconPath: join(assets, 'icon.png') })
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(process.platform, app.isPackaged, actions)))
  const paths = { preloadPath: join(root, 'out', 'preload', 'preload.cjs'), iconPath: join(assets, 'icon.png'), statePath: join(places.data, 'window.json') }
  await openWindow({ ...paths, isPackaged: app.isPackaged }, (window) => {
    held.hold(window)
    openRequests.tellTo(window)
    const tray = createTray(window, assets, () => app.quit())
    sign = tray
    obeySignals(app, guardClosing(window, { liveCount: () => studio.runs.live.size, stopRuns: () => studio.close(), showTray: () => tray.show() }))
    recoverLostPage(window)
  })
  studio.queue.begin()
  const { signal } = quitting
  await Promise.all([keepAwake(awakeFor(studio.runs), powerSaveBlocker, signal), showRuns(studio.runs, { window: () => held.window, tray: () => sign, signal })])
}

openRequests.ask(pathsIn(process.argv, process.cwd(), app.isPackaged))
const show = (args: readonly string[], workingDirectory: string) => {
  if (held.window !== null) bringBack(held.window)
  openRequests.ask(pathsIn(args, workingDirectory, app.isPackaged))
}
if (isFirstInstance(app, show)) {
  run().catch((error: unknown) => {
    console.error(error)
    app.exit(1)
  })
} else app.quit()
