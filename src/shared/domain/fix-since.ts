/**
 * What was decided about a run's pictures since the run was made. Both sides are known without a look at the folder: the manifest says how the run
 * had them, the journal what holds now.
 */
import { plural, t } from '@lingui/core/macro'
import { z } from 'zod'
import { type Excluded, type Manifest, type ManifestEntry, splitCountsSchema, type Split, SPLITS } from './dataset'
import type { Decision } from './fix-journal'

/** Pictures by the split that the run had them in. */
export const fixCountsSchema = z.object({
  relabelled: splitCountsSchema,
  excluded: splitCountsSchema,
  /** Left out of the run, and not any more. */
  brought_back: splitCountsSchema,
})
export type FixCounts = z.infer<typeof fixCountsSchema>

export const PICTURE_MARKS = ['excluded', 'relabelled', 'fine'] as const
/** What is to be seen on a picture of a run. */
export const pictureMarkSchema = z.object({ path: z.string(), mark: z.enum(PICTURE_MARKS), /** Where it was relabelled. */ toClass: z.string().nullable() })
export type PictureMark = z.infer<typeof pictureMarkSchema>

export interface StandingPicture {
  readonly entry: ManifestEntry
  /** Index of the run's classes. */
  readonly classIndex: number
  readonly isExcluded: boolean
  /** The decision that left it out, or gave it its class. */
  readonly decision: number
}

export interface FixesSince {
  readonly marks: readonly PictureMark[]
  /** Pictures of the run that it would have otherwise now. */
  readonly changed: readonly StandingPicture[]
  readonly broughtBack: readonly BroughtBack[]
}

/** A picture that the run went without, and that takes part again. */
export interface BroughtBack extends Pick<Excluded, 'path' | 'group' | 'alike'> {
  /** Index of the run's classes: what holds now, whatever held when it was left out. */
  readonly classIndex: number
  /** Null where nobody knows which it had. */
  readonly split: Split | null
  /** Where its folder says another class. */
  readonly moved: { readonly from: string; readonly decision: number } | null
}

interface Standing {
  className: string
  isExcluded: boolean
  isFine: boolean
  decision: number
}

/** @param decisions those in force, in their order */
export function fixesSince(manifest: Pick<Manifest, 'classes' | 'pictures' | 'curation'>, decisions: readonly Decision[]): FixesSince {
  const { classes, curation } = manifest
  const byPath = new Map(manifest.pictures.map((entry) => [entry.path, entry]))
  const folderClass = new Map(curation?.moved.map(({ path, from }) => [path, from]) ?? [])
  const labelOf = (entry: ManifestEntry): string => classes[entry.classIndex] ?? ''
  const standing = new Map<string, Standing>()
  // A move of before the run may have been taken back since.
  for (const [path, className] of folderClass) if (byPath.has(path)) standing.set(path, { className, isExcluded: false, isFine: false, decision: 0 })
  const leftOut = new Map((curation?.excluded ?? []).map((excluded) => [excluded.path, { excluded, now: standingInFolder(excluded, classes) }]))
  for (const decision of decisions) {
    for (const { path, sha256, asClass } of decision.pictures) {
      const entry = byPath.get(path)
      if (entry === undefined) {
        const out = leftOut.get(path)
        if (out !== undefined) decide(out.now, decision, asClass, classes)
      } else if (entry.sha256 === '' || entry.sha256 === sha256) {
        const now = standing.get(path) ?? { className: labelOf(entry), isExcluded: false, isFine: false, decision: 0 }
        standing.set(path, now)
        decide(now, decision, asClass, classes)
      }
    }
  }
  const marks: PictureMark[] = []
  const changed: StandingPicture[] = []
  for (const [path, { className, isExcluded, isFine, decision }] of standing) {
    const entry = byPath.get(path)
    if (entry === undefined) continue
    const isRelabelled = className !== labelOf(entry)
    if (isExcluded || isRelabelled) changed.push({ entry, classIndex: classes.indexOf(className), isExcluded, decision })
    if (isExcluded) marks.push({ path, mark: 'excluded', toClass: null })
    else if (isRelabelled) marks.push({ path, mark: 'relabelled', toClass: className })
    else if (isFine) marks.push({ path, mark: 'fine', toClass: null })
  }
  const broughtBack = [...leftOut.values()].flatMap(({ excluded, now }) => (now.isExcluded ? [] : [backFrom(excluded, now, classes)]))
  return { marks, changed, broughtBack }
}

function standingInFolder({ folderClass, classIndex }: Excluded, classes: readonly string[]): Standing {
  return { className: folderClass ?? classes[classIndex] ?? '', isExcluded: false, isFine: false, decision: 0 }
}

function backFrom(excluded: Excluded, { className, decision }: Standing, classes: readonly string[]): BroughtBack {
  const { path, split = null, group, alike } = excluded
  const from = standingInFolder(excluded, classes).className
  return {
    path,
    classIndex: classes.indexOf(className),
    split,
    moved: className === from ? null : { from, decision },
    ...(group === undefined ? {} : { group }),
    ...(alike === undefined ? {} : { alike }),
  }
}

function decide(now: Standing, decision: Decision, asClass: string | undefined, classes: readonly string[]): void {
  if (decision.kind === 'exclude') {
    now.isExcluded = true
    now.decision = decision.id
  } else if (decision.kind === 'move') {
    if (!classes.includes(decision.toClass)) return
    now.className = decision.toClass
    now.isFine = false
    if (!now.isExcluded) now.decision = decision.id
  } else if (decision.finding === null) {
    now.isExcluded = false
    now.isFine = true
    now.decision = decision.id
    if (asClass !== undefined && classes.includes(asClass)) now.className = asClass
  }
}

const none = (): Record<Split, number> => ({ train: 0, val: 0, test: 0 })

/** What was left out and is not any more goes to train where nobody knows which split it had. */
export function countFixes({ changed, broughtBack }: { readonly changed: FixesSince['changed']; readonly broughtBack: readonly Pick<BroughtBack, 'split'>[] }): FixCounts {
  const counts = { relabelled: none(), excluded: none(), brought_back: none() }
  for (const { entry, isExcluded } of changed) counts[isExcluded ? 'excluded' : 'relabelled'][entry.split]++
  for (const { split } of broughtBack) counts.brought_back[split ?? 'train']++
  return counts
}

const sum = (counts: Record<Split, number>): number => counts.train + counts.val + counts.test

export function fixTotal({ relabelled, excluded, brought_back: back }: FixCounts): number {
  return sum(relabelled) + sum(excluded) + sum(back)
}

const kinds = ['relabelled', 'excluded', 'brought_back'] as const
const KIND_COUNTS: Readonly<Record<(typeof kinds)[number], (count: number) => string>> = {
  relabelled: (count) => plural(count, { one: '# relabelled', other: '# relabelled' }),
  excluded: (count) => plural(count, { one: '# excluded', other: '# excluded' }),
  brought_back: (count) => plural(count, { one: '# taken in again', other: '# taken in again' }),
}

/** `3 fixes: 2 relabelled, 1 excluded`. */
export function fixesText(counts: FixCounts): string {
  const total = fixTotal(counts)
  const parts = kinds.flatMap((kind) => (sum(counts[kind]) === 0 ? [] : [KIND_COUNTS[kind](sum(counts[kind]))]))
  return total === 0 ? t`no fixes` : t`${plural(total, { one: '# fix', other: '# fixes' })}: ${{ kinds: parts.join(', ') }}`
}

const SPLIT_COUNTS: Readonly<Record<Split, (count: number, which: string) => string>> = {
  train: (count, which) => t`${plural(count, { one: '# picture', other: '# pictures' })} in training (${which})`,
  val: (count, which) => t`${plural(count, { one: '# picture', other: '# pictures' })} in validation (${which})`,
  test: (count, which) => t`${plural(count, { one: '# picture', other: '# pictures' })} in test (${which})`,
}

/** Of what was relabelled, excluded, taken in again. */
const SPLIT_MEANING: Readonly<Record<Split, readonly [string, string, string]>> = {
  train: [t`the model learns the new label`, t`what was excluded is not learned from`, t`what was taken in again is learned from`],
  val: [t`which epoch is best is decided with the new label`, t`what was excluded has no say in it`, t`what was taken in again has a say in it`],
  test: [t`the new label says what is right`, t`what was excluded is not counted`, t`what was taken in again is counted`],
}
const TEST_NOTE =
  t`The new score is that of a corrected test set, and mending only what the model got wrong raises it by itself. Beside the run before, only pictures with the same label in both are counted.`

/** What the fixes mean, split by split: for what the model learns, for which epoch counts as best, and for the score. */
export function fixMeaning(counts: FixCounts): string[] {
  const lines: string[] = []
  for (const split of SPLITS) {
    const [relabelled, excluded, back] = [counts.relabelled[split], counts.excluded[split], counts.brought_back[split]]
    const total = relabelled + excluded + back
    if (total === 0) continue
    const which = kinds.flatMap((kind) => (counts[kind][split] === 0 ? [] : [KIND_COUNTS[kind](counts[kind][split])])).join(', ')
    const what = SPLIT_COUNTS[split](total, which)
    const [label, out, again] = SPLIT_MEANING[split]
    const how = [relabelled > 0 ? label : '', excluded > 0 ? out : '', back > 0 ? again : ''].filter((part) => part !== '')
    const line = t`${what}: ${{ how: how.join(', ') }}.`
    lines.push(split === 'test' ? `${line} ${TEST_NOTE}` : line)
  }
  return lines
}
