/** What `graft doctor` checks without TensorFlow. Each check says what to do when it is not well. */
import { hash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { access, constants, mkdir, readFile } from 'node:fs/promises'
import { arch, freemem, homedir, release, totalmem } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { z } from 'zod'
import { toFailure } from '../../shared/domain/error'
import type { DoctorCheck } from '../../shared/domain/system'
import { BACKBONES } from '../engine/zoo/registry'
import { starterWeightsFile } from '../storage/paths'
import { systemCode } from '../storage/storage-error'
import { availableCoresSync } from '../trainer/available-cores'
import { findTrainerSync } from '../trainer/host'
import type { Places } from './places'
import { type Environment, proxyFor } from './proxy'
import { folderBytes, freeBytes } from './storage-usage'
import { weightsAddress } from './weights'

const PUBLISHER = 'https://download.pytorch.org/models/'
const LEAST_MEMORY_BYTES = 2 * 1024 ** 3
const LEAST_DISK_BYTES = 2 * 1024 ** 3

const engineInfoSchema = z.object({
  version: z.string(),
  source: z.string(),
  addonVersion: z.string(),
  verified: z.boolean().optional(),
})

const size = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`
const ok = (name: string, value: string): DoctorCheck => ({ name, status: 'ok', value, action: null })
const warning = (name: string, value: string, action: string): DoctorCheck => ({ name, status: 'warning', value, action })
const failed = (name: string, value: string, action: string): DoctorCheck => ({ name, status: 'failed', value, action })

export interface DoctorSurroundings {
  version: string
  /** The folder with our package.json. */
  root: string
  places: Places
  /** For tests. */
  environment?: Environment
}

function nodeCheck(): DoctorCheck {
  const { versions } = process
  const name = 'Node'
  const [major = 0, minor = 0] = versions.node.split('.').map(Number)
  const value = versions['electron'] === undefined ? versions.node : `${versions.node} in Electron ${versions['electron']}`
  return major > 20 || (major === 20 && minor >= 19) ? ok(name, value) : failed(name, value, 'Install Node 20.19 or newer.')
}

function engineCheck({ root }: DoctorSurroundings): DoctorCheck {
  const name = 'Engine'
  const action = 'Run npm start, which sets the engine up.'
  try {
    const folder = dirname(realpathSync(join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu', 'deps')))
    const info = engineInfoSchema.parse(JSON.parse(readFileSync(join(folder, 'engine.json'), 'utf8')))
    const value = `TensorFlow ${info.version} from ${info.source === 'wheel' ? 'its wheel' : info.source}, addon ${info.addonVersion}, ${folder}`
    return info.verified === true ? ok(name, value) : warning(name, `${value}, not verified`, action)
  } catch {
    return failed(name, 'not set up', action)
  }
}

function trainerCheck(): DoctorCheck {
  try {
    return ok('Trainer', findTrainerSync())
  } catch {
    return failed('Trainer', 'not built', 'Run npm start, which builds it.')
  }
}

async function weightsCheck({ places }: DoctorSurroundings): Promise<DoctorCheck> {
  const name = 'Starter weights'
  const path = starterWeightsFile(places.cache)
  const sha256Prefix = BACKBONES.flatMap(({ weights }) => weights).find(({ fileName }) => fileName === basename(path))?.sha256Prefix
  try {
    const digest = hash('sha256', await readFile(path), 'hex')
    if (sha256Prefix !== undefined && digest.startsWith(sha256Prefix)) return ok(name, path)
    return failed(name, `${path} is damaged`, 'Delete it, then run npm start, which fetches it again.')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return failed(name, `${path} is missing`, 'Run npm start, which fetches it, or train with --weights none.')
    return failed(name, `${path} cannot be read (${systemCode(error) ?? 'unknown'})`, 'Check that it is a file and who may read it, or delete it and run npm start.')
  }
}

function threadsCheck(): DoctorCheck {
  const cores = availableCoresSync()
  return ok('Threads', `${cores}`)
}

function memoryCheck(): DoctorCheck {
  const total = totalmem()
  const value = `${size(total)}, ${size(freemem())} free`
  return total >= LEAST_MEMORY_BYTES ? ok('Memory', value) : warning('Memory', value, 'Close other programs, and choose small batches.')
}

/** Nothing is asked of the network: only what the environment says is told. */
function downloadsCheck({ environment = process.env }: DoctorSurroundings): DoctorCheck {
  const name = 'Downloads'
  try {
    const url = weightsAddress({ fileName: '', url: PUBLISHER }, environment) ?? new URL(PUBLISHER)
    const proxy = proxyFor(url.protocol, environment)
    return ok(name, `weights, when asked for, from ${url.host}${proxy === null ? '' : ` through the proxy ${proxy.host}`}`)
  } catch (error) {
    const { message, action } = toFailure(error)
    return warning(name, message, action ?? '')
  }
}

async function diskCheck(name: string, folder: string): Promise<DoctorCheck> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK)
    const free = await freeBytes(folder)
    const value = `${folder}, ${size(free)} free`
    return free >= LEAST_DISK_BYTES ? ok(name, value) : warning(name, value, `Free space there: runs and caches take up to ${size(LEAST_DISK_BYTES)}.`)
  } catch (error) {
    return failed(name, `${folder} cannot be written (${systemCode(error) ?? 'unknown'})`, 'Choose another folder with GRAFT_DATA_DIR or GRAFT_CACHE_DIR.')
  }
}

async function keptFeaturesCheck({ places }: DoctorSurroundings): Promise<DoctorCheck> {
  return ok('Kept features', `${size(await folderBytes(places.featureCache).catch(() => 0))} in ${places.featureCache}`)
}

function browserPathSync(): string | null {
  const chosen = process.env['GRAFT_BROWSER']
  if (chosen) return existsSync(chosen) ? chosen : null
  const names = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge-stable', 'microsoft-edge', 'brave-browser']
  const onPath = (process.env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)))
  const applications = ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser']
  const onMac = ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => applications.map((name) => join(folder, `${name}.app`, 'Contents', 'MacOS', name)))
  const onWindows = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((variable) => {
    const folder = process.env[variable]
    return folder === undefined ? [] : [join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'), join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe')]
  })
  const candidates = process.platform === 'darwin' ? onMac : process.platform === 'win32' ? onWindows : onPath
  return candidates.find((path) => existsSync(path)) ?? null
}

function browserCheck(): DoctorCheck {
  const path = browserPathSync()
  return path === null ? warning('Browser', 'no Chromium-family browser found', 'Install Chromium, Chrome or Edge to have the studio in a window of its own.') : ok('Browser', path)
}

function electronCheck({ root }: DoctorSurroundings): DoctorCheck {
  const name = 'Electron'
  if (process.versions['electron'] !== undefined) return ok(name, process.versions['electron'])
  try {
    const folder = join(root, 'node_modules', 'electron')
    const program = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim())
    if (existsSync(program)) return ok(name, program)
  } catch {
    // Without path.txt its program has not been fetched.
  }
  return warning(name, 'its program is not here; the studio opens in a browser', 'npm start fetches it where there is a display and a network.')
}

/** All checks but the self-test, in the order in which they are shown. */
export async function quickChecks(where: DoctorSurroundings): Promise<DoctorCheck[]> {
  return [
    ok('Graft', `${where.version} on ${process.platform} ${arch()} ${release()}`),
    nodeCheck(),
    engineCheck(where),
    trainerCheck(),
    await weightsCheck(where),
    downloadsCheck(where),
    threadsCheck(),
    memoryCheck(),
    await diskCheck('Data', where.places.data),
    await diskCheck('Cache', where.places.cache),
    await keptFeaturesCheck(where),
    browserCheck(),
    electronCheck(where),
  ]
}
