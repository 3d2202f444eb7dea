/** One loaded graph with its variables. Every feed is checked here: TensorFlow's own complaints come late and cut short. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GraftError } from '../../../shared/domain/error'
import type { PlaceholderSpec } from '../compile/graph-builder'
import type { DataType } from '../compile/saved-model'
import { dataTypeNumber, loadTensorFlow } from './tensorflow'

/** Numbers on their way in. The array must not be written to until the run is over. */
export interface HostFeed {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array | Uint8Array
}

/** A value that stays in TensorFlow's memory until it is released. */
export interface DeviceTensor {
  readonly id: number
  readonly shape: readonly number[]
}

export type Feed = HostFeed | DeviceTensor

const isDevice = (feed: Feed): feed is DeviceTensor => 'id' in feed

/** Tensors now alive in TensorFlow that this process made or fetched. The tests and the training loop check that it stays flat. */
let liveTensors = 0
export const liveTensorCount = (): number => liveTensors

function dtypeOf(data: HostFeed['data']): DataType {
  return data instanceof Float32Array ? 'float32' : data instanceof Int32Array ? 'int32' : 'uint8'
}

export class Session {
  private readonly tensorFlow = loadTensorFlow()
  private readonly id: number
  private readonly placeholders: ReadonlyMap<string, PlaceholderSpec>
  private closed = false

  constructor(savedModel: Uint8Array, placeholders: readonly PlaceholderSpec[]) {
    this.placeholders = new Map(placeholders.map((spec) => [spec.name, spec]))
    const directory = mkdtempSync(join(tmpdir(), 'graft-graph-'))
    try {
      writeFileSync(join(directory, 'saved_model.pb'), savedModel)
      this.id = this.tensorFlow.addon.loadSavedModel(directory, 'serve,')
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }

  /**
   * Runs the graph once. The results stay in TensorFlow's memory: read them with `read` and release them.
   * Any error here leaves memory behind and the session unsure; the process should end.
   */
  run(feeds: ReadonlyMap<string, Feed>, fetches: readonly string[]): DeviceTensor[] {
    const names: string[] = []
    const ids: number[] = []
    const made: number[] = []
    // All before the first tensor is made: a refusal leaves nothing behind.
    for (const [name, feed] of feeds) this.check(name, feed)
    for (const [name, feed] of feeds) {
      names.push(`${name}:0`)
      if (isDevice(feed)) ids.push(feed.id)
      else {
        const id = this.tensorFlow.addon.createTensor(feed.shape, dataTypeNumber(dtypeOf(feed.data)), feed.data)
        ids.push(id)
        made.push(id)
      }
    }
    try {
      const results = this.tensorFlow.addon.runSavedModel(this.id, ids, names.join(), fetches.join())
      liveTensors += results.length
      return results.map(({ id, shape }) => ({ id, shape }))
    } catch (cause) {
      throw engineFailure(cause)
    } finally {
      for (const id of made) this.tensorFlow.addon.deleteTensor(id)
    }
  }

  /** The numbers of a float32 tensor, copied out; the tensor is released. */
  read(tensor: DeviceTensor): Float32Array {
    const data = this.tensorFlow.addon.tensorDataSync(tensor.id)
    this.release(tensor)
    if (!(data instanceof Float32Array)) throw new Error('Only float32 values are read')
    return data
  }

  release(...tensors: readonly DeviceTensor[]): void {
    for (const tensor of tensors) this.tensorFlow.addon.deleteTensor(tensor.id)
    liveTensors -= tensors.length
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.tensorFlow.addon.deleteSavedModel(this.id)
  }

  private check(name: string, feed: Feed): void {
    const spec = this.placeholders.get(name)
    if (spec === undefined) throw new Error(`The graph has no input named ${name}`)
    const fits = feed.shape.length === spec.shape.length && feed.shape.every((size, i) => spec.shape[i] === -1 || spec.shape[i] === size)
    if (!fits) throw new Error(`${name} takes [${spec.shape.join(', ')}], not [${feed.shape.join(', ')}]`)
    if (isDevice(feed)) return
    const count = feed.shape.reduce((a, b) => a * b, 1)
    if (dtypeOf(feed.data) !== spec.dtype || feed.data.length !== count) {
      throw new Error(`${name} takes ${count} ${spec.dtype} numbers, not ${feed.data.length} of ${dtypeOf(feed.data)}`)
    }
  }
}

/** The words of TensorFlow's allocators, and oneDNN's status 1, which is dnnl_out_of_memory. */
const OUT_OF_MEMORY = /OOM when allocating|ResourceExhausted|RESOURCE_EXHAUSTED|out of memory|bad_alloc|Status: 1, message: could not/i

/** TensorFlow's errors carry no code; being out of memory is told by their words. */
function engineFailure(cause: unknown): GraftError {
  const message = cause instanceof Error ? cause.message : String(cause)
  if (OUT_OF_MEMORY.test(message)) {
    return new GraftError('OUT_OF_MEMORY', 'The network and the batch did not fit into memory.', {
      action: 'Use a smaller batch size or image size, or freeze more of the backbone, and resume.',
      detail: message,
      cause,
    })
  }
  return new GraftError('BUG', 'TensorFlow could not run the graph.', { action: 'Please report this with the technical part.', detail: message, cause })
}
