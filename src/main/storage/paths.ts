/** Where Graft keeps things, by the system's own rules. Set-up (scripts/setup) uses the same cache folder. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** What the rules depend on; tests pass their own. */
export interface PathSurroundings {
  environment: Readonly<Record<string, string | undefined>>
  platform: NodeJS.Platform
  home: string
}

function surroundings(): PathSurroundings {
  return { environment: process.env, platform: process.platform, home: homedir() }
}

/** What the user would miss: runs, settings, uploads. GRAFT_DATA_DIR overrides; an empty variable counts as not set. */
export function dataDirectory(where: PathSurroundings = surroundings()): string {
  const { environment, platform, home } = where
  if (environment['GRAFT_DATA_DIR']) return resolve(environment['GRAFT_DATA_DIR'])
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Graft')
  if (platform === 'win32') return join(environment['APPDATA'] || join(home, 'AppData', 'Roaming'), 'Graft')
  return join(environment['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'graft')
}

/** What can be made again: engine, weights, decoded pictures, kept features, the sample dataset. GRAFT_CACHE_DIR overrides. */
export function cacheDirectory(where: PathSurroundings = surroundings()): string {
  const { environment, platform, home } = where
  if (environment['GRAFT_CACHE_DIR']) return resolve(environment['GRAFT_CACHE_DIR'])
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'graft')
  if (platform === 'win32') return join(environment['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'graft', 'cache')
  return join(environment['XDG_CACHE_HOME'] || join(home, '.cache'), 'graft')
}

export function runsDirectory(data = dataDirectory()): string {
  return join(data, 'runs')
}

/** Remembers runs that were made elsewhere with `--out`. */
/** What went wrong inside the program, a file for each time. */
export function logsDirectory(data = dataDirectory()): string {
  return join(data, 'logs')
}

export function runRegistryFile(data = dataDirectory()): string {
  return join(data, 'run-registry.json')
}

export function settingsFile(data = dataDirectory()): string {
  return join(data, 'settings.json')
}

/** The lock that lets one training run at a time on this machine. */
export function machineLockFile(data = dataDirectory()): string {
  return join(data, 'trainer.lock')
}

/** Runs that wait for their turn, in order. */
export function queueFile(data = dataDirectory()): string {
  return join(data, 'queue.json')
}

export function uploadsDirectory(data = dataDirectory()): string {
  return join(data, 'uploads')
}

export function weightsDirectory(cache = cacheDirectory()): string {
  return join(cache, 'weights')
}

/** EfficientNet-Lite0 with ImageNet weights, put there by set-up. */
export function starterWeightsFile(cache = cacheDirectory()): string {
  return join(weightsDirectory(cache), 'efficientnet_lite0-57934424.pth')
}

/** Kept engines, one folder each with an `engine.json`. */
export function engineCacheDirectory(cache = cacheDirectory()): string {
  return join(cache, 'engine')
}

/** Decoded pictures; GRAFT_PICTURE_CACHE_DIR puts them on another disk. */
export function pictureCacheDirectory(cache = cacheDirectory()): string {
  return process.env['GRAFT_PICTURE_CACHE_DIR'] ?? join(cache, 'pictures')
}

/** What frozen parts of networks gave for pictures; GRAFT_FEATURE_CACHE_DIR puts it on another disk. */
export function featureCacheDirectory(cache = cacheDirectory()): string {
  return process.env['GRAFT_FEATURE_CACHE_DIR'] ?? join(cache, 'features')
}

export function sampleDatasetDirectory(cache = cacheDirectory()): string {
  return join(cache, 'sample', 'leaves')
}
