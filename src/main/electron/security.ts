/** What pages may not do. Each part says which item of Electron's security checklist it meets. */
import type { App, Session, WebContents } from 'electron'
import { isStudioAddress } from './sender'

/** Addresses of the network and of the disk. The studio needs neither: its files and pictures come over its own protocol. */
const OUTSIDE = ['http://*/*', 'https://*/*', 'ws://*/*', 'wss://*/*', 'ftp://*/*', 'file:///*']

/**
 * What a page of ours may do where Electron asks. One thing is writing text or a picture to the clipboard after a click, which
 * "Copy report" and "Copy chart" need. Reading the clipboard is another permission, and denied.
 */
const CLIPBOARD_WRITE = 'clipboard-sanitized-write'
/** The other is the camera, for pictures to try on a model: pictures alone, never sound. The system asks the person besides. */
const MEDIA = 'media'

const isAllowed = (permission: string, media: readonly (string | undefined)[]) => permission === CLIPBOARD_WRITE || (permission === MEDIA && media.length > 0 && media.every((kind) => kind === 'video'))

/** For every page that this program may ever hold. To be called before the first window is made. */
export function confinePages(app: Pick<App, 'on' | 'enableSandbox'>): void {
  // Sandbox in all renderers, whatever a window's own preferences say.
  app.enableSandbox()
  app.on('web-contents-created', (_event, contents) => confinePage(contents))
}

function confinePage(contents: WebContents): void {
  // No navigation: the studio is one page, which its program loads. Frames in it and redirects are no way out either.
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  // No new windows. Nothing is given to the system to open either (openExternal): the studio has no links to outside.
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  // No <webview>; the preferences switch the tag off as well.
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

/** For the session of our windows. */
export function confineSession(session: Session): void {
  // Permissions: Electron grants everything unless told otherwise.
  session.setPermissionRequestHandler((contents, permission, callback, details) => {
    callback(isAllowed(permission, mediaOf(details)) && contents.mainFrame.parent === null && isStudioAddress(contents.mainFrame.url))
  })
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin, details) => isAllowed(permission, details?.mediaType === undefined ? [] : [details.mediaType]) && isStudioAddress(requestingOrigin))
  session.setDevicePermissionHandler(() => false)
  // Secure content only: besides the content security policy, nothing is fetched from the network or over file://.
  session.webRequest.onBeforeRequest({ urls: OUTSIDE }, (_details, callback) => callback({ cancel: true }))
}

function mediaOf(details: object | undefined): readonly string[] {
  return details !== undefined && 'mediaTypes' in details && Array.isArray(details.mediaTypes) ? details.mediaTypes.map(String) : []
}
