/**
 * A data-only pickle interpreter: turns the pickles that torch.save writes into plain descriptions. It never imports, calls or
 * executes anything; what the few allowed calls mean is built in here. Nothing in this file recurses, so depth costs nothing.
 */
import type { ElementType } from './element-types'
import { refused, shown, unreadable } from './format-errors'
import { callableOf, storageTypeOf } from './pickle-globals'
import type { Argument, GlobalName, OpcodeName } from './pickle-opcodes'
import { PickleDecoder } from './pickle-opcodes'
import { scanPickle } from './pickle-scan'
import { MAX_RANK, MAX_TENSORS } from './tensor-map'

export interface PickleTuple { readonly kind: 'tuple'; readonly items: readonly PickleValue[] }
export interface PickleList { readonly kind: 'list'; readonly items: PickleValue[] }
export interface PickleDict { readonly kind: 'dict'; readonly ordered: boolean; readonly entries: Map<PickleValue, PickleValue> }
export interface PickleSet { readonly kind: 'set' }
export interface PickleGlobal { readonly kind: 'global'; readonly global: GlobalName }
/** A block of numbers elsewhere in the file. `view` is a part of it (legacy files), in elements. */
export interface PickleStorage {
  readonly kind: 'storage'
  readonly type: ElementType
  readonly key: string
  readonly elements: bigint
  readonly view: { readonly offset: bigint; readonly elements: bigint } | null
}
/** A window on a storage; offset and strides are in elements. Bounds are not checked yet. */
export interface PickleTensor {
  readonly kind: 'tensor'
  readonly storage: PickleStorage
  readonly offset: bigint
  readonly shape: readonly bigint[]
  readonly stride: readonly bigint[]
}
export type PickleValue =
  | null | boolean | number | bigint | string
  | PickleTuple | PickleList | PickleDict | PickleSet | PickleGlobal | PickleStorage | PickleTensor

export interface PickleResult {
  readonly value: PickleValue
  /** The byte behind the pickle. */
  readonly end: number
  /** All storages that were mentioned, by key. */
  readonly storages: ReadonlyMap<string, PickleStorage>
}

const MAX_MEMO = 1_000_000
const MAX_MARKS = 64
const MAX_STACK = 1_000_000
/** What all values of a pickle may take together. 10,000 tensors, the most there may be, take 25 MB. */
const MAX_VALUE_BYTES = 28 * 2 ** 20
/**
 * What one value takes at most, in a 64-bit JavaScript engine without pointer compression, in bytes. One byte of a pickle can
 * ask for the largest of these, so they are counted; numbers are not, for their instructions are nearly as long as they are.
 */
const COST = { list: 224, dict: 320, tuple: 128, item: 12, text: 56, entry: 56, storage: 192, tensor: 192, size: 32, global: 96 }

function describe(value: PickleValue | undefined): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'None'
  if (typeof value === 'string') return `the text "${shown(value)}"`
  if (typeof value !== 'object') return `the ${typeof value} ${String(value).slice(0, 40)}`
  return value.kind === 'global' ? `"${shown(`${value.global.module}.${value.global.name}`)}"` : `a ${value.kind}`
}

function isKind<K extends string>(value: PickleValue | undefined, kind: K): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === 'object' && value !== null && value.kind === kind
}

class PickleMachine {
  private readonly stack: PickleValue[] = []
  private readonly marks: number[] = []
  private readonly memo = new Map<number, PickleValue>()
  readonly storages = new Map<string, PickleStorage>()
  private tensorCount = 0
  private spentBytes = 0
  private position = 0

  constructor(private readonly what: string) {}

  run(decoder: PickleDecoder): PickleValue {
    for (;;) {
      const { opcode, position, argument } = decoder.next()
      this.position = position
      // The first pass let none of these through.
      if (opcode.allowed === null) throw refused(`Expected weights in ${this.what}, but it asks for the pickle opcode ${opcode.name}.`)
      if (opcode.allowed === 'STOP') break
      this.step(opcode.allowed, argument)
      if (this.stack.length > MAX_STACK) throw this.damaged(`at most ${MAX_STACK} values at once`, 'more')
    }
    const value = this.pop()
    if (this.stack.length > 0 || this.marks.length > 0) throw this.damaged('one value at the end', `${this.stack.length + 1} values`)
    return value
  }

  private damaged(expected: string, came: string): Error {
    return unreadable(`Expected ${expected} at byte ${this.position} of ${this.what}, but ${came} came.`)
  }

  private spend(bytes: number): void {
    this.spentBytes += bytes
    if (this.spentBytes > MAX_VALUE_BYTES) throw this.damaged(`values that take at most ${MAX_VALUE_BYTES} bytes`, 'more')
  }

  private pop(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.damaged('a value', 'nothing')
    return this.stack.pop() ?? null
  }

  private top(): PickleValue {
    const value = this.pop()
    this.stack.push(value)
    return value
  }

  private popToMark(): PickleValue[] {
    const mark = this.marks.pop()
    if (mark === undefined) throw this.damaged('a mark', 'none')
    return this.stack.splice(mark)
  }

  private remember(index: number): void {
    if (index >= MAX_MEMO) throw this.damaged(`a memo number below ${MAX_MEMO}`, String(index))
    this.spend(COST.entry)
    this.memo.set(index, this.top())
  }

  private recall(index: number): PickleValue {
    const value = this.memo.get(index)
    if (value === undefined) throw this.damaged('the number of a remembered value', `the number ${index}, which was never set,`)
    return value
  }

  private step(name: OpcodeName, argument: Argument): void {
    switch (name) {
      case 'PROTO':
      case 'STOP':
        return
      case 'MARK':
        if (this.marks.length >= MAX_MARKS) throw this.damaged(`at most ${MAX_MARKS} nested values`, 'more')
        this.marks.push(this.stack.length)
        return
      case 'BINPUT':
      case 'LONG_BINPUT':
        this.remember(Number(argument))
        return
      case 'APPEND':
        return this.append([this.pop()])
      case 'APPENDS':
        return this.append(this.popToMark())
      case 'SETITEM': {
        const value = this.pop()
        return this.setItems([this.pop(), value])
      }
      case 'SETITEMS':
        return this.setItems(this.popToMark())
      case 'BUILD':
        return this.build()
      default:
        this.stack.push(this.produce(name, argument))
    }
  }

  private produce(name: OpcodeName, argument: Argument): PickleValue {
    switch (name) {
      case 'NONE':
        return null
      case 'NEWTRUE':
        return true
      case 'NEWFALSE':
        return false
      case 'EMPTY_DICT':
        return this.emptyDict(false)
      case 'EMPTY_LIST':
        this.spend(COST.list)
        return { kind: 'list', items: [] }
      case 'EMPTY_SET':
        this.spend(COST.list)
        return { kind: 'set' }
      case 'EMPTY_TUPLE':
        return this.tuple([])
      case 'TUPLE':
        return this.tuple(this.popToMark())
      case 'TUPLE1':
        return this.tuple(this.popMany(1))
      case 'TUPLE2':
        return this.tuple(this.popMany(2))
      case 'TUPLE3':
        return this.tuple(this.popMany(3))
      case 'BINGET':
      case 'LONG_BINGET':
        return this.recall(Number(argument))
      case 'BINPERSID':
        return this.storage(this.pop())
      case 'REDUCE': {
        const parameters = this.pop()
        return this.call('REDUCE', this.pop(), parameters)
      }
      case 'NEWOBJ': {
        const parameters = this.pop()
        return this.call('NEWOBJ', this.pop(), parameters)
      }
      default:
        if (typeof argument === 'string') this.spend(COST.text + argument.length)
        if (typeof argument === 'object') return argument === null ? null : this.global(argument)
        return typeof argument === 'bigint' && BigInt.asIntN(53, argument) === argument ? Number(argument) : argument
    }
  }

  private popMany(count: number): PickleValue[] {
    const start = this.stack.length - count
    if (start < (this.marks.at(-1) ?? 0)) throw this.damaged('a value', 'nothing')
    return this.stack.splice(start)
  }

  private tuple(items: readonly PickleValue[]): PickleTuple {
    this.spend(COST.tuple + COST.item * items.length)
    return { kind: 'tuple', items }
  }

  private emptyDict(ordered: boolean): PickleDict {
    this.spend(COST.dict)
    return { kind: 'dict', ordered, entries: new Map() }
  }

  private global(global: GlobalName): PickleGlobal {
    this.spend(COST.global + global.module.length + global.name.length)
    return { kind: 'global', global }
  }

  private append(items: readonly PickleValue[]): void {
    const list = this.top()
    if (!isKind(list, 'list')) {
      throw refused(`Expected APPEND only on a list at byte ${this.position} of ${this.what}, but it is used on ${describe(list)}.`)
    }
    this.spend(COST.item * items.length)
    for (const item of items) list.items.push(item)
  }

  private setItems(items: readonly PickleValue[]): void {
    const dict = this.top()
    if (!isKind(dict, 'dict')) {
      throw refused(`Expected SETITEM only on a dict at byte ${this.position} of ${this.what}, but it is used on ${describe(dict)}.`)
    }
    if (items.length % 2 !== 0) throw this.damaged('pairs of key and value', `${items.length} values`)
    for (let index = 0; index < items.length; index += 2) this.setItem(dict, items[index], items[index + 1])
  }

  private setItem(dict: PickleDict, key: PickleValue | undefined, value: PickleValue | undefined): void {
    if (key === undefined || value === undefined) throw this.damaged('a key and a value', 'less')
    if (isKind(key, 'list') || isKind(key, 'dict') || isKind(key, 'set')) {
      throw this.damaged('a dict key that does not change', describe(key))
    }
    this.spend(COST.entry)
    dict.entries.set(key, value)
  }

  /** The state of an OrderedDict (a state dict's `_metadata`) tells nothing about weights and is dropped. */
  private build(): void {
    const state = this.pop()
    const target = this.top()
    if (!isKind(target, 'dict') || !target.ordered || !isKind(state, 'dict')) {
      throw refused(
        `Expected the pickle opcode BUILD only to give an OrderedDict a dict, but at byte ${this.position} of ${this.what} it gives ${describe(target)} ${describe(state)}.`,
      )
    }
  }

  private storage(id: PickleValue): PickleStorage {
    const [tag, type, key, , elements, view = null] = isKind(id, 'tuple') ? id.items : []
    if (tag === 'module') throw refused(`Expected weights alone in ${this.what}, but it holds a whole model with its source text.`)
    const elementType = isKind(type, 'global') ? storageTypeOf(type.global) : undefined
    const isShaped = isKind(id, 'tuple') && id.items.length <= 6 && tag === 'storage'
    if (!isShaped || elementType === undefined || typeof key !== 'string' || !/^\d{1,20}$/.test(key)) {
      throw refused(
        `Expected BINPERSID only for a storage of numbers at byte ${this.position} of ${this.what}, but it asks for ${describe(tag)}, ${describe(type)}, ${describe(key)}.`,
      )
    }
    this.spend(COST.storage)
    const size = this.count(elements, 'the size of a storage')
    const storage: PickleStorage = { kind: 'storage', type: elementType, key, elements: size, view: this.view(view) }
    const known = this.storages.get(key)
    if (known !== undefined && (known.type !== storage.type || known.elements !== storage.elements)) {
      throw this.damaged(
        `the storage ${key} with ${known.elements} values of ${known.type} as before`,
        `${storage.elements} of ${storage.type}`,
      )
    }
    this.storages.set(key, storage)
    return storage
  }

  private view(view: PickleValue): PickleStorage['view'] {
    if (view === null) return null
    const items = isKind(view, 'tuple') ? view.items : []
    if (items.length !== 3) throw this.damaged('(key, offset, size) as the view of a storage', describe(view))
    return { offset: this.count(items[1], 'the offset of a view'), elements: this.count(items[2], 'the size of a view') }
  }

  private count(value: PickleValue | undefined, what: string): bigint {
    const isWhole = typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value))
    if (!isWhole || value < 0 || value > Number.MAX_SAFE_INTEGER) {
      throw this.damaged(`a whole number from 0 to ${Number.MAX_SAFE_INTEGER} as ${what}`, describe(value))
    }
    return BigInt(value)
  }

  private counts(value: PickleValue | undefined, what: string): bigint[] {
    const items = isKind(value, 'tuple') || isKind(value, 'list') ? value.items : undefined
    if (items === undefined || items.length > MAX_RANK) throw this.damaged(`at most ${MAX_RANK} whole numbers as ${what}`, describe(value))
    this.spend(COST.size * items.length)
    return items.map((item) => this.count(item, what))
  }

  private call(opcode: string, callee: PickleValue, parameters: PickleValue): PickleValue {
    const callable = isKind(callee, 'global') ? callableOf(callee.global) : undefined
    if (callable === undefined || (opcode === 'NEWOBJ' && callable !== 'ordered-dict')) {
      throw refused(
        `Expected the pickle opcode ${opcode} only to rebuild a tensor or a dict, but at byte ${this.position} of ${this.what} it calls ${describe(callee)}.`,
      )
    }
    if (!isKind(parameters, 'tuple')) throw this.damaged(`a tuple of parameters for ${opcode}`, describe(parameters))
    const { items } = parameters
    switch (callable) {
      case 'ordered-dict':
        return this.orderedDict(items)
      case 'size':
        return this.tuple(this.counts(items[0], 'a size').map(Number))
      case 'parameter':
        if (!isKind(items[0], 'tensor')) throw this.damaged('a tensor as parameter', describe(items[0]))
        return items[0]
      case 'tensor':
      case 'tensor-v2':
        return this.tensor(items, callable === 'tensor' ? [4, 4] : [6, 7])
    }
  }

  private orderedDict(items: readonly PickleValue[]): PickleDict {
    const dict = this.emptyDict(true)
    const [pairs] = items
    if (pairs === undefined) return dict
    // Python 2 wrote the pairs as one list.
    if (!isKind(pairs, 'list') || items.length > 1) throw this.damaged('a list of pairs for an OrderedDict', describe(pairs))
    // One list may be named many times, so the time spent on it is limited too.
    this.spend(COST.entry * pairs.items.length)
    for (const pair of pairs.items) {
      const both = isKind(pair, 'list') || isKind(pair, 'tuple') ? pair.items : []
      if (both.length !== 2) throw this.damaged('pairs for an OrderedDict', describe(pair))
      this.setItem(dict, both[0], both[1])
    }
    return dict
  }

  private tensor(items: readonly PickleValue[], [fewest, most]: readonly [number, number]): PickleTensor {
    const [storage, offset, shape, stride, , , flags] = items
    if (items.length < fewest || items.length > most || !isKind(storage, 'storage')) {
      throw this.damaged(`a storage and ${fewest} to ${most} parameters for a tensor`, `${items.length} with ${describe(storage)} first`)
    }
    if (isKind(flags, 'dict') && (flags.entries.size > 2 || [...flags.entries.values()].some((flag) => flag !== false))) {
      throw this.damaged('a tensor stored as it is', 'one that is to be negated or conjugated')
    }
    if (++this.tensorCount > MAX_TENSORS) throw this.damaged(`at most ${MAX_TENSORS} tensors`, 'more')
    this.spend(COST.tensor)
    const tensor: PickleTensor = {
      kind: 'tensor',
      storage,
      offset: this.count(offset, "a tensor's offset"),
      shape: this.counts(shape, "a tensor's shape"),
      stride: this.counts(stride, "a tensor's strides"),
    }
    if (tensor.shape.length !== tensor.stride.length) {
      throw this.damaged(`${tensor.shape.length} strides for a tensor`, String(tensor.stride.length))
    }
    return tensor
  }
}

/**
 * Reads the pickle at byte `start` of `bytes` as data.
 * @param what the pickle's name in messages
 * @throws GraftError REFUSED naming the global or opcode that is not allowed; UNREADABLE when it is damaged or over a limit.
 */
export function readPickle(bytes: Uint8Array, start: number, what: string): PickleResult {
  scanPickle(bytes, start, what)
  const decoder = new PickleDecoder(bytes, start, what)
  const machine = new PickleMachine(what)
  const value = machine.run(decoder)
  return { value, end: decoder.end, storages: machine.storages }
}
