/** One picture large, with what the model gave each class. Arrow keys go through the cell; Escape closes. */
import { ActionIcon, Modal } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconPhotoOff } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { Prediction } from '../../../shared/domain/metrics'
import { classColor } from '../../ui/class-colors'
import { formatCount, formatShare } from '../../ui/format'
import classes from './picture-view.module.css'

const MOST_BARS = 12

export function PictureView(props: {
  runId: string
  classNames: readonly string[]
  pictures: readonly Prediction[]
  total: number
  index: number
  onMove: (index: number) => void
  onClose: () => void
}) {
  const { runId, classNames, pictures, total, index, onMove, onClose } = props
  const [failedPath, setFailedPath] = useState<string | null>(null)
  const picture = pictures[index]
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'ArrowRight' || event.key === 'ArrowDown') onMove(index + 1)
      else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') onMove(index - 1)
      else return
      event.preventDefault()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [index, onMove])
  if (picture === undefined) return null
  const bars = picture.probabilities
    .map((probability, classIndex) => ({ probability, classIndex }))
    .sort((a, b) => b.probability - a.probability)
    .filter(({ classIndex }, rank) => rank < MOST_BARS || classIndex === picture.truth)
  return (
    <Modal opened onClose={onClose} size={960} title={<span className={`${classes.path} mono`}>{picture.path}</span>}>
      <div className={classes.view}>
        <div className={classes.stage}>
          {failedPath === picture.path ? (
            <p className={classes.gone}>
              <IconPhotoOff size={20} aria-hidden /> This picture cannot be shown; it may have been moved.
            </p>
          ) : (
            <img
              src={pictureUrl({ runId }, picture.path, 768)}
              alt={`${classNames[picture.truth] ?? ''}, taken for ${classNames[picture.prediction] ?? ''}`}
              onError={() => setFailedPath(picture.path)}
            />
          )}
        </div>
        <div className={classes.side}>
          <dl className={classes.facts}>
            <dt>Truth</dt>
            <dd>{classNames[picture.truth]}</dd>
            <dt>Prediction</dt>
            <dd>{classNames[picture.prediction]}</dd>
          </dl>
          <h3>Probabilities</h3>
          <ul className={classes.bars}>
            {bars.map(({ probability, classIndex }) => (
              <li key={classIndex}>
                <span className={classes.barName}>
                  <span className="ellipsis" title={classNames[classIndex]}>
                    {classNames[classIndex]}
                  </span>
                  {classIndex === picture.truth && <span className="meta">truth</span>}
                </span>
                <span>{formatShare(probability)}</span>
                <span className={classes.bar} aria-hidden>
                  <span style={{ width: `${probability * 100}%`, background: classColor(classIndex) }} />
                </span>
              </li>
            ))}
          </ul>
          {bars.length < classNames.length && <p className="meta">{formatCount(classNames.length - bars.length)} more classes have less</p>}
          <div className={classes.steps}>
            <ActionIcon aria-label="Previous picture" disabled={index === 0} onClick={() => onMove(index - 1)} variant="default">
              <IconChevronLeft size={16} aria-hidden />
            </ActionIcon>
            <span className="meta" role="status">
              {formatCount(index + 1)} of {formatCount(total)}
            </span>
            <ActionIcon aria-label="Next picture" disabled={index + 1 >= total} onClick={() => onMove(index + 1)} variant="default">
              <IconChevronRight size={16} aria-hidden />
            </ActionIcon>
          </div>
        </div>
      </div>
    </Modal>
  )
}
