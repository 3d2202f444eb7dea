/**
 * What a training script saves beside the weights (epoch, metrics, class names, image size), as plain data. Anything else, such
 * as the optimizer's state, is passed over and named.
 */
import { shown } from './format-errors'
import type { PickleDict, PickleTensor, PickleValue } from './pickle'

/** Numbers may be infinite or NaN, as Python's. Dicts have no prototype, and their keys are texts: Python's 0 becomes "0". */
export type PlainValue = null | boolean | number | string | readonly PlainValue[] | { readonly [key: string]: PlainValue }

export interface PlainValues {
  readonly values: Readonly<Record<string, PlainValue>>
  /** What is there but is no plain value, safe to show, at most `MAX_NAMED`. */
  readonly passedOver: readonly string[]
}

const MAX_DEPTH = 8
/** A pickle can name one value many times, so copies are counted. */
const MAX_NODES = 100_000
const MAX_NAMED = 20
/** An optimizer without state is plain data too, and of no use. */
const TRAINING_STATE = /optimi[sz]er|^optim|sched|scaler|rng_state/i
const NOT_PLAIN = Symbol('not plain')

/** Means and standard deviations are often tensors: one number a channel. */
const MAX_TENSOR_NUMBERS = 3n

/** The numbers in a small tensor. */
export type TensorNumbers = (tensor: PickleTensor) => readonly number[]

export function emptyRecord<T>(): Record<string, T> {
  // No prototype, so that a key such as "constructor" is a key like any other.
  return Object.create(null) as Record<string, T>
}

class PlainCopier {
  private nodes = 0
  readonly passedOver: string[] = []

  constructor(private readonly tensorNumbers: TensorNumbers) {}

  copyEntries(dict: PickleDict, into: Record<string, PlainValue>, where: string, depth: number): void {
    for (const [key, value] of dict.entries) {
      // All keys count, those that are passed over too.
      if (++this.nodes > MAX_NODES) return this.passOver(`${where}…`)
      const name = typeof key === 'string' || typeof key === 'number' ? String(key) : null
      if (name === null || name === '__proto__' || name in into) {
        if (name === null || name === '__proto__') this.passOver(`${where}${name ?? 'a key that is no text'}`)
        continue
      }
      const copy = this.copy(name, value, `${where}${name}`, depth)
      if (copy === NOT_PLAIN) this.passOver(`${where}${name}`)
      else into[name] = copy
    }
  }

  private passOver(name: string): void {
    if (this.passedOver.length < MAX_NAMED) this.passedOver.push(shown(name))
  }

  private copy(name: string, value: PickleValue, where: string, depth: number): PlainValue | typeof NOT_PLAIN {
    if (++this.nodes > MAX_NODES || depth > MAX_DEPTH) return NOT_PLAIN
    if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value
    // An integer beyond 2^53 would be rounded.
    if (typeof value === 'bigint') return NOT_PLAIN
    if (value.kind === 'tensor') return this.copyTensor(value)
    if (value.kind === 'list' || value.kind === 'tuple') return this.copyItems(name, value.items, where, depth)
    if (value.kind !== 'dict' || TRAINING_STATE.test(name)) return NOT_PLAIN
    const copy = emptyRecord<PlainValue>()
    const namedBefore = this.passedOver.length
    this.copyEntries(value, copy, `${where.slice(0, 100)}.`, depth + 1)
    if (Object.keys(copy).length > 0 || value.entries.size === 0) return copy
    // Nothing of it is left, so that its own name says it all.
    this.passedOver.length = namedBefore
    return NOT_PLAIN
  }

  private copyTensor(tensor: PickleTensor): PlainValue | typeof NOT_PLAIN {
    const count = tensor.shape.reduce((product, size) => product * size, 1n)
    if (count < 1n || count > MAX_TENSOR_NUMBERS) return NOT_PLAIN
    const numbers = this.tensorNumbers(tensor)
    return count === 1n ? (numbers[0] ?? NOT_PLAIN) : numbers
  }

  private copyItems(name: string, items: readonly PickleValue[], where: string, depth: number): PlainValue | typeof NOT_PLAIN {
    if (TRAINING_STATE.test(name)) return NOT_PLAIN
    const copies: PlainValue[] = []
    for (const item of items) {
      const copy = this.copy('', item, where, depth + 1)
      if (copy === NOT_PLAIN) return NOT_PLAIN
      copies.push(copy)
    }
    return copies
  }
}

/**
 * The plain values in `dicts`, of which the first to have a key decides; `except` are the keys under which the weights are.
 * Throws what `tensorNumbers` throws when a small tensor is damaged.
 */
export function copyPlainValues(dicts: readonly PickleDict[], except: ReadonlySet<string>, tensorNumbers: TensorNumbers): PlainValues {
  const copier = new PlainCopier(tensorNumbers)
  const values = emptyRecord<PlainValue>()
  for (const dict of dicts) {
    const beside: PickleDict = { ...dict, entries: new Map([...dict.entries].filter(([key]) => !(typeof key === 'string' && except.has(key)))) }
    copier.copyEntries(beside, values, '', 0)
  }
  return { values, passedOver: copier.passedOver }
}
