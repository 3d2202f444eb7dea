/**
 * The part of TensorFlow's protocol buffers that a SavedModel without a `variables` folder needs.
 * Field numbers from tensorflow/core/framework/{graph,node_def,attr_value,tensor,tensor_shape}.proto and protobuf/{saved_model,meta_graph}.proto.
 */
import protobuf from 'protobufjs'

/** `tensorflow.DataType`. */
export const DATA_TYPES = { float32: 1, int32: 3, uint8: 4, string: 7, int64: 9, bool: 10, bfloat16: 14, resource: 20, uint64: 23 } as const
export type DataType = keyof typeof DATA_TYPES

const PROTO = `
syntax = "proto3";
message Dim { int64 size = 1; }
message TensorShape { repeated Dim dim = 2; bool unknown_rank = 3; }
message Tensor { int32 dtype = 1; TensorShape tensor_shape = 2; bytes tensor_content = 4; }
message List { repeated bytes s = 2; repeated int64 i = 3; repeated float f = 4; repeated bool b = 5; repeated int32 type = 6; }
message Attr { oneof value { List list = 1; bytes s = 2; int64 i = 3; float f = 4; bool b = 5; int32 type = 6; TensorShape shape = 7; Tensor tensor = 8; } }
message Node { string name = 1; string op = 2; repeated string input = 3; map<string, Attr> attr = 5; }
message Versions { int32 producer = 1; int32 min_consumer = 2; }
message Graph { repeated Node node = 1; Versions versions = 4; }
message TensorInfo { string name = 1; int32 dtype = 2; TensorShape tensor_shape = 3; }
message Signature { map<string, TensorInfo> inputs = 1; map<string, TensorInfo> outputs = 2; string method_name = 3; }
message MetaInfo { repeated string tags = 4; string tensorflow_version = 5; }
message MetaGraph { MetaInfo meta_info_def = 1; Graph graph_def = 2; map<string, Signature> signature_def = 5; }
message SavedModel { int64 saved_model_schema_version = 1; repeated MetaGraph meta_graphs = 2; }
`

const savedModelType = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('SavedModel')

/** The GraphDef version this writer was made for; TensorFlow uses it to choose the operations' semantics. */
export const PRODUCER_VERSION = 1395

export type Attribute =
  | { kind: 'type'; value: DataType }
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'bool'; value: boolean }
  | { kind: 'string'; value: string }
  | { kind: 'ints'; value: readonly number[] }
  | { kind: 'strings'; value: readonly string[] }
  | { kind: 'shape'; value: readonly number[] }
  | { kind: 'tensor'; dtype: DataType; shape: readonly number[]; content: Uint8Array }

export interface GraphNode {
  readonly name: string
  readonly op: string
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, Attribute>>
}

export interface SignatureTensor {
  /** Node output, as `name:0`. */
  readonly output: string
  readonly dtype: DataType
  /** −1 where any size will do. */
  readonly shape: readonly number[]
}

export interface Signature {
  readonly inputs: Readonly<Record<string, SignatureTensor>>
  readonly outputs: Readonly<Record<string, SignatureTensor>>
}

const encoder = new TextEncoder()
const shapeMessage = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size })) })

function attributeMessage(attribute: Attribute): object {
  switch (attribute.kind) {
    case 'type':
      return { type: DATA_TYPES[attribute.value] }
    case 'int':
      return { i: attribute.value }
    case 'float':
      return { f: attribute.value }
    case 'bool':
      return { b: attribute.value }
    case 'string':
      return { s: encoder.encode(attribute.value) }
    case 'ints':
      return { list: { i: attribute.value } }
    case 'strings':
      return { list: { s: attribute.value.map((value) => encoder.encode(value)) } }
    case 'shape':
      return { shape: shapeMessage(attribute.value) }
    case 'tensor':
      return { tensor: { dtype: DATA_TYPES[attribute.dtype], tensor_shape: shapeMessage(attribute.shape), tensor_content: attribute.content } }
  }
}

function signatureMessage(signature: Signature): object {
  const infos = (tensors: Signature['inputs']) =>
    Object.fromEntries(
      Object.entries(tensors).map(([key, t]) => [key, { name: t.output, dtype: DATA_TYPES[t.dtype], tensor_shape: shapeMessage(t.shape) }]),
    )
  return { inputs: infos(signature.inputs), outputs: infos(signature.outputs), method_name: 'tensorflow/serving/predict' }
}

/** The bytes of a `saved_model.pb` tagged `serve`. */
export function encodeSavedModel(nodes: readonly GraphNode[], signatures: Readonly<Record<string, Signature>> = {}): Uint8Array {
  const message = {
    saved_model_schema_version: 1,
    meta_graphs: [
      {
        meta_info_def: { tags: ['serve'], tensorflow_version: '2.15.1' },
        graph_def: {
          node: nodes.map((node) => ({
            name: node.name,
            op: node.op,
            input: node.inputs,
            attr: Object.fromEntries(Object.entries(node.attributes).map(([key, attribute]) => [key, attributeMessage(attribute)])),
          })),
          versions: { producer: PRODUCER_VERSION },
        },
        signature_def: Object.fromEntries(Object.entries(signatures).map(([key, signature]) => [key, signatureMessage(signature)])),
      },
    ],
  }
  return savedModelType.encode(savedModelType.fromObject(message)).finish()
}
