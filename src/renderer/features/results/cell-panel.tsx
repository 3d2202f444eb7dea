/** The pictures of one cell, surest first, with what was decided about them; a picture opens large. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { Split } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/error'
import type { Prediction } from '../../../shared/domain/metrics'
import { type Cell, cellWords } from '../../ui/matrix'
import { FailurePanel } from '../../ui/failure-panel'
import { formatShare } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import classes from './cell-panel.module.css'
import { FolderNote } from './picture-actions'
import { markWords, PictureMarkBadge } from './picture-mark'
import { PictureView } from './picture-view'
import { useRunFixes } from './run-fixes'
import { useCellPictures } from './use-cell-pictures'

const COLUMNS = 3
const TILE_HEIGHT = 140

export function CellPanel(props: { runId: string; version: string; split: Split; cell: Cell; classNames: readonly string[]; onClose: () => void }) {
  const { runId, version, split, cell, classNames, onClose } = props
  const cellPictures = useCellPictures(runId, split, cell)
  return (
    <PicturesPanel
      {...{ runId, version, classNames, onClose }}
      {...cellPictures}
      label={t`Pictures of the cell`}
      title={cell.truth === cell.prediction ? t`${{ name: classNames[cell.truth] ?? '' }}, recognised` : cellWords(classNames, cell)}
      subject={`${split} ${cell.truth} ${cell.prediction}`}
      orderedBy={t`surest first`}
      sureOf={({ probabilities, prediction }) => probabilities[prediction] ?? 0}
      none={t`No picture fell into this cell.`}
    />
  )
}

export interface PicturesPanelProps {
  runId: string
  version: string
  classNames: readonly string[]
  /** Names the panel. */
  label: string
  title: string
  /** Other pictures have another: then the list begins at its top again. */
  subject: string
  /** Null until it is known. */
  total: number | null
  pictures: Prediction[]
  failure: Failure | null
  loadMore: () => void
  /** How they are ordered, in words. */
  orderedBy: string
  /** By which they are ordered. */
  sureOf: (picture: Prediction) => number
  /** In place of pictures where there are none. */
  none: string
  onClose: () => void
}

export function PicturesPanel(props: PicturesPanelProps) {
  const { runId, version, classNames, label, title, subject, total, pictures, failure, loadMore, orderedBy, sureOf, none, onClose } = props
  const fixes = useRunFixes(runId)
  const [openIndex, setOpenIndex] = useState<number | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const rows = Math.ceil((total ?? 0) / COLUMNS)
  const virtual = useVirtualizer({ count: rows, getScrollElement: () => scroller.current, estimateSize: () => TILE_HEIGHT, overscan: 3 })
  const items = virtual.getVirtualItems()
  const lastShown = (items.at(-1)?.index ?? 0) * COLUMNS + COLUMNS - 1

  useEffect(() => {
    if (lastShown >= pictures.length - 1) loadMore()
  }, [lastShown, pictures.length, loadMore])
  useEffect(() => {
    setOpenIndex(null)
    scroller.current?.scrollTo({ top: 0 })
    heading.current?.focus()
  }, [subject])

  return (
    <aside
      className={classes.panel}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && openIndex === null) onClose()
      }}
    >
      <header className={classes.head}>
        <div className={classes.titles}>
          <h2 ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </h2>
          <p className="meta">{total === null ? t`Getting the pictures` : t`${plural(total, { one: '# picture', other: '# pictures' })}, ${orderedBy}`}</p>
          <FolderNote view={fixes} />
        </div>
        <ActionIcon aria-label={t`Close pictures`} onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      {failure !== null && (
        <div className={classes.message}>
          <FailurePanel failure={failure}>
            <Button onClick={onClose}>
              <Trans>Close</Trans>
            </Button>
          </FailurePanel>
        </div>
      )}
      {total === 0 && <p className={`${classes.message} meta`}>{none}</p>}
      <div ref={scroller} className={classes.scroller}>
        <ul className={classes.grid} style={{ height: virtual.getTotalSize() }} aria-label={t`Pictures`}>
          {items.flatMap((row) =>
            Array.from({ length: COLUMNS }, (_, column) => {
              const index = row.index * COLUMNS + column
              if (index >= (total ?? 0)) return null
              const picture = pictures[index]
              const mark = picture === undefined ? undefined : fixes.marks.get(picture.path)
              return (
                <li key={index} className={classes.place} style={{ transform: `translateY(${row.start}px)`, left: `${(column * 100) / COLUMNS}%`, width: `${100 / COLUMNS}%` }}>
                  {picture !== undefined && (
                    <button
                      type="button"
                      className={classes.tile}
                      aria-label={
                        mark === undefined
                          ? t`${{ path: picture.path }}, ${{ sure: formatShare(sureOf(picture)) }} sure`
                          : t`${{ path: picture.path }}, ${{ sure: formatShare(sureOf(picture)) }} sure, ${{ mark: markWords(mark) }}`
                      }
                      data-mark={mark?.mark}
                      onClick={() => setOpenIndex(index)}
                    >
                      <span className={classes.image}>
                        <PictureTile url={pictureUrl({ runId }, picture.path, 192)} alt="" />
                        {mark !== undefined && (
                          <span className={classes.mark}>
                            <PictureMarkBadge mark={mark} isShort />
                          </span>
                        )}
                      </span>
                      <span className={classes.sure}>{formatShare(sureOf(picture))}</span>
                    </button>
                  )}
                </li>
              )
            }),
          )}
        </ul>
      </div>
      {openIndex !== null && (
        <PictureView
          runId={runId}
          version={version}
          classNames={classNames}
          pictures={pictures}
          total={total ?? 0}
          index={openIndex}
          fixes={fixes}
          onMove={(index) => {
            if (index >= pictures.length - 5) loadMore()
            if (index >= 0 && index < pictures.length) setOpenIndex(index)
          }}
          onClose={() => setOpenIndex(null)}
        />
      )}
    </aside>
  )
}
