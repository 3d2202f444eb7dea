/** The folders and files that the services work with, by name. */
import {
  cacheDirectory,
  dataDirectory,
  featureCacheDirectory,
  logsDirectory,
  machineLockFile,
  pictureCacheDirectory,
  queueFile,
  runRegistryFile,
  runsDirectory,
  sampleDatasetDirectory,
  settingsFile,
  uploadsDirectory,
} from '../storage/paths'

export interface Places {
  data: string
  cache: string
  runs: string
  runRegistry: string
  settings: string
  lock: string
  logs: string
  queue: string
  uploads: string
  pictureCache: string
  featureCache: string
  sample: string
}

export function placesFrom(data = dataDirectory(), cache = cacheDirectory()): Places {
  return {
    data,
    cache,
    runs: runsDirectory(data),
    runRegistry: runRegistryFile(data),
    settings: settingsFile(data),
    lock: machineLockFile(data),
    logs: logsDirectory(data),
    queue: queueFile(data),
    uploads: uploadsDirectory(data),
    pictureCache: pictureCacheDirectory(cache),
    featureCache: featureCacheDirectory(cache),
    sample: sampleDatasetDirectory(cache),
  }
}
