/** What fits and what does not between the tensors a network expects and those a file holds, why, and what to do about it. */
import { GraftError } from '../../../shared/domain/error'
import { shown } from './format-errors'
import type { TensorMap } from './tensor-map'

export interface TensorSpec {
  readonly name: string
  readonly shape: readonly number[]
}

export interface MisshapedTensor {
  readonly name: string
  readonly expected: readonly number[]
  readonly got: readonly number[]
}

/** Reasons that explain many differences at once. */
export type Finding =
  | { readonly kind: 'other-head'; readonly expectedClasses: number; readonly gotClasses: number; readonly names: readonly string[] }
  /** `order` is the file's; PyTorch has OIHW for convolutions and [out, in] for linear layers. */
  | { readonly kind: 'transposed'; readonly order: 'HWIO' | 'HWCM' | '[in, out]'; readonly names: readonly string[] }
  | { readonly kind: 'prefix'; readonly prefix: string; readonly fitting: number }
  | { readonly kind: 'other-network'; readonly name: string; readonly fitting: number; readonly of: number }

export interface TensorDifferences {
  /** Names that both have, with the same shape. */
  readonly fitting: readonly string[]
  readonly missing: readonly TensorSpec[]
  readonly unexpected: readonly TensorSpec[]
  readonly misshaped: readonly MisshapedTensor[]
  readonly findings: readonly Finding[]
}

export interface DifferenceOptions {
  /** Name of the head's layer, such as `fc` or `classifier.1`, where it is known. */
  readonly classifier?: string
  /** Other networks that the file may be for. */
  readonly candidates?: readonly { readonly name: string; readonly tensors: readonly TensorSpec[] }[]
}

/** PyTorch counts its batches in every batch norm; no result depends on it, so it is neither missing nor unexpected. */
const COUNTER = /(^|\.)num_batches_tracked$/
/** A network whose tensors the file has to this share is the one it was made for. */
const ENOUGH_OF_ANOTHER = 0.8

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

function countFitting(expected: readonly TensorSpec[], file: TensorMap, prefix = ''): number {
  return expected.filter(({ name, shape }) => sameShape(file.get(prefix + name)?.shape ?? [-1], shape)).length
}

function findOtherHead(misshaped: readonly MisshapedTensor[], classifier: string | undefined): Finding[] {
  const isHead = ({ name }: MisshapedTensor): boolean => classifier === undefined || name.startsWith(`${classifier}.`)
  const differsInClasses = ({ expected, got }: MisshapedTensor): boolean =>
    expected.length <= 2 && expected[0] !== got[0] && sameShape(expected.slice(1), got.slice(1))
  const head = misshaped.filter((each) => isHead(each) && differsInClasses(each))
  const first = head.find(({ expected }) => expected.length === 2)
  const [expectedClasses, gotClasses] = [first?.expected[0], first?.got[0]]
  if (expectedClasses === undefined || gotClasses === undefined) return []
  // Without the head's name, two layers with different numbers are two layers of another network.
  const names = head.filter(({ expected, got }) => expected[0] === expectedClasses && got[0] === gotClasses).map(({ name }) => name)
  return names.length === head.length ? [{ kind: 'other-head', expectedClasses, gotClasses, names }] : []
}

/** Where the file's sizes stand in PyTorch's shape, for each order in which other programs keep a kernel. */
const ORDERS = [
  { order: 'HWIO', axes: [2, 3, 1, 0] },
  { order: 'HWCM', axes: [2, 3, 0, 1] },
  { order: '[in, out]', axes: [1, 0] },
] as const

function findTransposed(misshaped: readonly MisshapedTensor[]): Finding[] {
  return ORDERS.flatMap(({ order, axes }) => {
    const names = misshaped.filter(({ expected, got }) => expected.length === axes.length && sameShape(axes.map((axis) => expected[axis] ?? -1), got)).map(({ name }) => name)
    return names.length === 0 ? [] : [{ kind: 'transposed', order, names } as const]
  })
}

/** One prefix on the file's names under which more of them fit. */
function findPrefix(expected: readonly TensorSpec[], file: TensorMap, fitting: number): Finding[] {
  const [first] = expected
  if (first === undefined) return []
  const prefixes = [...file.keys()].filter((name) => name.endsWith(`.${first.name}`)).map((name) => name.slice(0, -first.name.length))
  const counted = prefixes.slice(0, 8).map((prefix) => ({ kind: 'prefix', prefix, fitting: countFitting(expected, file, prefix) }) as const)
  const best = counted.sort((a, b) => b.fitting - a.fitting)[0]
  return best !== undefined && best.fitting > fitting ? [best] : []
}

function findOtherNetwork(file: TensorMap, share: number, candidates: DifferenceOptions['candidates'] = []): Finding[] {
  const counted = candidates.map(({ name, tensors }) => ({ name, fitting: countFitting(tensors, file), of: tensors.length }))
  const best = counted.sort((a, b) => b.fitting / b.of - a.fitting / a.of || b.of - a.of)[0]
  if (best === undefined || !(best.fitting / best.of > share) || best.fitting / best.of < ENOUGH_OF_ANOTHER) return []
  return [{ kind: 'other-network', ...best }]
}

/** Compares names and shapes; the values are not looked at (see `requireFinite`). */
export function tensorDifferences(expected: readonly TensorSpec[], file: TensorMap, options: DifferenceOptions = {}): TensorDifferences {
  const fitting: string[] = []
  const missing: TensorSpec[] = []
  const misshaped: MisshapedTensor[] = []
  for (const { name, shape } of expected) {
    const got = file.get(name)?.shape
    if (got === undefined) {
      if (!COUNTER.test(name)) missing.push({ name, shape })
    } else if (sameShape(got, shape)) fitting.push(name)
    else misshaped.push({ name, expected: shape, got })
  }
  const names = new Set(expected.map(({ name }) => name))
  const unexpected = [...file].filter(([name]) => !names.has(name) && !COUNTER.test(name)).map(([name, { shape }]) => ({ name, shape }))
  const findings = [
    ...findOtherHead(misshaped, options.classifier),
    ...findTransposed(misshaped),
    ...(missing.length > 0 ? findPrefix(expected, file, fitting.length) : []),
    // A head for other classes alone does not make it another network's file.
    ...(missing.length > 0 || misshaped.length > 2 ? findOtherNetwork(file, fitting.length / expected.length, options.candidates) : []),
  ]
  return { fitting, missing, unexpected, misshaped, findings }
}

/** True when every expected tensor is there in its shape; unexpected ones do no harm. */
export function fitsWholly({ missing, misshaped }: TensorDifferences): boolean {
  return missing.length === 0 && misshaped.length === 0
}

/** One sentence for each finding; the first explains the most. */
function adviceFor(finding: Finding): string {
  switch (finding.kind) {
    case 'other-network':
      return `The file fits ${shown(finding.name)} (${finding.fitting} of its ${finding.of} tensors): choose that network, or a file made for this one.`
    case 'prefix':
      return `The names in the file begin with "${shown(finding.prefix)}", without which ${finding.fitting} tensors fit: save the inner model's state_dict() instead.`
    case 'transposed':
      return finding.order === '[in, out]'
        ? `${finding.names.length} linear weights are stored as [in, out], as Keras does: transpose each, weight.T.contiguous(), before saving.`
        : `${finding.names.length} convolutions are stored as ${finding.order}, as TensorFlow does: turn each, weight.permute(${finding.order === 'HWIO' ? '3, 2, 0, 1' : '2, 3, 0, 1'}).contiguous(), before saving.`
    case 'other-head':
      return `The head in the file is for ${finding.gotClasses} classes and this one for ${finding.expectedClasses}: start with a new head, or choose a file for the same classes.`
  }
}

const GRAVITY: readonly Finding['kind'][] = ['other-network', 'prefix', 'transposed', 'other-head']

/** What to do about the differences, in one or a few sentences. */
export function differenceAdvice(differences: TensorDifferences): string {
  const { findings, missing, misshaped, unexpected } = differences
  const ordered = GRAVITY.flatMap((kind) => findings.filter((finding) => finding.kind === kind))
  const first = ordered[0]
  // Another network or a prefix explains all the rest.
  if (first?.kind === 'other-network' || first?.kind === 'prefix') return adviceFor(first)
  const explained = new Set(ordered.flatMap((finding) => ('names' in finding ? finding.names : [])))
  const sentences = ordered.map(adviceFor)
  if (missing.length > 0 || misshaped.some(({ name }) => !explained.has(name))) sentences.push('Choose weights that were made for this network.')
  if (sentences.length > 0) return sentences.join(' ')
  return unexpected.length > 0 ? 'Nothing: the tensors that are not expected are not used.' : 'Nothing: every tensor fits.'
}

function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}

function formatRows(title: string, head: readonly string[], rows: readonly (readonly string[])[], limit: number): string[] {
  if (rows.length === 0) return []
  const kept = [head, ...rows.slice(0, limit)]
  const widths = head.map((_, column) => Math.max(...kept.map((row) => row[column]?.length ?? 0)))
  const lines = kept.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
  return ['', `${title} (${rows.length})`, ...lines, ...(rows.length > limit ? [`  … and ${rows.length - limit} more`] : [])]
}

/**
 * The differences as an aligned table in plain text, at most `maxRows` rows a group, with what to do at its end.
 * Names come out of the file and are made safe to show.
 */
export function formatDifferences(differences: TensorDifferences, { maxRows = 10 }: { readonly maxRows?: number } = {}): string {
  const { fitting, missing, unexpected, misshaped } = differences
  const expectedCount = fitting.length + missing.length + misshaped.length
  const named = ({ name, shape }: TensorSpec): string[] => [shown(name), formatShape(shape)]
  return [
    `${fitting.length} of ${expectedCount} expected tensors fit.`,
    ...formatRows('Of another shape', ['Tensor', 'Expected', 'In the file'], misshaped.map(({ name, expected, got }) => [shown(name), formatShape(expected), formatShape(got)]), maxRows),
    ...formatRows('Missing in the file', ['Tensor', 'Expected'], missing.map(named), maxRows),
    ...formatRows('Not expected', ['Tensor', 'In the file'], unexpected.map(named), maxRows),
    '',
    `What to do: ${differenceAdvice(differences)}`,
  ].join('\n')
}

/**
 * Refuses weights that are not numbers: one NaN makes every output NaN.
 * @param names which tensors to look at; all by default
 * @throws GraftError UNREADABLE naming the tensor, with how many of its values are NaN or infinite.
 */
export function requireFinite(tensors: TensorMap, fileName: string, names: Iterable<string> = tensors.keys()): void {
  for (const name of names) {
    const data = tensors.get(name)?.data ?? new Float32Array(0)
    const first = data.findIndex((value) => !Number.isFinite(value))
    if (first < 0) continue
    const count = data.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0)
    throw new GraftError(
      'UNREADABLE',
      `Expected finite numbers in "${shown(fileName)}", but ${count} of the ${data.length} values of the tensor "${shown(name)}" are NaN or infinite, the first at ${first}.`,
      { action: 'The training that made this file diverged, or the file is damaged: choose an earlier checkpoint, or copy the file again.' },
    )
  }
}
