/** The studio as an app's window of a Chromium-family browser, where there is no Electron. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const PROGRAMS = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
  'vivaldi-stable',
]

/** A window cannot be shown without one. */
export function hasDisplay(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): boolean {
  return platform === 'darwin' || platform === 'win32' || Boolean(environment['DISPLAY'] || environment['WAYLAND_DISPLAY'])
}

/** Path of a browser that knows `--app`; GRAFT_BROWSER, where set, is the only candidate. Null where there is none. */
export function findAppBrowser(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string | null {
  const chosen = environment['GRAFT_BROWSER']
  if (chosen) return existsSync(chosen) ? chosen : null
  return candidates(environment, platform).find((path) => existsSync(path)) ?? null
}

function candidates(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  if (platform === 'darwin') {
    const names = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser']
    const folders = ['/Applications', join(homedir(), 'Applications')]
    return folders.flatMap((folder) => names.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)))
  }
  if (platform === 'win32') {
    const folders = [environment['PROGRAMFILES'], environment['PROGRAMFILES(X86)'], environment['LOCALAPPDATA']].filter((folder) => folder !== undefined)
    const inside = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
    ]
    return folders.flatMap((folder) => inside.map((parts) => join(folder, ...parts)))
  }
  const folders = [...(environment['PATH'] ?? '').split(delimiter), '/usr/bin', '/snap/bin', '/opt/google/chrome'].filter((folder) => folder !== '')
  return PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)))
}

/** What the browser is started with. Its own profile keeps the studio's window, cookie and size apart from the person's browsing. */
export function browserArguments(address: string, profileDirectory: string): string[] {
  return [`--app=${address}`, `--user-data-dir=${profileDirectory}`, '--no-first-run', '--no-default-browser-check', '--window-size=1360,900']
}

/**
 * Opens the studio's window. Resolves with true when the browser runs, false where it ended at once or could not start.
 * `onClosed` is told when the window's browser ends.
 */
export async function openAppWindow(program: string, address: string, profileDirectory: string, onClosed: () => void): Promise<boolean> {
  const startMs = 2000
  mkdirSync(profileDirectory, { recursive: true, mode: 0o700 })
  const child = spawn(program, browserArguments(address, profileDirectory), { stdio: 'ignore', detached: false })
  const endsAtOnce = await new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), startMs)
    const finish = () => {
      clearTimeout(timer)
      resolve(true)
    }
    child.once('error', finish)
    child.once('exit', finish)
  })
  if (endsAtOnce) return false
  child.once('exit', onClosed)
  return true
}
