/** The pictures whose answer changed, what the other run is surest of first. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, SegmentedControl } from '@mantine/core'
import { useCallback, useEffect, useState } from 'react'
import { pictureUrl } from '../../../shared/contract/contract'
import { CHANGE_KINDS, type ChangedPicture, type ChangeKind, type RunPair } from '../../../shared/domain/compare'
import type { Split } from '../../../shared/domain/dataset'
import type { Failure } from '../../../shared/domain/error'
import { client } from '../../state/host'
import { failureOf } from '../../transport/streams'
import { ChangedTile } from '../../ui/changed-tile'
import { pictureCount } from '../../ui/counts'
import { FailurePanel } from '../../ui/failure-panel'
import { formatCount } from '../../ui/format'
import type { Cell } from '../../ui/matrix'
import { ChangedPictureView } from './changed-picture-view'
import classes from './changes.module.css'

const PAGE = 60

const KIND_WORDS: Readonly<Record<ChangeKind, string>> = { 'right to wrong': t`Right → wrong`, 'wrong to right': t`Wrong → right`, 'wrong otherwise': t`Wrong otherwise` }

interface Page {
  total: number | null
  pictures: ChangedPicture[]
  failure: Failure | null
}

const NONE: Page = { total: null, pictures: [], failure: null }

function useChanges(pair: RunPair, split: Split, kind: ChangeKind | null, cell: Cell | null): Page & { more: () => void } {
  const [page, setPage] = useState<Page>(NONE)
  const load = useCallback(
    (offset: number, signal: AbortSignal | undefined) => {
      client()
        .comparisons.changes({ baseId: pair.base_id, otherId: pair.other_id, split, kind, cell, offset, limit: PAGE }, signal === undefined ? {} : { signal })
        .then(
          ({ total, pictures }) => {
            if (signal?.aborted !== true) setPage((before) => ({ total, pictures: [...before.pictures.slice(0, offset), ...pictures], failure: null }))
          },
          (error: unknown) => {
            const failure = failureOf(error)
            if (signal?.aborted !== true && failure !== null) setPage((before) => ({ ...before, failure }))
          },
        )
    },
    [pair, split, kind, cell],
  )
  useEffect(() => {
    const controller = new AbortController()
    load(0, controller.signal)
    return () => controller.abort()
  }, [load])
  return { ...page, more: () => load(page.pictures.length, undefined) }
}

/** What fell into the cell in one run alone; the count comes later. */
function cellWords(truth: string, answer: string, total: number | null): string {
  const count = total === null ? '…' : pictureCount(total)
  return truth === answer ? t`${truth} recognised, in only one of the two: ${count}` : t`${truth} taken for ${answer}, in only one of the two: ${count}`
}

export function ChangedPictures(props: {
  pair: RunPair
  names: { base: string; other: string }
  split: Split
  kind: ChangeKind | null
  onKind: (kind: ChangeKind | null) => void
  cell: Cell | null
  onAllCells: () => void
}) {
  const { pair, names, split, kind, onKind, cell, onAllCells } = props
  const { total, pictures, failure, more } = useChanges(pair, split, kind, cell)
  const [openIndex, setOpenIndex] = useState<number | null>(null)
  const counts: Readonly<Record<ChangeKind, number>> = { 'right to wrong': pair.right_to_wrong, 'wrong to right': pair.wrong_to_right, 'wrong otherwise': pair.wrong_otherwise }
  const all = pair.right_to_wrong + pair.wrong_to_right + pair.wrong_otherwise
  const name = (index: number): string => pair.classes[index] ?? ''
  return (
    <div className={classes.pictures}>
      <div className={classes.kinds}>
        <SegmentedControl
          aria-label={t`Which pictures`}
          data={[{ value: 'all', label: t`All ${{ count: formatCount(all) }}` }, ...CHANGE_KINDS.filter((value) => value !== 'wrong otherwise' || counts[value] > 0).map((value) => ({ value, label: `${KIND_WORDS[value]} ${formatCount(counts[value])}` }))]}
          value={kind ?? 'all'}
          onChange={(value) => onKind(CHANGE_KINDS.find((known) => known === value) ?? null)}
        />
      </div>
      {cell !== null && (
        <p>
          {cellWords(name(cell.truth), name(cell.prediction), total)}{' '}
          <button type="button" className="link-button" onClick={onAllCells}>
            <Trans>Show all</Trans>
          </button>
        </p>
      )}
      {failure !== null && <FailurePanel failure={failure} />}
      {total === 0 && failure === null && <p className="meta">{all === 0 ? t`Both give the same answer to every picture.` : t`No picture is like that.`}</p>}
      <ul className={classes.grid} aria-label={t`Pictures that changed their answer`}>
        {pictures.map((picture, index) => (
          <li key={picture.path}>
            <ChangedTile
              url={pictureUrl({ runId: pair.base_id }, picture.path, 192)}
              label={t`${{ path: picture.path }}: truth ${{ truth: name(picture.truth) }}, ${{ base: names.base }} said ${{ baseAnswer: name(picture.base.prediction) }}, ${{ other: names.other }} says ${{ otherAnswer: name(picture.other.prediction) }}`}
              answers={[
                { text: `${names.base} ${name(picture.base.prediction)}`, isRight: picture.base.prediction === picture.truth },
                { text: `${names.other} ${name(picture.other.prediction)}`, isRight: picture.other.prediction === picture.truth },
              ]}
              onOpen={() => setOpenIndex(index)}
            />
          </li>
        ))}
      </ul>
      {total !== null && pictures.length < total && (
        <Button variant="default" className={classes.showMore ?? ''} onClick={more}>
          <Trans>
            Show {{ count: formatCount(Math.min(PAGE, total - pictures.length)) }} more of {{ total: formatCount(total) }}
          </Trans>
        </Button>
      )}
      {openIndex !== null && pictures[openIndex] !== undefined && (
        <ChangedPictureView pair={pair} names={names} pictures={pictures} index={openIndex} onMove={setOpenIndex} onClose={() => setOpenIndex(null)} />
      )}
    </div>
  )
}
