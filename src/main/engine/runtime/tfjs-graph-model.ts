/** A written TensorFlow.js graph model, run by TensorFlow.js over this process's TensorFlow. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as TfjsNode from '@tensorflow/tfjs-node-gpu'
import { EXPORT_OUTPUT } from '../compile/exported'
import { loadTensorFlow } from './tensorflow'

export interface RunningGraphModel {
  /** With its version and what computes. */
  readonly runtime: string
  /** What was written as `userDefinedMetadata`. */
  readonly metadata: unknown
  /** Probabilities [count · classes] for uint8 pictures [count, side, side, 3]. */
  probabilities(pixels: Uint8Array, count: number, side: number): Float32Array
  /** Frees the weights; may be called twice. */
  close(): void
}

/** The package whose addon the sessions use; its own operations run one by one, in TensorFlow's memory. */
function loadTfjs(): typeof TfjsNode {
  loadTensorFlow()
  return createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as typeof TfjsNode
}

/** Tensors that TensorFlow.js now holds; the tests check that it is the same before and after. */
export function tfjsTensorCount(): number {
  return loadTfjs().memory().numTensors
}

/** Reads `model.json` and its shards in `directory` as a browser would. */
export async function openTfjsGraphModel(directory: string): Promise<RunningGraphModel> {
  const tf = loadTfjs()
  const json = JSON.parse(await readFile(join(directory, 'model.json'), 'utf8')) as Parameters<typeof tf.io.getModelArtifactsForJSON>[0]
  const model = await tf.loadGraphModel({
    load: () =>
      tf.io.getModelArtifactsForJSON(json, async (manifest) => {
        const shards = await Promise.all(manifest.flatMap((group) => group.paths).map((path) => readFile(join(directory, path))))
        // A copy with a buffer of its own: a small file's bytes share theirs with others.
        return [manifest.flatMap((group) => group.weights), new Uint8Array(Buffer.concat(shards)).buffer]
      }),
  })
  let closed = false
  return {
    runtime: `TensorFlow.js ${tf.version_converter} (back end: TensorFlow ${loadTensorFlow().device.tensorflowVersion})`,
    metadata: model.metadata,
    probabilities(pixels, count, side) {
      const result = tf.tidy(() => model.execute(tf.tensor4d(Int32Array.from(pixels), [count, side, side, 3], 'int32'), EXPORT_OUTPUT))
      if (Array.isArray(result)) throw new Error(`The graph model has one output, ${EXPORT_OUTPUT}`)
      const data = Float32Array.from(result.dataSync())
      result.dispose()
      return data
    },
    close() {
      if (!closed) model.dispose()
      closed = true
    },
  }
}
