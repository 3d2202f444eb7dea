/** A checkpoint that answers in a small process beside a training: by ONNX Runtime on one thread, or by TensorFlow where there is none. */
import { hash } from 'node:crypto'
import { GraftError } from '../../shared/domain/error'
import type { Heatmap } from '../../shared/domain/explanation'
import { ANSWER_FEATURES, ANSWER_LOGITS, ANSWER_MAP, ANSWER_MIDDLE, ANSWER_PICTURES, compileOnnxAnswers } from '../engine/compile/onnx-answers'
import { onnxRuntimeVersion, OnnxSession } from '../engine/runtime/onnx-session'
import type { FeatureRows } from '../engine/train/nearness'
import { type FeatureMap, gradCam, meansOf } from './grad-cam'
import type { OpenedCheckpoint } from './checkpoint-model'
import { openNetwork } from './network-answers'

/** Whatever trains on the same machine keeps the other cores. */
const THREADS = 1

/** The last features, which the head reads, and those from halfway. */
export interface SeenRows extends FeatureRows {
  readonly middle: FeatureRows
}

export interface AnswerNetwork {
  /** Stands for everything that the features depend on: of two checkpoints that differ in the head alone it is the same. Null: there are no features. */
  readonly featuresKey: string | null
  /** Of uint8 pictures [count, side, side, 3]. */
  features(pixels: Uint8Array, count: number): Promise<SeenRows>
  /** Row by row [count][classes]; of the pictures themselves where there are no features. */
  logits(of: FeatureRows | { readonly pixels: Uint8Array; readonly count: number }): Promise<Float32Array[]>
  /** Grad-CAM of one picture for a class; null where there are no features. */
  heatmap(pixels: Uint8Array, classIndex: number): Promise<Heatmap | null>
  close(): Promise<void>
}

const rowsOf = (values: Float32Array, count: number) => Array.from({ length: count }, (_, row) => values.slice((row * values.length) / count, ((row + 1) * values.length) / count))

/** @param known an open network whose backbone may be the same: it is then taken over and not opened again */
export async function openAnswerNetwork(checkpoint: OpenedCheckpoint, known: AnswerNetwork | null): Promise<AnswerNetwork> {
  try {
    onnxRuntimeVersion()
  } catch (error) {
    // Macs with Intel processors have none.
    if (error instanceof GraftError && error.code === 'UNSUPPORTED') return new TensorFlowAnswers(checkpoint)
    throw error
  }
  return OnnxAnswers.open(checkpoint, known instanceof OnnxAnswers ? known : null)
}

class OnnxAnswers implements AnswerNetwork {
  private isBackboneGiven = false

  private constructor(
    readonly featuresKey: string,
    private readonly side: number,
    private readonly map: Omit<FeatureMap, 'values'> & { readonly middleChannels: number },
    private readonly backbone: OnnxSession,
    private readonly head: OnnxSession,
  ) {}

  static async open({ state, network, preprocessing, weights }: OpenedCheckpoint, known: OnnxAnswers | null): Promise<OnnxAnswers> {
    const compiled = compileOnnxAnswers({ network, imageSize: state.image_size, preprocessing, weights })
    const key = hash('sha256', compiled.backbone)
    const isSame = known?.featuresKey === key
    const backbone = isSame ? known.backbone : await OnnxSession.open(compiled.backbone, THREADS)
    const opened = new OnnxAnswers(key, state.image_size, compiled, backbone, await OnnxSession.open(compiled.head, THREADS))
    if (isSame) known.isBackboneGiven = true
    return opened
  }

  async features(pixels: Uint8Array, count: number): Promise<SeenRows> {
    const { map, middle } = await this.see(pixels, count)
    return { count, width: this.map.channels, values: meansOf({ ...this.map, values: map }, count), middle: { count, width: this.map.middleChannels, values: middle } }
  }

  async heatmap(pixels: Uint8Array, classIndex: number): Promise<Heatmap> {
    const map = { ...this.map, values: (await this.see(pixels, 1)).map }
    return gradCam(map, classIndex, (rows) => this.logits(rows))
  }

  private async see(pixels: Uint8Array, count: number): Promise<{ map: Float32Array; middle: Float32Array }> {
    const outputs = await this.backbone.run(new Map([[ANSWER_PICTURES, { shape: [count, this.side, this.side, 3], data: pixels }]]))
    return { map: valueOf(outputs, ANSWER_MAP), middle: valueOf(outputs, ANSWER_MIDDLE) }
  }

  async logits(of: FeatureRows | { readonly pixels: Uint8Array; readonly count: number }): Promise<Float32Array[]> {
    const { count, width, values } = 'pixels' in of ? await this.features(of.pixels, of.count) : of
    const outputs = await this.head.run(new Map([[ANSWER_FEATURES, { shape: [count, width], data: values }]]))
    return rowsOf(valueOf(outputs, ANSWER_LOGITS), count)
  }

  async close(): Promise<void> {
    await this.head.close()
    if (!this.isBackboneGiven) await this.backbone.close()
  }
}

function valueOf(outputs: ReadonlyMap<string, { readonly data: Float32Array }>, name: string): Float32Array {
  const value = outputs.get(name)
  if (value === undefined) throw new Error(`The model gives no ${name}`)
  return value.data
}

class TensorFlowAnswers implements AnswerNetwork {
  readonly featuresKey = null
  private readonly network

  constructor({ state, network, preprocessing, weights }: OpenedCheckpoint) {
    this.network = openNetwork({ network, imageSize: state.image_size, preprocessing, weights })
  }

  features(): Promise<SeenRows> {
    return Promise.reject(new Error('There are no features without ONNX Runtime'))
  }

  async logits(of: FeatureRows | { readonly pixels: Uint8Array; readonly count: number }): Promise<Float32Array[]> {
    if (!('pixels' in of)) throw new Error('There are no features without ONNX Runtime')
    return rowsOf(this.network.logits(of.pixels, of.count), of.count)
  }

  heatmap(): Promise<null> {
    return Promise.resolve(null)
  }

  async close(): Promise<void> {
    this.network.close()
  }
}
