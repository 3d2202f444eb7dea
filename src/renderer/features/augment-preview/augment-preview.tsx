/** Nine views of a picture as the network will be shown them, following every change, and below them the ways to make it square. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Select } from '@mantine/core'
import { IconArrowsShuffle, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useEffect, useId, useState, type CSSProperties, type KeyboardEvent } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { DatasetSummary } from '../../../shared/domain/dataset'
import { type Preview, PREVIEW_VIEWS, type PreviewTile } from '../../../shared/domain/preview'
import { useDraft } from '../../state/draft'
import { draftRequest } from '../../state/draft-origin'
import { choosePicture, type Step, usePreviewPicture } from '../../state/preview-picture'
import classes from './augment-preview.module.css'
import { middleSquare, placeWords, runWords, squareWords, tileWords } from './preview-words'
import { usePreview } from './use-preview'

const png = (image: string): string => `data:image/png;base64,${image}`

export function AugmentPreview({ summary }: { summary: DatasetSummary }) {
  const { datasetId } = summary
  const { preset, changes } = useDraft()
  const chosen = usePreviewPicture((state) => state.byDataset[datasetId])
  const { preview, failure, isBusy } = usePreview(chosen === undefined ? null : { datasetId, path: chosen.path, preset, config: draftRequest({ preset, changes }, summary) })
  const choose = (step: Step, classIndex?: number | null): void => void choosePicture(datasetId, step, classIndex).catch(() => undefined)
  useEffect(() => {
    if (chosen === undefined) choose('first')
  }, [datasetId, chosen === undefined])
  // A picture that was excluded or moved since is not shown any more.
  useEffect(() => {
    if (failure?.code === 'NOT_FOUND') choose('first')
  }, [failure])
  const names = summary.classes.map(({ name }, index) => ({ value: String(index), label: name }))
  return (
    <section className={classes.preview} aria-label={t`What the network sees`} aria-busy={isBusy}>
      <div className={classes.head}>
        <h3>
          <Trans>What the network sees</Trans>
        </h3>
        <span className={classes.steps}>
          <ActionIcon aria-label={t`Previous picture`} title={t`Previous picture`} onClick={() => choose('previous')}>
            <IconChevronLeft size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon aria-label={t`Next picture`} title={t`Next picture`} onClick={() => choose('next')}>
            <IconChevronRight size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon aria-label={t`Random picture`} title={t`Random picture`} onClick={() => choose('random')}>
            <IconArrowsShuffle size={16} aria-hidden />
          </ActionIcon>
        </span>
      </div>
      <div className={classes.chosen}>
        <Select
          aria-label={t`Class of the picture`}
          size="xs"
          className={classes.class ?? ''}
          data={[{ value: 'all', label: t`All classes` }, ...names]}
          value={chosen?.classIndex === null || chosen === undefined ? 'all' : String(chosen.classIndex)}
          allowDeselect={false}
          onChange={(value) => choose('first', value === null || value === 'all' ? null : Number(value))}
        />
        <p className="meta ellipsis" title={chosen?.path}>
          {chosen === undefined ? ' ' : `${placeWords(chosen)} · ${chosen.path}`}
        </p>
      </div>
      {failure !== null && failure.code !== 'NOT_FOUND' && (
        <p className={classes.failure} role="status">
          {failure.message} {failure.action}
        </p>
      )}
      <Views preview={preview} source={{ datasetId }} />
    </section>
  )
}

function Views({ preview, source }: { preview: Preview | null; source: { datasetId: string } }) {
  const [looked, setLooked] = useState<number | null>(null)
  const id = useId()
  const tiles = preview?.tiles ?? []
  const tile = looked === null ? undefined : tiles[looked]
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = looked ?? -1
    const moves: Record<string, number | undefined> = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + 3, ArrowUp: at - 3, Home: 0, End: tiles.length - 1 }
    const next = moves[event.key]
    if (next === undefined || tiles.length === 0) return
    event.preventDefault()
    setLooked(Math.min(tiles.length - 1, Math.max(0, next)))
  }
  return (
    <>
      {preview !== null && tiles.length === 0 ? (
        <Plain preview={preview} />
      ) : (
        <div
          className={classes.views}
          role="listbox"
          tabIndex={0}
          aria-label={t`Nine views`}
          aria-activedescendant={tile === undefined ? undefined : `${id}-${tile.view}`}
          onKeyDown={onKeyDown}
          onFocus={() => setLooked((before) => before ?? 0)}
          onBlur={() => setLooked(null)}
          onPointerLeave={() => setLooked(null)}
        >
          {Array.from({ length: PREVIEW_VIEWS }, (_, index) => (
            <View key={index} id={`${id}-${index + 1}`} number={index + 1} tile={tiles[index]} isLookedAt={looked === index} onLook={() => setLooked(index)} />
          ))}
        </div>
      )}
      <p className={classes.words} title={tile === undefined ? undefined : tileWords(tile)}>
        {preview === null ? ' ' : tile === undefined ? runWords(preview) : tileWords(tile)}
      </p>
      <Squares preview={preview} tile={tile} source={source} />
    </>
  )
}

function View(props: { id: string; number: number; tile: PreviewTile | undefined; isLookedAt: boolean; onLook: () => void }) {
  const { id, number, tile, isLookedAt, onLook } = props
  return (
    <div id={id} role="option" aria-selected={isLookedAt} aria-label={tile === undefined ? t`View ${number}` : tileWords(tile)} className={classes.view} data-beyond={tile?.epoch === null || undefined} onPointerEnter={onLook}>
      {tile !== undefined && <img src={png(tile.image)} alt="" draggable={false} />}
      {tile !== undefined && tile.mix !== null && <span className={classes.badge}>{tile.mix.kind === 'mixup' ? 'MixUp' : 'CutMix'}</span>}
    </div>
  )
}

function Plain({ preview }: { preview: Preview }) {
  return (
    <div className={classes.plain}>
      <img src={png(preview.squash)} alt={t`The plain picture`} draggable={false} />
    </div>
  )
}

const share = (value: number): string => `${(100 * value).toFixed(2)}%`
const placed = (box: { left: number; top: number; width: number; height: number }): CSSProperties => ({ left: share(box.left), top: share(box.top), width: share(box.width), height: share(box.height) })

/** The original with what is kept of it, and the three ways to make it square beside it. */
function Squares({ preview, tile, source }: { preview: Preview | null; tile: PreviewTile | undefined; source: { datasetId: string } }) {
  const aspect = preview === null ? 1 : preview.width / preview.height
  const kept = tile?.box ?? { left: 0, top: 0, width: 1, height: 1 }
  return (
    <div className={classes.squares}>
      <figure aria-label={t`Original`}>
        <div className={classes.original}>
          {preview !== null && (
            <div className={classes.frame} style={aspect >= 1 ? { width: '100%', aspectRatio: aspect } : { height: '100%', aspectRatio: aspect }}>
              <img src={pictureUrl(source, preview.path, 192)} alt="" draggable={false} />
              <span className={classes.middle} style={placed(middleSquare(preview))} />
              <span className={classes.kept} style={placed(kept)} />
            </div>
          )}
        </div>
        <figcaption>
          <Trans>Original</Trans>
          <span className="meta">{preview === null ? ' ' : `${preview.width} × ${preview.height}`}</span>
        </figcaption>
      </figure>
      <Way name={t`Squash`} note={preview === null ? ' ' : `${preview.side} × ${preview.side}`} image={preview?.squash} isInUse />
      <Way name={t`Crop`} note={t`the middle`} image={preview?.crop} />
      <Way name={t`Letterbox`} note={t`with bars`} image={preview?.letterbox} />
      <p className={classes.explained}>{preview === null ? ' ' : squareWords(preview)}</p>
    </div>
  )
}

function Way({ name, note, image, isInUse = false }: { name: string; note: string; image: string | undefined; isInUse?: boolean }) {
  return (
    <figure aria-label={name}>
      <div className={classes.way} data-used={isInUse || undefined}>
        {image !== undefined && <img src={png(image)} alt="" draggable={false} />}
      </div>
      <figcaption>
        {name}
        <span className="meta">{note}</span>
      </figcaption>
    </figure>
  )
}
