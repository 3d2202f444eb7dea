/** Runs side by side: which one is better, how they learned, what was set differently, which pictures changed their answer. */
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, SegmentedControl } from '@mantine/core'
import { useMemo, useState } from 'react'
import { FEWEST_COMPARED, type ComparedRun } from '../../../shared/domain/compare'
import type { Split } from '../../../shared/domain/dataset'
import { go, usePlace } from '../../state/place'
import { EmptyScreen } from '../../ui/empty-screen'
import { FailurePanel } from '../../ui/failure-panel'
import { Changes } from './changes'
import classes from './compare-screen.module.css'
import { Curves } from './curves'
import { HeadlineTable } from './headline-table'
import { SettingsTable } from './settings-table'
import { useComparedRuns, usePaired, valueOf } from './use-comparison'
import { Verdicts } from './verdicts'

export function CompareScreen() {
  const ids = usePlace((place) => place.comparedIds)
  const { loaded, retry } = useComparedRuns(ids)
  const compared = valueOf(loaded)
  const toRuns = (
    <Button onClick={() => go('runs')}>
      <Trans>Choose runs</Trans>
    </Button>
  )
  if (ids.length < FEWEST_COMPARED) {
    return (
      <EmptyScreen title={t`Compare runs`} words={t`Mark two to eight runs in the list, then press Compare.`}>
        {toRuns}
      </EmptyScreen>
    )
  }
  if (loaded.kind === 'failed') {
    return (
      <main className="screen">
        <h1>
          <Trans>Compare runs</Trans>
        </h1>
        <FailurePanel title={t`These runs could not be read`} failure={loaded.failure}>
          <Button onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
          <Button variant="default" onClick={() => go('runs')}>
            <Trans>All runs</Trans>
          </Button>
        </FailurePanel>
      </main>
    )
  }
  if (compared === null) return <EmptyScreen title={t`Compare runs`} words={t`Reading the runs`} />
  if (compared.runs.length < FEWEST_COMPARED) {
    return (
      <EmptyScreen
        title={t`Compare runs`}
        words={plural({ count: compared.missing.length }, { one: 'One of these runs is gone: deleted, or in the trash. Two are needed.', other: 'These runs are gone: deleted, or in the trash. Two are needed.' })}
      >
        {toRuns}
      </EmptyScreen>
    )
  }
  return <Compared runs={compared.runs} missing={compared.missing.length} />
}

/** Where it can be, on pictures that nothing was chosen by. */
const firstSplit = (runs: readonly ComparedRun[]): Split => (runs.every(({ run }) => run.counts.test > 0) ? 'test' : 'val')

function Compared(props: { runs: readonly ComparedRun[]; missing: number }) {
  const { runs, missing } = props
  const ids = useMemo(() => runs.map(({ run }) => run.run_id), [runs])
  const [chosenSplit, setSplit] = useState<Split | null>(null)
  const split = chosenSplit ?? firstSplit(runs)
  const { loaded, retry } = usePaired(ids, split)
  const comparison = valueOf(loaded)
  return (
    <main className={classes.screen}>
      <header className={classes.header}>
        <h1>{plural({ count: runs.length }, { one: 'Compare # run', other: 'Compare # runs' })}</h1>
        {missing > 0 && <span className="meta">{plural(missing, { one: 'One more is gone', other: '# more are gone' })}</span>}
        <SegmentedControl
          className={classes.split ?? ''}
          aria-label={t`Pictures`}
          data={[
            { value: 'test', label: t`Test` },
            { value: 'val', label: t`Validation` },
          ]}
          value={split}
          onChange={(value) => setSplit(value === 'val' ? 'val' : 'test')}
        />
        <Button variant="default" onClick={() => go('runs')}>
          <Trans>Choose others</Trans>
        </Button>
      </header>
      <HeadlineTable runs={runs} comparison={comparison} split={split} />
      {loaded.kind === 'failed' ? (
        <FailurePanel title={t`The answers of these runs could not be read`} failure={loaded.failure}>
          <Button onClick={retry}>
            <Trans>Try again</Trans>
          </Button>
        </FailurePanel>
      ) : (
        <Verdicts runs={runs} comparison={comparison} split={split} isBusy={loaded.kind === 'busy'} onMeasured={retry} />
      )}
      <Curves runs={runs} />
      {comparison !== null && comparison.pairs.some((pair) => pair.common > 0) && <Changes runs={runs} comparison={comparison} />}
      <SettingsTable runs={runs} />
    </main>
  )
}
