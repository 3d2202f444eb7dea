/**
 * TensorFlow.js's graph model as its converter writes it: `model.json` with the GraphDef as JSON (protocol buffers' own mapping:
 * enums by name, int64 as strings, bytes as base64) and a manifest, and the weights in shards beside it.
 */
import { type Attribute, type DataType, type GraphNode, PRODUCER_VERSION, type Signature } from '../compile/saved-model'

/** The converter's size of a shard: small enough for every web server's and browser's cache. */
const SHARD_BYTES = 4 * 1024 * 1024

/** Names of `tensorflow.DataType`. */
const TYPE_NAMES: Readonly<Record<DataType, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  uint8: 'DT_UINT8',
  string: 'DT_STRING',
  int64: 'DT_INT64',
  bool: 'DT_BOOL',
  bfloat16: 'DT_BFLOAT16',
  resource: 'DT_RESOURCE',
  uint64: 'DT_UINT64',
}

export interface TfjsGraphModel {
  readonly modelJson: string
  readonly shards: readonly { readonly name: string; readonly content: Uint8Array }[]
}

const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64')
const shapeJson = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) })

function attributeJson(attribute: Attribute): object {
  switch (attribute.kind) {
    case 'type':
      return { type: TYPE_NAMES[attribute.value] }
    case 'int':
      return { i: String(attribute.value) }
    case 'float':
      return { f: attribute.value }
    case 'bool':
      return { b: attribute.value }
    case 'string':
      return { s: base64(attribute.value) }
    case 'ints':
      return { list: { i: attribute.value.map(String) } }
    case 'strings':
      return { list: { s: attribute.value.map(base64) } }
    case 'shape':
      return { shape: shapeJson(attribute.value) }
    case 'tensor':
      // The numbers are in the manifest, under the node's name.
      return { tensor: { dtype: TYPE_NAMES[attribute.dtype], tensorShape: shapeJson(attribute.shape) } }
  }
}

function signatureJson(signature: Signature): object {
  const infos = (tensors: Signature['inputs']) =>
    Object.fromEntries(
      Object.entries(tensors).map(([key, t]) => [key, { name: t.output, dtype: TYPE_NAMES[t.dtype], tensorShape: shapeJson(t.shape) }]),
    )
  return { inputs: infos(signature.inputs), outputs: infos(signature.outputs) }
}

/** `metadata` is what the page or program that loads the model finds as `model.metadata`. */
export function writeTfjsGraphModel(
  nodes: readonly GraphNode[],
  signature: Signature,
  options: { readonly generatedBy: string; readonly metadata: Readonly<Record<string, unknown>> },
): TfjsGraphModel {
  const constants = nodes.flatMap((node) => {
    const value = node.op === 'Const' ? node.attributes['value'] : undefined
    return value?.kind === 'tensor' ? [{ name: node.name, ...value }] : []
  })
  const bytes = Buffer.concat(constants.map(({ content }) => content))
  const count = Math.max(1, Math.ceil(bytes.length / SHARD_BYTES))
  const shards = Array.from({ length: count }, (_, index) => ({
    name: `group1-shard${index + 1}of${count}.bin`,
    content: bytes.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES),
  }))
  const model = {
    format: 'graph-model',
    generatedBy: options.generatedBy,
    signature: signatureJson(signature),
    userDefinedMetadata: options.metadata,
    modelTopology: {
      node: nodes.map((node) => ({
        name: node.name,
        op: node.op,
        ...(node.inputs.length > 0 && { input: node.inputs }),
        attr: Object.fromEntries(Object.entries(node.attributes).map(([key, attribute]) => [key, attributeJson(attribute)])),
      })),
      library: {},
      versions: { producer: PRODUCER_VERSION },
    },
    weightsManifest: [
      {
        paths: shards.map(({ name }) => name),
        weights: constants.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  }
  return { modelJson: `${JSON.stringify(model)}\n`, shards }
}
