/** What every export folder has beside the model's own files. */
import { join } from 'node:path'
import type { ExportFormat, ExportOptions, ExportParity, ModelInfo } from '../../../shared/domain/export'
import type { RunRecord } from '../../../shared/domain/run'
import { writeVerified } from '../../storage/atomic-write'
import { THRESHOLDS_FILE } from '../../storage/chosen-thresholds'
import type { ExportedModel, WrittenFile } from './exporter'
import { type CardContent, modelCard } from './model-card'
import { onOneLine } from './one-line'
import { exportedThresholds } from './thresholds-card'
import { LICENCE_FILE } from './weights-licence'

export const CARD_FILE = 'MODEL_CARD.md'

export interface CommonContent extends Omit<CardContent, 'exampleFile'> {
  readonly example: { readonly file: string; readonly text: string }
}

/** Writes them all and says what they are. */
export async function writeCommonFiles(directory: string, content: CommonContent): Promise<WrittenFile[]> {
  const { model, options, parity, example, licence } = content
  const files: { name: string; what: string; text: string }[] = [
    { name: 'labels.txt', what: 'The classes, one a line, in the order of the outputs', text: `${model.state.classes.map(onOneLine).join('\n')}\n` },
    { name: 'model_info.json', what: 'Backbone, head, classes, image size, best epoch', text: json(modelInfo(content)) },
    { name: 'preprocessing.json', what: 'How a picture becomes the input, and what of it the model does itself', text: json(preprocessing(model, options)) },
    { name: 'metrics.json', what: 'How good it is on held-out pictures, with 95 % intervals', text: json(metrics(content)) },
    ...(content.thresholds ? [{ name: THRESHOLDS_FILE, what: 'From which probability on a picture is said to be of a class, as it was chosen', text: json(exportedThresholds(content.thresholds)) }] : []),
    { name: CARD_FILE, what: 'What it is, where it comes from, how good it is, where its limits are', text: modelCard({ ...content, exampleFile: example.file }) },
    { name: 'parity.json', what: 'How it answered beside the original', text: json(parityReport(parity, options)) },
    { name: LICENCE_FILE, what: 'The licence of the weights that training started from', text: licence.text },
    { name: example.file, what: 'Classifies a picture with it', text: example.text },
  ]
  for (const { name, text } of files) await writeVerified(join(directory, name), Buffer.from(text, 'utf8'))
  return files.map(({ name, what }) => ({ name, what }))
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** The file of an imported model may not say, which its checkpoint keeps as 0. */
const knownEpoch = ({ origin }: RunRecord, epoch: number | null) => (origin === 'imported' && epoch === 0 ? null : epoch)

function modelInfo({ model, record, options }: CommonContent): ModelInfo {
  const { state, preprocessing: { mean, std } } = model // prettier-ignore
  return {
    backbone: state.backbone,
    num_classes: state.num_classes,
    image_size: state.image_size,
    best_val_acc: state.history.find((epoch) => epoch.epoch === state.epoch)?.val_accuracy ?? null,
    best_epoch: knownEpoch(record, state.epoch),
    labels: state.classes,
    head: state.head,
    dropout: state.dropout,
    preprocessing: { mean: [...mean], std: [...std], interpolation: 'bilinear' },
    export: options,
  }
}

/** What a format's model is fed, and whether it normalises by itself. */
const INPUTS: Readonly<Record<ExportFormat, { readonly dtype: string; readonly layout: 'NHWC' | 'NCHW'; readonly normalisesInside: boolean }>> = {
  saved_model: { dtype: 'uint8', layout: 'NHWC', normalisesInside: true },
  onnx: { dtype: 'uint8', layout: 'NHWC', normalisesInside: true },
  tfjs: { dtype: 'int32', layout: 'NHWC', normalisesInside: true },
  pytorch: { dtype: 'float32', layout: 'NCHW', normalisesInside: false },
  safetensors: { dtype: 'float32', layout: 'NCHW', normalisesInside: false },
}

/** What stands between a picture file and the model's input, step by step. `inside`: the model does it itself. */
function preprocessing({ state, preprocessing: { mean, std } }: ExportedModel, { format, preprocessing_inside }: ExportOptions): unknown {
  const side = state.image_size
  const { dtype, layout, normalisesInside } = INPUTS[format]
  const size = preprocessing_inside ? ['height', 'width'] : [side, side]
  return {
    color: 'RGB',
    orientation: { exif: 'applied', inside: false },
    resize: { width: side, height: side, keep_aspect: false, interpolation: 'bilinear', antialias: true, inside: preprocessing_inside },
    normalise: { scale: 1 / 255, mean, std, inside: normalisesInside },
    input: { dtype, layout, shape: layout === 'NHWC' ? ['batch', ...size, 3] : ['batch', 3, ...size] },
  }
}

function metrics({ evaluation, figures, record }: CommonContent): unknown {
  return {
    split: evaluation.split,
    checkpoint: evaluation.checkpoint,
    epoch: knownEpoch(record, evaluation.checkpoint_epoch ?? null),
    ...evaluation.report,
    intervals_95: {
      method: figures.method,
      accuracy: figures.accuracy,
      macro_f1: figures.macroF1,
      recall: evaluation.classes.map((name, c) => ({ name, ...figures.recall[c] })),
    },
  }
}

function parityReport(parity: ExportParity, options: ExportOptions): unknown {
  return { format: options.format, precision: options.precision, preprocessing_inside: options.preprocessing_inside, ...parity }
}
