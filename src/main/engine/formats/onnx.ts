/**
 * The part of ONNX's protocol buffers that an exported classifier needs, and its writer.
 * Field numbers from onnx/onnx.proto (IR version 8).
 */
import protobuf from 'protobufjs'

/** `onnx.TensorProto.DataType`. */
export const ONNX_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10, float64: 11 } as const
export type OnnxType = keyof typeof ONNX_TYPES

/** What a graph is written for: opset 17 came with ONNX 1.12 in 2022, and onnxruntime reads it since 1.12. */
export const ONNX_OPSET = 17
const IR_VERSION = 8

/** `onnx.AttributeProto.AttributeType`. */
const ATTRIBUTE_TYPES = { float: 1, int: 2, ints: 7 } as const

const PROTO = `
syntax = "proto3";
message OperatorSetId { string domain = 1; int64 version = 2; }
message StringEntry { string key = 1; string value = 2; }
message Dimension { oneof value { int64 dim_value = 1; string dim_param = 2; } }
message TensorShape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; TensorShape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; string doc_string = 3; }
message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message Attribute { string name = 1; float f = 2; int64 i = 3; repeated int64 ints = 8; int32 type = 20; }
message Node { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated Attribute attribute = 5; }
message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
message Model {
  int64 ir_version = 1; string producer_name = 2; string doc_string = 6; Graph graph = 7;
  repeated OperatorSetId opset_import = 8; repeated StringEntry metadata_props = 14;
}
`

const modelType = protobuf.parse(PROTO, { keepCase: true }).root.lookupType('Model')

export type OnnxAttribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'ints'; readonly value: readonly number[] }

export interface OnnxNode {
  /** Also the name of its only output. */
  readonly name: string
  readonly op: string
  /** Names of values; '' leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** A constant: row-major, little-endian. */
export interface OnnxTensor {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly number[]
  readonly content: Uint8Array
}

/** An input or output of the graph; a dimension that is a name may have any size. */
export interface OnnxValueInfo {
  readonly name: string
  readonly type: OnnxType
  readonly shape: readonly (number | string)[]
  readonly description: string
}

export interface OnnxModel {
  readonly graphName: string
  readonly description: string
  readonly inputs: readonly OnnxValueInfo[]
  readonly outputs: readonly OnnxValueInfo[]
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

function attributeMessage([name, attribute]: [string, OnnxAttribute]): object {
  const field = { float: 'f', int: 'i', ints: 'ints' }[attribute.kind]
  return { name, type: ATTRIBUTE_TYPES[attribute.kind], [field]: attribute.value }
}

function valueMessage({ name, type, shape, description }: OnnxValueInfo): object {
  const dim = shape.map((size) => (typeof size === 'string' ? { dim_param: size } : { dim_value: size }))
  return { name, type: { tensor_type: { elem_type: ONNX_TYPES[type], shape: { dim } } }, doc_string: description }
}

/** The bytes of a `.onnx` file. */
export function encodeOnnx(model: OnnxModel): Uint8Array {
  const message = {
    ir_version: IR_VERSION,
    producer_name: 'graft',
    doc_string: model.description,
    graph: {
      name: model.graphName,
      node: model.nodes.map((node) => ({
        name: node.name,
        op_type: node.op,
        input: node.inputs,
        output: [node.name],
        attribute: Object.entries(node.attributes).map(attributeMessage),
      })),
      initializer: model.initializers.map(({ name, type, shape, content }) => ({ name, data_type: ONNX_TYPES[type], dims: shape, raw_data: content })),
      input: model.inputs.map(valueMessage),
      output: model.outputs.map(valueMessage),
    },
    opset_import: [{ domain: '', version: ONNX_OPSET }],
    metadata_props: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  }
  return modelType.encode(modelType.fromObject(message)).finish()
}
