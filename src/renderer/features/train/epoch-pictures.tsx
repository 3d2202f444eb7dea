/** Validation pictures of an epoch with the answer that they had before and have now; one opens large. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import type { ChangeKind } from '../../../shared/domain/compare'
import type { AnsweredPicture } from '../../../shared/domain/epoch-answers'
import { ChangedTile } from '../../ui/changed-tile'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount } from '../../ui/format'
import type { Cell } from '../../ui/matrix'
import { ChangedPictureView } from '../compare/changed-picture-view'
import classes from './epoch-pictures.module.css'
import { type EpochPicturesState, PAGE, useEpochPictures } from './use-epoch-pictures'

interface EpochPicturesProps {
  runId: string
  epoch: number
  classNames: readonly string[]
  kind: ChangeKind | null
  /** Null: the pictures whose answer changed. */
  cell: Cell | null
  /** What stands above the pictures. */
  head: (state: EpochPicturesState) => ReactNode
}

export function EpochPictures({ runId, epoch, classNames, kind, cell, head }: EpochPicturesProps) {
  const [limit, setLimit] = useState(PAGE)
  const state = useEpochPictures(runId, epoch, { kind, cell }, limit)
  const { answer, failure } = state
  const [open, setOpen] = useState<{ pictures: readonly AnsweredPicture[]; epoch: number; index: number } | null>(null)
  const name = (index: number): string => classNames[index] ?? ''
  const label = ({ path, truth, before, now }: AnsweredPicture): string =>
    before === null
      ? t`${path}: truth ${{ truth: name(truth) }}, now ${{ now: name(now.prediction) }}`
      : t`${path}: truth ${{ truth: name(truth) }}, before ${{ before: name(before.prediction) }}, now ${{ now: name(now.prediction) }}`
  return (
    <div className={classes.root}>
      <div className={classes.head}>{head(state)}</div>
      {failure !== null && <FailurePanel failure={failure} />}
      {answer !== null && (
        <div className={classes.scroller}>
          {answer.is_known ? (
            answer.total === 0 && <p className="meta">{cell !== null ? t`No picture fell into this cell.` : answer.changes === null ? whyNothing(answer.epoch) : t`Epoch ${{ epoch: answer.epoch }} left every answer as it was.`}</p>
          ) : (
            <p className="meta">
              <Trans>The answers to single pictures were not kept: the run is of an earlier version, or its file epoch_answers.bin is gone.</Trans>
            </p>
          )}
          <ul className={classes.grid} aria-busy={answer.epoch !== epoch} aria-label={cell === null ? t`Pictures whose answer changed` : t`Pictures of the cell`}>
            {answer.pictures.map((picture, index) => (
              <li key={picture.path}>
                <ChangedTile
                  url={pictureUrl({ runId }, picture.path, 192)}
                  label={label(picture)}
                  answers={[
                    ...(picture.before === null || picture.kind === null ? [] : [{ text: t`was ${{ name: name(picture.before.prediction) }}`, isRight: picture.before.prediction === picture.truth }]),
                    { text: picture.before !== null && picture.kind === null ? t`still ${{ name: name(picture.now.prediction) }}` : t`now ${{ name: name(picture.now.prediction) }}`, isRight: picture.now.prediction === picture.truth },
                  ]}
                  onOpen={() => setOpen({ pictures: answer.pictures, epoch: answer.epoch, index })}
                />
              </li>
            ))}
          </ul>
          {answer.pictures.length < answer.total && (
            <Button variant="default" size="xs" onClick={() => setLimit(Math.min(500, limit + PAGE))}>
              <Trans>Show more of {{ total: formatCount(answer.total) }}</Trans>
            </Button>
          )}
        </div>
      )}
      {open !== null && (
        // The list as it was when the picture was opened: a run that goes on does not change it below one's eyes.
        <ChangedPictureView
          pair={{ base_id: runId, classes: [...classNames] }}
          names={{ base: t`Epoch ${{ epoch: open.epoch - 1 }}`, other: t`Epoch ${{ epoch: open.epoch }}` }}
          pictures={open.pictures.map(({ path, truth, before, now }) => ({ path, truth, base: before, other: now }))}
          index={open.index}
          onMove={(index) => setOpen({ ...open, index })}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  )
}

function whyNothing(epoch: number): string {
  return epoch === 1 ? t`Answers can change from the second epoch on.` : t`What epoch ${{ epoch: epoch - 1 }} answered was not kept.`
}
