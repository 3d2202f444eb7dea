/**
 * What oneDNN tells with ONEDNN_VERBOSE=1, added up. A line is
 * `onednn_verbose,<timestamp>,exec,<engine>,<primitive>,<implementation>,<propagation>,<memory descriptors>,<attributes>,<auxiliary>,<problem>,<milliseconds>`;
 * newer versions have a word or two more in front of `exec`, older ones begin with `dnnl_verbose` and know no timestamp.
 */
import type { Primitives } from '../../../shared/domain/profile'

/** The costliest shapes that are kept. */
const SHAPES = 20

/** Set before TensorFlow is loaded: oneDNN reads it once. The older names for libraries before 2.5. */
export const VERBOSE_ENVIRONMENT = { ONEDNN_VERBOSE: '1', ONEDNN_VERBOSE_TIMESTAMP: '1', DNNL_VERBOSE: '1', DNNL_VERBOSE_TIMESTAMP: '1' } as const

/** Training steps in a process that told its primitives. */
export interface ListenedSteps {
  /** Milliseconds since 1970: oneDNN's lines leave the process in blocks, so that nothing written between them could mark a place. */
  readonly fromMs: number
  readonly toMs: number
  readonly steps: number
  /** With those before that prepared everything. */
  readonly allSteps: number
  /** Mean of the steps. */
  readonly stepMs: number
}

export interface Primitive {
  /** When it ran, milliseconds since 1970; null where the library does not tell. */
  readonly atMs: number | null
  readonly kind: string
  readonly implementation: string
  readonly propagation: string
  /** Of its tensors, without those that are not there. */
  readonly types: string
  readonly shape: string
  readonly ms: number
}

/** Null for any other line. */
export function parsePrimitive(line: string): Primitive | null {
  const fields = line.trim().split(',')
  const isVerbose = fields[0] === 'onednn_verbose' || fields[0] === 'dnnl_verbose'
  const exec = fields.indexOf('exec')
  if (!isVerbose || exec < 1 || exec > 4 || fields.length < exec + 8) return null
  const [, , kind = '', implementation = '', propagation = '', descriptors = ''] = fields.slice(exec)
  const ms = Number(fields.at(-1))
  if (!Number.isFinite(ms) || ms < 0) return null
  const types = [...descriptors.matchAll(/(?:^|\s)[a-z_]+?_(f64|f32|bf16|f16|s32|s8|u8)\b/g)].map(([, type]) => type ?? '')
  const atMs = fields.slice(1, exec).map(Number).find((value) => value > 1e12) ?? null
  return { atMs, kind, implementation, propagation, types: [...new Set(types)].join(' '), shape: fields.at(-2) ?? '', ms }
}

function addedUp<T extends Primitive, R>(primitives: readonly T[], steps: number, keyOf: (primitive: T) => string, row: (first: T) => R): (R & { count: number; ms: number })[] {
  const groups = new Map<string, { first: T; count: number; ms: number }>()
  for (const primitive of primitives) {
    const group = groups.get(keyOf(primitive)) ?? { first: primitive, count: 0, ms: 0 }
    groups.set(keyOf(primitive), { ...group, count: group.count + 1, ms: group.ms + primitive.ms })
  }
  const rows = [...groups.values()].map(({ first, count, ms }) => ({ ...row(first), count: count / steps, ms: ms / steps }))
  return rows.sort((a, b) => b.ms - a.ms)
}

/** @param output all that the process said on stdout */
export function summarisePrimitives(output: string, { fromMs, toMs, steps, allSteps, stepMs }: ListenedSteps): Primitives {
  const lines = output.split('\n').map((line) => line.trim())
  const all = lines.flatMap((line) => parsePrimitive(line) ?? [])
  if (all.length === 0) {
    return { available: false, reason: 'oneDNN said nothing with ONEDNN_VERBOSE=1: this build of TensorFlow is without it or without its messages, or the step ran on a GPU.' }
  }
  const isTimed = all.some(({ atMs }) => atMs !== null)
  const primitives = isTimed ? all.filter(({ atMs }) => atMs !== null && atMs >= fromMs && atMs <= toMs) : all
  const counted = isTimed ? steps : allSteps
  const info = (pattern: RegExp) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined) ?? 'unknown'
  const groupRow = ({ kind, implementation }: Primitive) => ({ kind, implementation })
  const shapeRow = ({ kind, implementation, propagation, types, shape }: Primitive) => ({ kind, implementation, propagation, types, shape })
  const shapes = addedUp(primitives, counted, (primitive) => JSON.stringify(shapeRow(primitive)), shapeRow)
  return {
    available: true,
    version: info(/^(?:onednn|dnnl)_verbose,(?:[^,]*,)*?info,(?:oneDNN|DNNL) (v[^ ,]+)/),
    instructions: info(/^(?:onednn|dnnl)_verbose,(?:[^,]*,)*?info,cpu,isa:(.*)$/),
    steps: counted,
    step_ms: stepMs,
    total_ms: primitives.reduce((sum, { ms }) => sum + ms, 0) / counted,
    groups: addedUp(primitives, counted, ({ kind, implementation }) => `${kind} ${implementation}`, groupRow),
    shapes: shapes.slice(0, SHAPES),
  }
}
