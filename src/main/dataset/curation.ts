/** A dataset as a person has decided it to be: pictures left out, pictures of another class than their folder says. */
import type { CurationRecord, Manifest, Picture, Scan, SplitRatios } from '../../shared/domain/dataset'
import { decisionTitle } from '../../shared/domain/fix-journal'
import type { Decision } from '../../shared/domain/fix-journal'
import type { HealthKind } from '../../shared/domain/health'
import type { LookAlikes } from './look-alikes'
import { splitDataset } from './split'

export interface Curation {
  /** Those in force, in their order. */
  readonly decisions: readonly Decision[]
  /** What the split keeps together. */
  readonly alikes: Pick<LookAlikes, 'together'>
}

/** Nobody decided anything, and nothing belongs together. */
export const UNDECIDED: Curation = { decisions: [], alikes: { together: [] } }

export interface CuratedScan {
  /** Without the pictures that were left out, those that were moved in their new class. */
  readonly scan: Scan
  readonly record: CurationRecord
  /** Paths that are fine as they are, by finding. */
  readonly fine: ReadonlyMap<HealthKind, ReadonlySet<string>>
}

const REASONS = { exclude: 'left out', keep: 'a copy of one that is kept' } as const

/** A decision counts for a picture only while its file is the one that was decided about. */
export function curated(scan: Scan, decisions: readonly Decision[]): CuratedScan {
  const byPath = new Map(scan.pictures.map((picture) => [picture.path, picture]))
  const classOf = new Map<string, { classIndex: number; decision: number }>()
  const excluded = new Map<string, { reason: string; decision: number }>()
  const fine = new Map<HealthKind, Set<string>>()
  const acted: CurationRecord['decisions'] = []
  for (const decision of decisions) {
    const pictures = decision.pictures.filter(({ path, sha256 }) => byPath.get(path)?.sha256 === sha256)
    if (pictures.length === 0) continue
    if (decision.kind === 'fine') {
      if (decision.finding === null) {
        const acts = pictures.filter(({ path, asClass = '' }) => {
          const classIndex = scan.classes.indexOf(asClass)
          const isOtherClass = classIndex >= 0 && classIndex !== (classOf.get(path)?.classIndex ?? byPath.get(path)?.classIndex)
          if (isOtherClass) classOf.set(path, { classIndex, decision: decision.id })
          return excluded.delete(path) || isOtherClass
        })
        if (acts.length > 0) acted.push({ id: decision.id, at: decision.at, kind: decision.kind, title: decisionTitle(decision) })
        continue
      }
      const paths = fine.get(decision.finding) ?? new Set()
      for (const { path } of pictures) paths.add(path)
      fine.set(decision.finding, paths)
      continue
    }
    if (decision.kind === 'move') {
      const classIndex = scan.classes.indexOf(decision.toClass)
      // The folder of that class is gone; the pictures stay where their own folder puts them.
      if (classIndex < 0) continue
      for (const { path } of pictures) classOf.set(path, { classIndex, decision: decision.id })
    } else {
      const reason = decision.keeping === undefined ? REASONS.exclude : REASONS.keep
      for (const { path } of pictures) excluded.set(path, { reason, decision: decision.id })
    }
    acted.push({ id: decision.id, at: decision.at, kind: decision.kind, title: decisionTitle(decision) })
  }
  const inClass = (picture: Picture): Picture => {
    const classIndex = classOf.get(picture.path)?.classIndex ?? picture.classIndex
    return classIndex === picture.classIndex ? picture : { ...picture, classIndex }
  }
  const pictures = scan.pictures.filter(({ path }) => !excluded.has(path)).map(inClass)
  const nameOf = (classIndex: number): string => scan.classes[classIndex] ?? ''
  return {
    scan: excluded.size === 0 && classOf.size === 0 ? scan : { ...scan, pictures },
    fine,
    record: {
      decisions: acted,
      excluded: scan.pictures.flatMap((picture) => {
        const why = excluded.get(picture.path)
        if (why === undefined) return []
        const { classIndex } = inClass(picture)
        return [{ path: picture.path, classIndex, ...(classIndex === picture.classIndex ? {} : { folderClass: nameOf(picture.classIndex) }), ...why }]
      }),
      moved: scan.pictures.flatMap(({ path, classIndex }) => {
        const to = classOf.get(path)
        return to === undefined || to.classIndex === classIndex || excluded.has(path) ? [] : [{ path, from: nameOf(classIndex), to: nameOf(to.classIndex), decision: to.decision }]
      }),
    },
  }
}

/** The number of its group for every picture of a group that has at least two left, counted from 0 in the scan's order. */
export function groupNumbers(scan: Scan, curatedScan: Scan, { together }: Pick<LookAlikes, 'together'>): Map<string, number> {
  const left = new Set(curatedScan.pictures.map(({ path }) => path))
  const numbers = new Map<string, number>()
  let number = 0
  for (const group of together) {
    const paths = group.flatMap((index) => scan.pictures[index]?.path ?? []).filter((path) => left.has(path))
    if (paths.length < 2) continue
    for (const path of paths) numbers.set(path, number)
    number++
  }
  return numbers
}

/**
 * The split of what is left after the decisions, by groups, with a record of what was decided.
 *
 * @throws GraftError BAD_INPUT as `splitDataset` does, where too little is left of a class
 */
export function splitCurated(scan: Scan, { decisions, alikes }: Curation, ratios: SplitRatios, seed: number): Manifest {
  const { scan: left, record } = curated(scan, decisions)
  const manifest = splitDataset(left, ratios, seed, groupNumbers(scan, left, alikes))
  return record.decisions.length === 0 ? manifest : { ...manifest, curation: { ...record, excluded: withTheirPlaces(record.excluded, scan, manifest, alikes) } }
}

/** Were one of them drawn by itself when it comes back, a copy of a test picture could be learned from. */
function withTheirPlaces(excluded: CurationRecord['excluded'], scan: Scan, { pictures }: Manifest, { together }: Pick<LookAlikes, 'together'>): CurationRecord['excluded'] {
  if (excluded.length === 0) return excluded
  const entries = new Map(pictures.map((entry) => [entry.path, entry]))
  const groupOf = new Map(together.flatMap((group) => group.map((index) => [scan.pictures[index]?.path, group] as const)))
  const scanned = new Map(scan.pictures.map((picture) => [picture.path, picture]))
  const isValGiven = scan.pictures.some(({ givenSplit }) => givenSplit === 'val')
  return excluded.map((picture) => {
    const { sha256, givenSplit = null } = scanned.get(picture.path) ?? {}
    const left = (groupOf.get(picture.path) ?? []).flatMap((index) => entries.get(scan.pictures[index]?.path ?? '') ?? [])
    const alike = left.find((entry) => entry.sha256 === sha256) ?? left[0]
    // Train is divided further where no folder is validated on.
    const split = givenSplit !== null && (givenSplit !== 'train' || isValGiven) ? givenSplit : alike?.split
    return { ...picture, ...(split === undefined ? {} : { split }), ...(alike === undefined ? {} : { alike: alike.path }) }
  })
}
