/** What training scripts write beside the weights: class names, image size, epoch, normalisation. Scripts name them in many ways. */
import type { PlainValue } from './plain-values'

export interface ModelMetadata {
  /** Every list of class names that the file gives, each in the order of its indices, the most usual place first. */
  readonly classLists: readonly (readonly string[])[]
  readonly imageSize: number | null
  readonly epoch: number | null
  /** As the file gives them; they may be of any scale, or no numbers at all (see `usableNormalisation`). */
  readonly mean: Vector | null
  readonly std: Vector | null
  /** Metrics of the file's own telling, by their name there. */
  readonly metrics: ReadonlyMap<string, number>
  /** What was read otherwise than it stands there, in sentences. */
  readonly notes: readonly string[]
}

/** Red, green, blue. */
export type Vector = readonly [number, number, number]

type Dict = Readonly<Record<string, PlainValue>>

/** Where scripts nest their settings. */
const NESTED = ['config', 'args', 'hparams', 'hyper_parameters', 'params', 'metadata', 'meta', 'data', 'dataset', 'preprocessing', 'normalization', 'normalize', 'transform']
const MAX_NESTING = 2
const CLASS_LISTS = ['class_names', 'classes', 'labels', 'label_names', 'categories', 'idx_to_class', 'class_to_idx']
/** Further names that scripts give such a list. */
const LIKE_A_CLASS_LIST = /class|label|categor|target_names/i
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

/** The sides of a picture in `[3, 224, 224]`, `[224, 224]`, `[224, 224, 3]` or `224`. */
function readSides(value: PlainValue | undefined): readonly number[] | null {
  const numbers: readonly PlainValue[] = Array.isArray(value) ? (value as readonly PlainValue[]) : [value ?? null]
  const sides = numbers.filter((side) => typeof side === 'number' && Number.isInteger(side) && side >= 32 && side <= 1024)
  const others = numbers.length - sides.length
  return sides.length >= 1 && sides.length <= 2 && others <= 2 ? (sides as number[]) : null
}

/** Three numbers, one that stands for all three, or a tensor of either. */
function readVector(value: PlainValue | undefined): Vector | null {
  const numbers = Array.isArray(value) ? (value as readonly PlainValue[]) : [value]
  const [r, g = r, b = r] = numbers
  if (numbers.length !== 1 && numbers.length !== 3) return null
  return typeof r === 'number' && typeof g === 'number' && typeof b === 'number' ? [r, g, b] : null
}

const readCount = (value: PlainValue | undefined) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null)

/** A checkpoint's dict and those nested in it under usual names, the outermost first. */
function placesIn(metadata: Dict): readonly Dict[] {
  const places: Dict[] = [metadata]
  let level: readonly Dict[] = places
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    level = level.flatMap((place) => NESTED.map((name) => unfolded(place[name])).filter(isDict))
    places.push(...level)
  }
  return places
}

function classListsIn(places: readonly Dict[]): readonly (readonly string[])[] {
  const usual = places.flatMap((place) => CLASS_LISTS.map((name) => readClasses(unfolded(place[name]))))
  const others = places.flatMap((place) =>
    Object.keys(place)
      .filter((name) => LIKE_A_CLASS_LIST.test(name) && !CLASS_LISTS.includes(name))
      .map((name) => readClasses(unfolded(place[name]))),
  )
  const different = new Map([...usual, ...others].filter((list) => list !== null).map((list) => [list.join('\n'), list]))
  return [...different.values()]
}

export function readModelMetadata(metadata: Dict): ModelMetadata {
  const places = placesIn(metadata)
  const metrics = new Map<string, number>()
  for (const place of places) {
    for (const [name, text] of Object.entries(place)) {
      const value = METRIC.test(name) ? unfolded(text) : undefined
      if (typeof value === 'number' && Number.isFinite(value)) metrics.set(name, value)
    }
  }
  const sides = firstOf(places, IMAGE_SIZES, readSides)
  const imageSize = sides?.at(-1) ?? null
  const isSquare = sides === null || sides[0] === imageSize
  return {
    classLists: classListsIn(places),
    imageSize,
    epoch: firstOf(places, EPOCHS, readCount),
    mean: firstOf(places, ['mean', 'normalize_mean'], readVector),
    std: firstOf(places, ['std', 'normalize_std'], readVector),
    metrics,
    notes: isSquare ? [] : [`The file gives pictures of ${sides.join(' × ')} pixels; Graft’s are square: ${String(imageSize)} × ${String(imageSize)} is taken.`],
  }
}
