/** Everything worth knowing about a dataset once its pixels were looked at, dearest first, with the pictures of each finding. */
import type { Finding, Manifest, Picture, Scan, Split } from '../../shared/domain/dataset'
import type { FixKind, HealthFinding, HealthKind, Measurement } from '../../shared/domain/health'
import type { CuratedScan } from './curation'
import { findFindings, IMBALANCE_RATIO, SMALL_SIDE } from './health'
import type { LookAlikes } from './look-alikes'
import { LEAST_SPAN } from './look-alikes'

/**
 * Sharpness below both of these is told. Of 400 photographs the least sharp has 280, and the median 5,970; the same, blurred by a Gaussian of 4 pixels
 * where the longer side has 500, have 93 at most, by 3 pixels 86 in the median. Drawings and scans are smooth throughout (300 drawn leaves: median 290, least
 * 22), so that a picture must also stand out from its own dataset.
 */
export const BLURRY_BELOW = 150
export const BLURRY_SHARE_OF_MEDIAN = 0.1
/** 99 % of the pixels are darker than this level. The darkest of the 400 photographs: 104. */
export const DARK_BELOW = 60
/** 99 % of the pixels are lighter than this level. The lightest of the 400 photographs: 151. */
export const BRIGHT_ABOVE = 200
/** Longer side : shorter side. Squashed to a square, such a picture keeps less than a third of its detail along the longer side. */
export const ODD_RATIO = 3

const SAMPLE_PATHS = 8
/** More than this share of the pictures makes a note worth a look. */
const MANY = 0.02

export interface HealthQuestion {
  readonly scan: Scan
  readonly curated: CuratedScan
  readonly manifest: Manifest
  readonly measurements: ReadonlyMap<string, Measurement>
  readonly alikes: LookAlikes
}

/** Pictures that are to be decided about together, the largest first. */
export type Item = readonly Picture[]

export interface FindingWithItems {
  readonly finding: HealthFinding
  readonly items: readonly Item[]
}

interface Rule {
  readonly kind: HealthKind
  readonly severity: (pictures: number, all: number) => HealthFinding['severity']
  /** What one picture of it costs the model, beside one that is missing. Our estimate; it orders findings of one severity. */
  readonly cost: number
  readonly title: (pictures: number, items: number) => string
  readonly why: string
  readonly action: string
  readonly fixes: readonly FixKind[]
  readonly items: (facts: Facts) => readonly Item[]
}

interface Facts {
  /** Those that are left after the decisions. */
  readonly pictures: readonly Picture[]
  readonly measured: (picture: Picture) => Measurement | undefined
  readonly blurryBelow: number
  readonly near: readonly Item[]
  readonly bursts: readonly Item[]
  readonly together: readonly Item[]
  readonly splitOf: ReadonlyMap<string, Split>
}

const counted = (count: number, noun: string): string => `${count.toLocaleString('en-GB')} ${noun}${count === 1 ? '' : 's'}`
const are = (count: number): string => (count === 1 ? 'is' : 'are')
const always = (severity: HealthFinding['severity']) => (): HealthFinding['severity'] => severity
const lookWhereMany = (pictures: number, all: number): HealthFinding['severity'] => (pictures > MANY * all ? 'look' : 'note')

const isConflict = (item: Item): boolean => new Set(item.map(({ classIndex }) => classIndex)).size > 1
const isOneContent = (item: Item): boolean => new Set(item.map(({ sha256 }) => sha256)).size === 1

function leaks(item: Item, splitOf: Facts['splitOf']): boolean {
  const splits = new Set(item.map(({ path }) => splitOf.get(path)))
  return splits.has('train') && splits.size > 1
}

/** Each picture is told of once: as the first of dark, bright, plain and blurry that it is. */
function flawOf(picture: Picture, { measured, blurryBelow }: Facts): HealthKind | null {
  const measurement = measured(picture)
  if (measurement === undefined) return null
  if (measurement.lightest < DARK_BELOW) return 'dark'
  if (measurement.darkest > BRIGHT_ABOVE) return 'bright'
  if (measurement.lightest - measurement.darkest < LEAST_SPAN) return 'plain'
  return measurement.sharpness < blurryBelow && !isTiny(picture) ? 'blurry' : null
}

const isTiny = ({ width, height }: Picture): boolean => Math.min(width, height) < SMALL_SIDE
const flawed = (kind: HealthKind) => (facts: Facts): Item[] => facts.pictures.filter((picture) => flawOf(picture, facts) === kind).map((picture) => [picture])
const such = (is: (picture: Picture) => boolean) => ({ pictures }: Facts): Item[] => pictures.filter(is).map((picture) => [picture])

const RULES: readonly Rule[] = [
  {
    kind: 'leak',
    severity: always('look'),
    cost: 5,
    title: (pictures) => `${counted(pictures, 'picture')} ${are(pictures)} in train and, the same or nearly, in val or test`,
    why: 'A picture that is both trained on and measured on makes the figures look better than they are.',
    action: 'Keep one of each. Results tells how much of the score it was.',
    fixes: ['keep-largest', 'exclude', 'fine'],
    items: ({ together, splitOf }) => together.filter((item) => leaks(item, splitOf)),
  },
  {
    kind: 'label-conflict',
    severity: always('look'),
    cost: 4,
    title: (_pictures, items) => `${counted(items, 'picture')} ${items === 1 ? 'lies' : 'lie'} in several classes at once, the same or nearly`,
    why: 'One picture under two names teaches a contradiction, and counts as a mistake whatever the model says.',
    action: 'Keep each in the class where it belongs.',
    fixes: ['move', 'exclude', 'fine'],
    items: ({ near, splitOf }) => near.filter((item) => isConflict(item) && !leaks(item, splitOf)),
  },
  {
    kind: 'damaged',
    severity: always('look'),
    cost: 1,
    title: (pictures) => `${counted(pictures, 'picture')} cannot be decoded`,
    why: 'The data behind the header are damaged. Training sets such a picture aside, and what it would have taught is lost.',
    action: 'Copy or download it again, or leave it out.',
    fixes: ['exclude'],
    items: ({ pictures, measured }) => pictures.filter((picture) => measured(picture) === undefined).map((picture) => [picture]),
  },
  {
    kind: 'dark',
    severity: always('look'),
    cost: 1,
    title: (pictures) => `${counted(pictures, 'picture')} ${are(pictures)} nearly black`,
    why: 'There is nothing to see on them, so that the model learns the class from the darkness.',
    action: 'Leave them out.',
    fixes: ['exclude', 'move', 'fine'],
    items: flawed('dark'),
  },
  {
    kind: 'bright',
    severity: always('look'),
    cost: 1,
    title: (pictures) => `${counted(pictures, 'picture')} ${are(pictures)} nearly white`,
    why: 'There is nothing to see on them, so that the model learns the class from the brightness.',
    action: 'Leave them out.',
    fixes: ['exclude', 'move', 'fine'],
    items: flawed('bright'),
  },
  {
    kind: 'plain',
    severity: always('look'),
    cost: 1,
    title: (pictures) => `${counted(pictures, 'picture')} ${are(pictures)} of one colour throughout`,
    why: 'They show nothing of the class.',
    action: 'Leave them out.',
    fixes: ['exclude', 'move', 'fine'],
    items: flawed('plain'),
  },
  {
    kind: 'blurry',
    severity: lookWhereMany,
    cost: 0.6,
    title: (pictures) => `${counted(pictures, 'picture')} ${are(pictures)} blurred`,
    why: 'Their detail is lost, and far below what the other pictures have. If your own pictures will be blurred as well, they are worth keeping.',
    action: 'Leave out those on which you cannot tell the class yourself.',
    fixes: ['exclude', 'move', 'fine'],
    items: flawed('blurry'),
  },
  {
    kind: 'tiny',
    severity: (pictures, all) => (pictures * 10 > all ? 'look' : 'note'),
    cost: 0.5,
    title: (pictures) => `${counted(pictures, 'picture')} with a side below ${SMALL_SIDE} pixels`,
    why: 'Enlarged to the size that the model sees, they are blurred.',
    action: 'Use larger originals if there are any, or leave them out.',
    fixes: ['exclude', 'move', 'fine'],
    items: such(isTiny),
  },
  {
    kind: 'near-duplicate',
    severity: always('note'),
    cost: 0.3,
    title: (pictures, items) => `${counted(pictures, 'picture')} ${are(pictures)} nearly the same, in ${counted(items, 'group')}`,
    why: 'Resized, recompressed or cropped copies add little and weigh several times. The split keeps each group together, so that no score is flattered.',
    action: 'Keep the largest of each group.',
    fixes: ['keep-largest', 'exclude', 'fine'],
    items: ({ near, splitOf }) => near.filter((item) => !isConflict(item) && !isOneContent(item) && !leaks(item, splitOf)),
  },
  {
    kind: 'duplicate',
    severity: always('note'),
    cost: 0.3,
    title: (pictures, items) => `${counted(pictures, 'picture')} ${are(pictures)} identical, in ${counted(items, 'group')}`,
    why: 'Copies add no knowledge and weigh several times. The split keeps each group together, so that no score is flattered.',
    action: 'Keep one of each.',
    fixes: ['keep-largest', 'exclude', 'fine'],
    items: ({ near, splitOf }) => near.filter((item) => !isConflict(item) && isOneContent(item) && !leaks(item, splitOf)),
  },
  {
    kind: 'burst',
    severity: always('note'),
    cost: 0.1,
    title: (pictures, items) => `${counted(pictures, 'picture')} ${are(pictures)} shots of one moment, in ${counted(items, 'burst')}`,
    why: 'Bursts and frames of a film show one scene many times. The split keeps each together, so that no score is flattered.',
    action: 'Keep a few of each where they crowd out other scenes.',
    fixes: ['keep-largest', 'exclude', 'fine'],
    items: ({ bursts, splitOf }) => bursts.filter((item) => !leaks(item, splitOf)),
  },
  {
    kind: 'odd-shape',
    severity: always('note'),
    cost: 0.1,
    title: (pictures) => `${counted(pictures, 'picture')} more than ${ODD_RATIO} times as long as wide`,
    why: 'Brought to a square, what they show is squashed beyond what the other pictures look like.',
    action: 'Crop them, or leave them out.',
    fixes: ['exclude', 'move', 'fine'],
    items: such(({ width, height }) => Math.max(width, height) > ODD_RATIO * Math.min(width, height)),
  },
]

/** Of what is known without looking at pixels, the part that is not told better here. */
const OLD_KINDS: Readonly<Partial<Record<Finding['kind'], { kind: HealthKind; cost: number }>>> = {
  'missing-class-in-split': { kind: 'missing-class-in-split', cost: 100 },
  'set-aside': { kind: 'set-aside', cost: 1 },
  'few-pictures': { kind: 'few-pictures', cost: IMBALANCE_RATIO },
  imbalance: { kind: 'imbalance', cost: IMBALANCE_RATIO },
  ignored: { kind: 'ignored', cost: 0 },
}

const SEVERITIES = ['stop', 'look', 'note'] as const

/** `stop` before `look` before `note`; within each, what costs most first. */
export function healthFindings(question: HealthQuestion): FindingWithItems[] {
  const { curated, manifest } = question
  const facts = factsOf(question)
  const priced = RULES.flatMap((rule) => {
    const fine = curated.fine.get(rule.kind)
    const items = rule.items(facts).filter((item) => fine === undefined || item.some(({ path }) => !fine.has(path)))
    if (items.length === 0) return []
    const pictures = items.reduce((sum, item) => sum + item.length, 0)
    const finding: HealthFinding = {
      kind: rule.kind,
      severity: rule.severity(pictures, facts.pictures.length),
      count: pictures,
      items: items.length,
      title: rule.title(pictures, items.length),
      why: rule.why,
      action: rule.action,
      fixes: [...rule.fixes],
      // Two of each group, so that one large group does not fill the sample.
      sample: items.slice(0, SAMPLE_PATHS).flatMap((item) => item.slice(0, 2)).slice(0, SAMPLE_PATHS).map(({ path }) => path),
    }
    return [{ finding, items, cost: rule.cost * pictures }]
  })
  const known = new Map(curated.scan.pictures.map((picture) => [picture.path, picture]))
  for (const { kind: oldKind, paths, ...words } of findFindings(curated.scan, manifest)) {
    const told = OLD_KINDS[oldKind]
    if (told === undefined) continue
    const items = paths.flatMap((path): Item[] => {
      const picture = known.get(path)
      return picture === undefined ? [] : [[picture]]
    })
    const finding: HealthFinding = { ...words, kind: told.kind, items: items.length, fixes: [], sample: items.slice(0, SAMPLE_PATHS).flat().map(({ path }) => path) }
    priced.push({ finding, items, cost: told.cost * words.count })
  }
  priced.sort((a, b) => b.cost - a.cost)
  return SEVERITIES.flatMap((severity) => priced.filter(({ finding }) => finding.severity === severity).map(({ finding, items }) => ({ finding, items })))
}

function factsOf({ scan, curated, manifest, measurements, alikes }: HealthQuestion): Facts {
  const left = new Map(curated.scan.pictures.map((picture) => [picture.path, picture]))
  const itemsOf = (groups: LookAlikes['near']): Item[] =>
    groups.flatMap((group) => {
      const pictures = group.flatMap((index) => left.get(scan.pictures[index]?.path ?? '') ?? [])
      return pictures.length < 2 ? [] : [pictures.sort(largestFirst)]
    })
  const sharpnesses = curated.scan.pictures.flatMap(({ sha256 }) => measurements.get(sha256)?.sharpness ?? []).sort((a, b) => a - b)
  const median = sharpnesses[Math.floor(sharpnesses.length / 2)] ?? 0
  return {
    pictures: curated.scan.pictures,
    measured: ({ sha256 }) => measurements.get(sha256),
    blurryBelow: Math.min(BLURRY_BELOW, BLURRY_SHARE_OF_MEDIAN * median),
    near: itemsOf(alikes.near),
    bursts: itemsOf(alikes.bursts),
    together: itemsOf(alikes.together),
    splitOf: new Map(manifest.pictures.map(({ path, split }) => [path, split])),
  }
}

function largestFirst(a: Picture, b: Picture): number {
  return b.width * b.height - a.width * a.height || b.sizeBytes - a.sizeBytes || (a.path < b.path ? -1 : 1)
}
