/** The only code that loads tfjs: TensorFlow's library through the addon of `@tensorflow/tfjs-node-gpu`. */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import util from 'node:util'
import { GraftError } from '../../../shared/domain/error'
import type { Device } from '../../../shared/domain/system'
import { DATA_TYPES, type DataType } from '../compile/saved-model'

/** What the addon answers for each fetch. */
interface AddonTensor {
  id: number
  shape: number[]
  dtype: number
}

/** The part of the addon that Graft uses; see the package's `binding/tfjs_backend.cc`. */
interface Addon {
  createTensor(shape: readonly number[], dtype: number, data: Float32Array | Int32Array | Uint8Array): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array | BigInt64Array
  loadSavedModel(directory: string, tags: string): number
  deleteSavedModel(id: number): void
  runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): AddonTensor[]
  isUsingGPUDevice: boolean
  TF_Version: string
}

export interface TensorFlow {
  readonly addon: Addon
  readonly device: Device
}

let loaded: TensorFlow | null = null

/** Number of threads TensorFlow uses within one operation; set in the environment before the library is loaded. */
export function intraOpThreads(): number {
  const set = Number(process.env['TF_NUM_INTRAOP_THREADS'])
  return Number.isInteger(set) && set > 0 ? set : availableParallelism()
}

/** Loads the library once a process. Throws UNSUPPORTED with what to do when it cannot be. */
export function loadTensorFlow(): TensorFlow {
  if (loaded !== null) return loaded
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  process.env['TF_NUM_INTRAOP_THREADS'] ??= String(availableParallelism())
  process.env['TF_NUM_INTEROP_THREADS'] ??= process.env['TF_NUM_INTRAOP_THREADS']
  // Node 23 dropped two functions that the package calls.
  const legacy = util as unknown as Record<string, unknown>
  legacy['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
  legacy['isArray'] ??= Array.isArray
  try {
    const require = createRequire(import.meta.url)
    const tf = require('@tensorflow/tfjs-node-gpu') as { backend(): { binding: Addon; isUsingGpuDevice: boolean } }
    const { binding, isUsingGpuDevice } = tf.backend()
    const threads = intraOpThreads()
    const name = isUsingGpuDevice ? 'GPU' : `CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
    loaded = { addon: binding, device: { kind: isUsingGpuDevice ? 'gpu' : 'cpu', name, threads, tensorflowVersion: binding.TF_Version } }
    return loaded
  } catch (cause) {
    throw new GraftError('UNSUPPORTED', 'The TensorFlow engine could not be loaded.', {
      action: 'Run `npm start -- doctor` to see what is missing; set-up installs the engine.',
      detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
      cause,
    })
  }
}

export const dataTypeNumber = (dtype: DataType): number => DATA_TYPES[dtype]
