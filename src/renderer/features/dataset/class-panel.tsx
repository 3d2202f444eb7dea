/** More pictures beside the list: those of a class, by split, or those that a finding names. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, SegmentedControl } from '@mantine/core'
import { useIntersection } from '@mantine/hooks'
import { IconX } from '@tabler/icons-react'
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import { SPLITS, type DatasetSummary, type Split } from '../../../shared/domain/dataset'
import { classColor } from '../../ui/class-colors'
import { FailurePanel } from '../../ui/failure-panel'
import { pictureCount } from '../../ui/counts'
import { formatCount } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { SPLIT_SHORT_WORDS, SPLIT_WORDS } from '../../ui/split-bar'
import classes from './class-panel.module.css'
import { usePictures } from './use-pictures'

const PAGE = 60
/** A finding names this many at most. */
const MOST_PATHS = 200

function Panel(props: { title: string; swatch?: string; note: string; onClose: () => void; children: ReactNode }) {
  const { title, swatch, note, onClose, children } = props
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus()
  }, [])
  return (
    <section
      className={classes.panel}
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      <div className={classes.head}>
        {swatch !== undefined && <span className={classes.swatch} style={{ background: swatch }} aria-hidden />}
        <div className={classes.title}>
          <h2 ref={heading} tabIndex={-1} className={classes.heading} title={title}>
            {title}
          </h2>
          <p className="meta">{note}</p>
        </div>
        <ActionIcon aria-label={t`Close details`} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </div>
      {children}
    </section>
  )
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const moves: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 3, ArrowUp: -3 }
  const move = moves[event.key]
  if (move === undefined) return
  const tiles = [...event.currentTarget.querySelectorAll('button')]
  const next = tiles[tiles.findIndex((tile) => tile === document.activeElement) + move]
  if (next === undefined) return
  event.preventDefault()
  next.focus()
}

function Gallery(props: { datasetId: string; pictures: readonly { path: string; split: Split | null }[]; onEnd?: () => void }) {
  const { datasetId, pictures, onEnd } = props
  const [openPath, setOpenPath] = useState<string | null>(null)
  const { ref, entry } = useIntersection({ rootMargin: '400px' })
  const isAtEnd = entry?.isIntersecting === true
  useEffect(() => {
    if (isAtEnd) onEnd?.()
  }, [isAtEnd, onEnd, pictures.length])
  const open = pictures.find((picture) => picture.path === openPath)
  return (
    <>
      {open !== undefined && (
        <figure className={classes.large}>
          <img src={pictureUrl({ datasetId }, open.path, 768)} alt={open.path} />
          <figcaption>
            <span className="mono">{open.path}</span>
            {open.split !== null && <span className="meta">{SPLIT_WORDS[open.split]}</span>}
          </figcaption>
        </figure>
      )}
      <ul className={classes.grid} onKeyDown={moveFocus}>
        {pictures.map((picture) => (
          <li key={picture.path}>
            <button
              type="button"
              className={classes.tile}
              aria-pressed={picture.path === openPath}
              aria-label={picture.path}
              title={picture.path}
              onClick={() => setOpenPath(picture.path === openPath ? null : picture.path)}
            >
              <PictureTile url={pictureUrl({ datasetId }, picture.path, 192)} alt="" />
            </button>
          </li>
        ))}
      </ul>
      <div ref={ref} />
    </>
  )
}

export function ClassPanel(props: { summary: DatasetSummary; classIndex: number; revision: string; onClose: () => void }) {
  const { summary, classIndex, revision, onClose } = props
  const [split, setSplit] = useState<Split | null>(null)
  const { pictures, total, failure, more } = usePictures({ datasetId: summary.datasetId, classIndex, split, revision, pageSize: PAGE })
  const entry = summary.classes[classIndex]
  if (entry === undefined) return null
  const choices = [
    { value: 'all', label: t`All ${{ count: formatCount(entry.pictures) }}` },
    ...SPLITS.map((name) => ({ value: name, label: `${SPLIT_SHORT_WORDS[name]} ${formatCount(entry.split[name])}`, disabled: entry.split[name] === 0 })),
  ]
  return (
    <Panel title={entry.name} swatch={classColor(classIndex)} note={pictureCount(entry.pictures)} onClose={onClose}>
      <SegmentedControl
        fullWidth
        aria-label={t`Part of the split`}
        data={choices}
        value={split ?? 'all'}
        onChange={(value) => setSplit(SPLITS.find((name) => name === value) ?? null)}
      />
      {failure !== null && <FailurePanel failure={failure} />}
      {total === 0 && (
        <p className="meta">
          <Trans>No pictures in this part.</Trans>
        </p>
      )}
      <Gallery key={split} datasetId={summary.datasetId} pictures={pictures} onEnd={more} />
    </Panel>
  )
}

/** Pictures by their paths. */
export function PathsPanel(props: { datasetId: string; title: string; paths: readonly string[]; onClose: () => void }) {
  const { datasetId, title, paths, onClose } = props
  return (
    <Panel title={title} note={paths.length >= MOST_PATHS ? t`The first ${{ count: formatCount(paths.length) }}` : pictureCount(paths.length)} onClose={onClose}>
      <Gallery datasetId={datasetId} pictures={paths.map((path) => ({ path, split: null }))} />
    </Panel>
  )
}
