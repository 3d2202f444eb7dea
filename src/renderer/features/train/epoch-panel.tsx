/** What the model answered to the validation pictures after an epoch: the newest as it comes, or any that one chooses. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { ActionIcon, SegmentedControl } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconChevronLeft } from '@tabler/icons-react'
import { memo, useCallback, useState } from 'react'
import { CHANGE_KINDS, type ChangeKind } from '../../../shared/domain/compare'
import type { EpochRecord } from '../../../shared/domain/metrics'
import { ConfusionMatrix } from '../../ui/confusion-matrix'
import { pictureCount } from '../../ui/counts'
import { EpochSlider } from '../../ui/epoch-slider'
import { formatCount } from '../../ui/format'
import type { Cell } from '../../ui/matrix'
import { MatrixPairs } from '../../ui/matrix-pairs'
import { MOST_CLASSES_READ } from '../../ui/matrix-view'
import classes from './epoch-panel.module.css'
import { EpochPictures } from './epoch-pictures'
import type { EpochPicturesState } from './use-epoch-pictures'

const VIEWS = [
  { value: 'matrix', label: t`Matrix` },
  { value: 'pairs', label: t`Confused` },
  { value: 'changed', label: t`Changed` },
] as const
type View = (typeof VIEWS)[number]['value']

interface EpochPanelProps {
  runId: string | null
  classNames: readonly string[]
  epochs: readonly EpochRecord[]
  bestEpoch: number | null
  /** What is shown until somebody chooses; left out: the matrix, or of many classes the pairs. */
  first?: View
}

/** Drawn anew with each epoch, not with each reading in between. Before the first its grid stands there without numbers, so that nothing moves when they come. */
export const EpochPanel = memo(function EpochPanel({ runId, classNames, epochs, bestEpoch, first }: EpochPanelProps) {
  const [asked, setView] = useState<View | null>(null)
  const view = asked ?? first ?? (classNames.length > MOST_CLASSES_READ ? 'pairs' : 'matrix')
  /** Null: the newest, whichever that is. */
  const [chosen, setChosen] = useState<number | null>(null)
  const [cell, setCell] = useState<Cell | null>(null)
  const newest = epochs.at(-1) ?? null
  const epoch = (chosen === null ? null : epochs.find((record) => record.epoch === chosen)) ?? newest
  const last = newest?.epoch ?? 0
  const choose = useCallback((next: number) => setChosen(next >= last ? null : next), [last])
  return (
    <section className={classes.panel} aria-label={t`Answers of an epoch`}>
      <h2 className="visually-hidden">
        <Trans>Answers of an epoch</Trans>
      </h2>
      <div className={classes.tools}>
        <SegmentedControl
          aria-label={t`What is shown of the epoch`}
          value={view}
          onChange={(value) => {
            setView(VIEWS.find((known) => known.value === value)?.value ?? 'matrix')
            setCell(null)
          }}
          data={[...VIEWS]}
        />
      </div>
      <div className={classes.epoch}>
        <EpochSlider label={t`Epoch of the answers`} last={last} value={epoch?.epoch ?? 1} best={bestEpoch} onChange={choose} />
        <span className={classes.at}>
          {epoch === null ? t`no epoch yet` : t`epoch ${{ epoch: epoch.epoch }}`}
          {epoch !== null && epoch.epoch === bestEpoch && <span className="meta"> {t`best`}</span>}
        </span>
        <button type="button" className={`link-button ${classes.newest ?? ''}`} data-hidden={chosen === null || undefined} disabled={chosen === null} onClick={() => setChosen(null)}>
          <Trans>Newest</Trans>
        </button>
      </div>
      <div className={classes.body}>
        {epoch === null || runId === null || classNames.length === 0 ? (
          <Blank classNames={classNames} view={view} />
        ) : cell !== null ? (
          <EpochPictures
            key={`${cell.truth} ${cell.prediction}`}
            runId={runId}
            epoch={epoch.epoch}
            classNames={classNames}
            kind={null}
            cell={cell}
            head={() => <CellHead classNames={classNames} cell={cell} count={epoch.confusion_matrix[cell.truth]?.[cell.prediction] ?? 0} onBack={() => setCell(null)} />}
          />
        ) : view === 'matrix' ? (
          <Matrix classNames={classNames} epoch={epoch} onOpen={setCell} />
        ) : view === 'pairs' ? (
          <Pairs classNames={classNames} epoch={epoch} onOpen={setCell} />
        ) : (
          <Changed runId={runId} classNames={classNames} epoch={epoch.epoch} />
        )}
      </div>
    </section>
  )
})

function Blank(props: { classNames: readonly string[]; view: View }) {
  if (props.view !== 'matrix') {
    return (
      <p className="meta">
        <Trans>With the first epoch, and again with each one after it.</Trans>
      </p>
    )
  }
  return (
    <>
      <p className="visually-hidden">
        <Trans>It comes with the first epoch, and again with each one after it.</Trans>
      </p>
      <Matrix classNames={props.classNames} epoch={null} />
    </>
  )
}

function Matrix(props: { classNames: readonly string[]; epoch: EpochRecord | null; onOpen?: (cell: Cell) => void }) {
  const { classNames, epoch, onOpen } = props
  const { ref, height } = useElementSize()
  return (
    <div ref={ref} className={classes.fill}>
      {height > 0 && classNames.length > 0 && (
        <div inert={epoch === null} aria-hidden={epoch === null}>
          <ConfusionMatrix
            classNames={classNames}
            matrix={epoch?.confusion_matrix ?? []}
            isBlank={epoch === null}
            label={t`Confusion matrix of epoch ${{ epoch: epoch?.epoch ?? 0 }}`}
            labelWidth={88}
            largestCell={88}
            height={height}
            {...(onOpen === undefined ? {} : { onOpen })}
          />
        </div>
      )}
    </div>
  )
}

function Pairs(props: { classNames: readonly string[]; epoch: EpochRecord; onOpen: (cell: Cell) => void }) {
  const { classNames, epoch, onOpen } = props
  const { ref, height } = useElementSize()
  return (
    <div ref={ref} className={classes.fill}>
      {height > 0 && <MatrixPairs classNames={classNames} matrix={epoch.confusion_matrix} normalise="none" selected={null} onOpen={onOpen} maxHeight={height} isNarrow />}
    </div>
  )
}

const KIND_WORDS: Readonly<Record<ChangeKind, string>> = { 'right to wrong': t`Worse`, 'wrong to right': t`Better`, 'wrong otherwise': t`Other` }

function Changed(props: { runId: string; classNames: readonly string[]; epoch: number }) {
  const [kind, setKind] = useState<ChangeKind | null>(null)
  const head = ({ answer }: EpochPicturesState) => {
    const changes = answer?.changes ?? null
    const counts = { 'right to wrong': changes?.right_to_wrong ?? 0, 'wrong to right': changes?.wrong_to_right ?? 0, 'wrong otherwise': changes?.wrong_otherwise ?? 0 }
    const shown = CHANGE_KINDS.filter((value) => value !== 'wrong otherwise' || props.classNames.length > 2)
    const number = (value: number): string => (changes === null ? '' : ` ${formatCount(value)}`)
    return (
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t`Which changes`}
        value={kind ?? 'all'}
        onChange={(value) => setKind(CHANGE_KINDS.find((known) => known === value) ?? null)}
        data={[
          { value: 'all', label: `${t`All`}${number(counts['right to wrong'] + counts['wrong to right'] + counts['wrong otherwise'])}` },
          ...shown.map((value) => ({ value, label: `${KIND_WORDS[value]}${number(counts[value])}` })),
        ]}
      />
    )
  }
  return <EpochPictures runId={props.runId} epoch={props.epoch} classNames={props.classNames} kind={kind} cell={null} head={head} />
}

function CellHead(props: { classNames: readonly string[]; cell: Cell; count: number; onBack: () => void }) {
  const { classNames, cell, count, onBack } = props
  const truth = classNames[cell.truth] ?? ''
  const prediction = classNames[cell.prediction] ?? ''
  const words = cell.truth === cell.prediction ? t`${truth}, recognised` : t`${truth} taken for ${prediction}`
  return (
    <div className={classes.cellHead}>
      <ActionIcon aria-label={t`Back`} size={24} onClick={onBack} autoFocus>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <span className="ellipsis" title={words}>
        <span className="strong">{words}</span>
      </span>
      <span className="meta">{pictureCount(count)}</span>
    </div>
  )
}
