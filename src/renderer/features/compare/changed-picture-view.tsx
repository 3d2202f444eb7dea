/** One picture large, with both answers. Arrow keys go to the next; Escape closes. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, Modal } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconPhotoOff } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { ChangedPicture, RunPair } from '../../../shared/domain/compare'
import { formatCount, formatShare } from '../../ui/format'
import classes from './changes.module.css'

/** Of a picture that only one of the two answered, `base` is null. */
export type AnsweredTwice = Pick<ChangedPicture, 'path' | 'truth' | 'other'> & { readonly base: ChangedPicture['base'] | null }

export function ChangedPictureView(props: {
  pair: Pick<RunPair, 'base_id' | 'classes'>
  names: { base: string; other: string }
  pictures: readonly AnsweredTwice[]
  index: number
  onMove: (index: number) => void
  onClose: () => void
}) {
  const { pair, names, pictures, index, onMove, onClose } = props
  const [failedPath, setFailedPath] = useState<string | null>(null)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0
      if (step === 0) return
      event.preventDefault()
      if (pictures[index + step] !== undefined) onMove(index + step)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [index, onMove, pictures])
  const picture = pictures[index]
  if (picture === undefined) return null
  const name = (classIndex: number): string => pair.classes[classIndex] ?? ''
  const answer = (said: string, { prediction, probability }: ChangedPicture['other']) => (
    <>
      <dt>{said}</dt>
      <dd>
        {name(prediction)} <span className="meta">{t`${{ sure: formatShare(probability) }} sure`}</span>
        <div className="meta">{prediction === picture.truth ? t({ context: 'an answer', message: 'right' }) : t({ context: 'an answer', message: 'wrong' })}</div>
      </dd>
    </>
  )
  return (
    <Modal opened onClose={onClose} size={880} title={<span className="mono">{picture.path}</span>}>
      <div className={classes.view}>
        <div className={classes.stage}>
          {failedPath === picture.path ? (
            <p className="meta">
              <IconPhotoOff size={20} aria-hidden /> <Trans>This picture cannot be shown; it may have been moved.</Trans>
            </p>
          ) : (
            <img src={pictureUrl({ runId: pair.base_id }, picture.path, 768)} alt={name(picture.truth)} onError={() => setFailedPath(picture.path)} />
          )}
        </div>
        <div className={classes.side}>
          <dl className={classes.facts}>
            <dt>
              <Trans>Truth</Trans>
            </dt>
            <dd>{name(picture.truth)}</dd>
            {picture.base !== null && answer(names.base, picture.base)}
            {answer(names.other, picture.other)}
          </dl>
          <div className={classes.steps}>
            <ActionIcon aria-label={t`Previous picture`} disabled={index === 0} onClick={() => onMove(index - 1)} variant="default">
              <IconChevronLeft size={16} aria-hidden />
            </ActionIcon>
            <span className="meta" role="status">
              <Trans>
                {{ done: formatCount(index + 1) }} of {{ total: formatCount(pictures.length) }}
              </Trans>
            </span>
            <ActionIcon aria-label={t`Next picture`} disabled={index + 1 >= pictures.length} onClick={() => onMove(index + 1)} variant="default">
              <IconChevronRight size={16} aria-hidden />
            </ActionIcon>
          </div>
        </div>
      </div>
    </Modal>
  )
}
