/** A profile as tables, which the command line and `profile.md` show in their own ways. The most expensive first. */
import { PHASES, type LayerTimes, type Primitives, type Profile } from '../../shared/domain/profile'

export interface ProfileTable {
  readonly title: string
  readonly columns: readonly { title: string; align?: 'left' | 'right' }[]
  readonly rows: readonly (readonly string[])[]
  /** Below the table. */
  readonly notes: readonly string[]
}

/** Below that a busy moment of the machine is not outvoted. */
const TRUSTED_REPEATS = 3
/** Shorter phases count as other; `profile.json` has them. */
const SHOWN_FROM_S = 0.01

const number = (title: string) => ({ title, align: 'right' as const })
const text = (title: string) => ({ title })
const seconds = (value: number) => `${value.toFixed(2)} s`
const ms = (value: number) => `${(Math.abs(value) < 0.05 ? 0 : value).toFixed(1)} ms`
const share = (part: number, whole: number) => `${(whole === 0 ? 0 : (100 * part) / whole).toFixed(1)} %`
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
/** Once a step, or about so often. */
const count = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(1))

function each(value: number, times: number): string {
  if (times === 0) return ''
  return value / times >= 1 ? seconds(value / times) : ms((1000 * value) / times)
}

/** What is left out counts as other, so that the rows add up to the last. @param limit phases that are shown; all where left out */
export function phaseTable({ phases, total_s, beside, epochs, resumed_from_epoch }: Profile, limit = Infinity): ProfileTable {
  const long = phases.filter(({ phase, seconds: value }) => phase !== 'other' && value >= SHOWN_FROM_S).sort((a, b) => b.seconds - a.seconds)
  const shown = long.slice(0, limit)
  const left = long.length - shown.length
  const other = total_s - sum(shown.map((row) => row.seconds))
  const rows = shown.map((row) => [PHASES[row.phase].title, seconds(row.seconds), share(row.seconds, total_s), ...(row.times > 1 ? [String(row.times), each(row.seconds, row.times)] : ['', ''])])
  const resumed = resumed_from_epoch === null ? '' : `, after epoch ${resumed_from_epoch}`
  const augmentation = beside.augmentation_s >= SHOWN_FROM_S ? [`Beside these, in other threads: ${seconds(beside.augmentation_s)} of augmentation.`] : []
  return {
    title: `Where the time went (${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${resumed})`,
    columns: [text('Phase'), number('Time'), number('Share'), number('Times'), number('Each')],
    rows: [...rows, [left === 0 ? PHASES.other.title : `Other, and ${left} shorter`, seconds(other), share(other, total_s), '', ''], ['The whole', seconds(total_s), '100.0 %', '', '']],
    notes: augmentation,
  }
}

/** @param limit blocks beyond it stand together; all where left out */
export function layerTable({ layers, phases }: Profile & { layers: LayerTimes }, limit = Infinity): ProfileTable {
  const { step_ms: step } = layers
  const row = (name: string, forward: number, backward: number) => [name, ms(forward), ms(backward), ms(forward + backward), share(forward + backward, step)]
  const alone = (name: string, value: number) => [name, '', '', ms(value), share(value, step)]
  const sorted = [...layers.rows].sort((a, b) => b.forward_ms + b.backward_ms - a.forward_ms - a.backward_ms)
  // A single one is no more than its own line.
  const kept = sorted.length > limit + 1 ? sorted.slice(0, limit) : sorted
  const rest = sorted.slice(kept.length)
  const together = (key: 'forward_ms' | 'backward_ms') => sum(rest.map((block) => block[key]))
  // Of stages, or of passes and updates, the mean would tell nothing.
  const inRun = layers.stage > 1 || layers.gathers ? undefined : phases.find(({ phase }) => phase === 'steps')
  const begins = layers.after === null ? '' : `, after ${layers.after}`
  return {
    title: `${layers.gathers ? 'A pass and an update' : 'A training step'} by blocks (batch ${layers.batch_size}, ${layers.image_size} px, ${layers.precision}${layers.stage > 1 ? `, stage ${layers.stage}` : ''}${begins})`,
    columns: [text('Block'), number('Forward'), number('Backward'), number('Together'), number('Share')],
    rows: [
      ...kept.map((block) => row(block.name, block.forward_ms, block.backward_ms)),
      ...(rest.length === 0 ? [] : [row(`${rest.length} more`, together('forward_ms'), together('backward_ms'))]),
      alone('Loss', layers.loss_ms),
      alone('Update', layers.update_ms),
      alone('Not accounted for', layers.remainder_ms),
      ['The whole step', '', '', ms(step), '100.0 %'],
    ],
    notes: [
      ...(inRun === undefined || inRun.times === 0 ? [] : [`In the training itself: ${each(inRun.seconds, inRun.times)}, fed and with other threads at work beside it.`]),
      ...(layers.repeats < TRUSTED_REPEATS ? [`Timed ${layers.repeats === 1 ? 'once' : `${layers.repeats} times`} only, since the step is slow: single blocks are rough.`] : []),
    ],
  }
}

const PASSES: Readonly<Record<string, string>> = { forward_training: 'forward', forward_inference: 'forward', backward_data: 'backward, input', backward_weights: 'backward, weights', backward: 'backward', undef: '' }

/** By kind and implementation. */
export function primitiveTable(primitives: Extract<Primitives, { available: true }>, limit = Infinity): ProfileTable {
  const { groups, total_ms: total } = primitives
  const kept = groups.length > limit + 1 ? groups.slice(0, limit) : groups
  const rest = groups.slice(kept.length)
  const line = (kind: string, implementation: string, times: number, value: number) => [kind, implementation, count(times), ms(value), share(value, total)]
  return {
    title: `oneDNN ${primitives.version} in a step`,
    columns: [text('Primitive'), text('Implementation'), number('Times'), number('Time'), number('Share')],
    rows: [
      ...kept.map((group) => line(group.kind, group.implementation, group.count, group.ms)),
      ...(rest.length === 0 ? [] : [line(`${rest.length} more`, '', sum(rest.map((group) => group.count)), sum(rest.map((group) => group.ms)))]),
      line('Together', '', sum(groups.map((group) => group.count)), total),
    ],
    notes: [],
  }
}

/** By shape, the costliest. */
export function shapeTable(primitives: Extract<Primitives, { available: true }>): ProfileTable {
  return {
    title: `The ${primitives.shapes.length} costliest shapes`,
    columns: [text('Primitive'), text('Pass'), text('Implementation'), text('Numbers'), text('Shape'), number('Times'), number('Time')],
    rows: primitives.shapes.map((shape) => [shape.kind, PASSES[shape.propagation] ?? shape.propagation, shape.implementation, shape.types, shape.shape, count(shape.count), ms(shape.ms)]),
    notes: [],
  }
}

function markdownTable({ title, columns, rows, notes }: ProfileTable): string {
  const cell = (value: string) => value.replaceAll('|', '\\|')
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  const rule = `|${columns.map(({ align }) => (align === 'right' ? '---:' : '---')).join('|')}|`
  return [`## ${title}`, '', line(columns.map((column) => column.title)), rule, ...rows.map(line), ...notes.flatMap((note) => ['', note]), ''].join('\n')
}

/** `profile.md`: everything, with what the words mean and how it was measured. */
export function profileMarkdown(profile: Profile): string {
  const { layers, primitives } = profile
  const phases = phaseTable(profile)
  const named = Object.values(PHASES).filter(({ title }) => phases.rows.some(([first]) => first === title))
  const parts = [
    `# Profile of ${profile.run_id}`,
    '',
    `${profile.device}, ${profile.processor}; ${profile.written_at}. The same numbers, and more digits, are in profile.json.`,
    '',
    markdownTable(phases),
    'What the main thread was at, or waited for; each moment counts once.',
    '',
    ...named.map(({ title, means }) => `- ${title}: ${means}.`),
    '',
  ]
  if (layers !== null) parts.push(markdownTable(layerTable({ ...profile, layers })), `Timed ${layers.repeats === 1 ? 'once' : `${layers.repeats} times`} on noise, after the training and beside nothing else. ${layers.method}`, '')
  if (primitives?.available === true) {
    const told = `Times are of one step, the mean of ${primitives.steps} (${ms(primitives.step_ms)} each, telling included). Several primitives may run at a time, so together they can take longer than the step. Instructions: ${primitives.instructions}.`
    parts.push(markdownTable(primitiveTable(primitives)), told, '', markdownTable(shapeTable(primitives)))
  } else if (primitives !== null) parts.push('## oneDNN', '', `Not available. ${primitives.reason}`, '')
  return parts.join('\n')
}
