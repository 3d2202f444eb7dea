/** The tried pictures, newest first, each with its answer; arrow keys go through them, Delete takes one away. */
import { t } from '@lingui/core/macro'
import { IconAlertTriangle, IconArrowsExchange, IconPhotoOff } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { classColor } from '../../ui/class-colors'
import classes from './tried-strip.module.css'
import { removePicture, select, type TriedPicture } from './try-state'
import { shortAnswer } from './try-words'

/** As the style sheet has it. */
const COLUMNS = 4
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }

export function TriedStrip(props: { pictures: readonly TriedPicture[]; selectedId: string | null; classNames: readonly string[] }) {
  const { pictures, selectedId, classNames } = props
  const list = useRef<HTMLUListElement>(null)
  const focus = (id: string | undefined): void => {
    if (id === undefined) return
    select(id)
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>(`[data-id="${id}"]`)?.focus())
  }
  const onKeyDown = (event: React.KeyboardEvent, at: number): void => {
    const step = STEPS[event.key]
    const to = step !== undefined ? at + step : event.key === 'Home' ? 0 : event.key === 'End' ? pictures.length - 1 : null
    if (event.key === 'Delete' || event.key === 'Backspace') {
      const next = pictures[at + 1] ?? pictures[at - 1]
      const gone = pictures[at]
      if (gone !== undefined) removePicture(gone.id)
      focus(next?.id)
    } else if (to !== null) focus(pictures[to]?.id)
    else return
    event.preventDefault()
  }
  return (
    <ul ref={list} className={classes.strip} role="listbox" aria-label={t`Tried pictures`} aria-orientation="horizontal">
      {pictures.map((picture, at) => {
        const isSelected = picture.id === selectedId
        return (
          <li
            key={picture.id}
            data-id={picture.id}
            className={classes.item}
            role="option"
            aria-selected={isSelected}
            aria-label={`${picture.name}: ${spoken(picture, classNames)}`}
            tabIndex={isSelected || (selectedId === null && at === 0) ? 0 : -1}
            title={picture.name}
            onClick={() => select(picture.id)}
            onKeyDown={(event) => onKeyDown(event, at)}
          >
            <span className={classes.image}>
              <Preview url={picture.previewUrl} />
              {picture.before !== null && (
                <span className={classes.changed}>
                  <IconArrowsExchange size={12} aria-hidden />
                </span>
              )}
            </span>
            <span className={classes.answer}>
              <Mark picture={picture} />
              <span className="ellipsis">{stripWord(picture, classNames)}</span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}

/** What the browser cannot show (HEIC, TIFF) is answered all the same. */
export function Preview(props: { url: string; alt?: string }) {
  const { url, alt = '' } = props
  const [failedUrl, setFailedUrl] = useState<string | null>(null)
  if (failedUrl !== url) return <img src={url} alt={alt} decoding="async" draggable={false} onError={() => setFailedUrl(url)} />
  return (
    <span className={classes.hidden}>
      <IconPhotoOff size={18} aria-hidden />
      {alt !== '' && <span className="meta">{t`The browser cannot show this kind of file.`}</span>}
    </span>
  )
}

function Mark({ picture }: { picture: TriedPicture }) {
  if (picture.failure !== null) return <IconAlertTriangle size={10} className={classes.warn} aria-hidden />
  if (picture.answer === null) return null
  const isClass = picture.answer.verdict !== 'none'
  return <span className={classes.swatch} data-none={!isClass || undefined} style={isClass ? { background: classColor(picture.answer.top) } : undefined} aria-hidden />
}

/** There is room for one word. */
function stripWord({ failure, answer }: TriedPicture, classNames: readonly string[]): string {
  if (failure !== null) return t`failed`
  if (answer === null) return '…'
  return answer.verdict === 'none' ? t`none` : shortAnswer(answer, classNames)
}

function spoken({ failure, answer, before }: TriedPicture, classNames: readonly string[]): string {
  if (failure !== null) return t`cannot be read`
  if (answer === null) return t`not answered yet`
  const now = shortAnswer(answer, classNames)
  return before === null ? now : t`${now}, before ${{ before: shortAnswer(before.answer, classNames) }}`
}
