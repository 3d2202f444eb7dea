/** A run's pictures in their splits, as they were decided to be since. */
import type { CurationRecord, Manifest, ManifestEntry, SetAside } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { decisionTitle, type Decision } from '../../shared/domain/fix-journal'
import type { BroughtBack, FixesSince } from '../../shared/domain/fix-since'
import { withSetAside } from './split'

export interface FixedSplit {
  readonly manifest: Manifest
  readonly since: FixesSince
  /** In force, in their order. */
  readonly decisions: readonly Decision[]
  /** What was left out of the run and takes part again, each with the picture of the run that it belongs with. */
  readonly broughtBack: readonly { readonly entry: ManifestEntry; readonly moved: BroughtBack['moved']; readonly alike: string | null }[]
  /** Files that are gone, or are not what they were. */
  readonly lost: readonly SetAside[]
}

/**
 * Every picture stays in its split; what was left out is gone from it, what was relabelled has its new class.
 * @throws GraftError BAD_INPUT where train or val of a class would have nothing left; UNREADABLE where that is because files are gone
 */
export function fixedManifest({ manifest, since, decisions, broughtBack, lost }: FixedSplit): Manifest {
  const { classes } = manifest
  const changed = new Map(since.changed.map((standing) => [standing.entry.path, standing]))
  const back = new Set(broughtBack.map(({ entry }) => entry.path))
  const groups = groupsWith(manifest.pictures, broughtBack)
  const nameOf = (classIndex: number): string => classes[classIndex] ?? ''
  const folderClass = new Map(manifest.curation?.moved.map((moved) => [moved.path, moved]) ?? [])
  const excluded: CurationRecord['excluded'] = (manifest.curation?.excluded ?? []).filter(({ path }) => !back.has(path))
  const moved: CurationRecord['moved'] = []
  const pictures: ManifestEntry[] = []
  for (const entry of manifest.pictures) {
    const standing = changed.get(entry.path)
    const before = folderClass.get(entry.path)
    const group = groups.get(entry.path) ?? entry.group
    const from = before?.from ?? nameOf(entry.classIndex)
    const grouped = group === undefined ? {} : { group }
    if (standing?.isExcluded === true) {
      const { classIndex, decision } = standing
      excluded.push({ path: entry.path, classIndex, ...(nameOf(classIndex) === from ? {} : { folderClass: from }), reason: 'left out', decision, split: entry.split, ...grouped })
      continue
    }
    const classIndex = standing?.classIndex ?? entry.classIndex
    if (nameOf(classIndex) !== from) moved.push({ path: entry.path, from, to: nameOf(classIndex), decision: standing?.decision ?? before?.decision ?? 1 })
    pictures.push({ ...entry, classIndex, ...grouped })
  }
  for (const { entry, moved: to } of broughtBack) {
    const group = groups.get(entry.path)
    pictures.push(group === undefined ? entry : { ...entry, group })
    if (to !== null) moved.push({ path: entry.path, from: to.from, to: nameOf(entry.classIndex), decision: to.decision })
  }
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
  const acted = new Set([...excluded, ...moved].map(({ decision }) => decision))
  const { curation: _, ...rest } = manifest
  const fixed: Manifest = {
    ...rest,
    pictures: pictures.sort(byPath),
    ...(acted.size === 0
      ? {}
      : {
          curation: {
            decisions: decisions.filter(({ id }) => acted.has(id)).map((decision) => ({ id: decision.id, at: decision.at, kind: decision.kind, title: decisionTitle(decision) })),
            excluded: excluded.sort(byPath),
            moved: moved.sort(byPath),
          },
        }),
  }
  requireBothParts(fixed)
  return withSetAside(fixed, lost)
}

/** Group numbers by path, of what comes back to a picture that it belongs with and of that picture. */
function groupsWith(pictures: readonly ManifestEntry[], broughtBack: FixedSplit['broughtBack']): Map<string, number> {
  const entries = new Map(pictures.map((entry) => [entry.path, entry]))
  let next = pictures.reduce((largest, { group = -1 }) => Math.max(largest, group), -1) + 1
  const groups = new Map<string, number>()
  for (const { entry, alike } of broughtBack) {
    const twin = alike === null ? undefined : entries.get(alike)
    if (twin === undefined) continue
    const group = groups.get(twin.path) ?? twin.group ?? next++
    groups.set(twin.path, group).set(entry.path, group)
  }
  return groups
}

function requireBothParts({ classes, pictures }: Manifest): void {
  const there = new Set(pictures.map(({ classIndex, split }) => `${classIndex} ${split}`))
  classes.forEach((name, classIndex) => {
    for (const split of ['train', 'val'] as const) {
      if (there.has(`${classIndex} ${split}`)) continue
      throw new GraftError('BAD_INPUT', `After the fixes class "${name}" has no picture in ${split}; every class needs at least one in train and in val.`, {
        action: 'Take a decision about its pictures back, or make a new run, whose split is drawn anew.',
      })
    }
  })
}
