/** What is worth knowing about a dataset before training on it, dearest first. */
import { basename } from 'node:path'
import type { DatasetSummary, Finding, Manifest, Scan } from '../../shared/domain/dataset'
import { SPLITS } from '../../shared/domain/dataset'
import { manifestCounts } from './split'

/** Largest class : smallest class above this is told. */
export const IMBALANCE_RATIO = 3
/** A class with fewer pictures is told. */
export const FEW_PICTURES = 20
/** A picture whose shorter side is below this (pixels) is told. */
export const SMALL_SIDE = 64
const MAXIMUM_PATHS = 200

type Rule = (scan: Scan, manifest: Manifest) => Finding | null

function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `"${name}"`)
  return names.length > 3 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ')
}

function duplicateGroups(manifest: Manifest): Manifest['pictures'][] {
  const groups = new Map<string, Manifest['pictures']>()
  for (const picture of manifest.pictures) {
    const group = groups.get(picture.sha256)
    if (group === undefined) groups.set(picture.sha256, [picture])
    else group.push(picture)
  }
  return [...groups.values()].filter((group) => group.length > 1)
}

const acrossClasses = (group: Manifest['pictures']): boolean => new Set(group.map((picture) => picture.classIndex)).size > 1
const acrossSplits = (group: Manifest['pictures']): boolean => new Set(group.map((picture) => picture.split)).size > 1

function duplicates(wanted: (group: Manifest['pictures']) => boolean, words: (copies: number) => Omit<Finding, 'count' | 'paths'>): Rule {
  return (_scan, manifest) => {
    const paths = duplicateGroups(manifest)
      .filter(wanted)
      .flat()
      .map((picture) => picture.path)
    return paths.length === 0 ? null : { ...words(paths.length), count: paths.length, paths: paths.slice(0, MAXIMUM_PATHS) }
  }
}

/** In order of cost; findings of the same severity keep this order. */
const RULES: readonly Rule[] = [
  (_scan, manifest) => {
    const counts = manifestCounts(manifest)
    const missing = SPLITS.filter((split) => counts.split[split] > 0 || split !== 'test').flatMap((split) =>
      counts.classes.flatMap((classCounts, index) => (classCounts[split] === 0 ? [{ split, name: manifest.classes[index] ?? '' }] : [])),
    )
    if (missing.length === 0) return null
    const stops = missing.some(({ split }) => split !== 'test')
    return {
      kind: 'missing-class-in-split',
      severity: stops ? 'stop' : 'look',
      count: missing.length,
      title:
        missing.length === 1
          ? `${quoted(missing.map(({ name }) => name))} has no picture in ${missing[0]?.split ?? ''}`
          : `${missing.length} times a class has no picture in a split`,
      why: stops
        ? 'A class that is missing from train cannot be learned, and one missing from val cannot be judged.'
        : 'The test figures say nothing about a class that is not in the test part.',
      action: 'Add pictures of the class, or change the ratios of the split.',
      paths: [],
    }
  },
  duplicates(acrossClasses, (copies) => ({
    kind: 'duplicate-across-classes',
    severity: 'look',
    title: `${counted(copies, 'identical picture')} in different classes`,
    why: 'The same picture under two names teaches the model a contradiction.',
    action: 'Keep each in the one class where it belongs.',
  })),
  duplicates(acrossSplits, (copies) => ({
    kind: 'duplicate-across-splits',
    severity: 'look',
    title: `${counted(copies, 'identical picture')} in different splits`,
    why: 'A picture that is both trained on and tested on makes the figures look better than they are.',
    action: 'Delete the copies, or keep them all in one split.',
  })),
  (scan, manifest) => {
    const lost = manifest.setAside.length
    if (lost === 0) return null
    const share = lost / (lost + scan.pictures.length)
    return {
      kind: 'set-aside',
      severity: 'look',
      count: lost,
      title: `${counted(lost, 'file')} set aside`,
      why:
        share > 0.05
          ? `That is ${(share * 100).toFixed(0)} % of the files; what they would have taught is lost.`
          : 'They cannot be used as pictures and take no part.',
      action: 'See the reason beside each; most can be converted to JPEG or copied again.',
      paths: manifest.setAside.slice(0, MAXIMUM_PATHS).map((file) => file.path),
    }
  },
  (_scan, manifest) => {
    const totals = manifestCounts(manifest).classes.map((counts) => counts.train + counts.val + counts.test)
    const few = totals.flatMap((total, index) => (total < FEW_PICTURES ? [index] : []))
    if (few.length === 0) return null
    const members = new Set(few)
    const names = quoted(few.map((index) => manifest.classes[index] ?? ''))
    return {
      kind: 'few-pictures',
      severity: 'look',
      count: few.length,
      title: `${few.length === 1 ? 'One class has' : `${few.length} classes have`} fewer than ${FEW_PICTURES} pictures: ${names}`,
      why: 'With so few pictures the figures jump by chance and the class is hard to learn.',
      action: 'Add pictures; 50 or more a class is a good start.',
      paths: manifest.pictures
        .filter((picture) => members.has(picture.classIndex))
        .slice(0, MAXIMUM_PATHS)
        .map((picture) => picture.path),
    }
  },
  (_scan, manifest) => {
    const totals = manifestCounts(manifest).classes.map((counts) => counts.train + counts.val + counts.test)
    const largest = Math.max(...totals)
    const smallest = Math.min(...totals)
    if (smallest === 0 || largest <= IMBALANCE_RATIO * smallest) return null
    const name = (total: number): string => manifest.classes[totals.indexOf(total)] ?? ''
    return {
      kind: 'imbalance',
      severity: 'look',
      count: totals.filter((total) => largest > IMBALANCE_RATIO * total).length,
      title: `"${name(largest)}" has ${(largest / smallest).toFixed(1)} times as many pictures as "${name(smallest)}"`,
      why: 'The model will lean to the large class; accuracy then hides how the small one does.',
      action: 'Add pictures to the small classes, and judge by macro F1.',
      paths: [],
    }
  },
  (scan, manifest) => {
    const kept = new Set(manifest.pictures.map((picture) => picture.path))
    const small = scan.pictures.filter((picture) => kept.has(picture.path) && Math.min(picture.width, picture.height) < SMALL_SIDE)
    if (small.length === 0) return null
    return {
      kind: 'small-pictures',
      severity: small.length * 10 > kept.size ? 'look' : 'note',
      count: small.length,
      title: `${counted(small.length, 'picture')} with a side below ${SMALL_SIDE} pixels`,
      why: 'Enlarged to the size that the model sees, they are blurred.',
      action: 'Use larger originals if there are any.',
      paths: small.slice(0, MAXIMUM_PATHS).map((picture) => picture.path),
    }
  },
  duplicates(
    (group) => !acrossClasses(group) && !acrossSplits(group),
    (copies) => ({
      kind: 'duplicate',
      severity: 'note',
      title: `${counted(copies, 'identical picture')} within a class`,
      why: 'Copies add no knowledge and weigh twice.',
      action: 'Delete the copies if they are not meant.',
    }),
  ),
  (_scan, manifest) => {
    if (manifest.ignored.length === 0) return null
    return {
      kind: 'ignored',
      severity: 'note',
      count: manifest.ignored.length,
      title:
        manifest.ignored.length === 1
          ? '1 other file or folder passed over'
          : `${manifest.ignored.length.toLocaleString('en-GB')} other files and folders passed over`,
      why: 'Hidden and system files, and what does not lie in a class folder, take no part.',
      action: 'Nothing, unless something of yours is among them.',
      paths: manifest.ignored.slice(0, MAXIMUM_PATHS).map((ignored) => ignored.path),
    }
  },
]

const SEVERITIES = ['stop', 'look', 'note'] as const

/** Everything worth knowing, what costs most first: `stop` before `look` before `note`. */
export function findFindings(scan: Scan, manifest: Manifest): Finding[] {
  const findings = RULES.flatMap((rule) => rule(scan, manifest) ?? [])
  return SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity))
}

/** What the Dataset screen and `inspect` show. The counts are the manifest's, so they follow what was set aside later. */
export function summarise(scan: Scan, manifest: Manifest, datasetId: string): DatasetSummary {
  const counts = manifestCounts(manifest)
  return {
    datasetId,
    name: basename(scan.root) || scan.root,
    root: scan.root,
    layout: scan.layout,
    classes: manifest.classes.map((name, index) => {
      const split = counts.classes[index] ?? { train: 0, val: 0, test: 0 }
      return { name, pictures: split.train + split.val + split.test, split }
    }),
    pictures: counts.pictures,
    split: counts.split,
    ratios: manifest.ratios,
    seed: manifest.seed,
    sizeBytes: counts.sizeBytes,
    ...(manifest.curation === undefined ? {} : { excluded: manifest.curation.excluded.length }),
    setAside: manifest.setAside,
    ignored: manifest.ignored,
    findings: findFindings(scan, manifest),
    durationMs: scan.durationMs,
  }
}
