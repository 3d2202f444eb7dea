/** As much of Electron as the tests of this folder need: it records what it is told, and its ports carry real messages. */
import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

type Handler = (...values: never[]) => unknown

/** Like `MessagePortMain`: an emitter whose messages wait for `start`. */
export class FakePortMain extends EventEmitter {
  isStarted = false
  isClosed = false

  constructor(private readonly port: MessagePort) {
    super()
    port.on('close', () => this.emit('close'))
  }

  postMessage(message: unknown): void {
    this.port.postMessage(message)
  }

  start(): void {
    this.isStarted = true
    this.port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }

  close(): void {
    this.isClosed = true
    this.port.close()
  }
}

/** port1 is the main process's end; port2 is what a page gets, here a port of Node's. */
export class MessageChannelMain {
  readonly port1: FakePortMain
  readonly port2: MessagePort

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new FakePortMain(port1)
    this.port2 = port2
  }
}

export class FakeFrame {
  readonly posted: { channel: string; ports: MessagePort[] }[] = []

  constructor(
    readonly url: string,
    readonly parent: FakeFrame | null = null,
  ) {}

  postMessage(channel: string, _message: unknown, ports: MessagePort[]): void {
    this.posted.push({ channel, ports })
  }
}

export class FakeContents extends EventEmitter {
  mainFrame = new FakeFrame('graft://studio/')
  readonly sent: string[] = []
  readonly sentValues: unknown[][] = []
  openHandler: ((details: { url: string }) => unknown) | null = null
  reloads = 0

  setWindowOpenHandler(handler: (details: { url: string }) => unknown): void {
    this.openHandler = handler
  }

  send(channel: string, ...values: unknown[]): void {
    this.sent.push(channel)
    this.sentValues.push(values)
  }

  reload(): void {
    this.reloads++
  }
}

export class BrowserWindow extends EventEmitter {
  static made: BrowserWindow[] = []
  readonly webContents = new FakeContents()
  bounds = { x: 10, y: 20, width: 1000, height: 700 }
  isVisible = false
  isFocusedNow = false
  progressBar = -1
  isGone = false
  loaded: string | null = null

  constructor(readonly options: Record<string, unknown>) {
    super()
    BrowserWindow.made.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }

  async loadURL(address: string): Promise<void> {
    this.loaded = address
    this.emit('ready-to-show')
  }

  show(): void {
    this.isVisible = true
    this.emit('show')
  }

  hide(): void {
    this.isVisible = false
  }

  /** As Electron does: asks the listeners, then goes. */
  close(): void {
    const event = deniable()
    this.emit('close', event)
    if (event.isPrevented) return
    this.isGone = true
    this.emit('closed')
    app.emit('window-all-closed')
  }

  focus(): void {}
  restore(): void {}
  maximize(): void {}
  isMinimized = (): boolean => false
  isMaximized = (): boolean => false
  isFocused = (): boolean => this.isFocusedNow
  setProgressBar(share: number): void {
    this.progressBar = share
  }
  isDestroyed = (): boolean => this.isGone
  getNormalBounds = (): typeof this.bounds => this.bounds
}

/** An event of Electron's that can be denied. */
export function deniable(): { isPrevented: boolean; preventDefault(): void } {
  const event = {
    isPrevented: false,
    preventDefault() {
      event.isPrevented = true
    },
  }
  return event
}

class FakeApp extends EventEmitter {
  isPackaged = true
  isSandboxed = false
  hasLock = true
  quits = 0
  exitCode: number | null = null
  readonly paths: Record<string, string> = {}

  enableSandbox(): void {
    this.isSandboxed = true
  }

  requestSingleInstanceLock(): boolean {
    return this.hasLock
  }

  readonly recent: string[] = []

  setName(): void {}

  setAboutPanelOptions(): void {}

  addRecentDocument(path: string): void {
    this.recent.push(path)
  }

  setPath(name: string, path: string): void {
    this.paths[name] = path
  }

  async whenReady(): Promise<void> {}

  quit(): void {
    this.quits++
    this.emit('will-quit', deniable())
  }

  exit(code: number): void {
    this.exitCode = code
  }
}

export const app = new FakeApp()
export const ipcMain = new EventEmitter()
export const ipcRenderer = Object.assign(new EventEmitter(), { sent: [] as unknown[][], send: (...values: unknown[]) => void ipcRenderer.sent.push(values) })
export const exposed: Record<string, Record<string, unknown>> = {}
export const contextBridge = {
  exposeInMainWorld(name: string, value: Record<string, unknown>): void {
    exposed[name] = value
  },
}
export const webUtils = { getPathForFile: (file: { name: string }) => `/home/${file.name}` }

export const schemes: { scheme: string; privileges: Record<string, boolean> }[] = []
export const handlers: Record<string, (request: Request) => Promise<Response>> = {}
export const protocol = {
  registerSchemesAsPrivileged: (added: typeof schemes) => void schemes.push(...added),
  handle(scheme: string, handler: (request: Request) => Promise<Response>): void {
    handlers[scheme] = handler
  },
}

export class FakeSession {
  readonly set: Record<string, Handler> = {}
  blocked: string[] = []
  blocker: Handler = () => undefined
  setPermissionRequestHandler = (handler: Handler): void => void (this.set['request'] = handler)
  setPermissionCheckHandler = (handler: Handler): void => void (this.set['check'] = handler)
  setDevicePermissionHandler = (handler: Handler): void => void (this.set['device'] = handler)
  webRequest = {
    onBeforeRequest: (filter: { urls: string[] }, handler: Handler): void => {
      this.blocked = filter.urls
      this.blocker = handler
    },
  }
}
export const session = { defaultSession: new FakeSession() }

export const dialog = {
  /** What the person chooses next. */
  response: 0,
  filePaths: ['/home/pictures'],
  asked: [] as string[],
  opened: [] as { properties?: string[]; filters?: { extensions: string[] }[] }[],
  async showMessageBox(_window: unknown, { message }: { message: string }): Promise<{ response: number }> {
    dialog.asked.push(message)
    return { response: dialog.response }
  },
  async showOpenDialog(...values: unknown[]): Promise<{ canceled: boolean; filePaths: string[] }> {
    // The window comes first where there is one.
    dialog.opened.push(values.at(-1) as (typeof dialog.opened)[number])
    return { canceled: dialog.filePaths.length === 0, filePaths: dialog.filePaths }
  },
}
export const shell = { opened: [] as string[], openPath: async (path: string) => (shell.opened.push(path), ''), shown: [] as string[], showItemInFolder: (path: string) => void shell.shown.push(path) }
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] }
const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1040 } }
export const nativeTheme = { shouldUseDarkColors: false }
export const nativeImage = { createFromPath: (path: string) => path }
export const Menu = {
  application: [] as { label?: string; submenu?: { label?: string; click?: () => void }[] }[],
  buildFromTemplate: (template: unknown) => template,
  setApplicationMenu: (template: unknown) => void (Menu.application = template as typeof Menu.application),
}
export class Tray extends EventEmitter {
  static shown: Tray[] = []
  menu: { label?: string; click?: () => void }[] = []

  constructor(readonly image: string) {
    super()
    Tray.shown.push(this)
  }

  toolTip = ''

  setToolTip(words: string): void {
    this.toolTip = words
  }

  setContextMenu(menu: typeof this.menu): void {
    this.menu = menu
  }

  destroy(): void {
    Tray.shown = Tray.shown.filter((other) => other !== this)
  }
}
export class Notification extends EventEmitter {
  static shown: Notification[] = []

  constructor(readonly options: { title: string; body: string }) {
    super()
  }

  static isSupported = (): boolean => true

  show(): void {
    Notification.shown.push(this)
  }
}
export const powerSaveBlocker = { start: () => 1, stop: () => undefined }
