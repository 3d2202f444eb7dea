// Electron's program (100 MB), fetched by its own script. Failing costs seconds, and is not tried again for a day.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { readJsonSync } from './context.mjs'

const silentMs = 15_000
const watchMs = 500
const rememberFailureMs = 24 * 60 * 60 * 1000

/** True where a window can be shown. */
export function hasDisplay(environment = process.env, platform = process.platform) {
  if (platform === 'darwin' || platform === 'win32') return true
  return Boolean(environment.DISPLAY || environment.WAYLAND_DISPLAY)
}

/** The path of Electron's program where it is in node_modules, or undefined. */
export function electronProgram(context) {
  const folder = join(context.root, 'node_modules', 'electron')
  const namePath = join(folder, 'path.txt')
  if (!existsSync(namePath)) return undefined
  const program = join(folder, 'dist', readFileSync(namePath, 'utf8').trim())
  return existsSync(program) ? program : undefined
}

export const electronBinary = {
  name: 'electron binary',
  optional: true,

  /** Also true where there is nothing to try: no display, or it failed within the last day. */
  isDone(context) {
    if (electronProgram(context) || !hasDisplay(context.environment)) return true
    const failure = readJsonSync(failurePath(context))
    return failure?.version === electronVersion(context) && Date.now() - Date.parse(failure.date) < rememberFailureMs
  },

  async run(reporter, context) {
    reporter.start("Window: fetching Electron's program (about 110 MB)")
    const outcome = await fetchElectron(reporter, context)
    if (outcome === undefined && electronProgram(context)) {
      await rm(failurePath(context), { force: true })
      reporter.done()
      return
    }
    await mkdir(context.cache, { recursive: true })
    await writeFile(failurePath(context), JSON.stringify({ version: electronVersion(context), date: new Date().toISOString(), reason: outcome ?? '' }))
    reporter.note(`could not be fetched (${outcome ?? 'the script left no program'}); the studio opens in a browser instead.`)
    reporter.note(`It is tried again tomorrow, or after deleting ${failurePath(context)}`)
  },
}

const failurePath = (context) => join(context.cache, 'electron-failure.json')
const electronVersion = (context) => readJsonSync(join(context.root, 'node_modules', 'electron', 'package.json'))?.version

async function folderBytes(folder) {
  let total = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [])) {
    if (!entry.isFile()) continue
    total += (await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))).size
  }
  return total
}

/** Runs the script until it ends or writes nothing for a while. Resolves with the reason of a failure. */
async function fetchElectron(reporter, context) {
  const folder = join(context.root, 'node_modules', 'electron')
  const scratch = join(context.cache, `electron-${process.pid}`)
  await mkdir(scratch, { recursive: true })
  const environment = { ...context.environment, TMPDIR: scratch, TEMP: scratch, TMP: scratch }
  delete environment.ELECTRON_SKIP_BINARY_DOWNLOAD
  const child = spawn(process.execPath, [join(folder, 'install.js')], { cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors = (errors + chunk.toString('utf8')).slice(-4000)
  })
  let silentSince = Date.now()
  let seenBytes = 0
  let stalled = false
  const watch = setInterval(() => {
    Promise.all([folderBytes(scratch), folderBytes(join(folder, 'dist'))])
      .then(([downloaded, unpacked]) => {
        if (downloaded + unpacked !== seenBytes) {
          seenBytes = downloaded + unpacked
          silentSince = Date.now()
          reporter.progress('downloaded', downloaded, 0)
        } else if (Date.now() - silentSince > silentMs) {
          stalled = true
          child.kill('SIGKILL')
        }
      })
      .catch(() => {})
  }, watchMs)
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(127))
    child.on('close', (value) => resolve(value ?? 1))
  })
  clearInterval(watch)
  await rm(scratch, { recursive: true, force: true })
  if (stalled) return `nothing came for ${silentMs / 1000} s`
  if (code === 0) return undefined
  const said = errors.split('\n').find((line) => /error/i.test(line))
  return said?.trim() ?? `its script ended with code ${code}`
}
