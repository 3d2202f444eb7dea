/** Who is in train, val and test: stratified, seeded, kept in a manifest. */
import type { Manifest, ManifestEntry, Picture, Scan, SetAside, Split, SplitCounts, SplitRatios } from '../../shared/domain/dataset'
import { SPLITS } from '../../shared/domain/dataset'
import { GraftError } from '../../shared/domain/error'
import { drawByGroups } from './group-split'

export interface ManifestCounts {
  pictures: number
  split: SplitCounts
  /** By class index. */
  classes: SplitCounts[]
  sizeBytes: number
}

function checkRatios(ratios: SplitRatios): void {
  const values = SPLITS.map((split) => ratios[split])
  const sum = values.reduce((total, value) => total + value, 0)
  const valid = values.every((value) => Number.isFinite(value) && value >= 0 && value <= 1) && ratios.train > 0 && ratios.val > 0
  if (!valid || Math.abs(sum - 1) > 1e-6) {
    const came = SPLITS.map((split) => `${split} ${ratios[split]}`).join(', ')
    throw new GraftError(
      'BAD_INPUT',
      `Expected split ratios that add up to 1, train and val above 0; came ${came} (sum ${Number(sum.toFixed(6))}).`,
      {
        action: 'Set the three ratios so that they add up to 1, for example 0.7, 0.15 and 0.15.',
      },
    )
  }
}

/**
 * Divides `count` things by ratio, rounding by largest remainder (ties: train, then val, then test); then train and val are
 * given one each where they have none, from whoever can spare most. Needs `count` of at least 2. `ratios` add up to 1.
 */
export function apportion(count: number, ratios: SplitRatios): SplitCounts {
  const exact = SPLITS.map((split) => count * ratios[split])
  // 100 * 0.29 is 28.999999999999996: a hair below a whole number counts as that number.
  const parts = exact.map((value) => Math.floor(value + 1e-9))
  const order = [0, 1, 2].sort((a, b) => exactRemainder(b) - exactRemainder(a) || a - b)
  function exactRemainder(index: number): number {
    const remainder = (exact[index] ?? 0) - (parts[index] ?? 0)
    return Math.round(remainder * 1e9) / 1e9
  }
  const missing = count - parts.reduce((total, part) => total + part, 0)
  for (let i = 0; i < missing; i++) {
    const index = order[i % 3] ?? 0
    parts[index] = (parts[index] ?? 0) + 1
  }
  const result: SplitCounts = { train: parts[0] ?? 0, val: parts[1] ?? 0, test: parts[2] ?? 0 }
  for (const needy of ['train', 'val'] as const) {
    if (result[needy] > 0) continue
    const spare = (split: Split): number => result[split] - (split === 'test' ? 0 : 1)
    const giver = SPLITS.filter((split) => split !== needy).reduce((best, split) => (spare(split) > spare(best) ? split : best))
    result[giver]--
    result[needy]++
  }
  return result
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function tooFew(className: string, count: number): GraftError {
  return new GraftError(
    'BAD_INPUT',
    `Class "${className}" has ${plural(count, 'usable picture')}; at least 2 are needed, one to train and one to validate.`,
    {
      action: 'Add pictures to its folder, or take the folder out of the dataset.',
    },
  )
}

/** The ratios by which the pictures of one given folder are divided further; null where the folders are kept as they are. */
function carvedRatios(pictures: readonly Picture[], ratios: SplitRatios): SplitRatios | null {
  const given = new Set(pictures.map((picture) => picture.givenSplit))
  if (given.has('val')) return null
  if (!given.has('test')) return ratios
  const share = ratios.train + ratios.val
  return { train: ratios.train / share, val: ratios.val / share, test: 0 }
}

/** @throws GraftError naming a class that a given split leaves without a picture to train or to validate on */
function requireBothParts(classNames: readonly string[], byClass: readonly (readonly Picture[])[]): void {
  byClass.forEach((pictures, classIndex) => {
    const className = classNames[classIndex] ?? ''
    for (const split of ['train', 'val'] as const) {
      if (pictures.some((picture) => picture.givenSplit === split)) continue
      throw new GraftError(
        'BAD_INPUT',
        `Class "${className}" has no usable picture in the ${split} folder; every class needs at least one in train and in val.`,
        {
          action: `Put pictures of "${className}" into the ${split} folder, or take the class out of the other folders.`,
        },
      )
    }
  })
}

/**
 * Draws the split. Without split folders: by `ratios`, class by class, in an order that depends on `seed` and the class alone.
 * Split folders are kept: with train and val (and test or not) nothing is drawn; with train and test, val is carved out of train
 * in the proportion train : val of the ratios; with train alone all three are carved out of it. What is drawn is drawn by groups
 * (`drawByGroups`).
 *
 * @param groupOf number of the group by path, of pictures that belong together
 * @throws GraftError BAD_INPUT: ratios, seed, or a class that has no picture for train or val (by name)
 */
export function splitDataset(scan: Scan, ratios: SplitRatios, seed: number, groupOf: ReadonlyMap<string, number> = new Map()): Manifest {
  checkRatios(ratios)
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new GraftError('BAD_INPUT', `Expected a seed that is a whole number from 0 to ${Number.MAX_SAFE_INTEGER}; came ${seed}.`, {
      action: 'Choose another seed, for example 42.',
    })
  }
  const carve = scan.layout === 'folder-per-class' ? ratios : carvedRatios(scan.pictures, ratios)
  const byClass: Picture[][] = scan.classes.map(() => [])
  for (const picture of scan.pictures) byClass[picture.classIndex]?.push(picture)
  const splitOf = new Map<string, Split>()
  for (const { path, givenSplit } of scan.pictures) if (givenSplit !== null) splitOf.set(path, givenSplit)
  if (carve !== null) {
    const classes = byClass.map((pictures, classIndex) => {
      const free = pictures.filter(({ givenSplit }) => givenSplit === null || givenSplit === 'train')
      if (free.length < 2) throw tooFew(scan.classes[classIndex] ?? '', free.length)
      return { pictures: free, counts: apportion(free.length, carve) }
    })
    for (const [path, split] of drawByGroups(classes, carve, seed, groupOf)) splitOf.set(path, split)
  }
  if (carve === null) requireBothParts(scan.classes, byClass)
  return {
    version: 1,
    root: scan.root,
    layout: scan.layout,
    classes: [...scan.classes],
    seed,
    ratios: { train: ratios.train, val: ratios.val, test: ratios.test },
    pictures: scan.pictures.map(({ path, classIndex, sizeBytes, sha256 }) => {
      const group = groupOf.get(path)
      return { path, classIndex, split: splitOf.get(path) ?? 'train', sizeBytes, sha256, ...(group === undefined ? {} : { group }) }
    }),
    setAside: [...scan.setAside],
    ignored: [...scan.ignored],
  }
}

/** Pictures in all, by split, and by class and split. */
export function manifestCounts(manifest: Pick<Manifest, 'classes' | 'pictures'>): ManifestCounts {
  const split: SplitCounts = { train: 0, val: 0, test: 0 }
  const classes = manifest.classes.map((): SplitCounts => ({ train: 0, val: 0, test: 0 }))
  let sizeBytes = 0
  for (const picture of manifest.pictures) {
    split[picture.split]++
    const counts = classes[picture.classIndex]
    if (counts !== undefined) counts[picture.split]++
    sizeBytes += picture.sizeBytes
  }
  return { pictures: manifest.pictures.length, split, classes, sizeBytes }
}

/**
 * The manifest without the pictures that turned out to be unusable when they were decoded. The others stay where they are.
 *
 * @throws GraftError UNREADABLE when train or val of a class has nothing left (by name)
 */
export function withSetAside(manifest: Manifest, setAside: readonly SetAside[]): Manifest {
  if (setAside.length === 0) return manifest
  const refused = new Set(setAside.map((file) => file.path))
  const pictures: ManifestEntry[] = manifest.pictures.filter((picture) => !refused.has(picture.path))
  const known = new Set(manifest.setAside.map((file) => file.path))
  const before = manifestCounts(manifest)
  const after = manifestCounts({ classes: manifest.classes, pictures })
  after.classes.forEach((counts, classIndex) => {
    for (const split of ['train', 'val'] as const) {
      const had = before.classes[classIndex]?.[split] ?? 0
      if (counts[split] > 0 || had === 0) continue
      const name = manifest.classes[classIndex] ?? ''
      const first = setAside[0]
      throw new GraftError('UNREADABLE', `None of the ${plural(had, 'picture')} of class "${name}" in ${split} can be decoded.`, {
        action: 'Replace the pictures that are set aside, or change the seed or the ratios of the split.',
        ...(first === undefined
          ? {}
          : {
              detail: setAside
                .slice(0, 20)
                .map((file) => `${file.path}: ${file.message}`)
                .join('\n'),
            }),
      })
    }
  })
  const added = setAside.filter((file) => !known.has(file.path))
  return {
    ...manifest,
    pictures,
    setAside: [...manifest.setAside, ...added].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  }
}
