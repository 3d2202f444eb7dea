/**
 * The first of two passes over a pickle: refuses, before anything is interpreted, every opcode and every global that weights do
 * not need, and names them. The second pass (pickle.ts) runs over the same bytes with the same decoder.
 */
import { refused, SAVE_STATE_DICT, shown, unreadable } from './format-errors'
import type { RefusalReason } from './pickle-globals'
import { isAllowedGlobal, refusalReason } from './pickle-globals'
import type { GlobalName, Instruction } from './pickle-opcodes'
import { PickleDecoder } from './pickle-opcodes'

const PROTO_BYTE = 0x80
const SHOWN_NAMES = 4
/** Names kept for the message; those beyond are only counted, so that a file full of names costs no memory. */
const MAX_NAMES = 200

const OTHER_PROTOCOL = 'If you made this file, save it again in Python with the pickle protocol that torch.save takes by itself, which is 2.'
const PLAIN_VALUES = `If you made this file, turn NumPy values into Python's own before saving, float(value) or array.tolist(). Or save the weights alone, torch.save(model.state_dict(), "weights.pth"), and choose that file.`
const DENSE_TENSORS = 'If you made this file, save ordinary tensors: model.float().state_dict(), without quantisation, sparse or complex values.'

/** How a file is described when the gravest of what it asks for has this reason; in order of gravity. */
const WORDING: readonly { readonly reason: RefusalReason; readonly says: (what: string) => string; readonly action?: string }[] = [
  { reason: 'dangerous', says: (what) => `Expected weights in ${what}, but it asks for what weights never need` },
  { reason: 'model', says: (what) => `Expected weights alone in ${what}, but it holds a whole model as Python objects`, action: SAVE_STATE_DICT },
  { reason: 'unknown', says: (what) => `Expected weights in ${what}, but it asks for what weights never need` },
  { reason: 'tensor-kind', says: (what) => `Expected dense tensors of ordinary numbers in ${what}, but it holds others`, action: DENSE_TENSORS },
  { reason: 'object', says: (what) => `Expected weights and plain values in ${what}, but it holds other Python objects`, action: SAVE_STATE_DICT },
  { reason: 'numpy', says: (what) => `Expected weights and plain Python values in ${what}, but it holds NumPy values`, action: PLAIN_VALUES },
]

/** What a file asks for that it may not have, in the order found. */
class Refusals {
  private readonly opcodes = new Set<string>()
  private readonly globals = new Map<string, RefusalReason>()
  private unkept = 0

  opcode(name: string): void {
    this.opcodes.add(name)
  }

  global(wanted: GlobalName): void {
    const dotted = `${wanted.module}.${wanted.name}`
    if (this.globals.has(dotted)) return
    const reason = refusalReason(wanted)
    // A dangerous name is never crowded out by others.
    if (this.globals.size < MAX_NAMES || (reason === 'dangerous' && this.globals.size < 2 * MAX_NAMES)) this.globals.set(dotted, reason)
    else this.unkept++
  }

  hasGlobals(): boolean {
    return this.globals.size > 0
  }

  throwIfAny(what: string): void {
    if (this.globals.size === 0 && this.opcodes.size === 0) return
    const gravest = WORDING.find(({ reason }) => [...this.globals.values()].includes(reason))
    // The gravest first: they are what the reader of the message must see.
    const ordered = WORDING.flatMap(({ reason }) => [...this.globals].filter(([, each]) => each === reason).map(([dotted]) => dotted))
    const names = ordered.slice(0, SHOWN_NAMES).map((dotted) => `"${shown(dotted)}"`)
    const more = ordered.length - names.length + this.unkept
    if (more > 0) names.push(`${more} more`)
    const asked = [...names, ...[...this.opcodes].slice(0, SHOWN_NAMES).map((name) => `the pickle opcode ${name}`)].join(', ')
    if (gravest === undefined) throw refused(`Expected weights in ${what}, but it asks for what weights never need: ${asked}.`, OTHER_PROTOCOL)
    throw refused(`${gravest.says(what)}: ${asked}.`, gravest.action)
  }
}

/**
 * Follows the texts that a pickle pushes and remembers, so that STACK_GLOBAL, which takes its name from the stack, can be named.
 * It follows what honest writers and the known evasions do; STACK_GLOBAL is refused whatever its name.
 */
class TextTrace {
  private recent: [string, string] = ['', '']
  private last: string | null = null
  private readonly memo = new Map<number, string | null>()

  follow({ opcode, argument }: Instruction): void {
    const isNumbered = argument !== null && typeof argument !== 'object'
    if (opcode.name === 'MEMOIZE') this.remember(this.memo.size)
    else if (/PUT$/.test(opcode.name) && isNumbered) this.remember(Number(argument))
    else if (/GET$/.test(opcode.name) && isNumbered) this.push(this.memo.get(Number(argument)) ?? null)
    else this.push(typeof argument === 'string' ? argument : null)
  }

  stackGlobal(): GlobalName {
    return { module: this.recent[0], name: this.recent[1] }
  }

  private push(text: string | null): void {
    this.last = text
    if (text !== null) this.recent = [this.recent[1], text]
  }

  private remember(index: number): void {
    if (this.memo.size < MAX_NAMES * 10) this.memo.set(index, this.last)
  }
}

function notAPickle(bytes: Uint8Array, start: number, what: string): Error {
  const first = shown(new TextDecoder().decode(bytes.subarray(start, start + 12)))
  return unreadable(`Expected a pickle at byte ${start} of ${what}, but "${first}" came.`)
}

/**
 * Checks the pickle at byte `start` of `bytes` up to its STOP.
 * @param what the pickle's name in messages
 * @throws GraftError REFUSED naming each global and opcode that is not allowed; UNREADABLE when it is damaged.
 */
export function scanPickle(bytes: Uint8Array, start: number, what: string): void {
  const decoder = new PickleDecoder(bytes, start, what)
  const refusals = new Refusals()
  const trace = new TextTrace()
  try {
    for (;;) {
      const instruction = decoder.next()
      const { opcode, argument } = instruction
      const wanted = opcode.name === 'STACK_GLOBAL' ? trace.stackGlobal() : argument
      trace.follow(instruction)
      if (typeof wanted === 'object' && wanted !== null && !isAllowedGlobal(wanted)) refusals.global(wanted)
      if (opcode.allowed === null) refusals.opcode(opcode.name)
      if (opcode.name === 'STOP') break
    }
  } catch (damage) {
    // Most letters are opcodes, so a text file looks like a pickle for a while.
    if (bytes[start] !== PROTO_BYTE && !refusals.hasGlobals()) throw notAPickle(bytes, start, what)
    // Python runs a damaged pickle up to the damage, so what was asked for before it is the more important news.
    refusals.throwIfAny(what)
    throw damage
  }
  refusals.throwIfAny(what)
}
