/** What every export format is to the export job: files written, and what was written opened again in the format's own runtime. */
import type { ExportFormat, ExportOptions } from '../../../shared/domain/export'
import type { CheckpointState } from '../../../shared/domain/run'
import type { TensorMap } from '../../engine/formats/tensor-map'
import type { Backbone, Preprocessing } from '../../engine/zoo/backbone'
import type { Network } from '../../engine/zoo/network'

/** What is known of an exported folder too, long after its run has gone. */
export interface DescribedModel {
  readonly state: Pick<CheckpointState, 'classes' | 'num_classes' | 'image_size'>
  readonly backbone: Backbone
  readonly network: Network
  readonly preprocessing: Preprocessing
}

/** A checkpoint as an exporter sees it. */
export interface ExportedModel extends DescribedModel {
  readonly state: CheckpointState
  /** In PyTorch's layout and under its names. */
  readonly weights: TensorMap
}

/** uint8 pictures of one size, [count, height, width, 3]. */
export interface PictureBatch {
  readonly count: number
  readonly height: number
  readonly width: number
  readonly pixels: Uint8Array
}

/** What was written, running in its own world. */
export interface OpenedExport {
  /** With its version: `onnxruntime 1.30.0`. */
  readonly runtime: string
  /** `resized`: takes pictures of the network's size; `whole`: takes pictures as they were decoded and resizes them itself. */
  readonly takes: 'resized' | 'whole'
  /** Probabilities [count][classes] that sum to one. */
  probabilities(pictures: PictureBatch): Promise<number[][]>
  close(): Promise<void>
}

export interface WrittenFile {
  /** Relative to the export's folder. */
  readonly name: string
  readonly what: string
  /** Set for what the model runs without (a web page, a second form of the weights): left out of the size that is told. */
  readonly isBeside?: true
}

export interface Exporter {
  readonly format: ExportFormat
  /** Writes the model's own files into an empty folder. The job adds labels, preprocessing, metrics, model card and report. */
  write(directory: string, model: ExportedModel, options: ExportOptions): Promise<readonly WrittenFile[]>
  /** Also asked by `graft predict` and `graft evaluate` about a folder written before: the weights are in the folder alone. */
  open(directory: string, model: DescribedModel, options: ExportOptions): Promise<OpenedExport>
  /** A ready example in the format's own language; written by the job under `file`. */
  example(model: ExportedModel, options: ExportOptions): { readonly file: string; readonly language: string; readonly text: string }
}
