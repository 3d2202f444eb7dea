/** The only code that loads ONNX Runtime: a model running on the processor, with as many threads as the machine runs. */
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import type * as OnnxRuntime from 'onnxruntime-node'
import { GraftError } from '../../../shared/domain/error'

let loaded: typeof OnnxRuntime | null = null

/** Loads the library once a process. Throws UNSUPPORTED with what to do when it cannot be. */
function loadOnnxRuntime(): typeof OnnxRuntime {
  if (loaded !== null) return loaded
  // Left to itself its published build tells its makers of every session, and keeps a number for the machine and a database beside it to do so.
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  try {
    loaded = createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxRuntime
    return loaded
  } catch (cause) {
    throw new GraftError('UNSUPPORTED', `ONNX Runtime could not be loaded on this ${process.platform} ${process.arch} machine, so an ONNX export could not be checked.`, {
      action: 'Run `npm start` to install what is missing, or export another format. Macs with Intel processors have no ONNX Runtime.',
      detail: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause),
      cause,
    })
  }
}

/** `onnxruntime 1.30.0`. @throws GraftError UNSUPPORTED where the library cannot be loaded */
export function onnxRuntimeVersion(): string {
  return `onnxruntime ${loadOnnxRuntime().env.versions.node ?? ''}`.trim()
}

/** The words of ONNX Runtime's arena and of the C++ library; its errors carry no code. */
const OUT_OF_MEMORY = /bad_alloc|Failed to allocate/

/** Null where it is not memory that was lacking. */
export function memoryFailure(cause: unknown): GraftError | null {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (!OUT_OF_MEMORY.test(message)) return null
  return new GraftError('OUT_OF_MEMORY', 'There was not enough memory for the network in ONNX Runtime.', {
    action: 'Close other programs or use a smaller image size, then try again.',
    detail: message,
    cause,
  })
}

export interface OnnxResult {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export class OnnxSession {
  private constructor(
    private readonly runtime: typeof OnnxRuntime,
    private readonly session: OnnxRuntime.InferenceSession,
  ) {}

  /**
   * @param model the bytes of a `.onnx` file or the path of one
   * @param threads that an operation is computed by; as many as the machine runs where left out
   * @param waits what a thread does between operations: `spinning` answers a single picture sooner, `sleeping` leaves the core to other threads
   * @throws GraftError UNSUPPORTED where the library cannot be loaded; UNREADABLE where it does not take the model; OUT_OF_MEMORY
   */
  static async open(model: Uint8Array | string, threads = availableParallelism(), waits: 'spinning' | 'sleeping' = 'spinning'): Promise<OnnxSession> {
    const runtime = loadOnnxRuntime()
    const options: OnnxRuntime.InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: waits === 'spinning' ? '1' : '0' } } },
      // Errors alone: its warnings are about its own optimisations.
      logSeverityLevel: 3,
    }
    const { InferenceSession } = runtime
    try {
      return new OnnxSession(runtime, await (typeof model === 'string' ? InferenceSession.create(model, options) : InferenceSession.create(model, options)))
    } catch (cause) {
      throw memoryFailure(cause) ?? new GraftError('UNREADABLE', `ONNX Runtime cannot read ${typeof model === 'string' ? model : 'the model'}: it is damaged, or not an ONNX file.`, {
        action: 'Export the model again.',
        detail: cause instanceof Error ? cause.message : String(cause),
        cause,
      })
    }
  }

  /** `onnxruntime 1.30.0`. */
  get version(): string {
    return onnxRuntimeVersion()
  }

  /**
   * Runs the model once on uint8 or float32 inputs; gives its float32 outputs by name. The thread is held up: the library only puts the run off to the next
   * turn. @throws GraftError OUT_OF_MEMORY
   */
  async run(inputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Uint8Array | Float32Array }>): Promise<ReadonlyMap<string, OnnxResult>> {
    const tensors = [...inputs].map(([name, { shape, data }]) => [name, data instanceof Float32Array ? new this.runtime.Tensor('float32', data, shape) : new this.runtime.Tensor('uint8', data, shape)] as const)
    const outputs = await this.session.run(Object.fromEntries(tensors)).catch((cause: unknown) => {
      throw memoryFailure(cause) ?? cause
    })
    const results = new Map<string, OnnxResult>()
    for (const [name, value] of Object.entries(outputs)) {
      if (!(value.data instanceof Float32Array)) throw new Error(`${name} is ${value.type}; only float32 values are read`)
      results.set(name, { shape: value.dims, data: value.data })
    }
    return results
  }

  /** Gives its memory back. */
  async close(): Promise<void> {
    await this.session.release()
  }
}
