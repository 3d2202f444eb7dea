/**
 * What a person decided about pictures of a dataset: a list that is only ever added to. Undoing adds a line as well, so that
 * nothing that was decided is lost, and a run can say what it was made with. The files of the pictures never change.
 */
import { plural, t } from '@lingui/core/macro'
import { z } from 'zod'
import { healthKindSchema } from './health'

/** A picture is meant as it was: one that was replaced under the same name is another one, which nobody decided about. */
const decidedPictureSchema = z.object({
  path: z.string(),
  sha256: z.string(),
  /** The class that it is fine in, whatever was decided before; left out: in the one that it has. */
  asClass: z.string().optional(),
})
export type DecidedPicture = z.infer<typeof decidedPictureSchema>

const decision = {
  /** From 1, without gaps between decisions. */
  id: z.int().positive(),
  at: z.iso.datetime(),
  /** Where it was decided; null from the command line without one. */
  finding: healthKindSchema.nullable(),
  pictures: z.array(decidedPictureSchema).min(1),
}

export const decisionSchema = z.discriminatedUnion('kind', [
  /** The pictures take no part in training or measuring. `keeping`: those of their groups that stay, where one is kept of each. */
  z.object({ kind: z.literal('exclude'), ...decision, keeping: z.array(z.string()).optional() }),
  z.object({ kind: z.literal('move'), ...decision, toClass: z.string() }),
  /**
   * The finding is not to be told of these pictures again. Without a finding the pictures and their labels are right: they take part, though they may
   * have been left out before, and nothing suggests to look at them again.
   */
  z.object({ kind: z.literal('fine'), ...decision }),
])
export type Decision = z.infer<typeof decisionSchema>

const turn = { of: z.int().positive(), at: z.iso.datetime() }
export const journalLineSchema = z.discriminatedUnion('kind', [
  ...decisionSchema.options,
  z.object({ kind: z.literal('undo'), ...turn }),
  z.object({ kind: z.literal('redo'), ...turn }),
])
export type JournalLine = z.infer<typeof journalLineSchema>

export interface JournalState {
  /** All decisions in the order in which they were made. */
  readonly decisions: readonly { readonly decision: Decision; readonly isApplied: boolean }[]
  /** The id that undoing would take back, and the one that redoing would apply again. */
  readonly undo: number | null
  readonly redo: number | null
}

/** What the lines of a journal come to. A new decision ends the chance to redo what was undone before it, as in any editor. */
export function replayJournal(lines: readonly JournalLine[]): JournalState {
  const decisions: Decision[] = []
  const applied: number[] = []
  let undone: number[] = []
  for (const line of lines) {
    if (line.kind === 'undo') {
      if (applied.at(-1) !== line.of) continue
      applied.pop()
      undone.push(line.of)
    } else if (line.kind === 'redo') {
      if (undone.at(-1) !== line.of) continue
      undone.pop()
      applied.push(line.of)
    } else {
      decisions.push(line)
      applied.push(line.id)
      undone = []
    }
  }
  const isApplied = new Set(applied)
  return {
    decisions: decisions.map((decision) => ({ decision, isApplied: isApplied.has(decision.id) })),
    undo: applied.at(-1) ?? null,
    redo: undone.at(-1) ?? null,
  }
}

/** Those in force, in their order. */
export function decisionsInForce(state: JournalState): Decision[] {
  return state.decisions.flatMap(({ decision, isApplied }) => (isApplied ? [decision] : []))
}

/** What the studio's list and `graft fix --list` show. */
export const journalEntrySchema = z.object({
  id: z.int().positive(),
  at: z.iso.datetime(),
  kind: z.enum(['exclude', 'move', 'fine']),
  /** `Excluded 3 pictures`. */
  title: z.string(),
  count: z.int(),
  isApplied: z.boolean(),
  paths: z.array(z.string()),
})
export type JournalEntry = z.infer<typeof journalEntrySchema>

export const journalSchema = z.object({
  entries: z.array(journalEntrySchema),
  undo: z.int().nullable(),
  redo: z.int().nullable(),
  /** Lines of the file that could not be read and count for nothing. */
  damagedLines: z.int(),
})
export type Journal = z.infer<typeof journalSchema>

const MOST_PATHS = 12
export function decisionTitle(decision: Decision): string {
  const count = decision.pictures.length
  if (decision.kind === 'move') return t`Moved ${plural(count, { one: '# picture', other: '# pictures' })} to ${{ name: decision.toClass }}`
  if (decision.kind === 'fine') return plural(count, { one: 'Said that # picture is fine', other: 'Said that # pictures are fine' })
  if (decision.keeping === undefined) return t`Excluded ${plural(count, { one: '# picture', other: '# pictures' })}`
  return t`Kept ${{ kept: decision.keeping.length.toLocaleString('en-GB') }}, excluded ${plural(count, { one: '# picture', other: '# pictures' })}`
}

export function journalOf(state: JournalState, damagedLines: number): Journal {
  const entries = state.decisions.map(({ decision, isApplied }) => ({
    id: decision.id,
    at: decision.at,
    kind: decision.kind,
    title: decisionTitle(decision),
    count: decision.pictures.length,
    isApplied,
    paths: decision.pictures.slice(0, MOST_PATHS).map(({ path }) => path),
  }))
  return { entries, undo: state.undo, redo: state.redo, damagedLines }
}
