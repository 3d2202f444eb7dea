/** What two runs answer differently: by class, and picture by picture. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { SegmentedControl } from '@mantine/core'
import { useRef, useState } from 'react'
import type { ChangeKind, ComparedRun, RunComparison } from '../../../shared/domain/compare'
import { toCsv } from '../../../shared/domain/csv'
import type { Cell } from '../../ui/matrix'
import { ChangedPictures } from './changed-pictures'
import classes from './changes.module.css'
import { CompareSection } from './compare-section'
import { letterOf } from './compared-names'
import { ChangedCellList, DifferenceMatrix } from './difference-matrix'

/** Above this the cells that changed are listed instead. */
const MOST_CLASSES_AS_MATRIX = 24

export function Changes(props: { runs: readonly ComparedRun[]; comparison: RunComparison }) {
  const { runs, comparison } = props
  const pairs = comparison.pairs.filter((pair) => pair.common > 0)
  const [otherId, setOtherId] = useState<string | null>(null)
  const [cell, setCell] = useState<Cell | null>(null)
  const [kind, setKind] = useState<ChangeKind | null>(null)
  const box = useRef<HTMLDivElement>(null)
  const pair = pairs.find((entry) => entry.other_id === otherId) ?? pairs[0]
  if (pair === undefined) return null
  const letter = (runId: string): string => letterOf(runs.findIndex(({ run }) => run.run_id === runId))
  const names = { base: letter(pair.base_id), other: letter(pair.other_id) }
  const open = (next: Cell): void => {
    setCell(cell?.truth === next.truth && cell.prediction === next.prediction ? null : next)
    setKind(null)
  }
  const csv = (): string =>
    toCsv([['truth', 'prediction', names.base, names.other, 'difference'], ...pair.changed_cells.map((entry) => [pair.classes[entry.truth] ?? '', pair.classes[entry.prediction] ?? '', entry.base, entry.other, entry.other - entry.base])])
  const isMatrix = pair.classes.length <= MOST_CLASSES_AS_MATRIX
  return (
    <CompareSection
      title={t`Changed answers`}
      beside={
        <>
          {pairs.length > 1 && (
            <SegmentedControl
              aria-label={t`Compared with the base`}
              data={pairs.map(({ other_id: id }) => ({ value: id, label: letter(id) }))}
              value={pair.other_id}
              onChange={(id) => {
                setOtherId(id)
                setCell(null)
              }}
            />
          )}
          <span className="meta">
            <Trans>
              {{ other: names.other }} beside {{ base: names.base }}, on the pictures of both
            </Trans>
          </span>
        </>
      }
      takeAway={{ title: t`Confusion difference`, csv, ...(isMatrix ? { box } : {}) }}
    >
      <div className={classes.columns}>
        <div>
          {isMatrix ? (
            <>
              <DifferenceMatrix pair={pair} names={names} selected={cell} onOpen={open} box={box} />
              <p className={`meta ${classes.scale ?? ''}`}>
                <span className={classes.fewer} aria-hidden /> <Trans>fewer in {{ other: names.other }}</Trans>
                <span className={classes.more} aria-hidden /> <Trans>more in {{ other: names.other }}</Trans>
              </p>
            </>
          ) : (
            <ChangedCellList pair={pair} names={names} selected={cell} onOpen={open} />
          )}
        </div>
        <ChangedPictures
          key={pair.other_id}
          pair={pair}
          names={names}
          split={comparison.split}
          kind={kind}
          onKind={(next) => {
            setKind(next)
            setCell(null)
          }}
          cell={cell}
          onAllCells={() => setCell(null)}
        />
      </div>
    </CompareSection>
  )
}
