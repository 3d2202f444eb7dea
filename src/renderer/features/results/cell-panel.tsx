/** The pictures of one cell, surest first, with what was decided about them; a picture opens large. */
import { ActionIcon, Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { Split } from '../../../shared/domain/dataset'
import type { Cell } from '../../ui/matrix'
import { FailurePanel } from '../../ui/failure-panel'
import { formatPlural, formatShare } from '../../ui/format'
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
  const { total, pictures, failure, loadMore } = useCellPictures(runId, split, cell)
  const fixes = useRunFixes(runId)
  const [openIndex, setOpenIndex] = useState<number | null>(null)
  const scroller = useRef<HTMLDivElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const rows = Math.ceil((total ?? 0) / COLUMNS)
  const virtual = useVirtualizer({ count: rows, getScrollElement: () => scroller.current, estimateSize: () => TILE_HEIGHT, overscan: 3 })
  const items = virtual.getVirtualItems()
  const lastShown = (items.at(-1)?.index ?? 0) * COLUMNS + COLUMNS - 1
  const truth = classNames[cell.truth] ?? ''
  const prediction = classNames[cell.prediction] ?? ''

  useEffect(() => {
    if (lastShown >= pictures.length - 1) loadMore()
  }, [lastShown, pictures.length, loadMore])
  useEffect(() => {
    setOpenIndex(null)
    scroller.current?.scrollTo({ top: 0 })
    heading.current?.focus()
  }, [cell.truth, cell.prediction, split])

  return (
    <aside
      className={classes.panel}
      aria-label="Pictures of the cell"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && openIndex === null) onClose()
      }}
    >
      <header className={classes.head}>
        <div className={classes.titles}>
          <h2 ref={heading} tabIndex={-1} className={classes.title}>
            {cell.truth === cell.prediction ? `${truth}, recognised` : `${truth} taken for ${prediction}`}
          </h2>
          <p className="meta">{total === null ? 'Getting the pictures' : `${formatPlural(total, 'picture')}, surest first`}</p>
          <FolderNote view={fixes} />
        </div>
        <ActionIcon aria-label="Close pictures" onClick={onClose}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </header>
      {failure !== null && (
        <div className={classes.message}>
          <FailurePanel failure={failure}>
            <Button onClick={onClose}>Close</Button>
          </FailurePanel>
        </div>
      )}
      {total === 0 && <p className={`${classes.message} meta`}>No picture fell into this cell.</p>}
      <div ref={scroller} className={classes.scroller}>
        <ul className={classes.grid} style={{ height: virtual.getTotalSize() }} aria-label="Pictures">
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
                      aria-label={`${picture.path}, ${formatShare(picture.probabilities[picture.prediction])} sure${mark === undefined ? '' : `, ${markWords(mark)}`}`}
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
                      <span className={classes.sure}>{formatShare(picture.probabilities[picture.prediction])}</span>
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
