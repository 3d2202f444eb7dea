// A Chromium-family browser, for the studio's app window and for the browser tests.
import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { findProgram } from './context.mjs'
import { lastLines, runProgram } from './process.mjs'

const programNames = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'microsoft-edge-stable',
  'microsoft-edge',
  'brave-browser',
]

/** Where browsers are installed, by system. */
function standardPlaces(environment, platform) {
  if (platform === 'darwin') {
    const names = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser']
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => names.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)))
  }
  if (platform === 'win32') {
    const folders = [environment.PROGRAMFILES, environment['PROGRAMFILES(X86)'], environment.LOCALAPPDATA].filter(Boolean)
    const names = [
      ['Google', 'Chrome', 'Application', 'chrome.exe'],
      ['Microsoft', 'Edge', 'Application', 'msedge.exe'],
      ['Chromium', 'Application', 'chrome.exe'],
    ]
    return folders.flatMap((folder) => names.map((name) => join(folder, ...name)))
  }
  return ['/usr/bin/chromium', '/usr/bin/google-chrome', '/opt/google/chrome/chrome', '/snap/bin/chromium', '/usr/lib/chromium/chromium']
}

function playwrightPlaces(environment, platform) {
  const folders = {
    darwin: join(homedir(), 'Library', 'Caches', 'ms-playwright'),
    win32: join(environment.LOCALAPPDATA ?? homedir(), 'ms-playwright'),
  }
  const folder = environment.PLAYWRIGHT_BROWSERS_PATH || folders[platform] || join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ms-playwright')
  if (!existsSync(folder)) return []
  const inside = [
    ['chrome-linux64', 'chrome'],
    ['chrome-linux', 'chrome'],
    ['chrome-mac-arm64', 'Google Chrome for Testing.app', 'Contents', 'MacOS', 'Google Chrome for Testing'],
    ['chrome-mac', 'Chromium.app', 'Contents', 'MacOS', 'Chromium'],
    ['chrome-win64', 'chrome.exe'],
    ['chrome-win', 'chrome.exe'],
  ]
  const versions = readdirSync(folder).filter((name) => /^chromium-\d+$/.test(name))
  return versions.reverse().flatMap((version) => inside.map((parts) => join(folder, version, ...parts)))
}

/**
 * The path of a Chromium-family browser on this machine, or undefined. GRAFT_BROWSER, where set, is the only candidate.
 * @returns {string | undefined}
 */
export function findBrowser(environment = process.env, platform = process.platform) {
  if (environment.GRAFT_BROWSER) return existsSync(environment.GRAFT_BROWSER) ? environment.GRAFT_BROWSER : undefined
  for (const name of programNames) {
    const found = findProgram(name, environment)
    if (found) return found
  }
  return [...standardPlaces(environment, platform), ...playwrightPlaces(environment, platform)].find((path) => existsSync(path))
}

/** How to get one, by system. */
export function browserAdvice(platform = process.platform) {
  if (platform === 'darwin') return 'Install Google Chrome, or run: npx playwright-core install chromium'
  if (platform === 'win32') return 'Install Google Chrome or Microsoft Edge.'
  return 'On Debian: apt-get install chromium. On Fedora: dnf install chromium. Elsewhere: npx playwright-core install chromium'
}

// Some systems ship a script named chromium that only says how to install it.
async function runs(path, environment) {
  const { code, output } = await runProgram(path, ['--version'], { environment, timeoutMs: 20_000 })
  return code === 0 && /\d+\.\d+/.test(output)
}

/** For tests: the step that gets a browser where none runs. It never fails the set-up; the tests that need one are skipped by name. */
export const browser = {
  name: 'browser',
  optional: true,

  isDone(context) {
    return findBrowser(context.environment) !== undefined
  },

  async run(reporter, context) {
    reporter.start('Browser: none found; getting Chromium for the browser tests')
    for (const attempt of [installWithApt, installWithPlaywright]) {
      const problem = await attempt(reporter, context)
      const found = findBrowser(context.environment)
      if (found && (await runs(found, context.environment))) {
        reporter.done(found)
        return
      }
      if (problem) reporter.note(problem)
    }
    reporter.fail(`The browser tests are skipped. ${browserAdvice()}`)
  },
}

async function installWithApt(reporter, context) {
  if (process.getuid?.() !== 0 || !findProgram('apt-get', context.environment)) return undefined
  const environment = { ...context.environment, DEBIAN_FRONTEND: 'noninteractive' }
  reporter.note('apt-get update and apt-get install chromium')
  await runProgram('apt-get', ['update', '-qq'], { environment, timeoutMs: 180_000 })
  const { code, output } = await runProgram('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { environment, timeoutMs: 600_000 })
  return code === 0 ? undefined : `apt-get could not install it:\n${lastLines(output, 3)}`
}

async function installWithPlaywright(reporter, context) {
  let program
  try {
    program = join(dirname(createRequire(join(context.root, 'package.json')).resolve('playwright-core/package.json')), 'cli.js')
  } catch {
    return 'playwright-core is not in node_modules'
  }
  reporter.note("Playwright's download of Chromium (about 180 MB)")
  const { code, output } = await runProgram(process.execPath, [program, 'install', 'chromium'], { environment: context.environment, timeoutMs: 300_000 })
  return code === 0 ? undefined : `Playwright could not download it:\n${lastLines(output, 3)}`
}
