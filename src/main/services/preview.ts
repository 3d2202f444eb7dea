/** What the network would be shown of a picture by the run that would start now, made by the training's own parts. Loads no TensorFlow. */
import { join } from 'node:path'
import sharp from 'sharp'
import type { ConfigValues } from '../../shared/domain/config-layers'
import type { Manifest, ManifestEntry } from '../../shared/domain/dataset'
import { Cancelled, GraftError } from '../../shared/domain/error'
import { MOST_SHOWN_SIDE, type Preview, PREVIEW_VIEWS, type PreviewTile } from '../../shared/domain/preview'
import type { PresetName } from '../../shared/domain/presets'
import type { RunConfig } from '../../shared/domain/run-config'
import { type DecodedPicture, decodePicture } from '../dataset/decode'
import { PictureCache } from '../dataset/picture-cache'
import { writeCrop } from '../dataset/picture-store'
import { resizeBilinearAntialiased } from '../dataset/resize'
import { pictureCacheDirectory } from '../storage/paths'
import { firstViews, type PassPlan, passPlan, PlannedPasses, viewsOfRun } from '../trainer/preview-passes'
import { PreviewThread } from '../trainer/preview-thread'
import { makeView, toBytes, type WantedView } from '../trainer/preview-views'
import { combineConfig } from './config/run-config'
import type { DatasetsService } from './datasets'

/** Bars of a letterbox. */
const BAR_LEVEL = 114
/** Originals and what is made of them stay for so many pictures. */
const KEPT_PICTURES = 4

interface TrainOrder {
  readonly entries: readonly ManifestEntry[]
  readonly placeOf: ReadonlyMap<string, number>
}

type Square = Pick<Preview, 'width' | 'height' | 'crop' | 'letterbox'>

export class PreviewService {
  private readonly thread = new PreviewThread()
  private readonly orders = new WeakMap<Manifest, TrainOrder>()
  private readonly squares = new Map<string, Promise<Square>>()
  private passes: { key: string; manifest: Manifest; plan: PassPlan; passes: PlannedPasses } | null = null

  constructor(private readonly datasets: Pick<DatasetsService, 'find'>) {}

  /**
   * @param input `path`: of one of the dataset's pictures, relative to its root
   * @throws GraftError NOT_FOUND where the dataset has no such picture, UNREADABLE; Cancelled as soon as the asker leaves
   */
  async views(input: { datasetId: string; path: string; preset: PresetName | null; config: ConfigValues }, signal?: AbortSignal): Promise<Preview> {
    const { manifest } = this.datasets.find(input.datasetId)
    const { config } = combineConfig({ preset: input.preset, flags: input.config })
    const own = manifest.pictures.find(({ path }) => path === input.path)
    if (own === undefined) throw new GraftError('NOT_FOUND', 'There is no such picture in this dataset.', { action: 'Choose another one.' })
    const { plan, passes } = this.planned(manifest, config)
    const runViews = viewsOfRun(plan)
    const wanted = runViews === 0 ? [] : this.wanted(manifest, config, { plan, passes }, own)
    const entries = new Map([own, ...wanted.flatMap(({ view: { partner } }) => partner ?? [])].map((entry) => [entry.path, entry]))
    const { augmentation, seed, image_size: side } = config
    const wantsWhole = config.augment && augmentation.random_resized_crop
    const cache = new PictureCache({ directory: pictureCacheDirectory() })
    const store = await cache.load([...entries.values()], side, { root: manifest.root, wantsWhole, signal, onSetAside: ({ path, message }) => refuse(path, message) })
    const amounts = { augmentation, seed, side, erasingColour: plan.erasingColour }
    const tiles: Promise<PreviewTile>[] = []
    for (const { view, epoch } of wanted) {
      requireAsker(signal)
      const made = await makeView(store, view, amounts, (batch) => this.thread.work(batch))
      // Encoded while the next one is made.
      const tile = png(toBytes(made.picture), side).then((image): PreviewTile => ({ view: view.view, epoch, image, box: made.box, mix: mixOf(view) }))
      tile.catch(() => undefined)
      tiles.push(tile)
    }
    const plain = new Uint8Array(side * side * 3)
    await store.read(store.indexOf(own.path), plain)
    requireAsker(signal)
    const square = await this.square(manifest.root, own, side)
    const { path, classIndex, split } = own
    return { path, classIndex, split, ...square, side, shownSide: shownSide(side), runViews, tiles: await Promise.all(tiles), squash: await png(plain, side) }
  }

  async close(): Promise<void> {
    await this.thread.close()
  }

  /** The plan of a configuration; amounts of the augmentation change none of it. */
  private planned(manifest: Manifest, config: RunConfig): { plan: PassPlan; passes: PlannedPasses } {
    const { augmentation, learning_rate: _, ...rest } = config
    const key = JSON.stringify([rest, augmentation.mixup > 0 || augmentation.cutmix > 0])
    if (this.passes?.key === key && this.passes.manifest === manifest) return this.passes
    const plan = passPlan(config, Math.max(2, manifest.classes.length))
    const labels = this.orderOf(manifest).entries.map(({ classIndex }) => classIndex)
    this.passes = { key, manifest, plan, passes: new PlannedPasses(plan, labels) }
    return this.passes
  }

  private orderOf(manifest: Manifest): TrainOrder {
    const known = this.orders.get(manifest)
    if (known !== undefined) return known
    const entries = manifest.pictures.filter(({ split }) => split === 'train')
    const order = { entries, placeOf: new Map(entries.map(({ path }, index) => [path, index])) }
    this.orders.set(manifest, order)
    return order
  }

  private wanted(manifest: Manifest, config: RunConfig, { plan, passes }: { plan: PassPlan; passes: PlannedPasses }, own: ManifestEntry): { view: WantedView; epoch: number | null }[] {
    const { entries, placeOf } = this.orderOf(manifest)
    const place = placeOf.get(own.path)
    const { mixup, cutmix } = config.augmentation
    return firstViews(plan, PREVIEW_VIEWS).map((view) => {
      // What is not trained on is drawn alike, and blended with nothing.
      const pass = place === undefined ? null : passes.find(place, view, { mixup, cutmix, side: config.image_size })
      const first = (pass === null ? undefined : entries[pass.first]) ?? own
      const mix = pass?.mix ?? null
      const partner = pass === null || mix === null ? null : (entries[pass.partner] ?? null)
      return { view: { view, own, first, partner, mix }, epoch: pass?.epoch ?? null }
    })
  }

  /** The other ways to make the original square, kept for the last pictures. */
  private square(root: string, own: ManifestEntry, side: number): Promise<Square> {
    const key = [root, own.sha256, side].join('\n')
    const known = this.squares.get(key)
    if (known !== undefined) return known
    const made = decodePicture(join(root, own.path)).then((picture) => squareWays(picture, side))
    made.catch(() => this.squares.delete(key))
    this.squares.set(key, made)
    for (const old of this.squares.keys()) {
      if (this.squares.size <= KEPT_PICTURES) break
      this.squares.delete(old)
    }
    return made
  }
}

function requireAsker(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new Cancelled()
}

function refuse(path: string, message: string): never {
  throw new GraftError('UNREADABLE', `${path}: ${message}`, { action: 'Choose another picture.' })
}

function mixOf({ mix, partner }: WantedView): PreviewTile['mix'] {
  return mix === null || partner === null ? null : { kind: mix.box === null ? 'mixup' : 'cutmix', path: partner.path, ownShare: mix.lambda }
}

function shownSide(side: number): number {
  return Math.min(side, MOST_SHOWN_SIDE)
}

/** uint8 [side, side, 3] as a PNG in base64, shrunk where it is larger than is shown. */
async function png(pixels: Uint8Array, side: number): Promise<string> {
  const whole = sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
  const shown = side > MOST_SHOWN_SIDE ? whole.resize(MOST_SHOWN_SIDE, MOST_SHOWN_SIDE) : whole
  return (await shown.png({ compressionLevel: 1 }).toBuffer()).toString('base64')
}

async function squareWays(picture: DecodedPicture, side: number): Promise<Square> {
  const { width, height, pixels } = picture
  const shorter = Math.min(width, height)
  const middle = { left: Math.floor((width - shorter) / 2), top: Math.floor((height - shorter) / 2), width: shorter, height: shorter }
  const cropped = new Uint8Array(side * side * 3)
  writeCrop(picture, middle, side, cropped)
  const scale = side / Math.max(width, height)
  const [across, down] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
  const small = resizeBilinearAntialiased(pixels, width, height, across, down)
  const boxed = new Uint8Array(side * side * 3).fill(BAR_LEVEL)
  const [left, top] = [Math.floor((side - across) / 2), Math.floor((side - down) / 2)]
  for (let row = 0; row < down; row++) boxed.set(small.subarray(row * across * 3, (row + 1) * across * 3), ((top + row) * side + left) * 3)
  return { width, height, crop: await png(cropped, side), letterbox: await png(boxed, side) }
}
