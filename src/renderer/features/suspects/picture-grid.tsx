/** Pictures of a list in rows; arrow keys go over them, Enter opens one large. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import { classColor } from '../../ui/class-colors'
import { formatCount } from '../../ui/format'
import { PictureTile } from '../../ui/picture-tile'
import { FolderNote } from '../results/picture-actions'
import { markWords, PictureMarkBadge } from '../results/picture-mark'
import { PictureView } from '../results/picture-view'
import { useRunFixes } from '../results/run-fixes'
import { type ListedPicture, predictionOf } from './picture-lists'
import classes from './suspects.module.css'

const FIRST = 24
const MORE = 96
const NOTE = t`By a head that has not learned from this picture, on the backbone as it was before training. Heatmaps and neighbours are of the run’s model.`

export function PictureGrid(props: { runId: string; version: string; label: string; classNames: readonly string[]; pictures: readonly ListedPicture[] }) {
  const { runId, version, label, classNames, pictures } = props
  const fixes = useRunFixes(runId)
  const [count, setCount] = useState(FIRST)
  const [cursor, setCursor] = useState(0)
  const [openIndex, setOpenIndex] = useState<number | null>(null)
  const grid = useRef<HTMLUListElement>(null)
  const shown = pictures.slice(0, count)
  const predictions = useMemo(() => pictures.map(({ picture }) => predictionOf(picture, classNames.length)), [pictures, classNames.length])
  const tiles = (): HTMLElement[] => [...(grid.current?.querySelectorAll<HTMLElement>('[data-tile]') ?? [])]
  const onKeyDown = (event: KeyboardEvent): void => {
    const columns = grid.current === null ? 1 : getComputedStyle(grid.current).gridTemplateColumns.split(' ').length
    const moves: Record<string, number | undefined> = { ArrowRight: cursor + 1, ArrowLeft: cursor - 1, ArrowDown: cursor + columns, ArrowUp: cursor - columns, Home: 0, End: shown.length - 1 }
    const next = moves[event.key]
    if (next === undefined) return
    event.preventDefault()
    if (next < 0 || next >= shown.length) return
    setCursor(next)
    tiles()[next]?.focus()
  }
  if (pictures.length === 0)
    return (
      <p className={classes.quiet}>
        <Trans>No picture is in this list.</Trans>
      </p>
    )
  return (
    <>
      <FolderNote view={fixes} />
      <ul ref={grid} className={classes.grid} aria-label={label} onKeyDown={onKeyDown}>
        {shown.map(({ picture, words }, index) => {
          const name = classNames[picture.classIndex] ?? ''
          const mark = fixes.marks.get(picture.path)
          return (
            <li key={`${index} ${picture.path}`}>
              <button
                type="button"
                className={classes.tile}
                data-tile
                tabIndex={index === cursor ? 0 : -1}
                aria-label={`${name}, ${words}: ${picture.path}${mark === undefined ? '' : `, ${markWords(mark)}`}`}
                title={picture.path}
                onFocus={() => setCursor(index)}
                onClick={() => setOpenIndex(index)}
              >
                <span className={classes.image}>
                  <PictureTile url={pictureUrl({ runId }, picture.path, 192)} alt="" />
                  {mark !== undefined && (
                    <span className={classes.mark}>
                      <PictureMarkBadge mark={mark} />
                    </span>
                  )}
                </span>
                <span className={`${classes.name} ellipsis`}>
                  <span className={classes.swatch} style={{ background: classColor(picture.classIndex) }} aria-hidden />
                  {name}
                </span>
                <span className={`meta ${classes.said}`}>{words}</span>
              </button>
            </li>
          )
        })}
      </ul>
      {pictures.length > shown.length && (
        <Button variant="default" onClick={() => setCount(count + MORE)}>
          <Trans>Show more: {{ count: formatCount(pictures.length - shown.length) }} left</Trans>
        </Button>
      )}
      {openIndex !== null && (
        <PictureView
          runId={runId}
          version={version}
          classNames={classNames}
          pictures={predictions}
          total={predictions.length}
          index={openIndex}
          fixes={fixes}
          note={NOTE}
          onMove={(index) => index >= 0 && index < predictions.length && setOpenIndex(index)}
          onClose={() => setOpenIndex(null)}
        />
      )}
    </>
  )
}
