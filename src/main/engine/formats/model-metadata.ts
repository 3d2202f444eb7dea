/** What training scripts write beside the weights: class names, image size, epoch, normalisation. Scripts name them in many ways. */
import type { PlainValue } from './plain-values'

export interface ModelMetadata {
  /** In the order of the outputs; null where the file does not say. */
  readonly classes: readonly string[] | null
  readonly imageSize: number | null
  readonly epoch: number | null
  readonly mean: readonly [number, number, number] | null
  readonly std: readonly [number, number, number] | null
  /** Metrics of the file's own telling, by their name there. */
  readonly metrics: ReadonlyMap<string, number>
}

type Dict = Readonly<Record<string, PlainValue>>

/** Where scripts nest their settings. */
const NESTED = ['config', 'args', 'hparams', 'hyper_parameters', 'params', 'metadata', 'meta']
const CLASS_LISTS = ['class_names', 'classes', 'labels', 'label_names', 'categories', 'idx_to_class', 'class_to_idx']
const IMAGE_SIZES = ['image_size', 'img_size', 'input_size', 'imgsz', 'size', 'resolution']
const EPOCHS = ['epoch', 'best_epoch', 'epochs_trained']
const METRIC = /^(best_)?(val|valid|validation|test)[_-]?(acc|accuracy|loss|f1|macro_f1)$|^best_(acc|accuracy|f1|metric)$/i

const isDict = (value: PlainValue | undefined): value is Dict => typeof value === 'object' && value !== null && !Array.isArray(value)

/** safetensors holds texts only: what is written as JSON there is read as such. */
function unfolded(value: PlainValue | undefined): PlainValue | undefined {
  if (typeof value !== 'string' || !/^\s*[[{\d]/.test(value)) return value
  try {
    return JSON.parse(value) as PlainValue
  } catch {
    return value
  }
}

/** The first of some names that is there and can be read. */
function firstOf<T>(places: readonly Dict[], names: readonly string[], read: (value: PlainValue | undefined, name: string) => T | null): T | null {
  for (const place of places) {
    for (const name of names) {
      const found = read(unfolded(place[name]), name)
      if (found !== null) return found
    }
  }
  return null
}

function readClasses(value: PlainValue | undefined): readonly string[] | null {
  if (Array.isArray(value)) return value.length > 0 && value.every((name) => typeof name === 'string') ? value : null
  if (!isDict(value)) return null
  const entries = Object.entries(value)
  // { name: index } as ImageFolder's class_to_idx, or { index: name }.
  const pairs = entries.map(([key, other]): [number, string] => (typeof other === 'number' ? [other, key] : [Number(key), typeof other === 'string' ? other : '']))
  const names = pairs.sort(([a], [b]) => a - b)
  return names.length > 0 && names.every(([index, name], i) => index === i && name !== '') ? names.map(([, name]) => name) : null
}

function readSize(value: PlainValue | undefined): number | null {
  const side = Array.isArray(value) ? (value as readonly PlainValue[]).at(-1) : value
  return typeof side === 'number' && Number.isInteger(side) && side >= 32 && side <= 1024 ? side : null
}

function readVector(value: PlainValue | undefined): [number, number, number] | null {
  if (!Array.isArray(value) || value.length !== 3) return null
  const [r, g, b] = value as readonly PlainValue[]
  return typeof r === 'number' && typeof g === 'number' && typeof b === 'number' ? [r, g, b] : null
}

const readCount = (value: PlainValue | undefined) => (typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null)

export function readModelMetadata(metadata: Dict): ModelMetadata {
  const places = [metadata, ...NESTED.map((name) => unfolded(metadata[name])).filter(isDict)]
  const metrics = new Map<string, number>()
  for (const place of places) {
    for (const [name, value] of Object.entries(place)) if (METRIC.test(name) && typeof value === 'number' && Number.isFinite(value)) metrics.set(name, value)
  }
  return {
    classes: firstOf(places, CLASS_LISTS, readClasses),
    imageSize: firstOf(places, IMAGE_SIZES, readSize),
    epoch: firstOf(places, EPOCHS, readCount),
    mean: firstOf(places, ['mean', 'normalize_mean'], readVector),
    std: firstOf(places, ['std', 'normalize_std'], readVector),
    metrics,
  }
}
