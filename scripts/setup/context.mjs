// What every set-up step needs to know: where the checkout is, where the user's cache is, what was asked for.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** The user's cache folder, by GRAFT_CACHE_DIR or the system's own rule. An empty variable counts as not set. */
export function cacheFolder(environment = process.env, platform = process.platform, home = homedir()) {
  if (environment.GRAFT_CACHE_DIR) return resolve(environment.GRAFT_CACHE_DIR)
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'graft')
  if (platform === 'win32') return join(environment.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'graft', 'cache')
  return join(environment.XDG_CACHE_HOME || join(home, '.cache'), 'graft')
}

/**
 * @param {{ root?: string, environment?: NodeJS.ProcessEnv, engine?: string }} [options] engine overrides GRAFT_ENGINE
 * @returns {{ root: string, cache: string, environment: NodeJS.ProcessEnv, engine: string }}
 */
export function createContext(options = {}) {
  const environment = options.environment ?? process.env
  return {
    root: options.root ?? repositoryRoot,
    cache: cacheFolder(environment),
    environment,
    engine: options.engine || environment.GRAFT_ENGINE || 'auto',
  }
}

/** The full path of a program on PATH, or undefined. */
export function findProgram(name, environment = process.env) {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : ['']
  for (const folder of (environment.PATH ?? environment.Path ?? '').split(delimiter)) {
    if (!folder) continue
    for (const suffix of suffixes) {
      const candidate = join(folder, name + suffix)
      if (existsSync(candidate)) return candidate
    }
  }
  return undefined
}

/** The parsed file, or undefined where it is missing or cut off. */
export function readJsonSync(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** A failure the user can act on: what happened and what to do. */
export class SetupError extends Error {
  constructor(message, action = '') {
    super(message)
    this.name = 'SetupError'
    this.action = action
  }
}
