/** What is said of a preview. Pure. */
import { plural, t } from '@lingui/core/macro'
import type { Preview, PreviewTile } from '../../../shared/domain/preview'
import { formatCount, formatShare } from '../../ui/format'

/** `3 of 1,204 training pictures`. @param place from 0 */
export function placeWords({ place, total }: { place: number; total: number }): string {
  const number = formatCount(place + 1)
  return plural(total, { one: `${number} of # training picture`, other: `${number} of # training pictures` })
}

/** `View 3, first in epoch 3`; what it is blended with. */
export function tileWords({ view, epoch, mix }: PreviewTile): string {
  const when = epoch === null ? t`View ${view}, which this run does not get to` : t`View ${view}, first in epoch ${epoch}`
  if (mix === null) return when
  const own = formatShare(mix.ownShare, 0)
  const others = formatShare(1 - mix.ownShare, 0)
  return mix.kind === 'mixup'
    ? `${when} · ${t`MixUp: ${own} of this picture and of its label, ${others} of ${{ path: mix.path }}, which is before it in its batch`}`
    : `${when} · ${t`CutMix: a part from ${{ path: mix.path }}, which is before it in its batch; the label is ${own} this picture’s own`}`
}

/** How many of the views are the run's. */
export function runWords({ runViews, tiles }: Pick<Preview, 'runViews' | 'tiles'>): string {
  if (tiles.length === 0) return t`Without augmentation the network sees the plain picture in every epoch.`
  if (runViews >= tiles.length) return t`The first ${{ shown: tiles.length }} of ${plural(runViews, { one: '# view', other: '# views' })} that the run shows of it.`
  const more = tiles.length - runViews
  return t`The run shows ${plural(runViews, { one: '# view', other: '# views' })} of each picture; ${plural(more, { one: 'the last one here is drawn alike', other: 'the last # here are drawn alike' })}.`
}

/** Share of the picture that a crop to the middle square leaves out. */
export function cutOffShare({ width, height }: Pick<Preview, 'width' | 'height'>): number {
  return 1 - Math.min(width, height) / Math.max(width, height)
}

/** What the ways to a square come to for this picture. */
export function squareWords(size: Pick<Preview, 'width' | 'height'>): string {
  const inUse = t`Squash is in use: training, evaluation and every export see the whole picture, both sides resized on their own.`
  const cut = cutOffShare(size)
  // The number and its sign stay on one line.
  const share = formatShare(cut, 0).replace(' ', '\u00a0')
  return cut < 0.005 ? `${inUse} ${t`This picture is square as it is.`}` : `${inUse} ${t`A crop would leave out ${share} of this one, bars would fill ${share} of a letterbox.`}`
}

/** The middle square, as shares. */
export function middleSquare({ width, height }: Pick<Preview, 'width' | 'height'>): { left: number; top: number; width: number; height: number } {
  const shorter = Math.min(width, height)
  const [across, down] = [shorter / width, shorter / height]
  return { left: (1 - across) / 2, top: (1 - down) / 2, width: across, height: down }
}
